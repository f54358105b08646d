"""The workflows of this repository: pinned, without standing keys, and every command in them is one that exists."""

from __future__ import annotations

import argparse
import importlib
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from ci.commands.registry import VERBS
from config.desired import DesiredState
from config.findings import Refused
from config.reading import load
from config.tree import FolderTree

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / ".github" / "workflows"
FILES = sorted(FOLDER.glob("*.yml"))
PINNED = re.compile(r"uses: [a-z0-9-]+/[a-z0-9-]+@[0-9a-f]{40}  # v\d+\.\d+\.\d+$")
AN_EXPRESSION = "${{"


def _read(file: Path) -> dict[str, Any]:
    found: dict[Any, Any] = yaml.safe_load(file.read_text())
    return {
        "on" if key is True else key: value for key, value in found.items()
    }  # YAML 1.1 reads `on` as a truth


def _jobs(file: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from _read(file)["jobs"].items()


def _commands(file: Path) -> Iterator[str]:
    for _, job in _jobs(file):
        for step in job.get("steps", ()):
            yield from re.sub(r"\\\n\s*", "", step.get("run", "")).splitlines()


def test_workflows_are_the_known_four() -> None:
    assert [file.stem for file in FILES] == ["deploy", "drift", "pull-request", "reconcile"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_foreign_action_is_pinned_by_commit(file: Path) -> None:
    uses = [line.strip().removeprefix("- ") for line in file.read_text().splitlines() if "uses: " in line]
    assert [line for line in uses if not PINNED.fullmatch(line) and "uses: ./.github/" not in line] == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_nothing_is_granted_by_default(file: Path) -> None:
    workflow = _read(file)
    assert workflow["permissions"] in ({}, {"contents": "read"})
    wide = [
        (name, scope)
        for name, job in _jobs(file)
        for scope, level in job.get("permissions", {}).items()
        if level == "write" and scope != "id-token"
    ]
    writers = [("judge", "security-events"), ("comment", "pull-requests")]
    assert wide == (writers if file.stem == "pull-request" else [])
    assert "secrets." not in file.read_text(), "roles come by OIDC, no key is stored"
    assert not {"pull_request_target", "workflow_run"} & set(workflow["on"])


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_no_expression_is_pasted_into_a_shell(file: Path) -> None:
    assert [line for line in _commands(file) if AN_EXPRESSION in line] == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_piped_steps_fail_with_their_command(file: Path) -> None:
    piped = [step for _, job in _jobs(file) for step in job.get("steps", ()) if "|" in step.get("run", "")]
    assert [step["name"] for step in piped if step.get("shell") != "bash"] == [], (
        "only that shell has pipefail"
    )


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_job_ends_in_bounded_time(file: Path) -> None:
    assert [name for name, job in _jobs(file) if "uses" not in job and "timeout-minutes" not in job] == []


def test_running_reconcile_is_never_cancelled() -> None:
    job = _read(FOLDER / "reconcile.yml")["jobs"]["reconcile"]
    assert job["concurrency"] == {
        "group": "reconcile-${{ inputs.environment }}",
        "cancel-in-progress": False,
    }


def test_deploy_needs_no_input_a_push_does_not_have() -> None:
    deploy = _read(FOLDER / "deploy.yml")
    assert deploy["on"] == {"push": {"branches": ["main"]}}
    assert "inputs." not in (FOLDER / "deploy.yml").read_text()
    assert [job["with"]["apply"] for job in deploy["jobs"].values()] == [True, True]
    assert deploy["jobs"]["production"]["needs"] == "staging"


def test_drift_shows_and_never_applies() -> None:
    (job,) = _read(FOLDER / "drift.yml")["jobs"].values()
    assert (job["with"]["apply"], job["with"]["role"]) == (False, "ci-preview")
    assert job["with"]["gate"] == "${{ matrix.environment }}-preview"


@pytest.fixture(scope="module")
def desired() -> DesiredState:
    found = load(FolderTree(ROOT))
    assert not isinstance(found, Refused), found
    return found


def test_environments_and_branch_are_those_of_the_house(desired: DesiredState) -> None:
    preview = _read(FOLDER / "pull-request.yml")["jobs"]["preview"]["strategy"]["matrix"]["environment"]
    assert sorted(preview) == sorted(desired.environments)
    remote = sorted(n for n, e in desired.environments.items() if e.service.compute != "local")
    assert sorted(_read(FOLDER / "deploy.yml")["jobs"]) == remote
    assert sorted(_read(FOLDER / "drift.yml")["jobs"]["drift"]["strategy"]["matrix"]["environment"]) == remote
    assert _read(FOLDER / "deploy.yml")["on"]["push"]["branches"] == [
        desired.catalogue.keyring.protected_branch
    ]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_interlock_command_is_one_that_parses(file: Path) -> None:
    for line in _commands(file):
        if "/interlock " not in line:
            continue
        command = line.partition("|")[0].replace('${APPLY:+"$APPLY"}', "--apply")
        verb, *rest = shlex.split(command)[1:]
        module = importlib.import_module(VERBS[verb][0])
        parser = argparse.ArgumentParser(exit_on_error=False)
        formats = getattr(module, "FORMATS", ("text", "json"))
        parser.add_argument("--format", choices=formats)
        module.arguments(parser)
        parser.parse_args(rest)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_make_target_and_script_exists(file: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for line in _commands(file):
        words = shlex.split(line)
        if words[:1] == ["make"]:
            assert set(words[1:]) <= targets, line
        if words[:1] == [".ci/run"]:
            assert (ROOT / ".ci" / "run").stat().st_mode & 0o100


def test_a_pull_request_previews_against_base_without_a_credential() -> None:
    job = _read(FOLDER / "pull-request.yml")["jobs"]["preview"]
    (line,) = [one for one in _commands(FOLDER / "pull-request.yml") if " preview " in one]
    for words in ("--offline", '--base "$BASE"', "--format markdown", '| tee -a "$GITHUB_STEP_SUMMARY"'):
        assert words in line
    assert job["env"]["BASE"] == "${{ github.event.pull_request.base.sha }}"
    assert "secrets." not in (FOLDER / "pull-request.yml").read_text()
    assert "id-token" not in (FOLDER / "pull-request.yml").read_text()


def _steps(job: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = _read(FOLDER / "pull-request.yml")["jobs"][job]["steps"]
    return found


def test_the_deciding_job_builds_its_tool_from_base_and_only_reads_the_change() -> None:
    steps = _steps("judge")
    checkouts = [step["with"] for step in steps if step.get("uses", "").startswith("actions/checkout@")]
    assert [(one["ref"], one.get("path")) for one in checkouts] == [
        ("${{ github.event.pull_request.base.sha }}", None),
        ("${{ github.event.pull_request.head.sha }}", "change"),
    ]
    assert [one["persist-credentials"] for one in checkouts] == [False, False]
    inside = [step["run"] for step in steps if step.get("working-directory") == "change"]
    assert len(inside) == 3
    for command in inside:
        assert command.startswith('../.venv/bin/interlock check "$HEAD" --base "$BASE" --format ')
    outside = [step["run"] for step in steps if "run" in step and "working-directory" not in step]
    assert [command.split()[0] for command in outside] == ["make", "gh"], "nothing else runs"


def test_the_token_is_seen_by_the_two_writing_steps_alone() -> None:
    text = (FOLDER / "pull-request.yml").read_text()
    assert text.count("github.token") == 2
    (publishing,) = [step for step in _steps("judge") if "GH_TOKEN" in step.get("env", {})]
    assert publishing["run"].startswith("gh api --method POST")
    assert "head.repo.full_name == github.repository" in publishing["if"]


def test_the_commenting_job_runs_bases_code_on_the_previews_alone() -> None:
    job = _read(FOLDER / "pull-request.yml")["jobs"]["comment"]
    assert "head.repo.full_name == github.repository" in job["if"]
    checkout, previews, writing = job["steps"]
    assert checkout["with"] == {
        "ref": "${{ github.event.pull_request.base.sha }}",
        "sparse-checkout": "ci",
        "persist-credentials": False,
    }
    assert previews["with"] == {"pattern": "preview-*", "path": "previews", "merge-multiple": True}
    words = {line.split()[0] for line in writing["run"].replace("\\\n", " ").splitlines()}
    assert words == {"gh", "python3", "if"}
    assert "python3 -m ci.comment " in writing["run"]
    upload = _steps("preview")[-1]
    assert upload["with"]["name"] == "preview-${{ matrix.environment }}"


def test_code_of_the_change_runs_without_write_permissions() -> None:
    jobs = _read(FOLDER / "pull-request.yml")["jobs"]
    assert [name for name, job in jobs.items() if "permissions" in job] == ["judge", "comment"]
    assert [line for step in _steps("second") for line in step.get("run", "").splitlines()] == [
        "make setup",
        '.venv/bin/interlock check "$HEAD"',
        '.venv/bin/interlock check "$HEAD" --base "$BASE"',
    ]


def test_a_linter_of_workflows_finds_nothing() -> None:
    zizmor = Path(sys.executable).with_name("zizmor")
    done = subprocess.run(
        [zizmor, "--offline", "--no-progress", "--min-severity", "medium", FOLDER],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_the_linter_is_one_that_refuses(tmp_path: Path) -> None:
    """An unpinned action and an expression in a shell, in a copy of our own file."""
    text = (FOLDER / "pull-request.yml").read_text()
    bad = text.replace("run: make setup\n", 'run: echo "${{ github.event.pull_request.title }}"\n', 1)
    (tmp_path / "bad.yml").write_text(bad)
    zizmor = Path(sys.executable).with_name("zizmor")
    done = subprocess.run(
        [zizmor, "--offline", "--no-progress", "--min-severity", "medium", tmp_path / "bad.yml"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "template-injection" in done.stdout
