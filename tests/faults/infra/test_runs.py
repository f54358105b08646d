"""Runs that are cut off, crashed into, or started twice: the state stays whole and the next run completes."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest

from infra.driver import Driver
from infra.failures import EngineError, LockedError
from infra.local import processes
from infra.workspace import offline

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
IS_ROOT = os.geteuid() == 0
ROLE = "interlock-dev-ci-deploy"
GOLDEN = Path(__file__).resolve().parents[2] / "infra" / "preview" / "golden" / "dev.txt"
WHOLE = sorted(line.rsplit("::", 1)[-1] for line in GOLDEN.read_text().splitlines() if "$aws:" in line)
MakeBench = Callable[..., Any]


def _hanging(bench: Any) -> bool:
    """Whether the engine has written down that it is making the resource that hangs."""
    try:
        latest = json.loads(bench.state_file.read_text())["checkpoint"]["latest"] or {}
    except (FileNotFoundError, ValueError):
        return False
    pending = latest.get("pending_operations") or []
    return any(one["resource"]["urn"].endswith(f"::{ROLE}") for one in pending)


def _up_in_child(folder: str, tree: str, stack: str, toolchain: Any) -> None:
    import time

    Driver(toolchain.cli, offline(Path(folder), Path(tree), stack, toolchain), time.monotonic).up()


def _started(bench: Any, toolchain: Any) -> multiprocessing.context.SpawnProcess:
    arguments = (str(bench.folder), str(bench.tree), bench.stack, toolchain)
    child = multiprocessing.get_context("spawn").Process(target=_up_in_child, args=arguments)
    child.start()
    assert processes.until(lambda: _hanging(bench), 60)
    return child


def _kill_engine(bench: Any) -> None:
    """The engine first, so that it can't tidy up; then whatever worked for it."""
    mine = [process for process in psutil.process_iter() if _works_for(process, bench)]
    for process in sorted(mine, key=lambda one: not one.name().startswith("pulumi")):
        if process.pid != os.getpid() and process.is_running():
            process.kill()


def _works_for(process: psutil.Process, bench: Any) -> bool:
    """Found by the folder, which nobody else names."""
    try:
        words = " ".join((*process.cmdline(), process.cwd()))
        return str(bench.folder) in words and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _alive_of(bench: Any) -> list[psutil.Process]:
    return [process for process in psutil.process_iter() if _works_for(process, bench)]


def test_sigterm_is_passed_on_and_leaves_no_lock(bench: MakeBench, toolchain: Any) -> None:
    dev = bench()
    dev.suffer(ROLE, "hang")
    child = _started(dev, toolchain)
    child.terminate()
    child.join(60)
    assert processes.until(lambda: _alive_of(dev) == [], 20), _alive_of(dev)
    dev.suffer(ROLE, "")
    assert dev.driver.up().ok
    assert dev.names() == WHOLE


def test_sigkill_leaves_a_lock_that_names_its_holder(bench: MakeBench, toolchain: Any) -> None:
    dev = bench()
    dev.suffer(ROLE, "hang")
    before = datetime.now(UTC)
    child = _started(dev, toolchain)
    child.kill()
    child.join(60)
    _kill_engine(dev)
    for side in dev.folder.rglob("*.attrs"):  # see the test of that below
        if side.stat().st_size == 0:
            side.unlink()
    with pytest.raises(LockedError, match=r"^stack `dev` is locked by \S+ \(pid \d+\) since 20") as locked:
        dev.driver.up()
    assert locked.value.since is not None
    assert before - timedelta(seconds=2) < locked.value.since < datetime.now(UTC)
    assert "pulumi cancel" in locked.value.help
    locks = list((dev.folder / "state" / ".pulumi" / "locks").rglob("*.json"))
    assert len(locks) == 1, "never broken silently"
    json.loads(dev.state_file.read_text())
    dev.suffer(ROLE, "")
    dev.driver.cancel()
    open_ = rf"\d operation\(s\) of stack `dev` never came to an end: .*creating {ROLE}"
    with pytest.raises(EngineError, match=open_):
        dev.driver.up()
    assert "--clear-pending-creates" in _help_of(dev)


def _help_of(bench: Any) -> str:
    with pytest.raises(EngineError) as refused:
        bench.driver.up()
    return refused.value.help


def test_cleared_pending_creates_let_the_next_run_complete(bench: MakeBench) -> None:
    dev = bench()
    assert dev.driver.up().ok
    state = dev.driver.export()
    made = next(one for one in state["deployment"]["resources"] if one["urn"].endswith(f"::{ROLE}-may-0"))
    pending = {
        "resource": {key: made[key] for key in made if key not in ("id", "outputs")},
        "type": "creating",
    }
    file = json.loads(dev.state_file.read_text())
    latest = file["checkpoint"]["latest"]
    latest["resources"] = [one for one in latest["resources"] if one["urn"] != made["urn"]]
    latest["pending_operations"] = [pending]
    dev.state_file.write_text(json.dumps(file))
    dev.edit_cloud(lambda cloud: cloud["resources"].pop(made["id"]))
    assert "pulumi refresh" in _help_of(dev)
    dev.driver._plain(["refresh", "--yes", "--skip-preview", "--clear-pending-creates", "--stack", "dev"])
    assert dev.driver.up().ok
    assert dev.names() == WHOLE


def test_empty_side_file_of_a_killed_run_is_named(bench: MakeBench) -> None:
    dev = bench()
    assert dev.driver.up().ok
    side = dev.state_file.with_name("dev.json.attrs")
    side.write_text("")
    with pytest.raises(
        EngineError, match=r"dev\.json\.attrs beside it is empty, as a killed run leaves it"
    ) as refused:
        dev.driver.export()
    assert refused.value.help.startswith(f"remove {side}, ")
    side.unlink()
    assert dev.driver.preview(expect_no_changes=True).ok


def test_edited_state_is_refused(bench: MakeBench) -> None:
    dev = bench()
    assert dev.driver.up().ok
    state = json.loads(dev.state_file.read_text())
    resources = state["checkpoint"]["latest"]["resources"]
    del resources[1]  # somebody's parent or provider
    dev.state_file.write_text(json.dumps(state))
    with pytest.raises(EngineError, match=r"^the state of stack `dev` cannot be read: it was edited"):
        dev.driver.up()
    assert dev.names() == WHOLE, "the cloud was not touched"


def _namespace() -> list[str]:
    """A mount namespace of one's own: as root, or as an ordinary user where the kernel lets him have one."""
    words = ["unshare", "--mount"] if IS_ROOT else ["unshare", "--user", "--map-root-user", "--mount"]
    mount = [*words, "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    if shutil.which("unshare") is None or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("this machine lets this user mount nothing, so no disk can be made that is full")
    return words


def test_full_disk_loses_nothing(tmp_path: Path, toolchain: Any) -> None:
    words = [*_namespace(), sys.executable, str(Path(__file__).with_name("full_disk.py")), str(tmp_path)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=200)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["made"], told["kept"], told["after"]) == (True, True, "done")
    assert "no space left on device" in told["full"].lower()
    assert told["room"].startswith("the lock of stack `dev` is cut off, as a full disk leaves it")
    assert "pulumi cancel" in told["room"]


def test_thread_that_runs_the_engine_needs_no_signals(bench: MakeBench) -> None:
    dev, runs = bench(), []
    worker = threading.Thread(target=lambda: runs.append(dev.driver.preview()))
    worker.start()
    worker.join(120)
    assert [run.exit_code for run in runs] == [0]
