"""The loop: journal before venue, latch last, kill obeyed, restart that doubles nothing and loses nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from engine.clock import DAY, SECOND, ManualClock, stamp
from engine.gate import Approved
from engine.journal.file import FileJournal
from engine.loop import Engine
from engine.market.bars import Bar
from engine.orders import Leg
from engine.paper import StartRefusedError, paper_engine
from engine.protocols import StandingDecision
from engine.trading_state import TradingState
from engine.venues.protocol import ACCEPTED, Answer

MINUTE = 60 * SECOND
START = 20_458 * DAY + 10 * 60 * MINUTE


class HandLatch:
    def __init__(self) -> None:
        self.closed, self.epoch, self.cause = False, 0, ""

    def close(self, cause: str, epoch: int = 1) -> None:
        self.closed, self.epoch, self.cause = True, epoch, cause


class Flags:
    def __init__(self) -> None:
        self.value = True

    def decide(self, flag_key: str, account: str) -> StandingDecision:
        reason = "TARGETING_MATCH" if self.value else "DISABLED"
        return StandingDecision(flag_key, self.value, reason, "a" * 40, "b" * 64, bucket=7)


class World:
    """A paper engine that can be stopped, dropped and started again on the same folder."""

    def __init__(self, folder: Path, accepted: Any) -> None:
        self.folder, self.accepted = folder, accepted
        self.latch, self.flags = HandLatch(), Flags()
        self.clock = ManualClock(datetime(2026, 1, 5, 10, tzinfo=UTC))
        self.bars = 0
        self.engine = self.start()

    def start(self) -> Engine:
        self.engine = paper_engine(
            self.accepted,
            flags=self.flags,
            latch=self.latch,
            clock=self.clock,
            folder=self.folder,
            span=MINUTE,
        )
        self.recovered = self.engine.start()
        return self.engine

    def drop(self) -> None:
        """As a crash leaves it: no shutdown record."""
        self.engine.journal.close()

    def bar(self, open_: int, high: int, low: int, close: int, volume: int = 1_000_000) -> None:
        at = START + self.bars * MINUTE
        self.bars += 1
        self.engine.on_bar(Bar("ACME", at, open_ * 100, high * 100, low * 100, close * 100, volume))

    def flat(self) -> None:
        self.bar(100, 100, 100, 100)

    def signal(self, signal: dict[str, Any]) -> None:
        received = START + self.bars * MINUTE + SECOND
        fresh = {**signal, "created_at": stamp(received)}
        self.engine.on_signal(json.dumps(fresh).encode(), received)

    def records(self, *types: str) -> list[Any]:
        return [record for record in self.engine.journal.records() if not types or record.type in types]


@pytest.fixture
def world(tmp_path: Path, make_accepted: Callable[..., Any]) -> World:
    return World(tmp_path / "engine", make_accepted())


@pytest.fixture
def paper_signal(make_signal: Callable[..., Any]) -> Callable[..., Any]:
    return lambda **changes: make_signal(**{"mode": "paper", **changes})


def test_sending_is_durable_before_the_venue_hears_of_it(world: World, paper_signal: Any) -> None:
    seen: list[list[str]] = []
    submit = world.engine.venue.submit

    def spy(order: Approved) -> Answer:
        seen.append([record.type for record in FileJournal.records(world.engine.journal)])  # type: ignore[arg-type]
        return submit(order)

    world.engine.venue.submit = spy  # type: ignore[method-assign]
    world.signal(paper_signal())
    world.flat()
    assert seen[0][-2:] == ["intent", "sending"]
    world.flat()
    assert seen[1][-2:] == ["sending", "sending"]
    assert len(seen) == 3


def test_every_order_names_commit_bundle_snapshot_and_flag(world: World, paper_signal: Any) -> None:
    world.signal(paper_signal())
    world.flat()
    world.flat()
    bodies = [record.body for record in world.records("intent", "sending") if "leg" in record.body]
    assert [body["leg"] for body in bodies] == ["E", "SL", "TP"]
    for body in bodies:
        assert body["commit"] == "a" * 40
        assert body["bundle_digest"] == "b" * 64
        assert (body["flag"], body["reason"], body["bucket"]) == (
            "paper_trading_enabled",
            "TARGETING_MATCH",
            7,
        )
        assert (body["generation"], body["snapshot_digest"]) == (0, "")


def test_a_flag_that_is_off_denies_and_says_so(world: World, paper_signal: Any) -> None:
    world.flags.value = False
    world.signal(paper_signal())
    world.flat()
    (denied,) = world.records("deny")
    assert (denied.body["code"], denied.body["codes"]) == ("FLAG_OFF", ["FLAG_OFF"])
    assert denied.body["commit"] == "a" * 40
    assert world.engine.venue.submitted == 0  # type: ignore[attr-defined]


def test_the_latch_is_the_last_instruction_before_the_venue(world: World, paper_signal: Any) -> None:
    """It closes after approval and after the journal: the order is withheld, and the journal says so."""
    world.signal(paper_signal())
    sync = world.engine.journal.sync

    def close_after_sync() -> None:
        sync()
        if world.records("sending"):
            world.latch.close("trip file")

    world.engine.journal.sync = close_after_sync  # type: ignore[method-assign]
    world.flat()
    assert world.engine.venue.submitted == 0  # type: ignore[attr-defined]
    assert world.engine.counts.withheld == 1
    assert world.records("cancel")[0].body["reason"] == "latch closed: trip file"


def test_a_kill_cancels_entries_and_keeps_stops(world: World, paper_signal: Any) -> None:
    world.signal(paper_signal())
    world.flat()
    world.flat()
    world.signal(paper_signal(id="s-2", quantity="5"))
    world.flat()
    world.latch.close("redis", 4)
    world.engine.poll()
    assert world.engine.state is TradingState.KILLED
    legs = sorted(
        world.engine.books.orders[o.order_id].intent.leg.value for o in world.engine.venue.open_orders()
    )
    assert legs == ["SL", "TP"]
    (kill,) = world.records("kill")
    assert kill.body == {"epoch": 4, "cause": "redis", "entries_left": []}
    world.bar(97, 97, 97, 97)
    assert world.engine.positions() == {}


def test_while_killed_every_signal_is_denied(world: World, paper_signal: Any) -> None:
    world.latch.close("trip file")
    for number in range(3):
        world.signal(paper_signal(id=f"k-{number}"))
        world.flat()
    assert [record.body["code"] for record in world.records("deny")] == ["STATE"] * 3
    assert world.engine.venue.submitted == 0  # type: ignore[attr-defined]


def test_a_kill_survives_a_restart_and_needs_a_release(world: World, paper_signal: Any) -> None:
    world.latch.close("trip file", 2)
    world.engine.poll()
    world.drop()
    world.latch.closed = False
    world.start()
    assert world.engine.state is TradingState.KILLED
    world.drop()
    bundle = type(world.accepted.bundle)(
        releases=({"epoch": 1, "scope": "global"}, {"epoch": 2, "scope": "global"})
    )
    world.accepted = type(world.accepted)(world.accepted.environment, world.accepted.catalogue, bundle)
    world.start()
    assert world.engine.state is TradingState.ACTIVE
    world.drop()
    world.start()
    assert world.engine.state is TradingState.ACTIVE


def test_a_release_ends_a_kill_in_the_running_engine(world: World, paper_signal: Any) -> None:
    world.latch.close("trip file", 2)
    world.engine.poll()
    assert not world.engine.release(2, "merged"), "the latch is closed still"
    world.latch.closed = False
    assert world.engine.release(2, "merged")
    assert world.engine.state is TradingState.ACTIVE
    world.signal(paper_signal())
    world.flat()
    world.flat()
    assert world.engine.positions() == {"ACME": 10}
    world.drop()
    world.start()
    assert world.engine.state is TradingState.ACTIVE


def test_a_kill_is_not_held_up_by_the_journal(world: World, paper_signal: Any, monkeypatch: Any) -> None:
    world.signal(paper_signal())
    world.flat()

    def broken(*_: Any) -> None:
        from engine.journal.errors import JournalFailedError

        raise JournalFailedError("disk full")

    monkeypatch.setattr(world.engine.journal, "append", broken)
    monkeypatch.setattr(world.engine.journal, "write_kill", lambda *_: __import__("time").sleep(3))
    world.latch.close("trip file")
    world.engine.poll()
    assert world.engine.state is TradingState.KILLED
    assert world.engine.venue.open_orders() == []


def test_a_crash_with_an_open_position_keeps_it_and_its_stop(world: World, paper_signal: Any) -> None:
    world.signal(paper_signal())
    world.flat()
    world.flat()
    cash = world.engine.books.view.cash
    orders = {order.order_id for order in world.engine.venue.open_orders()}
    world.drop()
    world.start()
    assert world.engine.positions() == {"ACME": 10}
    assert world.engine.books.view.cash == cash
    assert {order.order_id for order in world.engine.venue.open_orders()} == orders
    assert world.recovered.notes == ("the last run did not end cleanly",)
    world.bar(100, 100, 97, 97)
    assert world.engine.positions() == {}
    assert len(world.engine.books.portfolio.closed) == 1


def test_a_restart_does_not_take_the_same_signal_twice(world: World, paper_signal: Any) -> None:
    world.signal(paper_signal())
    world.flat()
    world.flat()
    world.drop()
    world.start()
    world.signal(paper_signal())
    world.flat()
    world.flat()
    assert len(world.records("intent")) == 1
    assert world.engine.positions() == {"ACME": 10}


def test_a_graceful_stop_withdraws_entries_and_keeps_positions(world: World, paper_signal: Any) -> None:
    world.signal(paper_signal())
    world.flat()
    world.flat()
    world.signal(paper_signal(id="s-2"))
    world.flat()
    world.engine.stop()
    world.start()
    assert world.recovered.notes == ()
    assert world.engine.positions() == {"ACME": 10}
    assert {world.engine.books.orders[o.order_id].intent.leg for o in world.engine.venue.open_orders()} == {
        Leg.SL,
        Leg.TP,
    }


def test_two_engines_on_one_journal_are_refused(world: World) -> None:
    with pytest.raises(StartRefusedError, match="another engine holds this journal"):
        World(world.folder, world.accepted)


def test_another_mode_is_never_taken_instead(tmp_path: Path, make_accepted: Callable[..., Any]) -> None:
    with pytest.raises(StartRefusedError, match=r"venue\.mode is live, this is the paper engine"):
        World(tmp_path, make_accepted(mode="live"))


def test_an_unknown_strategy_is_refused(tmp_path: Path, make_accepted: Callable[..., Any]) -> None:
    with pytest.raises(StartRefusedError, match="unknown strategy 'magic'"):
        World(tmp_path, make_accepted(strategy="magic"))


def test_without_auto_resume_the_engine_stays_reducing(
    tmp_path: Path, make_accepted: Callable[..., Any]
) -> None:
    assert World(tmp_path, make_accepted(auto_resume_if_clean=False)).engine.state is TradingState.REDUCING


def test_a_dead_disk_halts_and_sends_nothing(world: World, paper_signal: Any, monkeypatch: Any) -> None:
    from engine.journal.errors import JournalFailedError

    def broken() -> None:
        raise JournalFailedError("No space left on device; trading halts until it can write")

    world.signal(paper_signal())
    monkeypatch.setattr(world.engine.journal, "sync", broken)
    world.flat()
    assert world.engine.state is TradingState.HALTED
    assert world.engine.venue.submitted == 0  # type: ignore[attr-defined]
    assert ACCEPTED.reason == ""


def test_limits_follow_a_new_bundle_and_waiting_signals_stay(
    world: World, paper_signal: Any, make_accepted: Callable[..., Any]
) -> None:
    world.signal(paper_signal(entry_type="limit", entry="99.00", stop_loss="97.00"))
    world.flat()
    assert len(world.engine.entries.waiting) == 1
    world.engine.adopt(make_accepted(limits={"max_order_quantity": 3}))
    world.bar(100, 100, 99, 99)
    world.bar(99, 99, 99, 99)
    assert world.engine.positions() == {"ACME": 3}


def test_a_waiting_signal_waits_on_after_a_restart(world: World, paper_signal: Any) -> None:
    world.signal(paper_signal(entry_type="limit", entry="99.00", stop_loss="97.00"))
    world.flat()
    world.drop()
    world.start()
    assert [signal.id for signal in world.engine.entries.waiting.all()] == ["s-1"]
    world.bar(100, 100, 99, 99)
    world.bar(99, 99, 99, 99)
    assert world.engine.positions() == {"ACME": 10}


@pytest.mark.parametrize(("resume", "state"), [(True, "ACTIVE"), (False, "REDUCING")])
def test_a_tripped_breaker_rearms_next_session_only_by_git(
    tmp_path: Path, make_accepted: Callable[..., Any], paper_signal: Any, resume: bool, state: str
) -> None:
    world = World(tmp_path, make_accepted(limits={"max_consecutive_losses": 1}))
    world.signal(paper_signal())
    world.flat()
    world.flat()
    world.bar(97, 97, 97, 97)
    assert world.engine.state is TradingState.REDUCING
    world.drop()
    world.start()
    assert world.engine.books.view.losing_streak == 1
    world.accepted = make_accepted(limits={"max_consecutive_losses": 1}, auto_resume_if_clean=resume)
    world.engine.adopt(world.accepted)
    world.engine.books.view.state = TradingState.REDUCING
    world.bars += 24 * 60
    world.flat()
    assert world.engine.state.name == state


def test_a_refused_signal_is_kept_as_a_dead_letter(
    tmp_path: Path, make_accepted: Any, paper_signal: Any
) -> None:
    from engine.intake.dead_letters import DeadLetters
    from engine.intake.refusals import Refusals

    world = World(tmp_path / "engine", make_accepted())
    letters = DeadLetters.open(tmp_path / "letters")
    refusals = Refusals(letters, commit=lambda: "c", halt=world.engine.outgoing.halt, alert=print)
    world.engine.receiving.on_dead_letter = refusals.refused
    for _ in range(2):
        world.signal(paper_signal(entry="NaN"))
        world.flat()
    assert [letter.count for letter in letters.letters()] == [1, 1]
    assert [record.body["codes"] for record in world.records("dlq")] == [["NOT_FINITE"]] * 2
    letters.close()
