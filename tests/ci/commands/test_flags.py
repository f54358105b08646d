"""`interlock flags` answers from Git alone, on real commits."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ci.main import main

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "checkout"
    shutil.copytree(ROOT / "config", root / "config", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    shutil.copy(ROOT / ".gitattributes", root)
    git(root, "init", "-q", "-b", "main")
    commit(root, "begin")
    monkeypatch.chdir(root)
    return root


def git(root: Path, *words: str) -> None:
    settings = ["-c", "user.name=Ann", "-c", "user.email=ann@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *settings, *words], cwd=root, check=True, capture_output=True)


def commit(root: Path, subject: str) -> None:
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", subject)


def ask(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any, str]:
    code = main(["flags", "--format", "json", *words])
    out, err = capsys.readouterr()
    return code, json.loads(out) if out else None, err


def test_list_shows_every_flag_of_the_catalogue(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, answer, _ = ask(capsys, "list", "--env", "production")
    assert (code, answer["schema"], answer["summary"]) == (0, "interlock.flags/1", "6 flags")
    rows = {row["flag"]: row for row in answer["tables"][0]["rows"]}
    assert rows["live_trading_enabled"]["needs"] == "emergency_stop_enabled, paper_trading_enabled"


def test_evaluate_gives_value_reason_and_commit(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, answer, _ = ask(capsys, "evaluate", "live_trading_enabled", "--env", "dev", "--account", "A")
    facts = answer["facts"]
    assert (code, facts["value"], facts["reason"]) == (0, False, "CEILING")
    assert len(facts["commit"]) == 40


def test_explain_ends_at_the_deciding_rule(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("explain", "emergency_stop_enabled", "--env", "dev", "--account", "A", "--kill", "global")
    _, answer, _ = ask(capsys, *words)
    (last,) = answer["tables"][0]["rows"]
    assert (last["rule"], last["saw"], last[""]) == ("KILLED", "kills: global", "decided")


def test_blast_radius_names_who_opens(
    checkout: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = checkout / "config" / "environments" / "dev.yaml"
    listed = r"(paper_trading_enabled:.*\n.*\n    accounts: \[ACCT-DEV-1)\]"
    text, count = re.subn(listed, r"\1, ACCT-DEV-2]", file.read_text())
    assert count == 1
    file.write_text(text)
    commit(checkout, "let one more in")
    accounts = tmp_path / "accounts.txt"
    accounts.write_text("ACCT-DEV-2\nACCT-DEV-3\n")
    words = ("blast-radius", "--env", "dev", "--base", "HEAD~1", "--accounts", str(accounts))
    _, answer, _ = ask(capsys, *words)
    assert answer["summary"] == "1 flags change: 1 accounts open, 0 close; nobody lost by percentage"
    assert answer["facts"]["flags"][0]["opened"] == ["ACCT-DEV-2"]
    assert answer["facts"]["accounts_asked"] == 3


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("evaluate", "nope", "--env", "dev"), "`nope` is no flag here"),
        (
            ("evaluate", "power_peg_enabled", "--env", "dev"),
            "`power_peg_enabled` is retired and never comes back",
        ),
        (("evaluate", "--env", "dev"), "evaluate needs a flag"),
        (("list", "--env", "nope"), "HEAD has no environment `nope`"),
        (("list", "--env", "dev", "--ref", "nope"), "`nope` names no commit here"),
        (("blast-radius", "--env", "dev"), "blast-radius compares two commits"),
    ],
)
def test_questions_without_an_answer_are_usage_errors(
    checkout: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], message: str
) -> None:
    code, _, err = ask(capsys, *words)
    assert (code, err.splitlines()[0]) == (2, f"interlock: {message}")


@pytest.mark.parametrize(
    ("content", "message"), [("ok\nZoe\u0308\n", "is no account"), (None, "cannot be read")]
)
def test_odd_account_files_are_usage_errors(
    checkout: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path, content: str | None, message: str
) -> None:
    accounts = tmp_path / "accounts.txt"
    if content is not None:
        accounts.write_text(content)
    words = ("blast-radius", "--env", "dev", "--base", "HEAD", "--accounts", str(accounts))
    code, _, err = ask(capsys, *words)
    assert (code, message in err) == (2, True)


def test_unreadable_commit_says_where(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (checkout / "config" / "flags.yaml").write_text("schema: 1\n")
    commit(checkout, "break")
    code, _, err = ask(capsys, "list", "--env", "dev")
    assert code == 2
    assert err.startswith("interlock: HEAD cannot be read: config/flags.yaml: ")
