"""The owners of guard files are named for paths that exist."""

from __future__ import annotations

from pathlib import Path

from policies.rules.guard_file_changed import _GUARDS as GUARDS

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
    missing = [path for path, *_ in lines() if path != "*" and not any(ROOT.glob(path.strip("/")))]
    assert missing == []


def test_every_line_names_an_owner() -> None:
    assert [
        line for line in lines() if not all(owner.startswith("@") for owner in line[1:]) or len(line) < 2
    ] == []


def test_guard_files_have_owners_of_their_own() -> None:
    owned = {path.strip("/") for path, *_ in lines()}
    assert {*GUARDED} <= owned


def test_what_a_check_calls_a_guard_file_has_owners() -> None:
    owned = [path.strip("/") for path, *_ in lines() if path != "*"]
    there = [
        guard for guard in GUARDS if guard != ".gitmodules"
    ]  # none of ours; one that comes is told all the same
    assert [guard for guard in there if not any(path.startswith(guard.rstrip("/")) for path in owned)] == []
