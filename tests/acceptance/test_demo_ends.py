"""A story that is stopped in the middle takes everything it started with it: engine, servers, compiler, folder."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import psutil
import pytest

from infra.local import status
from tests.acceptance.terminal import INTERLOCK


def below(process: subprocess.Popen[str]) -> list[psutil.Process]:
    return psutil.Process(process.pid).children(recursive=True)


def servers(parts: Path) -> list[int]:
    """Pids of the story's servers, once both are there; they are no children of the story."""
    states = list(parts.glob("interlock-demo-*/state"))
    pids = [server.pid for server in status(states[0]) if server.pid] if states else []
    return pids if len(pids) == 2 else []


def is_alive(pid: int) -> bool:
    """Whether it runs; one that ended and was not collected yet does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.slow
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_stopped_story_leaves_no_process(tmp_path: Path, sign: signal.Signals) -> None:
    """The servers are up when it happens; the temporary folder of the story is gone afterwards, too."""
    words = [INTERLOCK, "demo", "--feed", "generator"]
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as story:
        deadline = time.monotonic() + 60
        while not (pids := servers(tmp_path)) and time.monotonic() < deadline:
            time.sleep(0.05)
        started = [process.pid for process in below(story)]
        story.send_signal(sign)
        out, err = story.communicate(timeout=60)
    assert pids, out
    assert (story.returncode, err) == (130, "interlock: interrupted\n"), out
    assert [pid for pid in pids + started if is_alive(pid)] == []
    assert list(tmp_path.glob("interlock-demo-*")) == []
