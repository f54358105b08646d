"""What may be wrong below config/ on disk, in the index and in a commit: each refused at its place, exit 1."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.acceptance.terminal import Terminal, assert_sentence

DEV = "environments/dev.yaml"


def _swap(before: str, after: str) -> Callable[[Path], object]:
    def swap(file: Path) -> None:
        text = file.read_text()
        assert text.count(before) == 1
        file.write_text(text.replace(before, after))

    return swap


def _write(data: bytes) -> Callable[[Path], object]:
    return lambda file: file.write_bytes(data)


def _link(file: Path) -> None:
    aside = file.parents[3] / "aside.yaml"
    file.rename(aside)
    file.symlink_to(aside)


def _add(data: bytes) -> Callable[[Path], object]:
    def add(file: Path) -> None:
        with file.open("ab") as stream:
            stream.write(data)

    return add


HERE = "config/environments/dev.yaml"
BAD: dict[str, tuple[str, Callable[[Path], object], str]] = {
    "missing": (DEV, Path.unlink, f"{HERE}:1:1: error[PRF002] environment `dev` is not in this tree"),
    "missing catalogue": ("flags.yaml", Path.unlink, "error[CFG012] file `config/flags.yaml` is missing"),
    "empty": (DEV, _write(b""), f"{HERE}:1:1: error[YAML014] file holds no document"),
    "unknown key": (
        DEV,
        _swap("\ntrading_halted:", "\ntrading_haltet:"),
        "[CFG001] unknown key `trading_haltet`",
    ),
    "wrong type": (
        DEV,
        _swap("halted: false", 'halted: "no"'),
        f"{HERE}:6:17: error[CFG003] `trading_halted` must",
    ),
    "duplicate key": (
        DEV,
        _add(b"trading_halted: true\n"),
        "error[YAML013] key `trading_halted` stands here twice",
    ),
    "tab": (DEV, _add(b"\tx: 1\n"), "error[YAML003] file contains a tab (U+0009)"),
    "300 KiB": (DEV, _add(b"# x\n" * 76_800), f"{HERE}:1:1: error[YAML001] file has "),
    "invalid UTF-8": (DEV, _add(b"# \xff\n"), "error[YAML002] byte 0xff is not UTF-8"),
    "link": (DEV, _link, f"{HERE}:1:1: error[CFG008] file is a symbolic link"),
    "linked catalogue": (
        "calendar.yaml",
        _link,
        "config/calendar.yaml:1:1: error[CFG008] file is a symbolic link",
    ),
    "stray": ("notes.txt", Path.touch, "config/notes.txt:1:1: error[CFG009] stray file below config/"),
    "hidden": (
        ".dev.yaml.swp",
        Path.touch,
        "config/.dev.yaml.swp:1:1: error[CFG009] hidden file below config/",
    ),
}


@pytest.mark.parametrize("bad", BAD)
def test_bad_file_is_refused_wherever_it_lies(interlock: Terminal, bad: str) -> None:
    name, spoil, said = BAD[bad]
    spoil(interlock.file(name))
    refused(interlock, said)
    interlock.desk.git("add", "-A", "-f")
    refused(interlock, said, "--staged")
    interlock.desk.git("commit", "-q", "-m", "bad")
    refused(interlock, said, "HEAD")


def refused(interlock: Terminal, said: str, *source: str) -> None:
    done = interlock.quickly("check", *source, "--env", "dev")
    assert (done.returncode, done.stderr) == (1, "")
    assert said in done.stdout
    assert "help: " in done.stdout
    assert_sentence(done)


@pytest.mark.parametrize("source", ["staged", "commit"])
def test_executable_is_refused_as_git_has_it(interlock: Terminal, source: str) -> None:
    interlock.file(DEV).chmod(0o755)
    interlock.desk.git("add", "-A")
    if source == "commit":
        interlock.desk.git("commit", "-q", "-m", "bad")
    done = interlock.quickly("check", "--staged" if source == "staged" else "HEAD")
    assert done.returncode == 1
    assert "config/environments/dev.yaml:1:1: error[CFG008] file is executable" in done.stdout


def test_pipe_below_config_is_refused_without_waiting(interlock: Terminal) -> None:
    os.mkfifo(interlock.file("environments/zz.yaml"))
    done = interlock.quickly("check")
    assert done.returncode == 1
    assert "config/environments/zz.yaml:1:1: error[CFG008] file is not a regular file" in done.stdout


def test_folder_of_the_config_may_not_be_a_link(interlock: Terminal, tmp_path: Path) -> None:
    (interlock.root / "config").rename(tmp_path / "elsewhere")
    (interlock.root / "config").symlink_to(tmp_path / "elsewhere")
    done = interlock.quickly("check")
    assert done.returncode == 1
    assert "config:1:1: error[CFG008] file is a symbolic link" in done.stdout


def test_shallow_clone_cannot_be_judged_against_its_past(interlock: Terminal, tmp_path: Path) -> None:
    interlock.desk.commit("second")
    shallow = tmp_path / "shallow"
    subprocess.run(["git", "clone", "-q", "--depth=1", f"file://{interlock.root}", shallow], check=True)
    done = interlock("check", "--base", "HEAD~1", cwd=shallow)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "interlock: `HEAD~1` names no commit here\n"
        "help: this clone is shallow: `git fetch --unshallow` first (in CI: `fetch-depth: 0`)\n"
    )


def test_words_that_git_takes_for_options_are_no_refs(interlock: Terminal) -> None:
    for word in ("--output=x", "-oProxyCommand=x", "--upload-pack=x"):
        done = interlock.quickly("check", "--", word)
        assert (done.returncode, done.stderr.splitlines()[0]) == (
            2,
            f"interlock: `{word}` names no commit here",
        )
    assert interlock.desk.git("status", "--porcelain") == ""
