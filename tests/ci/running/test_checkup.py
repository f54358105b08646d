"""Once a second: a sign of life, the journal where it was, and a clock that goes forward."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ci.running.checkup import Checkup
from engine.journal.file import FileJournal, Identity
from engine.killing.heartbeat import is_resting


class Clock:
    def __init__(self) -> None:
        self.wall = datetime(2026, 11, 20, tzinfo=UTC)
        self.steady = 100.0

    def now(self) -> datetime:
        return self.wall

    def monotonic(self) -> float:
        return self.steady

    def advance(self, wall: float, steady: float) -> None:
        self.wall += timedelta(seconds=wall)
        self.steady += steady


class Room:
    def __init__(self, folder: Path) -> None:
        self.folder, self.clock = folder, Clock()
        self.journal = FileJournal.open(folder / "paper" / "journal", Identity("dev", "paper", "A"), 0)
        self.halts: list[str] = []
        self.said: list[tuple[str, Any]] = []
        self.outgoing = self
        engine: Any = self
        self.checkup = Checkup(
            folder, engine, self.clock, lambda event, facts: self.said.append((event, facts))
        )

    def halt(self, cause: str) -> None:
        self.halts.append(cause)


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


def test_every_look_is_another_heartbeat_and_the_end_is_no_death(room: Room) -> None:
    beats = set()
    for _ in range(3):
        room.checkup.look()
        beats.add((room.folder / "heartbeat").read_bytes())
    assert (len(beats), room.halts) == (3, [])
    room.checkup.rest()
    assert is_resting((room.folder / "heartbeat").read_bytes())


@pytest.mark.parametrize(
    ("wall", "steady", "halts"),
    [
        (1, 1, []),
        (3600, 1, []),  # forward: signals get stale by themselves
        (0.5, 1, []),
        (-0.1, 1, ["the clock went back by 1.1 s"]),
        (-3600, 1, ["the clock went back by 3601.0 s"]),
    ],
)
def test_a_clock_that_goes_back_halts(room: Room, wall: float, steady: float, halts: list[str]) -> None:
    room.checkup.look()
    room.clock.advance(wall, steady)
    room.checkup.look()
    assert room.halts == halts


def test_a_journal_that_is_gone_halts(room: Room) -> None:
    (room.folder / "paper" / "journal").unlink()
    room.checkup.look()
    assert [halt.partition(":")[2] for halt in room.halts] == [
        " No such file or directory; what is written now is lost at the next start"
    ]


def test_a_heartbeat_that_cannot_be_written_is_told_once(room: Room) -> None:
    (room.folder / "heartbeat").mkdir()
    (room.folder / "heartbeat" / "x").touch()
    for _ in range(3):
        room.checkup.look()
    assert [event for event, _ in room.said] == ["heartbeat_failed"]


def test_a_freeze_is_noticed_at_the_next_step(room: Room) -> None:
    frozen = []
    for seconds in (0.005, 4.9, 5.1, 0.005, 60):
        room.clock.advance(seconds, seconds)
        frozen.append(room.checkup.was_frozen())
    assert frozen == [False, False, True, False, True]
