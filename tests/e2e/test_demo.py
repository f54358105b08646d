"""The whole story, played by the real parts; nothing is left behind."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

INTERLOCK = Path(sys.executable).parent / "interlock"
MOST_SECONDS = 240  # the story takes well under 60 s alone; tests share their cores


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_story_plays_and_leaves_no_process(tmp_path: Path) -> None:
    kept = tmp_path / "story"
    words = [INTERLOCK, "demo", "--feed", "generator", "--keep", str(kept)]
    answer = subprocess.run(
        words, cwd=tmp_path, capture_output=True, text=True, timeout=MOST_SECONDS, check=False
    )
    assert answer.returncode == 0, answer.stdout[-3000:] + answer.stderr[-2000:]
    for part in ("(a)", "(b)", "(c)", "(d)", "(e)", "(f)"):
        assert f"\n{part} " in answer.stdout
    assert "error[VEN001]" in answer.stdout
    assert "every step happened" in answer.stdout
    assert _processes_of(kept) == []


@pytest.mark.slow
def test_story_refuses_a_folder_that_holds_something(tmp_path: Path) -> None:
    kept = tmp_path / "story"
    (kept / "trading-config").mkdir(parents=True)
    answer = subprocess.run(
        [INTERLOCK, "demo", "--keep", str(kept)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr.startswith(f"interlock: `{kept}` is not empty\n")
    assert _processes_of(kept) == []


def _processes_of(folder: Path) -> list[str]:
    found = []
    for process in psutil.process_iter(["pid", "cmdline"]):
        words = process.info["cmdline"] or []
        if any(str(folder) in word for word in words):
            found.append(json.dumps(words))
    return found
