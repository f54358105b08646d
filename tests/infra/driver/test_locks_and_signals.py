"""Locks are told with their holder and never broken; a signal lets the engine finish; a hang has an end."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from infra.failures import EngineError, LockedError

pytestmark = pytest.mark.slow

HANGING = 'Made(TOPIC, "told", {"name": "t"})'
RUNNER = """
import sys, time
from pathlib import Path
from infra.driver import Driver
from infra.toolchain import ensure
from infra.workspace import offline

folder, tree = Path(sys.argv[1]), Path(sys.argv[2])
toolchain = ensure(print)
driver = Driver(toolchain.cli, offline(folder, tree, "dev", toolchain), time.monotonic)
print("started", flush=True)
run = driver.up(limit=60)
print("ended", run.exit_code, flush=True)
"""


def _start(tiny: Any) -> subprocess.Popen[str]:
    child = subprocess.Popen(
        [sys.executable, "-c", RUNNER, str(tiny.folder), str(tiny.tree)],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "started\n"
    return child


def _wait_for(condition: Any, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.05)


def _lock_files(tiny: Any) -> list[Path]:
    return list((tiny.folder / "state" / ".pulumi" / "locks").rglob("*.json"))


def _is_hanging(tiny: Any) -> bool:
    logs = [file.read_text(errors="replace") for file in (tiny.folder / "logs").glob("up-*.jsonl")]
    begun = any('"resourcePreEvent"' in text and "sns/topic" in text for text in logs)
    return begun and bool(_lock_files(tiny)) and _has_pending(tiny)


def _has_pending(tiny: Any) -> bool:
    try:
        latest = json.loads(tiny.state_file.read_text())["checkpoint"]["latest"] or {}
    except (OSError, ValueError):  # it is being written
        return False
    return bool(latest.get("pending_operations"))


def _end(child: subprocess.Popen[str]) -> None:
    """Nothing of a failed test is left: the engine has a session of its own."""
    if child.poll() is None:
        for one in [*_children_of(child.pid), psutil.Process(child.pid)]:
            one.kill()
    child.wait()


def test_a_second_run_is_told_who_holds_the_lock(tiny: Any) -> None:
    tiny.program(HANGING)
    tiny.edit(lambda cloud: cloud.update(faults={"told": "hang"}))
    child = _start(tiny)
    try:
        _wait_for(lambda: _is_hanging(tiny))
        with pytest.raises(LockedError) as refused:
            tiny.driver.up()
        assert "is locked by" in refused.value.message
        assert "(pid " in refused.value.holder
        assert refused.value.since is not None
        assert len(_lock_files(tiny)) == 1
        child.send_signal(signal.SIGTERM)
        out, _ = child.communicate(timeout=90)
        assert out.startswith("ended ")
        assert _lock_files(tiny) == []
    finally:
        _end(child)
    tiny.edit(lambda cloud: cloud.update(faults={}))
    assert tiny.driver.up().ok


def test_a_killed_run_leaves_a_lock_that_cancel_clears(tiny: Any) -> None:
    tiny.program(HANGING)
    tiny.edit(lambda cloud: cloud.update(faults={"told": "hang"}))
    child = _start(tiny)
    try:
        _wait_for(lambda: _is_hanging(tiny))
        descendants = _children_of(child.pid)
        engine = next(one for one in descendants if one.name() == "pulumi")
        plugins = [one for one in descendants if "infra.offline" in one.cmdline()]
        assert plugins
        engine.kill()
        child.wait(timeout=60)
        _wait_for(lambda: not any(one.is_running() for one in plugins), 30)
        with pytest.raises(LockedError) as refused:
            tiny.driver.up()
        assert "pulumi cancel" in refused.value.help
        tiny.edit(lambda cloud: cloud.update(faults={}))
        tiny.driver.cancel()
        with pytest.raises(EngineError, match="never came to an end"):
            tiny.driver.up()
        forget = ["refresh", "--yes", "--skip-preview", "--clear-pending-creates", "--stack", "dev"]
        tiny.driver._plain(forget)
        assert tiny.driver.up().ok
    finally:
        _end(child)


def test_a_hanging_provider_is_stopped_in_time(tiny: Any) -> None:
    tiny.program(HANGING)
    tiny.edit(lambda cloud: cloud.update(faults={"told": "hang"}))
    began = time.monotonic()
    with pytest.raises(EngineError, match="did not end within 8 seconds"):
        tiny.driver.up(limit=8)
    assert time.monotonic() - began < 90
    tiny.edit(lambda cloud: cloud.update(faults={}))
    tiny.driver.cancel()
    assert tiny.driver.up().ok


def _children_of(pid: int) -> list[psutil.Process]:
    return list(psutil.Process(pid).children(recursive=True))
