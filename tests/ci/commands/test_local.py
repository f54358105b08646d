"""`interlock local` and `interlock doctor`: what they answer, and with which exit code."""

from __future__ import annotations

import argparse
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ci.commands import doctor, local
from ci.context import Context
from ci.errors import CLEAN, REFUSED, UNREACHABLE, UnreachableError, UsageError
from ci.git import Repository
from infra.local import down, places
from infra.local.doctor import examine
from infra.local.server import free_port

ROOT = Path(__file__).resolve().parents[3]
AUTHOR = "Test <test@example.com>"


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Context]:
    """A checkout whose dev environment names two free ports, and a state that ends with the test."""
    repository = Repository.create(tmp_path / "checkout", "main")
    folder = tmp_path / "checkout" / "config" / "environments"
    folder.mkdir(parents=True)
    for name in ("dev", "production"):
        text = (ROOT / f"config/environments/{name}.yaml").read_text()
        text = text.replace("port: 16379", f"port: {free_port()}").replace(
            "port: 15432", f"port: {free_port()}"
        )
        (folder / f"{name}.yaml").write_text(text)
    repository.commit_paths(["config"], "Begin", AUTHOR)
    state = tmp_path / "state"
    yield Context(folder, lambda: datetime(2026, 1, 1, tzinfo=UTC), lambda line: None, False, ROOT, state)
    down(state)
    if state.exists():
        shutil.rmtree(places.places(state).hall, ignore_errors=True)


def _local(context: Context, action: str, env: str = "dev") -> tuple[int, str, list[tuple[str, str]]]:
    document = local.run(argparse.Namespace(action=action, env=env, discard=False), context)
    return document.exit_code, document.summary, [(row[0], row[1]) for row in document.tables[0].rows]


def test_up_status_down_tell_how_it_is(context: Context) -> None:
    assert _local(context, "status") == (UNREACHABLE, "0 of 2 answer", [])
    assert _local(context, "down") == (CLEAN, "nothing was running", [])
    answers, silent = (
        [("redis", "answers"), ("postgres", "answers")],
        [("redis", "down"), ("postgres", "down")],
    )
    assert _local(context, "up") == (CLEAN, "both answer", answers)
    assert _local(context, "up") == (CLEAN, "both answer", answers)
    assert _local(context, "status") == (CLEAN, "both answer", answers)
    assert _local(context, "down") == (CLEAN, "stopped: redis, postgres", silent)
    assert _local(context, "status") == (UNREACHABLE, "0 of 2 answer", silent)


def test_discard_removes_data_and_only_with_down(context: Context) -> None:
    _local(context, "up")
    chosen = argparse.Namespace(action="up", env="dev", discard=True)
    with pytest.raises(UsageError, match="--discard goes with `down` only"):
        local.run(chosen, context)
    chosen.action = "down"
    hall = places.places(context.state(ROOT)).hall
    assert local.run(chosen, context).summary == "stopped: redis, postgres"
    assert not context.state(ROOT).exists()
    assert not hall.exists()


def test_taken_port_is_an_unreachable_backend(context: Context, tmp_path: Path) -> None:
    _local(context, "up")
    other = replace(context, state_option=tmp_path / "other")
    where = re.escape(str(context.state_option))
    taken = rf"port \d+ for (redis|postgres) is taken by the (redis|postgres) of {where} \(pid \d+\)"
    with pytest.raises(UnreachableError, match=taken) as refused:
        _local(other, "up")
    assert (
        refused.value.help == f"`interlock local down --state {context.state_option}`, or choose another port"
    )
    shutil.rmtree(places.places(tmp_path / "other").hall, ignore_errors=True)


def test_environment_elsewhere_or_unknown_is_usage(context: Context) -> None:
    with pytest.raises(UsageError, match="environment `production` does not live on this machine"):
        _local(context, "up", "production")
    with pytest.raises(UsageError, match="HEAD has no environment `prod`"):
        _local(context, "up", "prod")


def test_unreadable_environment_is_named_with_its_place(context: Context) -> None:
    file = context.cwd / "dev.yaml"
    file.write_text(file.read_text().replace("port: ", "port: x", 1))
    context.repository().commit_paths(["config"], "Break", AUTHOR)
    with pytest.raises(UsageError, match=r"^config/environments/dev\.yaml:\d+:\d+ "):
        _local(context, "up")


def test_doctor_finds_this_machine_fit(context: Context) -> None:
    document = doctor.run(argparse.Namespace(), context)
    assert (document.exit_code, document.facts["unfit"]) == (CLEAN, [])
    assert not (context.state(ROOT)).exists(), "it changes nothing"
    found = {row[1]: row[0] for row in document.tables[0].rows}
    assert {
        found[name] for name in ("python", "packages", "git", "redis-server", "postgres", "initdb", "disk")
    } == {"ok"}


def test_doctor_refuses_what_does_not_run(
    context: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = tmp_path / "bin"
    fake.mkdir()
    (fake / "git").write_text("#!/bin/sh\necho git version 2.30.1\n")
    (fake / "go").write_text("#!/bin/sh\nexit 1\n")
    for program in fake.iterdir():
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(fake))
    checks = {check.name: check for check in examine(tmp_path / "state")}
    assert (checks["git"].found, checks["git"].is_fit) == ("2.30.1", False)
    assert checks["git"].help == "install git 2.38 or newer (`merge-tree --write-tree`)"
    assert checks["go"].found == "does not run: "
    monkeypatch.setattr("infra.local.doctor.find", lambda: None)
    assert {c.name: c for c in examine(tmp_path / "state")}["pulumi"].found == "none that fits"
    open_state = tmp_path / "open"
    open_state.mkdir(mode=0o777)
    open_state.chmod(0o777)
    state = {check.name: check for check in examine(open_state)}["state folder"]
    assert (state.found, state.is_fit) == (f"{open_state}: open to others", False)
    document = doctor.run(argparse.Namespace(), replace(context, state_option=open_state))
    assert document.exit_code == REFUSED
    assert {"git", "state folder"} <= set(document.facts["unfit"])


def test_user_without_a_name_is_told_by_doctor_and_refused_by_up(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(number: int) -> None:
        raise KeyError(number)

    with monkeypatch.context() as patched:
        patched.setattr("infra.local.places.pwd.getpwuid", unknown)
        why = f"user id {os.geteuid()} has no name on this machine, and PostgreSQL asks for one"
        document = doctor.run(argparse.Namespace(), context)
        (row,) = [row for row in document.tables[0].rows if row[1] == "servers run as"]
        assert (document.exit_code, row[0], row[2]) == (REFUSED, "MISSING", why)
        assert row[4].startswith("run as a user of /etc/passwd")
        with pytest.raises(UnreachableError, match=f"^{why}$"):
            _local(context, "up")
