"""Reads a merged commit before it is published, so that adopting it takes milliseconds.

Never adopts and never judges: what it read is asked for again, with the ledger's word, when the head names it.
"""

from __future__ import annotations

import threading
from pathlib import Path

from ci.errors import InterlockError
from ci.git import Repository
from ci.running.git_bundles import GitBundles

PAUSE_SECONDS = 0.1
EVERY_SECONDS = 2.0


class Warming:
    """Watches one branch of the engine's clone; asks git only when its files changed, or now and then."""

    def __init__(self, repository: Repository, branch: str, source: GitBundles) -> None:
        self._repository = repository
        self._branch = branch
        self._source = source
        self._seen: tuple[int, ...] = ()
        self._commit = ""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="warming", daemon=True)

    def start(self) -> None:
        """Watch until `stop`."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stop.set()
        self._thread.join(5)

    def _run(self) -> None:
        quiet = 0.0
        while not self._stop.wait(PAUSE_SECONDS):
            quiet += PAUSE_SECONDS
            stamps = self._stamps()
            if stamps != self._seen or quiet >= EVERY_SECONDS:
                self._seen, quiet = stamps, 0.0
                self._look()

    def _look(self) -> None:
        try:
            commit = self._repository.resolve(self._branch)
            if commit != self._commit:
                self._source.warm(commit)
                self._commit = commit
        except (InterlockError, OSError):
            return  # a branch that is not here yet costs time later, nothing else

    def _stamps(self) -> tuple[int, ...]:
        git = self._repository.root / ".git"
        files = (git / "HEAD", git / "packed-refs", git / "refs" / "heads" / self._branch)
        return tuple(_modified(file) for file in files)


def _modified(file: Path) -> int:
    try:
        return file.stat().st_mtime_ns
    except OSError:
        return 0
