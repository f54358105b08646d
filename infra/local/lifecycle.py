"""Brings the local servers up, down, and tells how they are; twice is as good as once."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from infra.local import processes
from infra.local.errors import LocalError, PortTakenError
from infra.local.places import Places, places
from infra.local.postgres_server import admin_dsn, ensure_databases, postgres_server
from infra.local.redis_server import redis_server
from infra.local.server import Server, free_port, recorded_port, running, start, stop

_LOCK = 60.0
_ANSWER = 5.0
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Local:
    """The two running servers of one state."""

    state: Path
    redis_port: int
    postgres_port: int
    places: Places

    def admin_dsn(self, database: str = "postgres") -> str:
        """How the administrator reaches a database: private socket, password in a file."""
        return admin_dsn(self.places, self.postgres_port, database)

    @property
    def secrets(self) -> Path:
        """The folder with one password file per role."""
        return self.places.secrets


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """How one server is."""

    name: str
    pid: int | None
    port: int
    is_answering: bool
    folder: Path


def silent(line: str) -> None:
    """Progress for nobody."""


def up(
    state: Path,
    redis_port: int = 0,
    postgres_port: int = 0,
    databases: tuple[str, ...] = (),
    *,
    progress: Callable[[str], None] = silent,
    durable: bool = True,
) -> Local:
    """Both servers answer when this returns; what already runs is kept. Port 0 means the last one, or any free one."""
    where = places(state)
    servers = (redis_server(where, durable=durable), postgres_server(where, durable=durable))
    wanted = zip(servers, (redis_port, postgres_port), strict=True)
    with _alone(where), ThreadPoolExecutor(len(servers)) as pool:
        jobs = [pool.submit(_ensure, server, port, progress) for server, port in wanted]
        try:
            ports = [job.result()[0] for job in jobs]
            ensure_databases(where, ports[1], databases)
        except BaseException:
            _undo(servers, jobs)
            raise
    return Local(where.state, ports[0], ports[1], where)


def _undo(servers: tuple[Server, ...], jobs: list[Future[tuple[int, bool]]]) -> None:
    """Stop what this call has started; what ran before goes on."""
    for server, job in zip(servers, jobs, strict=True):
        if job.exception() is None and job.result()[1]:
            stop(server)


def _ensure(server: Server, port: int, progress: Callable[[str], None]) -> tuple[int, bool]:
    """Port of the server and whether this call started it."""
    process, known = running(server), recorded_port(server)
    if process is None:
        progress(f"{server.name}: starting")
        got = _start_on_some_port(server, port, known)
        progress(f"{server.name}: answers on port {got}")
        return got, True
    if port not in (0, known):
        raise LocalError(
            f"{server.name} already runs on port {known}, not {port}", "`interlock local down` first"
        )
    if not processes.until(lambda: server.answers(process.pid, known), _ANSWER):
        raise LocalError(
            f"{server.name} (pid {process.pid}) runs but does not answer", "`interlock local down` ends it"
        )
    return known, False


def _start_on_some_port(server: Server, port: int, known: int) -> int:
    """Port 0: the last one, then free ones, because another process may be quicker."""
    if port:
        start(server, port)
        return port
    for wanted in (*filter(None, (known,)), *(free_port() for _ in range(_TRIES))):
        try:
            start(server, wanted)
            return wanted
        except PortTakenError:
            continue
    raise LocalError(f"no free port for {server.name} in {_TRIES} tries", "name one")


def down(state: Path) -> list[str]:
    """Nothing of this state runs when this returns; the names of what was stopped."""
    if not _was_up(state):
        return []
    where = places(state)
    servers = (redis_server(where), postgres_server(where))
    with _alone(where), ThreadPoolExecutor(len(servers)) as pool:
        return [server.name for server, was in zip(servers, pool.map(stop, servers), strict=True) if was]


def discard(state: Path) -> list[str]:
    """Stop the servers and remove everything of this state, data included; the names of what was stopped."""
    stopped = down(state)
    if Path(state).is_dir():
        where = places(state)
        for folder in (where.socket, where.hall, where.state):
            shutil.rmtree(folder, ignore_errors=True)
    return stopped


def status(state: Path) -> tuple[ServerStatus, ...]:
    """How each server of this state is, asked in bounded time; makes nothing."""
    if not _was_up(state):
        return ()
    where = places(state)
    return tuple(_status(server) for server in (redis_server(where), postgres_server(where)))


def _was_up(state: Path) -> bool:
    """Whether anything was ever started here; looking for servers elsewhere would make folders."""
    return any((Path(state) / f"{name}.json").exists() for name in ("redis", "postgres"))


def _status(server: Server) -> ServerStatus:
    process, port = running(server), recorded_port(server)
    answers = process is not None and server.answers(process.pid, port)
    return ServerStatus(server.name, process.pid if process else None, port, answers, server.pid_file.parent)


@contextlib.contextmanager
def _alone(where: Places) -> Iterator[None]:
    """Only one `up` or `down` at a time; the kernel frees the lock when its holder dies."""
    handle = os.open(where.state / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + _LOCK
    try:
        while not _locked(handle):
            if time.monotonic() > deadline:
                raise LocalError(
                    f"another `interlock local` is at work in {where.state}", "wait for it, or end it"
                )
            time.sleep(0.05)
        yield
    finally:
        os.close(handle)


def _locked(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
