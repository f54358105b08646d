"""kill -9 at every journal boundary, for every venue answer: nothing doubled, nothing lost, nothing unprotected."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
ARTIFACT = ROOT / "build" / "kill-matrix.txt"


@pytest.fixture(scope="module")
def cells(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    folder = tmp_path_factory.mktemp("matrix")
    script = Path(__file__).with_name("kill_matrix.py")
    done = subprocess.run(
        [sys.executable, str(script), str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=570,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def _table(cells: list[dict[str, Any]]) -> str:
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for cell in cells:
        rows[cell["answer"]].append(cell)
    lines = [
        f"{'venue answers':28} {'kills':>5} {'power losses':>12} {'entries at venue':>16} {'sent twice':>10}"
        f" {'UNKNOWN after':>13} {'HALTED':>6}"
    ]
    for answer, found in rows.items():
        entries = "/".join(str(n) for n in sorted({cell["entries_at_venue"] for cell in found}))
        twice = sum(bool(cell["sent_twice"]) for cell in found)
        unknown = sum(bool(cell["unknown"]) for cell in found)
        halted = sum(cell["state"] == "HALTED" for cell in found)
        kills = sum(cell["left"] == "kill" for cell in found)
        lines.append(
            f"{answer:28} {kills:>5} {len(found) - kills:>12} {entries:>16} {twice:>10} {unknown:>13} {halted:>6}"
        )
    kills = sum(cell["left"] == "kill" for cell in cells)
    return "\n".join([*lines, f"{'total':28} {kills:>5} {len(cells) - kills:>12}", ""])


@pytest.mark.slow
def test_every_kill_is_survived(cells: list[dict[str, Any]]) -> None:
    assert len({cell["answer"] for cell in cells}) == 25
    assert len(cells) > 1000
    wrong = [
        cell
        for cell in cells
        if cell["status"] != -9
        or cell["entries_at_venue"] > 1
        or cell["sent_twice"]
        or cell["unknown_to_journal"]
        or cell["differences"]
        or not cell["position_equal"]
        or not cell["protected"]
    ]
    assert wrong == []


@pytest.mark.slow
def test_the_table_is_kept(cells: list[dict[str, Any]]) -> None:
    ARTIFACT.parent.mkdir(exist_ok=True)
    ARTIFACT.write_text(_table(cells), encoding="utf-8")
    assert "accepted, answer lost" in ARTIFACT.read_text(encoding="utf-8")
