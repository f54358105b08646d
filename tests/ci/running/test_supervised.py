"""`interlock supervise` beside the real engine: a frozen or crashed one is killed, one that ended on purpose is not."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ci.demo.engine_process import EngineProcess

pytestmark = pytest.mark.slow
AFTER = "2"


@pytest.fixture
def supervise(town: Any) -> Iterator[Callable[[], EngineProcess]]:
    begun: list[EngineProcess] = []

    def start() -> EngineProcess:
        process = EngineProcess(town.words("supervise", "--after", AFTER), town.root)
        begun.append(process)
        assert process.wait("watching", 0, 20) is not None, process.last_words()
        return process

    yield start
    for process in begun:
        process.stop()


def test_a_frozen_engine_is_killed_and_obeys_before_it_goes_on(town: Any, supervise: Any) -> None:
    town.apply()
    watching = supervise()
    engine = town.engine()
    engine.await_line("order", leg="E")
    os.kill(engine.process._process.pid, signal.SIGSTOP)
    try:
        tripped = watching.wait("tripped", 0, 20)
    finally:
        os.kill(engine.process._process.pid, signal.SIGCONT)
    assert tripped is not None
    assert 2 <= tripped["silent_seconds"] < 4
    closed = engine.await_line("latch_closed")
    later = engine.lines()[engine.lines().index(closed) :]
    assert engine.await_line("killed")["cause"] == "file"
    assert [line for line in later if line["event"] == "order" and line["leg"] == "E"] == []
    assert watching.wait("heartbeat_back", 0, 20) is not None
    assert watching.stop() == 0


def test_a_crashed_engine_is_killed_for_its_next_start(town: Any, supervise: Any) -> None:
    town.apply()
    watching = supervise()
    engine = town.engine()
    engine.await_line("order", leg="E")
    os.kill(engine.process._process.pid, signal.SIGKILL)
    assert watching.wait("tripped", 0, 20) is not None
    again = town.engine()
    assert again.await_line("started")["state"] == "KILLED"


def test_an_engine_that_ended_on_purpose_is_left_alone(town: Any, supervise: Any) -> None:
    town.apply()
    watching = supervise()
    engine = town.engine("--bars", "100")
    engine.await_line("stopped", exit_code=0)
    beats = (town.folder / "heartbeat").read_text()
    assert '"ended": true' in beats
    assert watching.wait("tripped", 0, 3) is None
    assert not (town.folder / "trip").exists()


def test_trading_does_not_depend_on_the_supervisor(town: Any, supervise: Any) -> None:
    town.apply()
    watching = supervise()
    engine = town.engine()
    engine.await_line("order", leg="E")
    os.kill(watching._process.pid, signal.SIGKILL)
    watching._process.wait(10)
    engine.await_line("order", engine.since(), leg="E")
    second = supervise()
    os.kill(engine.process._process.pid, signal.SIGSTOP)
    try:
        assert second.wait("tripped", 0, 20) is not None
    finally:
        os.kill(engine.process._process.pid, signal.SIGCONT)
    engine.await_line("killed")


@pytest.mark.parametrize("after", ["0", "0.5", "nan", "inf", "3601", "-1"])
def test_a_limit_that_is_none_is_a_usage_error(town: Any, after: str) -> None:
    words = [*town.words("supervise"), "--after", after]
    done = subprocess.run(words, cwd=town.root, capture_output=True, text=True, timeout=20, check=False)
    assert (done.returncode, "is no limit" in done.stderr) == (2, True), done.stderr
