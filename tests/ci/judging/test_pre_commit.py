"""The hook with the real pre-commit, from another repository: it judges the index, and stops the commit."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
BIN = Path(sys.executable).parent
DEV = "config/environments/dev.yaml"
LIVE = ("  live_trading_enabled:\n    enabled: false", "  live_trading_enabled:\n    enabled: true")


@pytest.fixture
def hooked(workshop: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A repository that uses our hook; `language: system` so that no package is fetched, all else as published."""
    monkeypatch.setenv("PATH", f"{BIN}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "cache"))
    for name in ("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"):
        monkeypatch.setenv(name, "Ann")
    for name in ("GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"):
        monkeypatch.setenv(name, "ann@example.com")
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert hook["id"] == "interlock-check"
    settings = {"repos": [{"repo": "local", "hooks": [hook | {"language": "system"}]}]}
    (workshop.root / ".pre-commit-config.yaml").write_text(yaml.safe_dump(settings))
    workshop.git("add", ".pre-commit-config.yaml")
    subprocess.run([BIN / "pre-commit", "install"], cwd=workshop.root, check=True, capture_output=True)
    return workshop


def commit(workshop: Any) -> subprocess.CompletedProcess[str]:
    words = ["git", "commit", "-q", "-m", "a change"]
    return subprocess.run(words, cwd=workshop.root, check=False, capture_output=True, text=True)


def test_staged_bad_and_worktree_good_is_stopped(hooked: Any) -> None:
    hooked.edit(DEV, *LIVE)
    hooked.git("add", DEV)
    hooked.edit(DEV, *reversed(LIVE))
    done = commit(hooked)
    assert done.returncode == 1
    assert "error[VEN001]" in done.stdout + done.stderr
    assert hooked.git("rev-list", "--count", "HEAD") == "1"


def test_staged_good_and_worktree_bad_passes(hooked: Any) -> None:
    hooked.edit(DEV, "phase: 1\n", "phase: 1  # the first\n")
    hooked.git("add", DEV)
    hooked.edit(DEV, *LIVE)
    done = commit(hooked)
    assert done.returncode == 0, done.stdout + done.stderr
    assert hooked.git("rev-list", "--count", "HEAD") == "2"
    assert "enabled: true" in hooked.text(DEV).split("live_trading_enabled:")[1][:30]
