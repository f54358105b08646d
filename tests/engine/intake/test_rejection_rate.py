"""More than five in a hundred refused within five minutes is worth an alert."""

from __future__ import annotations

from decimal import Decimal

from engine.clock import SECOND
from engine.intake.rejection_rate import RejectionRate


def _arrivals(rate: RejectionRate, good: int, bad: int, at: int = 0) -> None:
    for number in range(good + bad):
        rate.observe(at, rejected=number < bad)


def test_exactly_five_percent_is_no_alert() -> None:
    rate = RejectionRate()
    _arrivals(rate, good=95, bad=5)
    assert (rate.percent(0), rate.alerts(0)) == (Decimal(5), False)
    rate.observe(0, rejected=True)
    assert rate.alerts(0)


def test_silence_is_no_alert() -> None:
    assert RejectionRate().percent(0) == 0
    assert not RejectionRate().alerts(0)


def test_old_refusals_are_forgotten() -> None:
    rate = RejectionRate()
    _arrivals(rate, good=0, bad=1)
    assert rate.alerts(300 * SECOND - 1)
    assert not rate.alerts(300 * SECOND)
