"""The recovery table of 04-engine 8.6, row by row: a crash, what the venue says, and what may and may not follow."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from engine.clock import DAY, SECOND, ManualClock, stamp
from engine.instruments import instruments
from engine.journal.record import TYPES
from engine.market.bars import Bar
from engine.orders import Leg, Order, OrderState
from engine.paper import paper_engine
from engine.protocols import OpenLatch, StandingDecision
from engine.trading_state import TradingState
from engine.venues.desk import Working
from engine.venues.scripted import Act, Mangle, Script, ScriptedVenue

MINUTE = 60 * SECOND
START = 20_458 * DAY + 10 * 60 * MINUTE


class Flags:
    def decide(self, flag_key: str, account: str) -> StandingDecision:
        return StandingDecision(flag_key, True, "TARGETING_MATCH", "a" * 40)


class CrashError(Exception):
    pass


class Lab:
    """An engine that crashes where it is told to, on a venue that remembers."""

    def __init__(self, folder: Path, accepted: Any, signal: dict[str, Any]) -> None:
        self.folder, self.accepted, self._signal = folder, accepted, signal
        self.clock = ManualClock(datetime(2026, 1, 5, 10, tzinfo=UTC))
        self.script = Script()
        self.bars = 0
        self.start()

    def start(self) -> None:
        known = instruments(self.accepted.catalogue.instruments)
        truth = self.folder / "truth.jsonl"
        self.venue = ScriptedVenue("ACCT-DEV-1", known, 10**13, self.script, truth)
        self.engine = paper_engine(
            self.accepted,
            flags=Flags(),
            latch=OpenLatch(),
            clock=self.clock,
            folder=self.folder,
            span=MINUTE,
            venue=self.venue,
        )
        self.recovered = self.engine.start()

    def restart(self) -> None:
        self.engine.journal.close()
        self.start()

    def crash_at(self, type_: str, leg: str = "") -> None:
        """Raise right after a record of this type is appended, as if the process ended there; it stays durable."""
        append, sync = self.engine.journal.append, self.engine.journal.sync

        def dying(at: int, type: str, body: Any) -> int:
            seq = append(at, type, body)
            if type == type_ and (json.loads(body) if isinstance(body, str) else body).get("leg", leg) == leg:
                sync()
                raise CrashError
            return seq

        assert type_ in TYPES
        self.engine.journal.append = dying  # type: ignore[method-assign]

    def bar(self, open_: int, high: int, low: int, close: int) -> None:
        bar = Bar(
            "ACME", START + self.bars * MINUTE, open_ * 100, high * 100, low * 100, close * 100, 1_000_000
        )
        self.bars += 1
        self.engine.on_bar(bar)

    def flat(self) -> None:
        self.bar(100, 100, 100, 100)

    def signal(self, **changes: Any) -> None:
        received = START + self.bars * MINUTE + SECOND
        fresh = {**self._signal, "mode": "paper", "created_at": stamp(received), **changes}
        self.engine.on_signal(json.dumps(fresh).encode(), received)

    def order(self, leg: Leg) -> Order:
        return [order for order in self.engine.books.orders.values() if order.intent.leg is leg][-1]

    def entries_at_venue(self) -> int:
        return sum(self.engine.books.orders[name].intent.leg is Leg.E for name in self.venue.submissions)


@pytest.fixture
def lab(tmp_path: Path, make_accepted: Callable[..., Any], make_signal: Callable[..., Any]) -> Lab:
    return Lab(tmp_path, make_accepted(), make_signal())


def test_row_intent_without_sending_is_dropped_as_expired(lab: Lab) -> None:
    lab.crash_at("intent", "E")
    lab.signal()
    with pytest.raises(CrashError):
        lab.flat()
    lab.restart()
    assert any("decided and never sent: expired" in note for note in lab.recovered.notes)
    lab.flat()
    lab.flat()
    assert lab.venue.submissions == []
    assert lab.engine.positions() == {}


def test_row_sending_and_found_is_adopted_with_its_fills(lab: Lab) -> None:
    lab.script.acts[Leg.E] = [Act.FILL_THEN_FAIL]
    lab.crash_at("ack")
    lab.signal()
    with pytest.raises(CrashError):
        lab.flat()
    lab.restart()
    assert lab.engine.positions() == {"ACME": 10}
    assert lab.order(Leg.E).state is OrderState.FILLED
    assert lab.order(Leg.SL).state is OrderState.ACCEPTED
    assert lab.entries_at_venue() == 1
    assert lab.recovered.differences == ()


@pytest.mark.parametrize("act", [Act.LOSE, Act.RAISE])
def test_row_sending_and_not_found_is_unknown_then_lost(lab: Lab, act: Act) -> None:
    lab.script.acts[Leg.E] = [act]
    lab.signal()
    lab.flat()
    assert lab.order(Leg.E).state is OrderState.UNKNOWN
    lab.restart()
    assert lab.order(Leg.E).state is OrderState.UNKNOWN
    assert lab.engine.books.view.lines["ACME"].unknown == 10
    lab.signal(id="s-2")
    lab.flat()
    assert lab.entries_at_venue() == 1, "no new entry while one is unknown"
    lab.bars += 24 * 60
    lab.flat()
    assert lab.order(Leg.E).state is OrderState.REJECTED
    assert lab.engine.books.view.lines["ACME"].unknown == 0
    assert lab.entries_at_venue() == 1, "a lost order is not sent again"


def test_row_duplicate_and_not_found_blocks_the_symbol(lab: Lab) -> None:
    lab.script.acts[Leg.E] = [Act.DUPLICATE]
    lab.signal()
    lab.flat()
    lab.restart()
    assert lab.order(Leg.E).state is OrderState.UNKNOWN
    lab.signal(id="s-2")
    lab.flat()
    denied = [record.body["code"] for record in lab.engine.journal.records() if record.type == "deny"]
    assert denied == ["UNKNOWN_ON_SYMBOL"]


def test_row_accepted_gone_with_fills_applies_them_once(lab: Lab) -> None:
    lab.signal()
    lab.flat()
    lab.script.mangle = Mangle.DROP
    lab.flat()
    assert lab.engine.positions() == {}
    lab.script.mangle = Mangle.NOTHING
    for _ in range(3):
        lab.restart()
        assert lab.engine.positions() == {"ACME": 10}
    assert lab.order(Leg.SL).state is OrderState.ACCEPTED
    assert len(lab.engine.books.portfolio.open["s-1"].entries) == 1


def test_row_accepted_and_canceled_while_away(lab: Lab) -> None:
    lab.signal()
    lab.flat()
    lab.venue.cancel(lab.order(Leg.E).id)
    lab.restart()
    assert lab.order(Leg.E).state is OrderState.CANCELED
    assert lab.engine.books.view.lines["ACME"].pending == 0


def test_row_accepted_and_gone_without_a_trace_is_unknown(lab: Lab) -> None:
    lab.signal()
    lab.flat()
    (lab.folder / "truth.jsonl").unlink()
    lab.restart()
    assert lab.order(Leg.E).state is OrderState.UNKNOWN


def test_row_filled_here_and_fewer_there_halts(lab: Lab) -> None:
    lab.signal()
    lab.flat()
    lab.flat()
    truth = lab.folder / "truth.jsonl"
    kept = [line for line in truth.read_text().splitlines() if "at_open" not in line and "inside" not in line]
    truth.write_text("\n".join(kept) + "\n")
    lab.restart()
    assert lab.engine.state is TradingState.HALTED
    assert any("10 filled here, 0 at the venue" in text for text in lab.recovered.differences)
    assert "ACME: position 10 here, 0 at the venue" in lab.recovered.differences


def test_row_position_without_its_stop_gets_one_in_every_state(lab: Lab) -> None:
    lab.crash_at("fill")
    lab.signal()
    lab.flat()
    with pytest.raises(CrashError):
        lab.flat()
    lab.restart()
    assert lab.engine.positions() == {"ACME": 10}
    assert [order.intent.leg for order in lab.engine.books.orders.values() if order.is_open] == [
        Leg.SL,
        Leg.TP,
    ]
    stop = lab.order(Leg.SL).id
    for order in list(lab.venue.open_orders()):
        lab.venue.cancel(order.order_id)
    lab.engine.books.view.state = TradingState.HALTED
    lab.engine.outgoing.note("state", {"state": "HALTED", "cause": "test"})
    lab.restart()
    replaced = lab.order(Leg.SL)
    assert replaced.is_open
    assert (replaced.intent.n, replaced.id != stop) == (2, True)


def test_row_order_of_nobody_stops_only_its_symbol(lab: Lab) -> None:
    lab.venue._place(Working("manual-7", lab_intent("someone")))
    recovered = lab.engine.start()
    assert lab.engine.state is TradingState.ACTIVE
    assert "manual-7: EXTERNAL, no entries in ACME" in recovered.notes
    assert lab.engine.books.view.lines["ACME"].blocked == "order manual-7 is not ours"


@pytest.mark.parametrize(
    ("order_id", "why"),
    [("PDEV-AAAA", "the journal is behind the venue"), ("LPRO-AAAA", "another mode's order")],
)
def test_row_our_mark_on_an_unknown_order_halts(lab: Lab, order_id: str, why: str) -> None:
    lab.venue._place(Working(order_id, lab_intent("lost")))
    recovered = lab.engine.start()
    assert lab.engine.state is TradingState.HALTED
    assert recovered.differences == (f"{order_id}: {why}",)


def test_row_exit_of_unknown_fate_is_never_sent_twice(lab: Lab) -> None:
    lab.script.acts[Leg.SL] = [Act.LOSE]
    lab.signal()
    lab.flat()
    lab.flat()
    assert lab.order(Leg.SL).state is OrderState.UNKNOWN
    for _ in range(2):
        lab.restart()
    assert sum(lab.engine.books.orders[name].intent.leg is Leg.SL for name in lab.venue.submissions) == 1
    covered = lab.engine.books.view.lines["ACME"].covered
    assert sum(covered.values()) <= 10


def test_an_unknown_entry_found_later_is_adopted_while_running(lab: Lab) -> None:
    lab.script.acts[Leg.E] = [Act.ACCEPT_THEN_FAIL]
    lab.signal()
    lab.flat()
    assert lab.order(Leg.E).state is OrderState.UNKNOWN
    for _ in range(8):
        lab.clock.advance(1)
        lab.engine.poll()
    assert lab.order(Leg.E).state is OrderState.ACCEPTED
    lab.flat()
    assert lab.engine.positions() == {"ACME": 10}
    assert lab.venue.submissions.count(lab.order(Leg.E).id) == 1


def test_doubled_and_reversed_reports_change_nothing(lab: Lab) -> None:
    lab.script.mangle = Mangle.DOUBLE
    lab.signal()
    lab.flat()
    lab.flat()
    assert lab.engine.positions() == {"ACME": 10}
    lab.script.mangle = Mangle.REVERSE
    lab.bar(100, 100, 97, 97)
    assert lab.engine.positions() == {}
    assert lab.engine.state is TradingState.ACTIVE
    assert [trade.net for trade in lab.engine.books.portfolio.closed] == [-20 * 10**8]


def lab_intent(signal_id: str) -> Any:
    from engine.orders import Intent, OrderType

    return Intent(Leg.E, "ACME", 1, 5, OrderType.MARKET, 10000, 9800, 10400, signal_id, "x", "paper")
