"""The owners of guard files are named for paths that exist."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GUARDED = (
    "policies",
    "config/reading",
    "config/models",
    "config/calendar.yaml",
    "config/keyring.yaml",
    "config/records",
)


def lines() -> list[list[str]]:
    text = (ROOT / ".github" / "CODEOWNERS").read_text()
    return [line.split() for line in text.splitlines() if line and not line.startswith("#")]


def test_every_owned_path_exists() -> None:
    missing = [path for path, *_ in lines() if path != "*" and not (ROOT / path.strip("/")).exists()]
    assert missing == []


def test_every_line_names_an_owner() -> None:
    assert [
        line for line in lines() if not all(owner.startswith("@") for owner in line[1:]) or len(line) < 2
    ] == []


def test_guard_files_have_owners_of_their_own() -> None:
    owned = {path.strip("/") for path, *_ in lines()}
    assert {*GUARDED} <= owned
