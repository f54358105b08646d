"""Every number that bounds an order or a loss; each has a unit, a safe direction and a cap nobody may pass."""

from decimal import Decimal
from typing import Annotated

from config.models.nature import at_least, at_most, neutral
from config.models.section import section


@section
class Limits:
    """The limits of one environment; all are mandatory, all are judged before an order leaves."""

    max_order_value: Annotated[
        Decimal, at_most("notional of one order", unit="account currency", cap="25000.0")
    ]
    max_order_quantity: Annotated[int, at_most("quantity of one order", unit="units", cap=10000)]
    max_position_percent: Annotated[
        Decimal,
        at_most(
            "position plus pending plus unknown orders of one symbol",
            unit="% of start-of-day equity",
            cap="5.0",
        ),
    ]
    max_gross_percent: Annotated[
        Decimal, at_most("sum of absolute positions", unit="% of start-of-day equity", cap="100.0")
    ]
    max_open_positions: Annotated[int, at_most("positions open at once", unit="positions", cap=10)]
    max_orders_per_second: Annotated[int, at_most("orders sent in any second", unit="orders", cap=5)]
    max_orders_per_day: Annotated[int, at_most("orders sent in one session", unit="orders", cap=100)]
    max_orders_per_signal: Annotated[int, at_most("orders one signal may cause", unit="orders", cap=4)]
    max_daily_loss_percent: Annotated[
        Decimal,
        at_most(
            "loss of one session, realised and open, that stops entries", unit="% of start equity", cap="3.0"
        ),
    ]
    max_consecutive_losses: Annotated[
        int, at_most("losing trades in a row that stop entries", unit="trades", cap=3)
    ]
    max_drawdown_percent: Annotated[
        Decimal, at_most("fall from the highest session close that halts", unit="% of equity", cap="10.0")
    ]
    price_collar_percent: Annotated[
        Decimal, at_most("distance of an entry from the last price", unit="% of last price", cap="2.0")
    ]
    stop_collar_percent: Annotated[
        Decimal, at_most("distance of a stop from the last price", unit="% of last price", cap="5.0")
    ]
    max_stop_distance_percent: Annotated[
        Decimal, at_most("widest stop a signal may carry", unit="% of entry", cap="10.0")
    ]
    min_stop_distance_percent: Annotated[
        Decimal, at_least("tightest stop a signal may carry", unit="% of entry", cap="0.1")
    ]
    min_reward_risk: Annotated[Decimal, at_least("reward over risk of a signal", unit="ratio", cap="1.0")]
    max_signal_age_seconds: Annotated[int, at_most("age of a signal at receipt", unit="seconds", cap=120)]
    duplicate_window_seconds: Annotated[
        int, at_least("time in which the same symbol and side counts as a repeat", unit="seconds", cap=10)
    ]
    max_mark_age_seconds: Annotated[
        int, at_most("age of the last price in live trading", unit="seconds", cap=5)
    ]
    max_mark_age_bars: Annotated[int, at_most("age of the last price elsewhere", unit="bars", cap=2)]
    unexplained_jump_percent: Annotated[
        Decimal,
        at_most(
            "jump from close to open without a corporate action that stops entries", unit="%", cap="10.0"
        ),
    ]
    no_entry_before_close_minutes: Annotated[
        int, at_least("time before the session's end without entries", unit="minutes", cap=5)
    ]
    flatten_on_trip: Annotated[
        bool,
        neutral(
            "whether a daily-loss trip also closes positions",
            why="selling at market and holding through a fall are both risks; people decide",
        ),
    ]
