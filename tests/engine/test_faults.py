"""Broker failure and stop: what seed 004 scenarios 3 and 8 and 04-engine 8.8 ask for."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.clock import SECOND, micros, stamp
from engine.execution.broker_breaker import Circuit
from engine.intake.receiving import Received
from engine.orders import Leg, OrderState
from engine.venues.scripted import Act, Mangle


def _load(name: str) -> Any:
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


@pytest.fixture
def lab(tmp_path: Path, make_accepted: Callable[..., Any], make_signal: Callable[..., Any]) -> Any:
    return _load("test_recovery").Lab(tmp_path, make_accepted(), make_signal())


def _fail(lab: Any, times: int) -> None:
    """Orders that never arrive, each proven lost before the next."""
    for number in range(times):
        lab.script.acts[Leg.E] = [Act.RAISE]
        lab.signal(id=f"fail-{number}-{lab.bars}")
        lab.flat()
        lab.engine.unknowns.count_as_asked(lab.order(Leg.E))
        lab.engine.unknowns.prove("two people said so")


def test_scenario_3_three_failures_open_the_breaker(lab: Any) -> None:
    _fail(lab, 3)
    assert lab.engine.outgoing.breaker.state is Circuit.OPEN
    lab.signal(id="during")
    lab.flat()
    denied = [record.body["code"] for record in lab.engine.journal.records() if record.type == "deny"]
    assert denied == ["BROKER_OPEN"]
    assert len(lab.venue.submissions) == 3


def test_scenario_3_failures_far_apart_do_not_open_it(lab: Any) -> None:
    for _ in range(4):
        _fail(lab, 1)
        lab.clock.advance(31)
    assert lab.engine.outgoing.breaker.state is Circuit.CLOSED


def test_scenario_3_it_probes_with_a_read_and_admits_one_order(lab: Any) -> None:
    _fail(lab, 3)
    asked: list[str] = []
    account = lab.venue.account
    lab.venue.account = lambda: (asked.append("account"), account())[1]
    lab.clock.advance(29)
    lab.engine.poll()
    assert (asked, lab.engine.outgoing.breaker.state) == ([], Circuit.OPEN)
    lab.clock.advance(1)
    lab.engine.poll()
    assert (asked, lab.engine.outgoing.breaker.state) == (["account"], Circuit.HALF_OPEN)
    assert len(lab.venue.submissions) == 3, "no test order"
    lab.signal(id="after")
    lab.flat()
    assert lab.engine.outgoing.breaker.state is Circuit.CLOSED
    lab.flat()
    assert lab.engine.positions() == {"ACME": 10}


def test_scenario_3_a_failing_probe_keeps_it_open(lab: Any) -> None:
    _fail(lab, 3)

    def broken() -> None:
        raise ConnectionError

    lab.venue.account = broken
    lab.clock.advance(30)
    lab.engine.poll()
    assert lab.engine.outgoing.breaker.state is Circuit.OPEN


def test_an_open_breaker_survives_a_restart(lab: Any) -> None:
    _fail(lab, 3)
    lab.restart()
    assert lab.engine.outgoing.breaker.state is Circuit.OPEN
    assert lab.engine.books.view.broker_open


def test_exits_wait_while_open_and_go_first(lab: Any) -> None:
    lab.signal()
    lab.flat()
    lab.engine.outgoing.breaker.open_at(lab.engine.time())
    lab.flat()
    assert lab.engine.positions() == {"ACME": 10}
    assert [order.intent.leg for order in lab.engine.books.orders.values()] == [Leg.E]
    assert any("page: 2 exits wait" in alert for alert in lab.engine.books.alerts)
    lab.clock.advance(30)
    lab.engine.poll()
    assert [order.intent.leg for order in lab.engine.books.orders.values()] == [Leg.E, Leg.SL, Leg.TP]


def test_exits_that_waited_are_placed_after_a_crash(lab: Any) -> None:
    lab.signal()
    lab.flat()
    lab.engine.outgoing.breaker.open_at(lab.engine.time())
    lab.flat()
    lab.restart()
    lab.clock.advance(30)
    lab.engine.poll()
    assert lab.order(Leg.SL).state is OrderState.ACCEPTED


def test_scenario_8_a_stop_keeps_the_position_and_its_stop(lab: Any) -> None:
    lab.signal()
    lab.flat()
    lab.flat()
    lab.engine.stop()
    assert lab.engine.journal.records().__class__.__name__ == "generator"
    lab.start()
    assert lab.recovered.notes == ()
    assert lab.engine.positions() == {"ACME": 10}
    assert lab.order(Leg.SL).state is OrderState.ACCEPTED


def test_dropped_reports_are_found_again(lab: Any) -> None:
    lab.signal()
    lab.flat()
    lab.script.mangle = Mangle.DROP
    lab.flat()
    lab.script.mangle = Mangle.NOTHING
    lab.restart()
    assert lab.engine.positions() == {"ACME": 10}


def test_a_stop_with_an_order_in_flight_is_not_clean(lab: Any) -> None:
    """04-engine 8.16: what the venue has not answered for is named, and the next start says so."""
    lab.script.acts[Leg.E] = [Act.LOSE]
    lab.signal()
    lab.flat()
    lost = lab.order(Leg.E).id
    assert lab.engine.in_flight() == [lost]
    journal = lab.engine.journal
    lab.engine.stop()
    last = list(journal.records())[-1]
    assert (last.type, last.body) == ("shutdown", {"clean": False, "positions": {}, "in_flight": [lost]})
    lab.start()
    assert "the last run did not end cleanly" in lab.recovered.notes


def test_a_cancel_that_stalls_is_in_flight_until_its_report_came(lab: Any) -> None:
    lab.signal()
    lab.flat()
    lab.script.mangle = Mangle.STALL
    lab.engine.withdraw()
    assert lab.engine.in_flight() == [lab.order(Leg.E).id]
    lab.script.mangle = Mangle.NOTHING
    lab.engine.poll()
    assert lab.engine.in_flight() == []


def test_a_signal_that_came_ahead_of_the_bars_expires_by_the_clock(
    lab: Any, make_signal: Callable[..., Any]
) -> None:
    """A feed of old prices must not keep a signal of today waiting for ever (04-engine 8.15)."""
    lab.flat()
    lab.clock.advance(30 * 86_400)
    now = micros(lab.clock.now())
    changes = {
        "mode": "paper",
        "entry_type": "limit",
        "created_at": stamp(now),
        "expires_at": stamp(now + 60 * SECOND),
    }
    payload = json.dumps(make_signal(**changes)).encode()
    assert lab.engine.receive([Received(now, payload, "file:x", "1:0-9")])
    lab.engine.poll()
    assert len(lab.engine.entries.waiting) == 1
    lab.clock.advance(60)
    lab.engine.poll()
    assert len(lab.engine.entries.waiting) == 0
    last = list(lab.engine.journal.records())[-1].body if lab.engine.outgoing.sync() else {}
    assert (last["signal_id"], last["code"]) == ("s-1", "WAIT_EXPIRED")
    lab.restart()
    assert lab.engine.receiving.places == {"file:x": "1:0-9"}
