"""The wish to be flat: obeyed while KILLED under its own epoch, put away when done or released, never carried over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ci.running import flattening
from ci.running.flattening import Flattener
from engine.clock import ManualClock
from engine.execution.flatten import Flattened
from engine.killing.flatten_request import FlattenRequest, answered, ask, asked
from engine.killing.latch import Latch
from engine.trading_state import TradingState


class Outgoing:
    def __init__(self) -> None:
        self.noted: list[dict[str, Any]] = []

    def note(self, type: str, body: dict[str, Any]) -> None:
        assert type == "flatten"
        self.noted.append(body)

    def sync(self) -> bool:
        return True


class Engine:
    def __init__(self) -> None:
        self.state = TradingState.ACTIVE
        self.outgoing = Outgoing()


class Room:
    """A flattener whose engine is flat at the third step."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.engine, self.latch, self.clock = folder, Engine(), Latch(), ManualClock()
        self.latch.open(self.latch.closings)
        self.made: list[dict[str, Any]] = []
        self.steps = 0
        self.said: list[tuple[str, Any]] = []
        monkeypatch.setattr(flattening, "Flattening", self._make)
        engine: Any = self.engine
        self.flattener = Flattener(
            folder, engine, self.latch, self.clock, lambda event, facts: self.said.append((event, facts))
        )

    def _make(self, engine: object, **how: Any) -> Any:
        self.made.append(how)
        self.steps = 0
        return self

    def step(self) -> Flattened:
        self.steps += 1
        is_flat = self.steps >= 3
        return Flattened(is_flat, {} if is_flat else {"ACME": 1}, (), (), (), 0)

    def kill(self, epoch: int) -> None:
        self.latch.close("file", epoch)
        self.engine.state = TradingState.KILLED

    def release(self) -> None:
        self.latch.open(self.latch.closings)
        self.engine.state = TradingState.ACTIVE

    def turn(self, times: int = 1) -> None:
        for _ in range(times):
            self.clock.advance(1)
            self.flattener.step()


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Room:
    return Room(tmp_path, monkeypatch)


def wish(epoch: int, **more: Any) -> FlattenRequest:
    return FlattenRequest(epoch, "ann", "drill", "2026-11-20T00:00:00Z", **more)


def test_it_is_obeyed_answered_and_put_away(room: Room) -> None:
    room.kill(3)
    ask(room.folder, wish(3))
    room.turn()
    found = answered(room.folder, 3)
    assert found is not None
    assert (found["is_flat"], found["residue"]) == (False, {"ACME": 1})
    room.turn(5)
    assert asked(room.folder) is None
    assert (room.folder / "ended-flatten-3.json").exists()
    last = answered(room.folder, 3)
    assert last is not None
    assert last["is_flat"] is True
    assert [body.get("asked", body.get("is_flat")) for body in room.engine.outgoing.noted] == [True, True]
    assert room.made == [{"confirmed": "", "symbols": frozenset()}]


def test_two_people_are_handed_on(room: Room) -> None:
    room.kill(1)
    ask(room.folder, wish(1, approver="bob", confirms=True, symbols=("ACME",)))
    room.turn()
    assert room.made == [{"confirmed": "ann and bob", "symbols": frozenset({"ACME"})}]
    assert room.engine.outgoing.noted[0]["approver"] == "bob"


def test_without_its_kill_it_waits(room: Room) -> None:
    ask(room.folder, wish(5))
    room.turn(3)
    assert (room.made, asked(room.folder)) == ([], wish(5))
    room.kill(4)
    room.turn(3)
    assert room.made == []
    room.kill(5)
    room.turn()
    assert len(room.made) == 1


def test_a_released_kill_takes_its_wish_along(room: Room) -> None:
    room.kill(5)
    room.release()
    ask(room.folder, wish(5))
    room.turn()
    assert (asked(room.folder), room.made) == (None, [])
    room.kill(6)
    room.turn(3)
    assert room.made == [], "a later kill does not bring it back"


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"epoch": 1}', b'{"epoch": "1", "symbols": []}'])
def test_a_wish_that_cannot_be_read_is_told_once_and_obeyed_never(room: Room, content: bytes) -> None:
    room.kill(1)
    (room.folder / "flatten.json").write_bytes(content)
    room.turn(3)
    assert [event for event, _ in room.said] == ["flatten_refused"]
    assert room.made == []


def test_a_newer_wish_takes_the_place_of_an_older(room: Room) -> None:
    room.kill(2)
    ask(room.folder, wish(1))
    room.turn()
    ask(room.folder, wish(2, approver="bob", confirms=True))
    room.turn()
    assert [how["confirmed"] for how in room.made] == ["", "ann and bob"]


def test_an_old_answer_is_no_answer_to_a_new_wish(room: Room) -> None:
    room.kill(1)
    ask(room.folder, wish(1))
    room.turn(5)
    ask(room.folder, wish(2))
    assert answered(room.folder, 2) is None
