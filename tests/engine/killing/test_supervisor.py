"""The dead man's switch: silence kills; a wanted end, or an engine that never began, does not."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.killing import supervisor as supervising
from engine.killing.heartbeat import beat, rest
from engine.killing.supervisor import Supervisor

NOW = datetime(2026, 11, 20, tzinfo=UTC)


class Hand:
    def __init__(self) -> None:
        self.now = 0.0
        self.canceled: list[float] = []

    def __call__(self) -> float:
        return self.now

    def cancel(self) -> None:
        self.canceled.append(self.now)

    def watch(self, folder: Path) -> Supervisor:
        return Supervisor(folder, self, self.cancel, now=lambda: NOW)


@pytest.fixture
def hand() -> Hand:
    return Hand()


def test_fifteen_seconds_of_silence_trip_once(tmp_path: Path, hand: Hand) -> None:
    supervisor = hand.watch(tmp_path)
    for second in range(40):
        hand.now = float(second)
        if second < 20:
            beat(tmp_path, second)
        assert supervisor.look().tripped == (second >= 34)
    assert hand.canceled == [34.0]
    said = json.loads((tmp_path / "trip").read_text())
    assert (said["person"], said["scope"], said["reason"]) == (
        "supervisor",
        "global",
        "no heartbeat for 15.0 s",
    )


def test_an_engine_that_never_began_is_not_dead(tmp_path: Path, hand: Hand) -> None:
    supervisor = hand.watch(tmp_path / "nothing")
    hand.now = 3600.0
    assert supervisor.look() == (0.0, False, False, "")
    assert hand.canceled == []


def test_an_engine_that_ended_on_purpose_is_not_dead(tmp_path: Path, hand: Hand) -> None:
    supervisor = hand.watch(tmp_path)
    beat(tmp_path, 1)
    supervisor.look()
    rest(tmp_path)
    hand.now = 3600.0
    assert not supervisor.look().is_dead
    beat(tmp_path, 1)  # started again, and dead again
    supervisor.look()
    hand.now += 15.0
    assert supervisor.look().tripped


@pytest.mark.parametrize("content", [b"", b"\xff", b"[]", b'{"ended": 1}', b'{"ended": "true"}'])
def test_only_the_plain_word_is_a_wanted_end(tmp_path: Path, hand: Hand, content: bytes) -> None:
    (tmp_path / "heartbeat").write_bytes(content)
    supervisor = hand.watch(tmp_path)
    supervisor.look()
    hand.now = 15.0
    assert supervisor.look().tripped


def test_a_heartbeat_that_vanished_is_a_death(tmp_path: Path, hand: Hand) -> None:
    supervisor = hand.watch(tmp_path)
    beat(tmp_path, 1)
    supervisor.look()
    (tmp_path / "heartbeat").unlink()
    hand.now = 15.0
    assert supervisor.look().tripped


def test_an_engine_that_crashed_before_the_supervisor_came_is_dead(tmp_path: Path, hand: Hand) -> None:
    beat(tmp_path, 7)
    supervisor = hand.watch(tmp_path)
    for hand.now, dead in ((0.0, False), (14.9, False), (15.0, True)):
        assert supervisor.look().is_dead is dead


def test_a_heartbeat_that_cannot_be_read_counts_as_silence(tmp_path: Path, hand: Hand) -> None:
    (tmp_path / "heartbeat").mkdir()
    supervisor = hand.watch(tmp_path)
    supervisor.look()
    hand.now = 15.0
    assert supervisor.look().tripped


def test_an_engine_that_came_back_is_watched_again(tmp_path: Path, hand: Hand) -> None:
    supervisor = hand.watch(tmp_path)
    beat(tmp_path, 1)
    supervisor.look()
    hand.now = 15.0
    assert supervisor.look().tripped
    beat(tmp_path, 2)
    hand.now = 16.0
    assert not supervisor.look().is_dead
    hand.now = 31.0
    assert supervisor.look().tripped
    assert hand.canceled == [15.0, 31.0]


def test_a_trip_file_that_cannot_be_written_is_told_and_tried_again(
    tmp_path: Path, hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: object, **more: object) -> int:
        raise OSError(28, os.strerror(28))

    write: Callable[..., int] = supervising.write_trip
    monkeypatch.setattr(supervising, "write_trip", full)
    supervisor = hand.watch(tmp_path)
    beat(tmp_path, 1)
    supervisor.look()
    hand.now = 15.0
    assert supervisor.look() == (15.0, True, False, f"{tmp_path}: No space left on device")
    assert hand.canceled == [15.0], "the venue is told even so"
    monkeypatch.setattr(supervising, "write_trip", write)
    assert supervisor.look().tripped
