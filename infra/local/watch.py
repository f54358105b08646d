"""Servers that end with their owner: on the way out, on an exception, and on `kill -9`.

The watcher holds one end of a pipe; when the owner is gone, however it went, the pipe ends and the servers are stopped.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from infra.local import processes
from infra.local.errors import LocalError
from infra.local.lifecycle import Local, silent, up

_GOODBYE = 45.0


@contextlib.contextmanager
def running(
    state: Path,
    redis_port: int = 0,
    postgres_port: int = 0,
    databases: tuple[str, ...] = (),
    *,
    progress: Callable[[str], None] = silent,
    durable: bool = True,
    discard: bool = False,
) -> Iterator[Local]:
    """Both servers for the length of the block; `discard` removes the state with them."""
    watcher = _watch(state, discard=discard)
    try:
        yield up(state, redis_port, postgres_port, databases, progress=progress, durable=durable)
    finally:
        _release(watcher)


def _watch(state: Path, *, discard: bool) -> subprocess.Popen[bytes]:
    argv = [sys.executable, "-P", "-m", "infra.local.watcher", str(Path(state).absolute())]
    argv += ["--discard"] if discard else []
    return subprocess.Popen(
        argv, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, cwd="/", start_new_session=True
    )


def _release(watcher: subprocess.Popen[bytes]) -> None:
    if watcher.stdin is not None:
        watcher.stdin.close()
    failed = watcher.wait(timeout=_GOODBYE) != 0
    processes.reap()
    if failed:
        raise LocalError("the local servers could not be stopped", "see the message above")
