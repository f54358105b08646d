"""The offline preview: base brought up in a throwaway cloud, head previewed against it, by the real engine.

Never reads the user's backend, credentials or Pulumi home; a base that was brought up once is kept by the digest of
everything it depends on.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from infra.driver import Driver, Run
from infra.failures import EngineError, ProgramError, program_failure
from infra.toolchain import CLI_VERSION, Toolchain
from infra.workspace import PACK, PROJECT_FILE, TOOL_ROOT, offline

KEPT = 12
_BASE_ROOMS = ("config", "infra", "policies")
_EMULATION = (
    "infra/offline",
    "infra/facts",
    "infra/wire.py",
    "infra/workspace.py",
    "policies/aws_sizes.py",
    "policies/aws_tags.py",
)


@dataclass(frozen=True, slots=True)
class Previewed:
    """Head's preview; with `proof` also head's `up` and the second preview that must find nothing."""

    preview: Run
    up: Run | None
    again: Run | None
    base_was_cached: bool


@dataclass(frozen=True, slots=True)
class Throwaway:
    """What every offline preview needs: the CLI, where brought-up bases are kept, a clock, a voice."""

    toolchain: Toolchain
    cache: Path
    monotonic: Callable[[], float]
    progress: Callable[[str], None]

    def preview(self, head: Path, base: Path | None, stack: str, *, proof: bool) -> Previewed:
        """Preview the program in `head` against what the program in `base` would have built."""
        kept, was_cached = self._brought_up(base, head, stack)
        with self._driver(head, stack, kept) as driver:
            self.progress(f"previewing {stack} on pulumi {CLI_VERSION}")
            first = _whole(driver.preview(pack=PACK), driver)
            if not proof or not first.ok:
                return Previewed(first, None, None, was_cached)
            self.progress("bringing head up in the throwaway cloud")
            up = _whole(driver.up(pack=PACK), driver)
            again = driver.preview(expect_no_changes=True) if up.ok else None
            return Previewed(first, up, again, was_cached)

    def _brought_up(self, base: Path | None, head: Path, stack: str) -> tuple[Path, bool]:
        kept = self.cache / _digest(base, stack)
        if (kept / "state").is_dir():
            return kept, True
        self.progress("bringing base up in a throwaway cloud" if base else "making an empty cloud")
        self.cache.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryDirectory(dir=self.cache, prefix="making-") as folder:
            workspace = offline(Path(folder), base or head, stack, self.toolchain, durable=False)
            driver = Driver(self.toolchain.cli, workspace, self.monotonic)
            driver.create()
            if base is not None:
                _succeeded(_whole(driver.up(), driver), driver, "the base commit")
            _keep(Path(folder), kept)
        _forget_oldest(self.cache)
        return kept, False

    @contextmanager
    def _driver(self, tree: Path, stack: str, kept: Path) -> Iterator[Driver]:
        with tempfile.TemporaryDirectory(prefix="interlock-preview-") as name:
            folder = Path(name)
            workspace = offline(folder, tree, stack, self.toolchain, durable=False)
            shutil.copytree(kept / "state", folder / "state", dirs_exist_ok=True)
            if (kept / "cloud.json").exists():
                shutil.copyfile(kept / "cloud.json", folder / "cloud.json")
            yield Driver(self.toolchain.cli, workspace, self.monotonic)


def _whole(run: Run, driver: Driver) -> Run:
    """The run, unless our program raised or a plugin could not start: then nothing was judged."""
    for _, message in run.events.errors:
        found = program_failure(message, driver.workspace.tree)
        if found is not None:
            raise ProgramError(found, "correct the program or the fact it names; nothing was planned")
    if not run.ok and not run.events.steps:
        raise EngineError(driver.reason(run), "nothing was planned")
    return run


def _succeeded(run: Run, driver: Driver, what: str) -> None:
    if not run.ok:
        raise EngineError(f"{what} cannot be brought up: {driver.reason(run)}", "preview without --base")


def _keep(folder: Path, kept: Path) -> None:
    made = folder / "kept"
    made.mkdir()
    shutil.copytree(folder / "state", made / "state")
    if (folder / "cloud.json").exists():
        shutil.copyfile(folder / "cloud.json", made / "cloud.json")
    try:
        made.rename(kept)
    except OSError:  # another run was quicker; what it kept is the same
        return


def _forget_oldest(cache: Path) -> None:
    held = [path for path in cache.iterdir() if path.is_dir() and not path.name.startswith("making-")]
    for old in sorted(held, key=lambda path: path.stat().st_mtime)[:-KEPT]:
        shutil.rmtree(old, ignore_errors=True)


def _digest(base: Path | None, stack: str) -> str:
    """Everything a brought-up base depends on: its program and facts, the stand-in cloud, the versions."""
    known = hashlib.sha256(f"{CLI_VERSION} {sys.version_info[:2]} {stack}".encode())
    for part in _EMULATION:
        _take(known, TOOL_ROOT / part)
    if base is not None:
        for room in (*_BASE_ROOMS, PROJECT_FILE):
            _take(known, base / room)
    return f"{stack}-{known.hexdigest()[:24]}"


def _take(known: hashlib._Hash, path: Path) -> None:
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    for file in files:
        if file.is_file() and file.suffix in (".py", ".yaml"):
            known.update(f"{file.relative_to(path)}\0".encode() + file.read_bytes() + b"\0")
