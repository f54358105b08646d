"""Dead runs, taken ports, stalled servers, killed owners: each recognised, none taken for something else."""

from __future__ import annotations

import multiprocessing
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections import namedtuple
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from infra.local import LocalError, down, lifecycle, places, postgres_server, processes, running, status, up
from infra.local.server import free_port

IS_ROOT = os.geteuid() == 0


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    """A state whose servers are gone after the test, whatever it did."""
    yield tmp_path / "s"
    _discard(tmp_path / "s")


def _discard(state: Path) -> None:
    down(state)
    where = places.places(state)
    for folder in (where.socket, where.hall):
        shutil.rmtree(folder, ignore_errors=True)


def _pids(state: Path) -> list[int]:
    return [server.pid for server in status(state) if server.pid]


def _kill(state: Path, sign: signal.Signals) -> None:
    for pid in _pids(state):
        os.kill(pid, sign)


def test_killed_servers_come_back_with_their_data(state: Path) -> None:
    first = up(state, databases=("kept",))
    with psycopg.connect(first.admin_dsn("kept")) as admin:
        admin.execute("CREATE TABLE kept AS SELECT 7 AS n")
    _kill(state, signal.SIGKILL)
    assert processes.until(lambda: _pids(state) == [], 10)
    assert list(first.places.socket.iterdir()), "the dead run left its socket and lock"
    second = up(state)
    with psycopg.connect(second.admin_dsn("kept")) as admin:
        assert admin.execute("SELECT n FROM kept").fetchone() == (7,)


def test_process_that_took_the_pid_over_is_left_alone(state: Path) -> None:
    up(state, durable=False)
    pid_files = [state_of.folder for state_of in status(state)]
    down(state)
    with subprocess.Popen(["sleep", "60"]) as stranger:
        for folder, name in zip(pid_files, ("redis.pid", "postmaster.pid"), strict=True):
            (folder / name).write_text(f"{stranger.pid}\n{folder}\n0\n0\n\n\n\n\n")
        assert _pids(state) == []
        assert down(state) == []
        up(state, durable=False)
        assert len(_pids(state)) == 2
        assert stranger.pid not in _pids(state)
        assert stranger.poll() is None
        stranger.kill()


def test_same_command_started_at_another_time_is_not_ours(state: Path) -> None:
    up(state, durable=False)
    redis = status(state)[0]
    record = state / "redis.json"
    text = record.read_text()
    record.write_text(re.sub(r'"started": "[^"]*"', '"started": "other"', text))
    assert status(state)[0].pid is None
    record.write_text(text)
    assert status(state)[0].pid == redis.pid


def test_taken_port_names_its_holder(state: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        with pytest.raises(LocalError) as refused:
            up(state, redis_port=port, durable=False)
        assert refused.value.message.startswith(f"port {port} for redis is taken by `")
        assert refused.value.message.endswith(f"(pid {os.getpid()})")
        assert refused.value.help == "end that process, or choose another port"
        assert _pids(state) == [], "the other server was stopped again"
    assert up(state, redis_port=port, durable=False).redis_port == port


def test_any_free_port_means_another_try(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    free = free_port
    with socket.create_server(("127.0.0.1", 0)) as quicker:
        taken = [quicker.getsockname()[1], quicker.getsockname()[1]]
        monkeypatch.setattr(lifecycle, "free_port", lambda: taken.pop() if taken else free())
        local = up(state, durable=False)
        assert quicker.getsockname()[1] not in (local.redis_port, local.postgres_port)


@pytest.mark.slow
def test_stalled_servers_are_told_and_ended(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifecycle, "_ANSWER", 0.2)
    up(state, durable=False)
    pids = _pids(state)
    _kill(state, signal.SIGSTOP)
    assert [(server.pid, server.is_answering) for server in status(state)] == [
        (pids[0], False),
        (pids[1], False),
    ]
    with pytest.raises(LocalError, match=rf"\(pid ({pids[0]}|{pids[1]})\) runs but does not answer"):
        up(state)
    assert down(state) == ["redis", "postgres"]


OWNER = """
import sys, time
from pathlib import Path
from infra.local import running
with running(Path(sys.argv[1]), durable=False, discard=True) as servers:
    print(*(server for server in (servers.redis_port, servers.postgres_port)), flush=True)
    time.sleep(600)
"""


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_servers_end_with_their_owner(tmp_path: Path, sign: signal.Signals) -> None:
    state = tmp_path / "s"
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, state], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as owner:
        assert owner.stdout is not None
        try:
            assert owner.stdout.readline().strip(), "the servers came up"
            alive = [processes.find(pid) for pid in _pids(state)]
            assert len(alive) == 2
            owner.send_signal(sign)
            owner.wait(30)
        finally:
            owner.kill()
    assert processes.until(lambda: all(process and processes.is_gone(process) for process in alive), 20)
    assert processes.until(lambda: not state.exists(), 20)


UP = (  # nothing comes after `up` that a signal could interrupt: exit code 0 says that it was through
    "import os, sys; from pathlib import Path; from infra.local import up;"
    "up(Path(sys.argv[1]), durable=False); os._exit(0)"
)


@pytest.mark.slow
def test_killed_at_any_moment_of_up_recovers(state: Path) -> None:
    for tenths in range(1, 14, 2):
        with subprocess.Popen([sys.executable, "-c", UP, state], stderr=subprocess.DEVNULL) as child:
            try:
                child.wait(tenths / 10)
            except subprocess.TimeoutExpired:
                child.kill()
        up(state, durable=False)
        assert len(_pids(state)) == 2
        down(state)
        if tenths % 4 == 1:  # the next one begins with initdb again
            shutil.rmtree(status(state)[1].folder)


@pytest.mark.parametrize("tenths", [3, 5, 7])
def test_interrupted_up_leaves_nothing_running(state: Path, tenths: int) -> None:
    with subprocess.Popen([sys.executable, "-c", UP, state], stderr=subprocess.DEVNULL) as child:
        try:
            child.wait(tenths / 10)
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGINT)
        code = child.wait(60)
    wanted = 2 if code == 0 else 0
    assert processes.until(lambda: len(_pids(state)) == wanted, 10), _pids(state)


def test_two_ups_at_once_agree(state: Path) -> None:
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        ports = [job.result() for job in [pool.submit(_ports_of_up, state) for _ in range(2)]]
        assert ports[0] == ports[1]
        down(state)


def _ports_of_up(state: Path) -> tuple[int, int]:
    local = up(state, durable=False)
    return local.redis_port, local.postgres_port


def test_full_disk_is_said_before_anything_is_made(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda place: usage(1, 1, 1000))
    with pytest.raises(LocalError, match="disk full: less than 256 MiB free at ") as refused:
        up(state)
    assert refused.value.help == "free disk space"
    assert _pids(state) == []


@pytest.mark.skipif(not IS_ROOT, reason="only root may mount")
def test_disk_that_fills_during_initdb_leaves_nothing_half(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = Path(tempfile.mkdtemp(prefix="il-small-"))
    small.chmod(0o711)
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=20m,mode=755", "tmpfs", small], check=False
    ).returncode:
        pytest.skip("this machine does not let root mount")
    try:
        monkeypatch.setattr(postgres_server, "_ROOM", 0)
        ready = places.programs()[0].parents[2]
        monkeypatch.setattr(places, "_SERVERS_HOME", small / "home")
        monkeypatch.setattr(places, "_copied", lambda packages, target: ready)
        with pytest.raises(LocalError, match=r"disk full: initdb failed: .*No space left on device"):
            up(tmp_path / "s")
        assert list(small.glob("home/*/postgres/data")) == []
        assert _pids(tmp_path / "s") == []
        _discard(tmp_path / "s")
    finally:
        monkeypatch.undo()
        subprocess.run(["umount", small], check=True)
        small.rmdir()


def test_lost_administrator_password_is_explained(state: Path) -> None:
    up(state, durable=False)
    down(state)
    for name in ("interlock_admin", "admin.pgpass"):
        (state / "secrets" / name).unlink()
    with pytest.raises(
        LocalError, match=r"PostgreSQL refuses the administrator's password in .*/secrets/interlock_admin"
    ):
        up(state, durable=False)


def test_removed_state_begins_anew(state: Path) -> None:
    up(state, durable=False)
    down(state)
    shutil.rmtree(state)
    up(state, durable=False)
    assert len(_pids(state)) == 2


@pytest.mark.skipif(not IS_ROOT, reason="only root keeps the servers' folders apart from the state")
def test_folders_of_removed_throwaway_states_are_swept(tmp_path: Path, state: Path) -> None:
    throwaway, kept = tmp_path / "gone", tmp_path / "still-there"
    halls = [places.places(one).hall for one in (throwaway, kept)]
    shutil.rmtree(throwaway)
    places.places(state)
    assert [hall.exists() for hall in halls] == [False, True]
    shutil.rmtree(halls[1])


def test_state_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "s").write_text("")
    with pytest.raises(LocalError, match="s is not a folder"):
        up(tmp_path / "s")


def test_made_folders_are_private(state: Path) -> None:
    up(state, durable=False)
    where = places.places(state)
    modes = {
        folder.name: oct(folder.stat().st_mode & 0o777) for folder in (state, where.secrets, where.socket)
    }
    assert modes == {"s": "0o700", "secrets": "0o700", "socket": "0o700"}
    assert oct((where.hall / "postgres").stat().st_mode & 0o777) == "0o700"
    assert {oct(file.stat().st_mode & 0o777) for file in where.secrets.iterdir()} == {"0o600"}
    owner = "nobody" if IS_ROOT else pwd.getpwuid(os.getuid()).pw_name
    assert (where.hall / "postgres").owner() == owner


def _as_ordinary_user(state: Path, programs: Path) -> None:
    user = pwd.getpwnam("daemon")
    os.setgroups([])
    os.setresgid(user.pw_gid, user.pw_gid, user.pw_gid)
    os.setresuid(user.pw_uid, user.pw_uid, user.pw_uid)
    places._programs = lambda _: (
        programs / places._WHEELS[0] / "redis-server",
        programs / places._WHEELS[1] / "bin",
    )  # type: ignore[assignment]
    for _ in range(2):
        local = up(state, databases=("mine",), durable=False)
        with psycopg.connect(local.admin_dsn("mine")) as admin:
            assert admin.execute("SELECT current_user::text").fetchone() == ("interlock_admin",)
        assert all(server.is_answering for server in status(state))
        assert [Path(f"/proc/{pid}").stat().st_uid for pid in _pids(state)] == [user.pw_uid] * 2
        assert down(state) == ["redis", "postgres"]
    os._exit(0)


@pytest.mark.skipif(not IS_ROOT, reason="all other tests of this file run as an ordinary user then")
def test_cycle_as_ordinary_user_too(state: Path) -> None:
    packages = places.programs()[0].parents[2]
    up(
        state, durable=False
    )  # loads what is loaded late: the user may not be able to read this interpreter's library
    down(state)
    home = Path("/tmp") / f"il-user-{os.getpid()}"
    home.mkdir(mode=0o700)
    user = pwd.getpwnam("daemon")
    os.chown(home, user.pw_uid, user.pw_gid)
    try:
        child = multiprocessing.get_context("fork").Process(
            target=_as_ordinary_user, args=(home / "s", packages)
        )
        child.start()
        child.join(60)
        assert child.exitcode == 0
    finally:
        shutil.rmtree(home)


def test_parallel_states_do_not_meet(tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(_cycle, [tmp_path / "a", tmp_path / "b"]))


def _cycle(state: Path) -> None:
    with running(state, durable=False, discard=True) as local:
        assert {server.port for server in status(state)} == {local.redis_port, local.postgres_port}
    assert not state.exists()
