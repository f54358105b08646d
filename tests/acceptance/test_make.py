"""`make` finds its own folder, whatever the folder is called and wherever it is typed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def planned(cwd: Path, *words: str) -> str:
    """What make would run."""
    done = subprocess.run(["make", "-n", *words], cwd=cwd, capture_output=True, text=True, check=True)
    return done.stdout


def test_targets_work_in_folders_with_spaces(tmp_path: Path) -> None:
    folder = tmp_path / "my  clone ü"
    folder.mkdir()
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    for words in (["-C", str(folder)], ["-f", str(folder / "Makefile")]):
        wanted = planned(tmp_path, *words, "demo")
        assert f'cd "{folder}" && .venv/bin/interlock demo\n' in wanted
        assert f'touch "{folder}/.venv/.installed"\n' in wanted


def test_every_target_has_a_line_of_help() -> None:
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    listed = {line.split()[0] for line in done.stdout.splitlines() if line.startswith("  ")}
    assert {"demo", "test", "lint", "types", "generate", "fuzz", "bench", "up", "down"} <= listed
