"""A position whose stop the venue refuses: HALTED at once, told, and the stop placed again until it stands."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.orders import Leg, OrderState
from engine.trading_state import TradingState
from engine.venues.scripted import Act


def _lab_module() -> Any:
    if "test_recovery" not in sys.modules:
        path = Path(__file__).parents[1] / "test_recovery.py"
        spec = importlib.util.spec_from_file_location("test_recovery", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules["test_recovery"] = module
        spec.loader.exec_module(module)
    return sys.modules["test_recovery"]


@pytest.fixture
def lab(tmp_path: Path, make_accepted: Callable[..., Any], make_signal: Callable[..., Any]) -> Any:
    return _lab_module().Lab(tmp_path, make_accepted(), make_signal())


def refused(lab: Any, *acts: Act, leg: Leg = Leg.SL) -> None:
    lab.script.acts[leg] = list(acts)
    lab.signal()
    lab.flat()
    lab.flat()


def sent(lab: Any, leg: Leg) -> int:
    return sum(lab.engine.books.orders[name].intent.leg is leg for name in lab.venue.submissions)


def test_a_refused_stop_halts_and_is_placed_again_ever_more_slowly(lab: Any) -> None:
    refused(lab, *[Act.REJECT] * 3)
    assert lab.engine.state is TradingState.HALTED
    says = "HALTED: the venue refused the stop of s-1: 422 insufficient buying power"
    assert lab.engine.books.alerts == [says]
    counted = []
    for _ in range(9):
        lab.engine.poll()
        counted.append(sent(lab, Leg.SL))
        lab.clock.advance(1)
    assert counted == [1, 2, 2, 3, 3, 3, 3, 4, 4]
    assert lab.order(Leg.SL).state is OrderState.ACCEPTED
    assert lab.engine.outgoing.naked == set()
    assert sum(order.quantity for order in lab.venue.open_orders() if order.side < 0) == 20, (
        "one bracket of ten"
    )


def test_who_left_meanwhile_is_not_protected(lab: Any) -> None:
    refused(lab, Act.REJECT)
    lab.bar(104, 105, 104, 105)  # the target was placed and is met
    lab.clock.advance(60)
    lab.engine.poll()
    assert (lab.engine.positions(), sent(lab, Leg.SL), lab.engine.outgoing.naked) == ({}, 1, set())


def test_nothing_is_placed_beside_an_exit_of_unknown_fate(lab: Any) -> None:
    lab.script.acts[Leg.TP] = [Act.LOSE]
    refused(lab, Act.REJECT)
    lab.clock.advance(60)
    lab.engine.poll()
    assert sent(lab, Leg.SL) == 1


@pytest.mark.parametrize("leg", [Leg.TP, Leg.F])
def test_another_refused_exit_is_told_and_halts_nothing(lab: Any, leg: Leg) -> None:
    refused(lab, Act.REJECT, leg=leg)
    if leg is Leg.F:
        lab.engine.exit(next(iter(lab.engine.books.portfolio.open.values())), Leg.F)
    assert lab.engine.books.alerts == [
        f"page: the venue refused {leg.value} of s-1: 422 insufficient buying power"
    ]
    assert lab.engine.state is TradingState.ACTIVE
