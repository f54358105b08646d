"""Small makers of facts, so that each test states only what it is about."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from engine.clock import parse_stamp
from engine.money import to_units
from engine.reports.facts import ClosedTrade, Run

NOON = parse_stamp("2026-11-20T12:00:00Z")
_MONEY = ("gross", "slippage", "fees", "value", "other_net")


@pytest.fixture
def trade() -> Callable[..., ClosedTrade]:
    """A closed trade; money as decimal text."""

    def make(signal_id: str = "s1", **changes: Any) -> ClosedTrade:
        facts: dict[str, Any] = {
            "strategy": "test",
            "symbol": "SIM",
            "side": 1,
            "quantity": 10,
            "entered_at": NOON,
            "entry": Decimal("100.00"),
            "exited_at": NOON,
            "exit": Decimal("101.00"),
            "reason": "TP",
            "gross": "10",
            "slippage": "0",
            "fees": "0",
            "value": "2010",
            **changes,
        }
        for key in _MONEY:
            if facts.get(key) is not None:
                facts[key] = to_units(Decimal(facts[key]))
        return ClosedTrade(signal_id=signal_id, net=facts["gross"] - facts["fees"], **facts)

    return make


@pytest.fixture
def run() -> Callable[..., Run]:
    """A run in paper mode."""

    def make(*trades: ClosedTrade, **changes: Any) -> Run:
        facts: dict[str, Any] = {
            "environment": "dev",
            "mode": "paper",
            "currency": "USD",
            "signals": {one.signal_id: NOON for one in trades},
            "ticks": {"SIM": Decimal("0.01")},
            **changes,
        }
        return Run(trades=trades, **facts)

    return make
