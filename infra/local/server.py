"""One server process: found again, started once, stopped in bounded time.

Never knows which server it is; that is told by `redis_server` and `postgres_server`.
"""

from __future__ import annotations

import json
import os
import shlex
import signal
import socket
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from infra.local import processes
from infra.local.errors import LocalError, PortTakenError
from infra.local.places import Places
from infra.local.processes import Process

_START = 30.0
_STOP = 15.0
_LOG_LIMIT = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Server:
    """What has to be known to run one server."""

    name: str
    places: Places
    argv: tuple[str, ...]
    pid_file: Path
    stop_signal: signal.Signals
    settings: Callable[[int], None]
    answers: Callable[[int, int], bool]

    @property
    def record(self) -> Path:
        """What we last started it as."""
        return self.places.state / f"{self.name}.json"

    @property
    def log(self) -> Path:
        """Everything the server says."""
        return self.places.state / f"{self.name}.log"


def recorded(server: Server) -> dict[str, str | int]:
    """What was last started: pid, start, port; nothing if the record misses or is damaged."""
    try:
        found = json.loads(server.record.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def record(server: Server, entry: dict[str, str | int]) -> None:
    """Write down what this server was started as, whole or not at all."""
    draft = server.record.with_suffix(".new")
    draft.write_text(json.dumps(entry, sort_keys=True) + "\n", encoding="utf-8")
    draft.replace(server.record)


def recorded_port(server: Server) -> int:
    """The port this server last got, 0 if none."""
    port = recorded(server).get("port", 0)
    return port if isinstance(port, int) else 0


def running(server: Server) -> Process | None:
    """The live process of this server: pid from its own file, recognised by its command and start."""
    entry = recorded(server)
    for pid in (_pid_in(server.pid_file), entry.get("pid")):
        found = processes.find(pid) if isinstance(pid, int) and pid > 1 else None
        if found is None or not found.runs(server.argv):
            continue
        if pid != entry.get("pid") or found.started == entry.get("started"):
            return found
    return None


def _pid_in(file: Path) -> int | None:
    try:
        words = file.read_text(errors="replace").split()
    except OSError:
        return None
    return int(words[0]) if words and words[0].isdigit() else None


def start(server: Server, port: int) -> Process:
    """Start the server and wait until it answers; if it does not come up, stop it and say what it said."""
    refuse_taken(server.name, port)
    server.settings(port)
    process = _spawn(server, port)
    try:
        processes.until(lambda: processes.is_gone(process) or server.answers(process.pid, port), _START)
        if not processes.is_gone(process) and server.answers(process.pid, port):
            return process
        if processes.is_gone(process):
            refuse_taken(server.name, port)  # somebody may have been quicker
        raise LocalError(
            f"{server.name} did not come up on port {port}: {last_words(server)}", f"see {server.log}"
        )
    except BaseException:
        stop(server)
        raise


def _spawn(server: Server, port: int) -> Process:
    if server.log.exists() and server.log.stat().st_size > _LOG_LIMIT:
        server.log.unlink()
    record(server, {"port": port})  # before the server: killed right here, it is still found again
    handle = os.open(server.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        child = launch(server.places, server.argv, output=handle)
    finally:
        os.close(handle)
    processes.adopt(child)
    found = processes.find(child.pid)
    if found is None:
        raise LocalError(f"{server.name} ended at once: {last_words(server)}", f"see {server.log}")
    record(server, {"pid": found.pid, "started": found.started, "port": port})
    return found


def launch(places: Places, argv: tuple[str, ...], *, output: int) -> subprocess.Popen[bytes]:
    """Run a server program as the servers' user, in a session of its own, with an empty environment."""
    user = places.user
    try:
        return subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=places.hall,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
            umask=0o077,
            start_new_session=True,
            user=None if user is None else user.uid,
            group=None if user is None else user.gid,
            extra_groups=None if user is None else [],
        )
    except OSError as error:
        raise LocalError(f"cannot run {argv[0]}: {error.strerror}", "see `interlock doctor`") from error


def stop(server: Server) -> bool:
    """End the server in order, by force if it does not listen; whether one was running."""
    process = running(server)
    if process is None:
        return False
    for sign in (server.stop_signal, signal.SIGQUIT, signal.SIGKILL):
        processes.send(process, sign)
        processes.send(process, signal.SIGCONT)  # a stopped process hears nothing else
        if processes.until(lambda: processes.is_gone(process), _STOP if sign is server.stop_signal else 5):
            return True
    raise LocalError(f"{server.name} (pid {process.pid}) does not end", "end it by hand")


def refuse_taken(name: str, port: int) -> None:
    """Refuse a port somebody listens on, and name who."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            return
        except OSError as error:
            reason = error.strerror or "it cannot be bound"
    holder = processes.listener(port)
    if holder is None:
        taken = f"port {port} for {name} is taken" if "use" in reason else f"port {port} for {name}: {reason}"
        raise PortTakenError(taken, "end that process, or choose another port")
    owner = _state_of(holder)
    command = " ".join((os.path.basename(holder.argv[0]), *holder.argv[1:]))[:80] if holder.argv else "?"
    who = f"the {name} of {owner}" if owner else f"`{command}`"
    mend = f"`interlock local down --state {shlex.quote(owner)}`" if owner else "end that process"
    raise PortTakenError(
        f"port {port} for {name} is taken by {who} (pid {holder.pid})", f"{mend}, or choose another port"
    )


def _state_of(holder: Process) -> str:
    """The state folder of another run of ours, which its settings file stands in or names; empty for a stranger."""
    for word in holder.argv:
        hall, found, _ = word.partition("=")[2 if "=" in word else 0].partition("/settings/")
        if found and Path(hall).is_dir():
            named = Path(hall) / "state"
            return named.read_text(encoding="utf-8").strip() if named.is_file() else hall
    return ""


def free_port() -> int:
    """A loopback port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def last_words(server: Server) -> str:
    """The end of the server's log, on one line."""
    try:
        lines = server.log.read_text(errors="replace").splitlines()[-4:]
    except OSError:
        lines = []
    return " / ".join(line.strip() for line in lines) or "it said nothing"
