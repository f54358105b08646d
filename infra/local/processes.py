"""Knows a process by pid, start and command together, so that a reused pid is never taken for ours.

Never signals a process it has not just recognised.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

_PROC = Path("/proc")
_POLL = 0.01
_children: dict[int, subprocess.Popen[bytes]] = {}


@dataclass(frozen=True, slots=True)
class Process:
    """A live process: the pair of pid and start never comes twice; just started, it may not show its command yet."""

    pid: int
    started: str
    argv: tuple[str, ...] = field(compare=False)

    def runs(self, argv: tuple[str, ...]) -> bool:
        """Whether the command is `argv`; the folder of the program may differ, its arguments may not."""
        if len(self.argv) == 1 < len(argv):  # `ps` joins the words with blanks
            return self.argv[0].endswith(" ".join((os.path.basename(argv[0]), *argv[1:])))
        return tuple(map(os.path.basename, self.argv[:1])) + self.argv[1:] == (
            os.path.basename(argv[0]),
            *argv[1:],
        )


def adopt(child: subprocess.Popen[bytes]) -> None:
    """Remember a child of this very process, so that its end is noticed and its entry is cleared."""
    _children[child.pid] = child


def reap() -> None:
    """Clear the entries of children that have ended."""
    for pid, child in list(_children.items()):
        if child.poll() is not None:
            _children.pop(pid, None)  # another thread may have been here


def find(pid: int) -> Process | None:
    """The live process of that pid, or None; a finished one that nobody has waited for counts as gone."""
    reap()
    return _from_proc(pid) if sys.platform.startswith("linux") else _from_ps(pid)


def _from_proc(pid: int) -> Process | None:
    try:
        fields = (_PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()
        argv = (_PROC / str(pid) / "cmdline").read_bytes().decode(errors="replace").split("\0")[:-1]
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return None
    return None if fields[0] in "ZX" else Process(pid, f"{boot}/{fields[19]}", tuple(argv))


def _from_ps(pid: int) -> Process | None:
    command = ["ps", "-ww", "-o", "stat=,lstart=,args=", "-p", str(pid)]
    shown = subprocess.run(
        command, capture_output=True, text=True, timeout=5, check=False, env={"LC_ALL": "C"}
    )
    words = shown.stdout.strip().split(None, 6)
    if len(words) < 7 or words[0].startswith("Z"):
        return None
    return Process(pid, " ".join(words[1:6]), (words[6],))


def send(process: Process, sign: signal.Signals) -> bool:
    """Signal exactly this process; False when it is gone. A process that took its pid over is left alone."""
    if not hasattr(os, "pidfd_open"):
        return find(process.pid) == process and _kill(process.pid, sign)
    try:
        handle = os.pidfd_open(process.pid)
    except ProcessLookupError:
        return False
    try:
        if find(process.pid) != process:
            return False
        signal.pidfd_send_signal(handle, sign)
        return True
    except ProcessLookupError:
        return False
    finally:
        os.close(handle)


def _kill(pid: int, sign: signal.Signals) -> bool:
    try:
        os.kill(pid, sign)
    except ProcessLookupError:
        return False
    return True


def until(condition: Callable[[], bool], seconds: float) -> bool:
    """Poll `condition` for at most that long; whether it came true."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= deadline:
            return False
        time.sleep(_POLL)
    return True


def is_gone(process: Process) -> bool:
    """Whether that very process has ended."""
    return find(process.pid) != process


def workers(folder: Path) -> list[int]:
    """Processes whose current folder is this one or below it, as far as this user may see."""
    found = []
    for entry in _PROC.glob("[0-9]*/cwd"):
        try:
            place = Path(os.readlink(entry))
        except OSError:
            continue
        if (place == folder or folder in place.parents) and find(int(entry.parent.name)):
            found.append(int(entry.parent.name))
    return found


def listener(port: int) -> Process | None:
    """Who listens on that loopback port, as far as this user may see."""
    inodes = _listening_inodes(port)
    for entry in _PROC.iterdir() if inodes else ():
        if entry.name.isdigit() and inodes & _socket_inodes(entry):
            return find(int(entry.name))
    return None


def _listening_inodes(port: int) -> set[str]:
    found: set[str] = set()
    for table in ("tcp", "tcp6"):
        try:
            rows = (_PROC / "net" / table).read_text().splitlines()[1:]
        except OSError:
            continue
        fields = [row.split() for row in rows]
        found |= {f[9] for f in fields if f[3] == "0A" and int(f[1].rpartition(":")[2], 16) == port}
    return found


def _socket_inodes(process: Path) -> set[str]:
    found: set[str] = set()
    try:
        for handle in (process / "fd").iterdir():
            target = os.readlink(handle)
            if target.startswith("socket:["):
                found.add(target[8:-1])
    except OSError:
        pass
    return found
