"""Looks for a Pulumi CLI of the pinned version: on PATH, then in the per-user cache; builds and changes nothing."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import platformdirs

CLI_VERSION = "3.259.0"
LANGUAGE_HOST_VERSION = "3.79.0"
HERE = Path(__file__).resolve().parent
PROGRAMS = ("pulumi", "pulumi-language-python", "pulumi-language-python-exec")
_TIMEOUT = 30


@dataclass(frozen=True, slots=True)
class Toolchain:
    """A usable CLI: the folder of its programs, and why this one."""

    folder: Path
    origin: str
    why: str

    @property
    def cli(self) -> Path:
        """The executable."""
        return self.folder / "pulumi"


def find(search_path: str | None = None) -> Toolchain | None:
    """The CLI that will be used, None when one has to be built; `search_path` stands for PATH."""
    found = shutil.which("pulumi", path=search_path)
    if found is not None and version_of(Path(found)) == CLI_VERSION and _has_host(Path(found), search_path):
        return Toolchain(Path(found).parent, "path", f"pulumi {CLI_VERSION} is on PATH, as pinned")
    folder = built_folder()
    if all(os.access(folder / name, os.X_OK) for name in PROGRAMS):
        return Toolchain(folder, "built", f"built from pinned sources; {_about(found)}")
    return None


def _has_host(cli: Path, search_path: str | None) -> bool:
    beside = cli.resolve().parent / "pulumi-language-python"
    return os.access(beside, os.X_OK) or shutil.which("pulumi-language-python", path=search_path) is not None


def _about(found: str | None) -> str:
    if found is None:
        return "no pulumi is on PATH"
    return f"the one on PATH says {version_of(Path(found)) or 'nothing'}, pinned is {CLI_VERSION}"


def version_of(cli: Path) -> str:
    """What the executable says of its version, empty when it says nothing."""
    quiet = {**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"}
    try:
        told = subprocess.run(
            [str(cli), "version"], capture_output=True, timeout=_TIMEOUT, env=quiet, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return told.stdout.decode(errors="replace").strip().removeprefix("v") if told.returncode == 0 else ""


def built_folder() -> Path:
    """Where a build of exactly these pins stands, whether or not it exists."""
    pins = hashlib.sha256()
    for module in ("cli", "language-host"):
        pins.update((HERE / module / "go.mod").read_bytes() + (HERE / module / "go.sum").read_bytes())
    name = f"{CLI_VERSION}-{platform.system().lower()}-{platform.machine()}-{pins.hexdigest()[:12]}"
    return cache_folder() / name


def cache_folder() -> Path:
    """The per-user cache of built tools."""
    return platformdirs.user_cache_path("interlock") / "toolchain"
