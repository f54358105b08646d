"""What the next commit will hold is judged, in every kind of checkout; what is no file is refused by its mode."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ci.git import Repository

Run = Callable[..., tuple[int, str]]
DEV = "config/environments/dev.yaml"
LIVE = ("  live_trading_enabled:\n    enabled: false", "  live_trading_enabled:\n    enabled: true")


def refused(interlock: Run) -> list[str]:
    """The first words of each finding of `check --staged`."""
    code, text = interlock("check", "--staged")
    assert code == 1, text
    return [line.split("]")[0] + "]" for line in text.splitlines() if ": error[" in line]


def stage(workshop: Any, mode: str, blob: str, path: str) -> None:
    workshop.git("update-index", "--add", "--cacheinfo", f"{mode},{blob},{path}")


def test_a_repository_without_any_commit(workshop: Any, interlock: Run) -> None:
    shutil.rmtree(workshop.root / ".git")
    Repository.create(workshop.root, "main")
    workshop.git("add", "-A")
    assert interlock("check", "--staged")[0] == 0
    workshop.edit(DEV, *LIVE)
    workshop.git("add", "-A")
    assert len(refused(interlock)) == 2


def test_a_linked_worktree(
    workshop: Any, interlock: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workshop.git("worktree", "add", "-q", "-b", "other", str(tmp_path / "linked"))
    (tmp_path / "linked" / DEV).write_text(workshop.text(DEV).replace(*LIVE))
    subprocess.run(["git", "add", "-A"], cwd=tmp_path / "linked", check=True)
    assert interlock("check", "--staged")[0] == 0, "the index of the first worktree is clean"
    monkeypatch.chdir(tmp_path / "linked" / "config")
    line = workshop.text(DEV).split("  live_trading_enabled:")[0].count("\n") + 2
    assert refused(interlock) == [f"{DEV}:{line}:14: error[FLG004]", f"{DEV}:{line}:14: error[VEN001]"]


def test_the_index_a_hook_names(
    workshop: Any, interlock: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`git commit FILE` commits an index of its own, and tells the hook by an environment variable."""
    workshop.edit(DEV, *LIVE)
    own = tmp_path / "index"
    shutil.copyfile(workshop.root / ".git" / "index", own)
    monkeypatch.setenv("GIT_INDEX_FILE", str(own))
    workshop.git("add", DEV)
    assert len(refused(interlock)) == 2
    monkeypatch.delenv("GIT_INDEX_FILE")
    assert interlock("check", "--staged")[0] == 0


def test_the_repository_another_variable_names_is_not_ours(
    workshop: Any, interlock: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workshop.edit(DEV, *LIVE)
    workshop.git("add", "-A")
    clean = Repository.create(tmp_path / "clean", "main")
    monkeypatch.setenv("GIT_DIR", str(clean.root / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(clean.root))
    assert len(refused(interlock)) == 2


def test_unmerged_files_are_no_index_to_judge(workshop: Any, interlock: Run) -> None:
    workshop.branch("side")
    workshop.edit(DEV, "max_open_positions: 5", "max_open_positions: 3")
    workshop.commit()
    workshop.git("checkout", "-q", "main")
    workshop.edit(DEV, "max_open_positions: 5", "max_open_positions: 2")
    workshop.commit()
    subprocess.run(["git", "merge", "side"], cwd=workshop.root, check=False, capture_output=True)
    code, text = interlock("check", "--staged")
    assert code == 2
    assert "the index holds unmerged files" in text


def test_object_ids_of_sha256(workshop: Any, interlock: Run) -> None:
    shutil.rmtree(workshop.root / ".git")
    subprocess.run(
        ["git", "init", "-q", "--object-format=sha256", "-b", "main"], cwd=workshop.root, check=True
    )
    workshop.commit("base")
    workshop.edit(DEV, *LIVE)
    workshop.git("add", "-A")
    assert len(refused(interlock)) == 2
    workshop.commit("live")
    assert interlock("check", "HEAD", "--base", "HEAD~1")[0] == 1


@pytest.mark.parametrize(("mode", "told"), [("100755", "CFG008"), ("120000", "CFG008"), ("160000", "CFG008")])
def test_what_is_no_regular_file_is_refused_by_its_mode(
    workshop: Any, interlock: Run, mode: str, told: str
) -> None:
    blob = workshop.git("rev-parse", "HEAD" if mode == "160000" else f"HEAD:{DEV}")
    stage(workshop, mode, blob, DEV)
    assert refused(interlock)[0] == f"{DEV}:1:1: error[{told}]"


@pytest.mark.parametrize("mode", ["120000", "160000"])
def test_a_config_that_is_no_folder_is_named(workshop: Any, interlock: Run, mode: str) -> None:
    blob = workshop.git("rev-parse", "HEAD" if mode == "160000" else f"HEAD:{DEV}")
    workshop.git("rm", "-rq", "--cached", "config")
    stage(workshop, mode, blob, "config")
    assert refused(interlock) == ["config:1:1: error[CFG008]"]


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("config/environments/DEV.yaml", "CFG007"),
        ("config/environments/dev.yaml ", "CFG007"),
        ("config/environments/dev.yaml.", "CFG007"),
        ("config/environments/d\u00e9v.yaml", "CFG007"),
        ("config/environments/qa.yml", "CFG007"),
        ("config/environments/-x.yaml", "CFG007"),
        ("config/environments/$(id).yaml", "CFG007"),
        ("config/environments/.dev.yaml", "CFG009"),
        ("config/environments/sub/dev.yaml", "CFG009"),
        ("config/other/dev.yaml", "CFG009"),
        ("Config/environments/dev.yaml", "CFG010"),
        ("config./environments/dev.yaml", "CFG010"),
        ("config /environments/dev.yaml", "CFG010"),
        ("\uff43onfig/environments/dev.yaml", "CFG010"),
    ],
)
def test_another_spelling_of_a_path_is_refused(workshop: Any, interlock: Run, path: str, told: str) -> None:
    stage(workshop, "100644", workshop.git("rev-parse", f"HEAD:{DEV}"), path)
    assert any(one.endswith(f":1:1: error[{told}]") for one in refused(interlock))
