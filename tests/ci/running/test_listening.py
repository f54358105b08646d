"""What the ears of an engine do with half a line, a source that fails, and a store that does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ci.running.listening import Listening
from engine.clock import ManualClock
from engine.intake.sources import FileSource


class Engine:
    """Takes everything, or nothing more."""

    def __init__(self) -> None:
        self.got: list[bytes] = []
        self.takes = True
        self.books = self
        self.alerts: list[str] = []

    def receive(self, arrived: list[Any]) -> bool:
        self.got += [each.payload for each in arrived]
        return self.takes


class Room:
    def __init__(self, file: Path) -> None:
        self.engine, self.clock, self.said = Engine(), ManualClock(), list[tuple[str, Any]]()
        engine: Any = self.engine
        self.listening = Listening(
            FileSource(file), None, engine, self.clock, lambda event, facts: self.said.append((event, facts))
        )

    def turn(self, times: int = 1) -> None:
        for _ in range(times):
            self.clock.advance(1)
            self.listening.step()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "signals.jsonl"
    file.touch()
    return file


def test_half_a_line_is_told_once_and_taken_when_it_ends(file: Path) -> None:
    room = Room(file)
    file.write_bytes(b"one\ntw")
    room.turn(9)
    facts = {"bytes": 2, "reason": "the last line has no newline yet"}
    assert (room.engine.got, room.said) == ([b"one"], [("signal_unfinished", facts)])
    with file.open("ab") as stream:
        stream.write(b"o\n")
    room.turn()
    assert room.engine.got == [b"one", b"two"]


def test_what_could_not_be_kept_ends_the_listening(file: Path) -> None:
    room = Room(file)
    room.engine.takes = False
    file.write_bytes(b"one\n")
    room.turn()
    file.write_bytes(b"one\ntwo\n")
    room.turn(3)
    assert room.engine.got == [b"one"]
    assert [event for event, _ in room.said] == ["signals_stopped"]
    assert room.engine.alerts == [
        "signals are not taken any more: what was refused or accepted could not be kept"
    ]


def test_a_source_that_turns_into_a_folder_is_told(file: Path) -> None:
    room = Room(file)
    room.turn()
    file.unlink()
    file.mkdir()
    room.turn(3)
    assert room.engine.alerts == [
        f"the signals cannot be read any more: {file} is no file; give a pipe on standard input, as `-`"
    ]


def test_without_a_source_nothing_is_done() -> None:
    engine: Any = Engine()
    listening = Listening(None, None, engine, ManualClock(), lambda event, facts: None)
    listening.step()
    listening.close()
    assert engine.got == []
