"""`interlock kill`: the file before anything else, Redis when it answers, and never a kill nobody obeys."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ci.main import main
from config.models.environment import Redis
from engine.flags.store import FlagStore
from engine.killing.trip_file import write_trip
from engine.stores import redis_client

ROOT = Path(__file__).resolve().parents[3]
CONFIRM = ("--reason", "asked the broker", "--person", "ann", "--confirm-unknown")


class Scene:
    """A checkout whose dev Redis is the test's, and a state folder."""

    def __init__(self, root: Path, state: Path, place: Redis) -> None:
        self.root, self.state = root, state
        self.store = FlagStore(redis_client(place), "dev")
        self.folder = state / "dev" / "engine"

    def pull(self, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, Any], str]:
        code = main(["kill", "--format", "json", "--state", str(self.state), *words])
        out, err = capsys.readouterr()
        return code, json.loads(out)["facts"] if out else {}, err


def git(root: Path, *words: str) -> None:
    settings = ["-c", "user.name=Ann", "-c", "user.email=ann@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *settings, *words], cwd=root, check=True, capture_output=True)


@pytest.fixture
def scene(tmp_path: Path, redis_section: Redis, monkeypatch: pytest.MonkeyPatch) -> Scene:
    root = tmp_path / "checkout"
    shutil.copytree(ROOT / "config", root / "config", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    shutil.copy(ROOT / ".gitattributes", root)
    file = root / "config" / "environments" / "dev.yaml"
    text, count = re.subn(
        r"(?m)^(redis:\n  host: localhost\n  port: )\d+", rf"\g<1>{redis_section.port}", file.read_text()
    )
    assert count == 1
    file.write_text(text)
    git(root, "init", "-q", "-b", "main")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "begin")
    monkeypatch.chdir(root / "config")
    return Scene(root, tmp_path / "state", redis_section)


def test_both_ways_carry_one_epoch(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    code, facts, _ = scene.pull(capsys, "--env", "dev", "--reason", "drill", "--person", "ann")
    assert (code, facts["epoch"], facts["file"], facts["redis"]) == (0, 1, True, True)
    assert scene.store.kills() == {"global": 1}
    said = json.loads((scene.folder / "trip").read_text())
    assert (said["epoch"], said["person"], said["reason"]) == (1, "ann", "drill")
    assert (scene.folder / "trip").stat().st_mode & 0o777 == 0o600


def test_epoch_lies_above_what_either_side_knows(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    scene.store.raise_kill("global", floor=40, by="bob", reason="")
    _, facts, _ = scene.pull(capsys, "--env", "dev")
    assert facts["epoch"] == 42
    assert scene.store.kills() == {"global": 42}


def test_scope_goes_into_both(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    code, facts, _ = scene.pull(capsys, "--env", "dev", "--scope", "account:ACCT-DEV-1")
    assert (code, facts["scope"]) == (0, "account:ACCT-DEV-1")
    assert scene.store.kills() == {"account:ACCT-DEV-1": 1}
    assert [path.name for path in scene.folder.iterdir()] == ["trip@account:ACCT-DEV-1"]


def test_stalled_redis_is_said_and_costs_little(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    server = int(scene.store._client.info("server")["process_id"])
    os.kill(server, signal.SIGSTOP)
    try:
        code, facts, _ = scene.pull(capsys, "--env", "dev")
    finally:
        os.kill(server, signal.SIGCONT)
    assert (code, facts["file"], facts["redis"]) == (0, True, False)
    assert re.fullmatch(r"localhost:\d+: TimeoutError: .*", facts["redis_error"])


def test_full_disk_leaves_redis(
    scene: Scene, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ci.running.stop.write_trip", full)
    code, facts, _ = scene.pull(capsys, "--env", "dev")
    assert (code, facts["file"], facts["redis"], facts["epoch"]) == (0, False, True, 1)
    assert facts["file_error"] == f"{scene.folder}: No space left on device"


def test_nothing_written_is_unreachable(
    scene: Scene, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> int:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("ci.running.stop.write_trip", full)
    server = int(scene.store._client.info("server")["process_id"])
    os.kill(server, signal.SIGSTOP)
    try:
        code, facts, _ = scene.pull(capsys, "--env", "dev")
    finally:
        os.kill(server, signal.SIGCONT)
    assert (code, facts["file"], facts["redis"]) == (5, False, False)


def test_broken_configuration_never_delays_the_file(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    scene.folder.mkdir(parents=True)
    (scene.root / "config" / "environments" / "dev.yaml").write_text("a: [")
    git(scene.root, "commit", "-qam", "break")
    code, facts, _ = scene.pull(capsys, "--env", "dev")
    assert (code, facts["file"], facts["redis"]) == (0, True, False)
    assert facts["redis_error"].startswith("HEAD cannot be read: ")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--env", "prod"), "no engine of `prod` ever ran with this state, and HEAD does not declare it"),
        (("--env", "../dev"), "`../dev` is no environment"),
        (("--env", "dev", "--scope", "everything"), "`everything` is no scope"),
        (("--env", "dev", "--scope", "account:../x"), "`account:../x` is no scope"),
        (
            ("--env", "dev", "--flatten", "--scope", "flag:x"),
            "--flatten closes an account, not `flag:x`",
        ),
        (("--env", "dev", "--flatten", "--wait", "nan"), "--wait nan is no time to wait"),
        (("--env", "dev", "--flatten", "--wait", "0"), "--wait 0.0 is no time to wait"),
        (("--env", "dev", *CONFIRM, "--approver", "bob"), "--confirm-unknown belongs to --flatten"),
        (("--env", "dev", "--flatten", *CONFIRM), "--confirm-unknown needs two people and a reason"),
        (
            ("--env", "dev", "--flatten", *CONFIRM, "--approver", " ANN "),
            "--confirm-unknown needs two people and a reason",
        ),
        (
            ("--env", "dev", "--flatten", *CONFIRM, "--approver", "bob", "--reason", " "),
            "--confirm-unknown needs two people and a reason",
        ),
    ],
)
def test_kill_nobody_would_obey_is_a_usage_error(
    scene: Scene, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], message: str
) -> None:
    code, _, err = scene.pull(capsys, *words)
    assert (code, err.splitlines()[0]) == (2, f"interlock: {message}")
    assert not scene.state.exists()
    assert scene.store.kills() == {}


def test_outside_a_checkout_the_state_is_enough(
    scene: Scene, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.folder.mkdir(parents=True)
    outside = tmp_path / "elsewhere"
    outside.mkdir()
    monkeypatch.chdir(outside)
    code, facts, _ = scene.pull(capsys, "--env", "dev")
    assert (code, facts["file"], facts["redis"]) == (0, True, False)


def refuse_rename(*_: object) -> None:
    raise OSError(28, "No space left on device")


def leave(*_: object) -> None:
    """Nothing to prepare."""


@pytest.mark.parametrize("broken", [leave, refuse_rename])
def test_trip_file_appears_even_when_it_cannot_be_filled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: Callable[..., None]
) -> None:
    from datetime import UTC, datetime

    if broken is refuse_rename:
        monkeypatch.setattr("engine.killing.trip_file.os.replace", refuse_rename)
    (tmp_path / "kill.json").write_text("damaged")
    assert write_trip(tmp_path, "global", person="ann", reason="", at=datetime(2026, 1, 1, tzinfo=UTC)) == 1
    assert (tmp_path / "trip").exists()
