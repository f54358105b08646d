"""Whether a bracket is one we take: stop, entry and target in order, a sane stop distance, enough reward for the risk.

The same judgement for a strategy's entries that engine/signals.py passes on those from outside.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.intake.signal_reasons import SignalReason
from engine.limits import RiskLimits


def faults(side: int, entry: int, stop: int, target: int, limits: RiskLimits) -> Iterator[SignalReason]:
    """Everything wrong with it; prices in ticks."""
    if min(entry, stop, target) <= 0:
        yield SignalReason.NOT_POSITIVE
    risk, reward = (entry - stop) * side, (target - entry) * side
    if risk <= 0:
        yield SignalReason.STOP_WRONG_SIDE
    if reward <= 0:
        yield SignalReason.TARGET_WRONG_SIDE
    if risk <= 0 or reward <= 0:
        return
    if risk * limits.tightest_stop_share.under < limits.tightest_stop_share.over * entry:
        yield SignalReason.STOP_TOO_CLOSE
    if risk * limits.widest_stop_share.under > limits.widest_stop_share.over * entry:
        yield SignalReason.STOP_TOO_WIDE
    if reward * limits.reward_risk.under < limits.reward_risk.over * risk:
        yield SignalReason.REWARD_RISK
