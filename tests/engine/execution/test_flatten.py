"""Flatten on a venue that misbehaves (04-engine 8.10): all closed, nothing twice, and never called flat too early."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.execution.flatten import Flattened, Flattening
from engine.orders import Leg, OrderState
from engine.trading_state import TradingState
from engine.venues.scripted import Act, Mangle

WHO = "ann and bob"


def _load(name: str) -> Any:
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).parents[1] / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


@pytest.fixture
def lab(tmp_path: Path, make_accepted: Callable[..., Any], make_signal: Callable[..., Any]) -> Any:
    """A killed engine would do the same: flatten is allowed in every state."""
    return _load("test_recovery").Lab(tmp_path, make_accepted(), make_signal())


def holding(lab: Any) -> Any:
    """Ten ACME with their bracket at the venue."""
    lab.signal()
    lab.flat()
    lab.flat()
    assert lab.engine.positions() == {"ACME": 10}
    return lab


def flattens(lab: Any) -> list[str]:
    return [name for name in lab.venue.submissions if lab.engine.books.orders[name].intent.leg is Leg.F]


def until_flat(lab: Any, flattening: Flattening, steps: int = 8) -> Flattened:
    for _ in range(steps):
        found = flattening.step()
        if found.is_flat:
            return found
        lab.clock.advance(1)
        lab.engine.poll()
        lab.flat()
    return found


def look_three_times(lab: Any) -> None:
    lab.engine.poll()
    for seconds in (1, 2, 4):
        lab.clock.advance(seconds)
        lab.engine.poll()


def test_it_closes_cancels_and_proves_three_times(lab: Any) -> None:
    holding(lab)
    lab.signal(id="s-2")
    lab.flat()  # another entry on its way
    flattening = Flattening(lab.engine)
    first = flattening.step()
    assert first.residue == {"ACME": 10}
    assert [lab.order(leg).state for leg in (Leg.SL, Leg.TP)] == [OrderState.CANCELED] * 2
    assert [order.order_id for order in lab.venue.open_orders()] == flattens(lab)
    lab.flat()
    assert [flattening.step().proofs for _ in range(3)] == [1, 2, 3]
    assert flattening.step().is_flat
    assert (lab.engine.positions(), len(flattens(lab))) == ({}, 1)


def test_nothing_open_is_flat_after_three_answers(lab: Any) -> None:
    flattening = Flattening(lab.engine)
    assert [flattening.step().is_flat for _ in range(4)] == [False, False, True, True]
    assert lab.venue.submissions == []


def test_asking_twice_sends_nothing_twice(lab: Any) -> None:
    holding(lab)
    for _ in range(5):
        Flattening(lab.engine).step()
    assert len(flattens(lab)) == 1


def test_it_goes_on_over_partial_fills_and_restarts(lab: Any) -> None:
    holding(lab)
    lab.script.acts[Leg.F] = [Act.FILL_HALF]
    Flattening(lab.engine).step()
    lab.restart()
    assert until_flat(lab, Flattening(lab.engine)).is_flat
    assert (lab.engine.positions(), len(flattens(lab))) == ({}, 1)


def test_a_refused_exit_is_tried_again_ever_more_slowly(lab: Any) -> None:
    holding(lab)
    lab.script.acts[Leg.F] = [Act.REJECT] * 3
    flattening = Flattening(lab.engine)
    for _ in range(100):
        flattening.step()
    assert len(flattens(lab)) == 1
    counted = []
    for _ in range(8):
        lab.clock.advance(1)
        flattening.step()
        counted.append(len(flattens(lab)))
    assert counted == [2, 2, 3, 3, 3, 3, 4, 4]
    assert len(set(flattens(lab))) == 4, "every try has an id of its own"
    lab.flat()
    assert until_flat(lab, flattening).is_flat


@pytest.mark.parametrize("act", [Act.LOSE, Act.RAISE, Act.DUPLICATE])
def test_a_lost_exit_blocks_its_symbol_until_two_people_and_three_lookups(lab: Any, act: Act) -> None:
    holding(lab)
    lab.script.acts[Leg.F] = [act]
    alone = Flattening(lab.engine)
    alone.step()
    look_three_times(lab)
    blocked = alone.step()
    assert (blocked.blocked, blocked.residue, blocked.is_flat) == (("ACME",), {"ACME": 10}, False)
    assert len(flattens(lab)) == 1, "no second exit beside one of unknown fate"
    assert until_flat(lab, Flattening(lab.engine, confirmed=WHO)).is_flat
    assert len(flattens(lab)) == 2
    first = lab.engine.books.orders[flattens(lab)[0]]
    assert first.state is OrderState.REJECTED
    ends = [record.body for record in lab.engine.journal.records() if record.type == "cancel"]
    assert {"id": first.id, "state": "REJECTED", "reason": f"lost: {WHO}"} in ends


def test_two_people_do_not_replace_the_three_lookups(lab: Any) -> None:
    holding(lab)
    lab.script.acts[Leg.F] = [Act.LOSE]
    flattening = Flattening(lab.engine, confirmed=WHO)
    for _ in range(10):
        assert not flattening.step().is_flat
    assert len(flattens(lab)) == 1


def test_confirming_one_symbol_leaves_the_others(lab: Any) -> None:
    holding(lab)
    lab.script.acts[Leg.F] = [Act.LOSE]
    flattening = Flattening(lab.engine, confirmed=WHO, symbols=frozenset({"OTHER"}))
    flattening.step()
    look_three_times(lab)
    assert flattening.step().blocked == ("ACME",)


@pytest.mark.parametrize("act", [Act.ACCEPT_THEN_FAIL, Act.FILL_THEN_FAIL])
def test_an_exit_whose_answer_was_lost_is_adopted(lab: Any, act: Act) -> None:
    holding(lab)
    lab.script.acts[Leg.F] = [act]
    assert until_flat(lab, Flattening(lab.engine)).is_flat
    assert (lab.engine.positions(), len(flattens(lab))) == ({}, 1)


def test_a_lost_stop_blocks_as_well(lab: Any) -> None:
    lab.script.acts[Leg.SL] = [Act.LOSE]
    holding(lab)
    blocked = Flattening(lab.engine).step()
    assert (blocked.blocked, flattens(lab)) == (("ACME",), [])
    assert lab.order(Leg.TP).state is OrderState.ACCEPTED, "what still protects stays"


def test_an_entry_of_unknown_fate_is_never_called_flat(lab: Any) -> None:
    lab.script.acts[Leg.E] = [Act.LOSE]
    lab.signal()
    lab.flat()
    flattening = Flattening(lab.engine)
    for _ in range(5):
        found = flattening.step()
    assert (found.is_flat, found.unknown) == (False, (lab.order(Leg.E).id,))
    look_three_times(lab)
    assert until_flat(lab, Flattening(lab.engine, confirmed=WHO)).is_flat


@pytest.mark.parametrize("mangle", [Mangle.DROP, Mangle.DOUBLE, Mangle.REVERSE, Mangle.STALL])
def test_reports_that_fail_change_nothing(lab: Any, mangle: Mangle) -> None:
    holding(lab)
    flattening = Flattening(lab.engine)
    flattening.step()
    lab.script.mangle = mangle
    lab.flat()
    found = until_flat(lab, flattening, 3)
    lab.script.mangle = Mangle.NOTHING
    assert found.is_flat or until_flat(lab, flattening).is_flat
    assert (lab.engine.positions(), lab.venue.positions(), len(flattens(lab))) == ({}, {}, 1)


def test_a_cancel_that_stalls_is_waited_for_and_asked_again_after_ten_seconds(lab: Any) -> None:
    holding(lab)
    lab.venue.cancel = lambda order_id: asked.append(order_id)  # never ends anything
    asked: list[str] = []
    flattening = Flattening(lab.engine)
    found = flattening.step()
    assert (len(asked), len(found.working), flattens(lab)) == (2, 2, [])
    lab.clock.advance(9)
    flattening.step()
    assert len(asked) == 2
    lab.clock.advance(1)
    flattening.step()
    assert (len(asked), flattens(lab)) == (4, [])


@pytest.mark.parametrize("state", list(TradingState))
def test_it_works_in_every_state(lab: Any, state: TradingState) -> None:
    holding(lab)
    lab.engine.books.view.state = state
    assert until_flat(lab, Flattening(lab.engine)).is_flat


def test_a_position_the_journal_does_not_know_is_reported_and_never_flat(lab: Any) -> None:
    lab.venue.take_split("ACME", 7)
    flattening = Flattening(lab.engine)
    found = until_flat(lab, flattening, 4)
    assert (found.is_flat, found.residue) == (False, {"ACME": 7})
    assert lab.venue.submissions == []
