"""The limits of one environment as exact integers and shares, computed once per bundle.

Never holds a default: every number comes from the environment file.
"""

from __future__ import annotations

from dataclasses import dataclass

from config.models.environment import Environment
from config.models.limits import Limits
from engine.clock import SECOND
from engine.money import Ratio, percent, ratio, to_units


@dataclass(frozen=True, slots=True)
class RiskLimits:
    """What bounds an order, a position and a loss.

    `stated` holds every limit as its file says it; beside it stand those asked for on every bar, made exact once.
    """

    stated: Limits
    max_order_value: int
    max_order_quantity: int
    position_share: Ratio
    gross_share: Ratio
    open_positions: int
    orders_per_second: int
    orders_per_day: int
    orders_per_signal: int
    daily_loss_share: Ratio
    losses_in_a_row: int
    drawdown_share: Ratio
    collar_share: Ratio
    stop_collar_share: Ratio
    widest_stop_share: Ratio
    tightest_stop_share: Ratio
    reward_risk: Ratio
    signal_age: int
    duplicate_window: int
    mark_age: int
    mark_bars: int
    jump_share: Ratio
    before_close: int
    flatten_on_trip: bool
    risk_share: Ratio
    fixed_quantity: int | None
    allow_short: bool
    rests_at_venue: bool


def risk_limits(environment: Environment) -> RiskLimits:
    """The integer form of an environment's limits, sizing and account."""
    limits = environment.limits
    return RiskLimits(
        stated=limits,
        max_order_value=to_units(limits.max_order_value),
        max_order_quantity=limits.max_order_quantity,
        position_share=percent(limits.max_position_percent),
        gross_share=percent(limits.max_gross_percent),
        open_positions=limits.max_open_positions,
        orders_per_second=limits.max_orders_per_second,
        orders_per_day=limits.max_orders_per_day,
        orders_per_signal=limits.max_orders_per_signal,
        daily_loss_share=percent(limits.max_daily_loss_percent),
        losses_in_a_row=limits.max_consecutive_losses,
        drawdown_share=percent(limits.max_drawdown_percent),
        collar_share=percent(limits.price_collar_percent),
        stop_collar_share=percent(limits.stop_collar_percent),
        widest_stop_share=percent(limits.max_stop_distance_percent),
        tightest_stop_share=percent(limits.min_stop_distance_percent),
        reward_risk=ratio(limits.min_reward_risk),
        signal_age=limits.max_signal_age_seconds * SECOND,
        duplicate_window=limits.duplicate_window_seconds * SECOND,
        mark_age=limits.max_mark_age_seconds * SECOND,
        mark_bars=limits.max_mark_age_bars,
        jump_share=percent(limits.unexplained_jump_percent),
        before_close=limits.no_entry_before_close_minutes * 60 * SECOND,
        flatten_on_trip=limits.flatten_on_trip,
        risk_share=percent(environment.sizing.risk_percent),
        fixed_quantity=environment.sizing.fixed_quantity,
        allow_short=environment.account.allow_short,
        rests_at_venue=environment.venue.rest_at_venue,
    )
