"""Stopping needs one input of many and no permission; starting again needs Git to name the epoch."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from config.models.records import Release
from engine.durable import DamagedStateError
from engine.kill import KillSwitch, trip_name, trip_scope
from engine.killing import kill_record
from engine.killing.kill_watch import FileWatch
from engine.killing.latch import Latch

Lines = list[tuple[str, Mapping[str, Any]]]


class Bench:
    """A switch with its folder, latch and what it reported."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lines: Lines = []
        self.kills: list[tuple[str, int]] = []
        self.start()

    def start(self) -> None:
        """As after a restart of the engine."""
        self.latch = Latch()
        self.switch = KillSwitch(
            self.folder,
            self.latch,
            account="ACCT-1",
            strategy="cross",
            report=lambda event, facts: self.lines.append((event, facts)),
            killed=lambda cause, epoch: self.kills.append((cause, epoch)),
        )
        self.files = FileWatch(self.folder, self.switch)

    def read_all(self, kills: Mapping[str, int | None] | None = None, *releases: Release) -> None:
        """Every input read once: files, Redis, Git."""
        self.files.look()
        self.switch.note_store(kills or {})
        self.switch.note_git(halted=False, releases=releases)

    def trip(self, content: str = "", scope: str = "global") -> None:
        (self.folder / trip_name(scope)).write_text(content)
        self.files.look()

    def closed(self) -> bool:
        return self.latch.closed

    @property
    def events(self) -> list[str]:
        return [event for event, _ in self.lines]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def release(epoch: int, scope: str = "global") -> Release:
    return Release(
        environment="dev",
        epoch=epoch,
        person="Ann",
        approver=None,
        reason="drill",
        scope=scope,
        day="2026-11-20",
    )


@pytest.mark.parametrize("missing", ["file", "redis", "git"])
def test_latch_stays_closed_until_all_inputs_spoke(bench: Bench, missing: str) -> None:
    assert (bench.closed(), bench.latch.cause) == (True, "not started")
    steps: dict[str, Callable[[], None]] = {
        "file": bench.files.look,
        "redis": lambda: bench.switch.note_store({}),
        "git": lambda: bench.switch.note_git(halted=False, releases=()),
    }
    for name, step in steps.items():
        if name != missing:
            step()
    assert bench.closed()
    assert bench.switch.scopes == {"global"}
    steps[missing]()
    assert not bench.closed()
    assert bench.switch.scopes == frozenset()


def test_start_without_redis_lets_exits_go_and_kills_every_flag(bench: Bench) -> None:
    bench.files.look()
    bench.switch.note_git(halted=False, releases=())
    bench.switch.start_without_store()
    assert (bench.closed(), set(bench.switch.scopes)) == (False, {"global"})
    bench.switch.note_store({})
    assert (bench.closed(), set(bench.switch.scopes)) == (False, set())


@pytest.mark.parametrize("content", ["", "stop!", "{", '{"epoch": "x"}', '{"epoch": -4}', "[1]"])
def test_trip_file_of_any_content_kills(bench: Bench, content: str) -> None:
    bench.read_all()
    bench.trip(content)
    assert (bench.closed(), bench.latch.cause, bench.latch.epoch) == (True, "file", 1)
    assert bench.kills == [("file", 1)]


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo, lambda path: path.symlink_to("/dev/null")])
def test_odd_trip_file_kills_without_blocking(bench: Bench, make: Callable[[Path], None]) -> None:
    bench.read_all()
    make(bench.folder / "trip")
    bench.files.look()
    assert bench.closed()


def test_trip_file_that_was_deleted_still_kills(bench: Bench) -> None:
    bench.read_all()
    bench.trip()
    (bench.folder / "trip").unlink()
    bench.files.look()
    bench.read_all()
    assert bench.closed()


def test_vanished_folder_is_a_kill(tmp_path: Path) -> None:
    folder = tmp_path / "engine"
    folder.mkdir()
    bench = Bench(folder)
    bench.read_all()
    folder.rename(tmp_path / "gone")
    bench.files.look()
    assert bench.closed()
    assert "the trip folder cannot be read" in bench.latch.cause or bench.latch.cause.startswith(
        "kill record"
    )


def test_kill_in_redis_closes_the_latch(bench: Bench) -> None:
    bench.read_all()
    bench.switch.note_store({"global": 7})
    assert (bench.closed(), bench.latch.cause, bench.latch.epoch) == (True, "redis", 7)
    assert bench.switch.epoch == 7


@pytest.mark.parametrize(
    ("scope", "stops"),
    [
        ("global", True),
        ("account:ACCT-1", True),
        ("account:ACCT-2", False),
        ("strategy:cross", True),
        ("strategy:other", False),
        ("flag:live_trading_enabled", False),
        ("", True),
        ("account:", True),
        ("who knows", True),
    ],
)
def test_scope_decides_whether_this_engine_stops(bench: Bench, scope: str, stops: bool) -> None:
    bench.read_all()
    bench.switch.note_store({scope: 3})
    assert bench.closed() is stops
    assert bench.switch.scopes == {scope}


def test_kill_wiped_from_redis_stays_here(bench: Bench) -> None:
    bench.read_all({"global": 7})
    bench.switch.note_store({})
    bench.switch.note_store({"global": 2})
    assert bench.closed()
    assert bench.switch.epoch == 7


def test_restart_stays_killed_without_any_input(bench: Bench) -> None:
    bench.read_all({"global": 7})
    bench.start()
    bench.read_all()
    assert (bench.closed(), bench.latch.epoch) == (True, 7)


@pytest.mark.parametrize(("epoch", "opens"), [(6, False), (7, True), (8, True)])
def test_release_must_reach_the_epoch(bench: Bench, epoch: int, opens: bool) -> None:
    bench.read_all({"global": 7})
    bench.switch.note_git(halted=False, releases=[release(epoch)])
    assert bench.closed() is not opens
    bench.switch.note_store({"global": 7})
    assert bench.closed() is not opens
    assert ("latch_opened" in bench.events[1:]) is opens


def test_release_of_another_scope_changes_nothing(bench: Bench) -> None:
    bench.read_all({"account:ACCT-1": 7}, release(9))
    assert bench.closed()


def test_later_kill_survives_an_earlier_release(bench: Bench) -> None:
    bench.read_all({"global": 7}, release(7))
    assert not bench.closed()
    bench.switch.note_store({"global": 8})
    assert bench.closed()
    bench.start()
    bench.read_all({"global": 7}, release(7))
    assert bench.closed()


def test_unreadable_epoch_outlasts_every_release(bench: Bench) -> None:
    bench.read_all({"global": None}, release(10**19))
    assert bench.closed()
    bench.switch.note_store({})
    assert not bench.closed()


def test_released_trip_file_is_put_away(bench: Bench) -> None:
    bench.read_all()
    bench.trip('{"epoch": 4}')
    assert bench.latch.epoch == 4
    bench.switch.note_git(halted=False, releases=[release(4)])
    assert not bench.closed()
    assert [path.name for path in bench.folder.glob("*trip*")] == ["ended-trip-4"]
    bench.files.look()
    assert not bench.closed()


def test_new_trip_file_after_release_kills_again(bench: Bench) -> None:
    bench.read_all()
    bench.trip('{"epoch": 4}')
    bench.switch.note_git(halted=False, releases=[release(4)])
    bench.files.look()
    bench.trip('{"epoch": 4}')
    assert (bench.closed(), bench.latch.epoch) == (True, 5)


def test_trip_file_replaced_before_its_release_stays(bench: Bench) -> None:
    bench.read_all()
    bench.trip('{"epoch": 4}')
    (bench.folder / "trip").unlink()
    (bench.folder / "other").write_text("again")
    (bench.folder / "other").rename(bench.folder / "trip")
    bench.switch.note_git(halted=False, releases=[release(4)])
    assert bench.closed()
    bench.files.look()
    assert (bench.closed(), bench.latch.epoch) == (True, 5)


def test_same_kill_by_file_and_redis_is_one(bench: Bench) -> None:
    for order in (("redis", "file"), ("file", "redis")):
        bench.read_all({}, release(bench.switch.epoch))
        epoch = bench.switch.epoch + 1
        for step in order:
            if step == "redis":
                bench.switch.note_store({"global": epoch})
            else:
                bench.trip(json.dumps({"epoch": epoch}))
        assert bench.switch.epoch == epoch
        bench.switch.note_git(halted=False, releases=[release(epoch)])
        assert not bench.closed()
        bench.files.look()
    assert [epoch for _, epoch in bench.kills] == [1, 2]


def test_halted_in_git_ends_in_git(bench: Bench) -> None:
    bench.read_all()
    bench.switch.note_git(halted=True, releases=())
    assert (bench.closed(), bench.latch.cause, set(bench.switch.scopes)) == (True, "git", {"global"})
    bench.switch.note_git(halted=False, releases=())
    assert not bench.closed()


def test_breaker_inside_the_process_kills(bench: Bench) -> None:
    bench.read_all()
    bench.switch.trip("breaker")
    assert (bench.closed(), bench.latch.cause, bench.latch.epoch) == (True, "breaker", 1)
    bench.start()
    bench.read_all()
    assert bench.closed()


def test_latch_is_closed_before_the_disk_is_touched(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.read_all()
    seen = []
    monkeypatch.setattr("engine.kill.keep", lambda *_: seen.append((bench.closed(), list(bench.kills))))
    bench.trip()
    assert seen == [(True, [("file", 1)])]


def test_full_disk_never_keeps_the_latch_open(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    bench.read_all()
    monkeypatch.setattr("engine.kill.keep", full)
    bench.switch.note_store({"account:ACCT-2": 3})
    assert (bench.closed(), bench.latch.cause) == (True, "kill record cannot be stored")
    assert bench.events[-1] == "kill_not_stored"


def test_second_kill_does_not_wait_for_a_slow_disk(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.read_all()
    writing, go_on = threading.Event(), threading.Event()

    def slow(*_: object) -> None:
        writing.set()
        assert go_on.wait(10)

    monkeypatch.setattr("engine.kill.keep", slow)
    first = threading.Thread(target=bench.switch.note_store, args=({"flag:ux": 1},))
    first.start()
    assert writing.wait(10)
    assert not bench.closed()
    second = threading.Thread(target=bench.trip)
    second.start()
    deadline = threading.Event()
    for _ in range(1000):
        if bench.closed():
            break
        deadline.wait(0.01)
    assert (bench.closed(), first.is_alive()) == (True, True)
    go_on.set()
    first.join(10)
    second.join(10)
    assert (bench.closed(), bench.latch.cause) == (True, "file")


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"schema":2,"raised":{},"files":{}}', b'{"schema":1,"raised":[],"files":{}}'],
)
def test_damaged_record_refuses_to_start(bench: Bench, content: bytes) -> None:
    (bench.folder / kill_record.FILE).write_bytes(content)
    with pytest.raises(DamagedStateError, match=r"kill\.json: it is no kill record"):
        bench.start()


def test_epochs_beyond_doubles_survive_restart(bench: Bench) -> None:
    bench.read_all({"global": 2**53 + 1})
    bench.start()
    assert bench.switch.epoch == 2**53 + 1


def test_open_loses_against_a_close_in_between() -> None:
    latch = Latch()
    decided_on = latch.closings
    latch.close("file", 3)
    assert latch.open(decided_on) is False
    assert (latch.closed, latch.cause, latch.epoch) == (True, "file", 3)


def test_forked_child_is_closed() -> None:
    latch = Latch()
    latch.open(latch.closings)
    child = os.fork()
    if child == 0:
        os._exit(0 if latch.closed and latch.cause == "forked" else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert not latch.closed


def test_crash_of_a_watch_is_a_kill(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash() -> None:
        raise RuntimeError("boom")

    bench.read_all()
    monkeypatch.setattr(bench.files, "look", crash)
    bench.files.start()
    bench.files.stop()
    assert (bench.closed(), bench.latch.cause) == (True, "kill-files crashed: RuntimeError: boom")


@pytest.fixture
def watching(bench: Bench) -> Iterator[Bench]:
    bench.read_all()
    bench.files.start()
    yield bench
    bench.files.stop()


def test_running_watch_notices_within_its_time(watching: Bench) -> None:
    assert not watching.closed()
    (watching.folder / "trip").touch()
    pause = threading.Event()
    for _ in range(500):
        if watching.closed():
            break
        pause.wait(0.01)
    assert watching.closed()


@pytest.mark.parametrize(
    "name", ["trip", "trip@account:ACCT-1", "trip@", "tripwire", "ended-trip-4", "kill.json"]
)
def test_file_names_give_their_scope(name: str) -> None:
    expected = {"trip": "global", "trip@account:ACCT-1": "account:ACCT-1", "trip@": "global"}
    assert trip_scope(name) == expected.get(name)
