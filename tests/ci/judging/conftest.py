"""A throwaway repository that holds this tree's desired state, and the real command line."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ci.git import Repository
from ci.main import main

ROOT = Path(__file__).resolve().parents[3]
ANN = "Ann <ann@example.com>"


QA = (
    ("environment: staging", "environment: qa"),
    ("ACCT-STG", "ACCT-QA"),
    ("https://staging.", "https://qa."),
    ("staging-db.", "qa-db."),
    ("staging-cache.", "qa-cache."),
    ("traider_staging", "traider_qa"),
    ("paper_trading_staging", "paper_trading_qa"),
    ("live_trading_staging", "live_trading_qa"),
    ("interlock/staging/", "interlock/qa/"),
    ("222222222222", "444444444444"),
    ("10.20.", "10.40."),
)
"""What makes a copy of staging an environment of its own."""


class Workshop:
    """One repository with a clean base on `main`."""

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self.root = repository.root

    def git(self, *words: str) -> str:
        done = subprocess.run(["git", *words], cwd=self.root, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def edit(self, file: str, old: str, new: str) -> None:
        path = self.root / file
        text = path.read_text()
        assert old in text, f"{file} does not hold {old!r}"
        path.write_text(text.replace(old, new, 1))

    def commit(self, message: str = "a change") -> str:
        self.git("add", "-A")
        self.git(
            "-c",
            "user.name=Ann",
            "-c",
            "user.email=ann@example.com",
            "commit",
            "-q",
            "--no-verify",
            "-m",
            message,
        )
        return self.git("rev-parse", "HEAD")

    def add_qa(self, tier: str = "staging") -> None:
        """A new environment `qa` of a tier: staging's file with names of its own."""
        text = self.text("config/environments/staging.yaml")
        for old, new in QA:
            assert old in text, old
            text = text.replace(old, new)
        file = self.root / "config/environments/qa.yaml"
        file.write_text(text.replace("tier: staging", f"tier: {tier}"))

    def branch(self, name: str) -> None:
        self.git("checkout", "-q", "-b", name)

    def text(self, file: str) -> str:
        return (self.root / file).read_text()


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    made = Workshop(Repository.create(tmp_path / "repo", "main"))
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", "config/*.yaml", "config/schema", ".gitattributes"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    for file in filter(None, listed.stdout.split("\0")):
        target = made.root / file
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / file, target)
    made.commit("base")
    return made


@pytest.fixture
def interlock(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str]]:
    """Run the command inside the workshop; the exit code and what it wrote (both streams)."""
    monkeypatch.chdir(workshop.root)

    def run(*words: str) -> tuple[int, str]:
        try:
            code = main(list(words))
        except SystemExit as stopped:
            code = int(stopped.code or 0)
        written = capsys.readouterr()
        return code, written.out + written.err

    return run


@pytest.fixture
def answer(interlock: Callable[..., tuple[int, str]]) -> Callable[..., dict[str, Any]]:
    """The JSON answer of `interlock check`."""

    def run(*words: str) -> dict[str, Any]:
        _, text = interlock("check", "--format", "json", *words)
        found: dict[str, Any] = json.loads(text)
        return found

    return run
