"""A backend that is down or stalled, a state that cannot be used: a sentence, a code, nothing half-applied."""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

import pytest

from ci import main as cli
from infra.local import status
from infra.local.server import free_port
from tests.acceptance.terminal import Terminal, assert_sentence

ENGINE = ("engine", "--env", "dev", "--feed", "generated", "--bars", "5")
BOUND_SECONDS = 20  # start-up of a process included, on a machine that does other things, too


@contextmanager
def stalled(interlock: Terminal, name: str) -> Iterator[None]:
    pid = next(server.pid for server in status(interlock.desk.local.state) if server.name == name)
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "said"), [("redis", "Redis at localhost:"), ("postgres", "Postgres at localhost:")]
)
def test_stalled_backend_is_named_and_nothing_is_written(interlock: Terminal, name: str, said: str) -> None:
    assert interlock.quickly("reconcile", "--env", "dev", "--apply").returncode == 0
    interlock.desk.edit("dev", "max_order_value: 5000.0", "max_order_value: 4000.0")
    interlock.desk.commit("lower")
    rows, head = interlock.desk.rows(), interlock.desk.head()
    with stalled(interlock, name):
        started = monotonic()
        done = interlock("reconcile", "--env", "dev", "--apply")
        assert monotonic() - started < BOUND_SECONDS
        assert interlock.quickly("local", "status", "--env", "dev").returncode == 5
    assert (done.returncode, done.stdout) == (5, "")
    assert done.stderr.startswith(f"interlock: {said}")
    assert "help: look at `interlock local status`" in done.stderr
    assert_sentence(done)
    assert (interlock.desk.rows(), interlock.desk.head()) == (rows, head)
    assert interlock.quickly("reconcile", "--env", "dev", "--apply").returncode == 0


def test_backends_that_are_down_are_named(interlock: Terminal) -> None:
    port = interlock.desk.section.port
    interlock.desk.edit("dev", f"port: {port}", f"port: {free_port()}")
    interlock.desk.commit("another Redis")
    for words in (("reconcile", "--env", "dev"), ("reconcile", "--env", "dev", "--apply")):
        done = interlock.quickly(*words)
        assert (done.returncode, done.stderr.split(":")[1]) == (5, " Redis at localhost")
        assert_sentence(done)


def test_kill_without_redis_still_writes_its_file(interlock: Terminal, tmp_path: Path) -> None:
    port = interlock.desk.section.port
    interlock.desk.edit("dev", f"port: {port}", f"port: {free_port()}")
    interlock.desk.commit("another Redis")
    done = interlock("kill", "--env", "dev", "--state", str(tmp_path / "other state"))
    assert done.returncode == 0
    assert "global is killed under epoch 1: file written; Redis NOT written" in done.stdout
    assert (tmp_path / "other state" / "dev" / "engine" / "trip").exists()


def test_state_that_is_a_file_is_refused_by_every_verb(interlock: Terminal, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.touch()
    engine = interlock(*ENGINE, "--state", str(taken))
    assert engine.returncode == 78
    assert engine.stderr.splitlines()[0] == f"interlock: {taken}/dev/engine cannot be made: Not a directory"
    for verb in (("local", "up", "--env", "dev"), ("reconcile", "--env", "dev", "--apply")):
        done = interlock.quickly(*verb, "--state", str(taken))
        assert done.returncode == 5
        assert_sentence(done)
    assert taken.read_bytes() == b""


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is closed to root")
def test_password_file_of_somebody_else_is_named(interlock: Terminal) -> None:
    assert interlock.quickly("reconcile", "--env", "dev", "--apply").returncode == 0
    file = interlock.desk.local.secrets / "ledger_dev_writer"
    file.chmod(0)
    try:
        done = interlock.quickly("reconcile", "--env", "dev")
    finally:
        file.chmod(0o600)
    assert (done.returncode, done.stderr.splitlines()[0]) == (
        5,
        f"interlock: `{file}` cannot be used: Permission denied",
    )


def test_disk_that_fails_anywhere_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(words: list[str]) -> int:
        raise OSError(errno.ENOSPC, "No space left on device", "/some/state/file")

    monkeypatch.setattr(cli, "_run", full)
    assert cli.main(["check"]) == 5
    assert capsys.readouterr().err == (
        "interlock: `/some/state/file` cannot be used: No space left on device\n"
        "help: check its owner, its mode and the space left\n"
    )


def test_engine_without_a_ledger_role_says_what_makes_it(interlock: Terminal, tmp_path: Path) -> None:
    done = interlock(*ENGINE, "--state", str(tmp_path / "empty"))
    assert done.returncode in (5, 78)
    assert "help: " in done.stderr
    assert_sentence(done)
