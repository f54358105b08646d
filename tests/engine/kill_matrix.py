"""Kills a real engine process at every journal boundary, for every venue answer, and looks at what is left.

Run as `python kill_matrix.py FOLDER`; prints one JSON object per cell. Each child is a fork, ended by SIGKILL. Where
it died between a write and its sync, the same is looked at once more as a power loss leaves it: without the bytes that
no sync had covered, and with half of them.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import signal
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engine.clock import DAY, SECOND, ManualClock, stamp
from engine.execution.flatten import Flattening
from engine.instruments import instruments
from engine.journal.file import FileJournal
from engine.loop import Engine
from engine.market.bars import Bar
from engine.orders import Leg
from engine.paper import paper_engine
from engine.protocols import OpenLatch, StandingDecision
from engine.venues.scripted import Act, Mangle, Script, ScriptedVenue

MINUTE = 60 * SECOND
START = 20_458 * DAY + 10 * 60 * MINUTE
ROWS = [(100, 100, 100, 100), (100, 100, 100, 100), (100, 101, 99, 100), (100, 100, 97, 97), (97, 97, 97, 97)]
ANSWERS: dict[str, tuple[dict[Leg, list[Act]], Mangle]] = {
    "accepted": ({}, Mangle.NOTHING),
    "rejected": ({Leg.E: [Act.REJECT]}, Mangle.NOTHING),
    "lost": ({Leg.E: [Act.LOSE]}, Mangle.NOTHING),
    "accepted, answer lost": ({Leg.E: [Act.ACCEPT_THEN_FAIL]}, Mangle.NOTHING),
    "duplicate, not found": ({Leg.E: [Act.DUPLICATE]}, Mangle.NOTHING),
    "filled at once": ({Leg.E: [Act.FILL_NOW]}, Mangle.NOTHING),
    "half filled at once": ({Leg.E: [Act.FILL_HALF]}, Mangle.NOTHING),
    "filled, answer lost": ({Leg.E: [Act.FILL_THEN_FAIL]}, Mangle.NOTHING),
    "timed out": ({Leg.E: [Act.RAISE]}, Mangle.NOTHING),
    "stop lost": ({Leg.SL: [Act.LOSE]}, Mangle.NOTHING),
    "stop rejected": ({Leg.SL: [Act.REJECT]}, Mangle.NOTHING),
    "stop accepted, answer lost": ({Leg.SL: [Act.ACCEPT_THEN_FAIL]}, Mangle.NOTHING),
    "stop duplicate, not found": ({Leg.SL: [Act.DUPLICATE]}, Mangle.NOTHING),
    "target lost": ({Leg.TP: [Act.LOSE]}, Mangle.NOTHING),
    "target rejected": ({Leg.TP: [Act.REJECT]}, Mangle.NOTHING),
    "target filled, answer lost": ({Leg.TP: [Act.FILL_THEN_FAIL]}, Mangle.NOTHING),
    "reports dropped": ({}, Mangle.DROP),
    "reports doubled": ({}, Mangle.DOUBLE),
    "reports reversed": ({}, Mangle.REVERSE),
    "reports stalled": ({}, Mangle.STALL),
    "flatten": ({}, Mangle.NOTHING),
    "flatten rejected": ({Leg.F: [Act.REJECT]}, Mangle.NOTHING),
    "flatten lost": ({Leg.F: [Act.LOSE]}, Mangle.NOTHING),
    "flatten half filled": ({Leg.F: [Act.FILL_HALF]}, Mangle.NOTHING),
    "flatten filled, answer lost": ({Leg.F: [Act.FILL_THEN_FAIL]}, Mangle.NOTHING),
}
CALM_ROWS = [(100, 100, 100, 100)] * len(ROWS)


class Flags:
    def decide(self, flag_key: str, account: str) -> StandingDecision:
        return StandingDecision(flag_key, True, "TARGETING_MATCH", "a" * 40)


def build(folder: Path, accepted: Any, answer: str) -> Engine:
    acts, mangle = ANSWERS[answer]
    script = Script({leg: list(todo) for leg, todo in acts.items()}, mangle)
    known = instruments(accepted.catalogue.instruments)
    venue = ScriptedVenue("ACCT-DEV-1", known, 10**13, script, folder / "truth.jsonl")
    clock = ManualClock(datetime(2026, 1, 5, 10, tzinfo=UTC))
    return paper_engine(
        accepted, flags=Flags(), latch=OpenLatch(), clock=clock, folder=folder, span=MINUTE, venue=venue
    )


def play(engine: Engine, signal_: dict[str, Any], answer: str) -> None:
    """A signal, its entry and bracket, and its end: by the stop, or by a flatten."""
    received = START + SECOND
    fresh = {**signal_, "mode": "paper", "created_at": stamp(received)}
    engine.on_signal(json.dumps(fresh).encode(), received)
    is_flatten = answer.startswith("flatten")
    flattening = Flattening(engine)
    for number, row in enumerate(CALM_ROWS if is_flatten else ROWS):
        if is_flatten and number >= 2:
            flattening.step()
        open_, high, low, close = (price * 100 for price in row)
        engine.on_bar(Bar("ACME", START + number * MINUTE, open_, high, low, close, 1_000_000))


class Countdown:
    """Ends this process, hard, at the nth boundary: around every append, write, sync and call of the venue."""

    def __init__(self, engine: Engine, folder: Path, at: int) -> None:
        self.left = at
        self.passed = 0
        journal = engine.journal
        assert isinstance(journal, FileJournal)
        for owner, name in (
            (journal, "append"),
            (journal._disk, "write"),
            (journal._disk, "sync"),
            (engine.venue, "submit"),
            (engine.venue, "cancel"),
        ):
            setattr(owner, name, self._around(getattr(owner, name)))
        journal._disk.sync = self._noting(journal, folder / "synced")  # type: ignore[method-assign]

    def _around(self, call: Any) -> Any:
        def counted(*args: Any) -> Any:
            self.tick()
            answer = call(*args)
            self.tick()
            return answer

        return counted

    def _noting(self, journal: FileJournal, place: Path) -> Any:
        """What a power loss leaves at least: the size of the file at its last sync."""
        sync, handle = journal._disk.sync, os.open(place, os.O_WRONLY | os.O_CREAT)

        def noted() -> None:
            sync()
            os.pwrite(handle, f"{os.fstat(journal._disk.fd).st_size:12d}".encode(), 0)

        os.pwrite(handle, f"{journal.path.stat().st_size:12d}".encode(), 0)
        return noted

    def tick(self) -> None:
        self.passed += 1
        if self.passed == self.left:
            os.kill(os.getpid(), signal.SIGKILL)


def child(folder: Path, accepted: Any, answer: str, signal_: dict[str, Any], at: int) -> int:
    """Fork, run, die at boundary `at` (0: never); the exit status, negative for a signal."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            engine = build(folder, accepted, answer)
            engine.start()
            countdown = Countdown(engine, folder, at)
            play(engine, signal_, answer)
            (folder / "boundaries").write_text(str(countdown.passed))
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def verdict(folder: Path, accepted: Any, answer: str, signal_: dict[str, Any]) -> dict[str, Any]:
    """Start again on what is left; the script is used up: the venue is healthy now."""
    engine = build(folder, accepted, "accepted")
    recovered = engine.start()
    again = {"positions": dict(engine.positions()), "venue": dict(engine.venue.positions())}
    orders = engine.books.orders
    venue = engine.venue
    assert isinstance(venue, ScriptedVenue)
    twice = [name for name, count in Counter(venue.submissions).items() if count > 1]
    strangers = [name for name in venue.submissions if name not in orders]
    live = Counter(dict.fromkeys(engine.positions(), 0))
    for order in venue.open_orders():
        if orders[order.order_id].intent.leg is Leg.SL:
            live[order.symbol] += order.quantity - order.filled
    received = START + (len(ROWS) + 1) * MINUTE
    engine.on_signal(
        json.dumps({**signal_, "mode": "paper", "created_at": stamp(received)}).encode(), received
    )
    for number in range(len(ROWS), len(ROWS) + 3):
        engine.on_bar(Bar("ACME", START + number * MINUTE, 10000, 10000, 10000, 10000, 1_000_000))
    entries = [name for name in venue.submissions if orders[name].intent.leg is Leg.E]
    return {
        "state": recovered.state.name,
        "entries_at_venue": len(set(entries)),
        "sent_twice": twice + [name for name, count in Counter(venue.submissions).items() if count > 1],
        "unknown_to_journal": strangers,
        "position_equal": again["positions"] == again["venue"],
        "protected": all(live[symbol] in (0, abs(units)) for symbol, units in again["positions"].items())
        and (not again["positions"] or sum(live.values()) > 0 or engine.books.view.total_unknown > 0),
        "unknown": engine.books.view.total_unknown,
        "differences": list(recovered.differences),
    }


def main(folder: Path) -> None:
    spec = importlib.util.spec_from_file_location("stage", Path(__file__).with_name("conftest.py"))
    assert spec is not None
    assert spec.loader is not None
    stage = importlib.util.module_from_spec(spec)
    sys.modules["stage"] = stage
    spec.loader.exec_module(stage)
    accepted, signal_ = stage.make_accepted(), stage.make_signal()
    for number, answer in enumerate(ANSWERS):
        place = folder / f"{number}-all"
        place.mkdir()
        assert child(place, accepted, answer, signal_, 0) == 0
        boundaries = int((place / "boundaries").read_text())
        for at in range(1, boundaries + 1):
            here = folder / f"{number}-{at}"
            here.mkdir()
            status = child(here, accepted, answer, signal_, at)
            for left, place in leftovers(here):
                cell = {"answer": answer, "boundary": at, "of": boundaries, "status": status, "left": left}
                print(json.dumps({**cell, **verdict(place, accepted, answer, signal_)}), flush=True)


def leftovers(here: Path) -> list[tuple[str, Path]]:
    """What kill -9 leaves; and, where something was written and not synced, what a power loss may leave."""
    journal, found = here / "paper" / "journal", [("kill", here)]
    synced, size = int((here / "synced").read_text()), journal.stat().st_size
    for kept in sorted({synced, (synced + size) // 2} if synced < size else set()):
        place = here.with_name(f"{here.name}-{kept}")
        shutil.copytree(here, place)
        os.truncate(place / "paper" / "journal", kept)
        found.append(("power", place))
    return found


if __name__ == "__main__":
    main(Path(sys.argv[1]))
