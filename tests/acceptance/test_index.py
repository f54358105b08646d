"""The index of what is shown by what names only files that exist, and every acceptance test stands in it."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
INDEX = (ROOT / "docs" / "acceptance.md").read_text(encoding="utf-8")


def named() -> set[str]:
    found = set()
    for word in re.findall(r"`([\w/{},]+\.py)`", INDEX):
        head, brace, rest = word.partition("{")
        parts, _, tail = rest.partition("}")
        found |= {f"{head}{part}{tail}" for part in parts.split(",")} if brace else {word}
    return found


def test_every_named_file_exists() -> None:
    places = (ROOT, ROOT / "tests")
    assert [name for name in named() if not any((place / name).is_file() for place in places)] == []


def test_every_acceptance_test_is_named() -> None:
    here = {f"acceptance/{file.name}" for file in Path(__file__).parent.glob("test_*.py")}
    assert here - {f"acceptance/{Path(__file__).name}"} <= named()
