"""The only caller of the Pulumi CLI: runs one command to its end and answers with what happened.

Never breaks a lock, never shows what the CLI printed unmasked, never leaves a child behind.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

from infra.events import Events, read
from infra.failures import EngineError, LockedError, StateError, explain, of_resource
from infra.workspace import Workspace

PREVIEW_SECONDS = 600
UP_SECONDS = 7200
GRACE_SECONDS = 120
NO_CHANGES_BROKEN = 7
PROJECT = "interlock"
_UNREAD = re.compile(r"failed to load checkpoint: (?:place \d+: )?(?P<why>.+)")
_CUT_LOCK = re.compile(
    r"error: (could not create stack: )?(unexpected end of JSON input|json: .*lockContent)"
)
_LOOKING = ("preview", "refresh")
_COMMON = ("--non-interactive", "--color", "never")
_QUIET = ("--suppress-outputs", "--suppress-progress")
_STOPPING = (signal.SIGTERM, signal.SIGINT)
_LOCK = re.compile(r"created by (?P<holder>.+?) \(pid (?P<pid>\d+)\) at (?P<at>\S+)")


@dataclass(frozen=True, slots=True)
class Run:
    """One command of the CLI: its exit code, what the engine told, where the log is kept.

    stopped_by: the signal that was passed on to the engine while it ran, empty when none came.
    """

    exit_code: int
    events: Events
    log: Path
    seconds: float
    said: str = ""
    stopped_by: str = ""

    @property
    def ok(self) -> bool:
        """Whether the CLI itself was content."""
        return self.exit_code == 0


@dataclass(frozen=True, slots=True)
class Driver:
    """One stack in one workspace; `monotonic` is the clock that measures runs."""

    cli: Path
    workspace: Workspace
    monotonic: Callable[[], float]

    def preview(
        self, *, pack: Path | None = None, refresh: bool = False, expect_no_changes: bool = False
    ) -> Run:
        """What `up` would do; writes nothing. With `refresh` the cloud is read first."""
        options = [
            *(["--refresh"] if refresh else []),
            *(["--expect-no-changes"] if expect_no_changes else []),
        ]
        return self._events("preview", [*options, *_packs(pack)], PREVIEW_SECONDS)

    def up(self, *, pack: Path | None = None, refresh: bool = False, limit: float = UP_SECONDS) -> Run:
        """Bring the stack to what the program says; refused while a killed run may have made what the state lacks.

        refresh: read the cloud first, so that what somebody changed behind the state is undone.
        """
        self._refuse_pending()
        reading = ["--refresh"] if refresh else []
        return self._events("up", ["--yes", "--skip-preview", *reading, *_packs(pack)], limit)

    def drift(self) -> Run:
        """State against cloud, without writing state; exit code 7 means that something drifted."""
        return self._events("refresh", ["--preview-only", "--expect-no-changes"], PREVIEW_SECONDS)

    def destroy(self) -> Run:
        """Delete what the state holds; nothing at all when one resource is protected, because the engine would
        delete its neighbours first."""
        protected = self._protected()
        if protected:
            few, stack = ", ".join(protected[:5]), self.workspace.stack
            raise EngineError(
                f"stack `{stack}` holds {len(protected)} protected resource(s): {few}",
                "take the protection away in a commit of its own first",
            )
        return self._events("destroy", ["--yes", "--skip-preview"], UP_SECONDS)

    def _refuse_pending(self) -> None:
        """The engine would go on with a warning, and could make a second copy of what was being made."""
        pending = self.export()["deployment"].get("pending_operations") or []
        if not pending:
            return
        self._refuse_lock_file()
        what = ", ".join(f"{one['type']} {one['resource']['urn'].rsplit('::', 1)[-1]}" for one in pending[:5])
        raise EngineError(
            f"{len(pending)} operation(s) of stack `{self.workspace.stack}` never came to an end: {what}",
            "the run was killed: look whether they exist in the cloud, then run `pulumi refresh` with "
            "--import-pending-creates, or with --clear-pending-creates where they do not",
        )

    def _in_file_backend(self, pattern: str) -> list[Path]:
        """Files of a file backend; none of any other, which shows nothing without being asked."""
        place = self.workspace.variables.get("PULUMI_BACKEND_URL", "")
        folder = Path(place.removeprefix("file://")) / ".pulumi"
        return sorted(folder.glob(pattern)) if place.startswith("file://") else []

    def _refuse_empty_side_file(self) -> None:
        """A kill may come between the making and the writing of what a file backend keeps beside the state."""
        for file in self._in_file_backend(f"stacks/{PROJECT}/{self.workspace.stack}.json.attrs"):
            if file.stat().st_size == 0:
                raise StateError(
                    self.workspace.stack,
                    f"{file.name} beside it is empty, as a killed run leaves it",
                    f"remove {file}, which the state itself does not need; then run this again",
                )

    def _refuse_lock_file(self) -> None:
        """Who is at work right now, as far as it shows without taking the lock."""
        for file in self._in_file_backend(f"locks/organization/{PROJECT}/{self.workspace.stack}/*.json"):
            told = json.loads(file.read_text())
            holder = f"{told.get('username')}@{told.get('hostname')} (pid {told.get('pid')})"
            raise LockedError(self.workspace.stack, holder, _moment(str(told.get("timestamp"))))

    def _protected(self) -> list[str]:
        resources = self.export()["deployment"].get("resources") or []
        return sorted(one["urn"].rsplit("::", 1)[-1] for one in resources if one.get("protect"))

    def create(self) -> None:
        """Make the stack; nothing happens when it exists."""
        self._plain(["stack", "init", self.workspace.stack, "--no-select"], accepts=("already exists",))

    def export(self) -> dict[str, Any]:
        """The stack's state, secrets as ciphertext."""
        try:
            told = self._plain(["stack", "export", "--stack", self.workspace.stack])
        except (LockedError, StateError):
            raise
        except EngineError as error:
            raise StateError(self.workspace.stack, error.message) from error
        state: dict[str, Any] = json.loads(told)
        return state

    def cancel(self) -> None:
        """The documented step after a killed run: remove its lock."""
        self._plain(["cancel", "--yes", "--stack", self.workspace.stack])

    def reason(self, run: Run) -> str:
        """Why a run came to nothing, in one line that names the resource."""
        if run.stopped_by:
            return f"stopped by {run.stopped_by}, after the engine had finished what it had begun"
        if not run.events.errors:
            return explain(run.said, self.workspace.tree)
        urn, message = run.events.errors[0]
        return of_resource(urn.rsplit("::", 1)[-1], message.splitlines()[0])

    def _events(self, verb: str, options: Sequence[str], limit: float) -> Run:
        self.workspace.logs.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(dir=self.workspace.logs, prefix=f"{verb}-", suffix=".jsonl")
        os.close(handle)
        log = Path(name)
        words = [verb, "--stack", self.workspace.stack, "--event-log", str(log), *_COMMON, *_QUIET, *options]
        began = self.monotonic()
        code, said, stopped_by = self._call(words, limit)
        seconds = self.monotonic() - began
        self._refuse_backend(said)
        if stopped_by and verb in _LOOKING:
            raise EngineError(f"stopped by {stopped_by}", "nothing was changed; run it again")
        return Run(code, read(log), log, seconds, said, stopped_by)

    def _plain(self, words: Sequence[str], accepts: tuple[str, ...] = ()) -> str:
        code, said, stopped_by = self._call([*words, *_COMMON], PREVIEW_SECONDS)
        self._refuse_backend(said)
        if stopped_by:
            raise EngineError(f"stopped by {stopped_by}", "run it again")
        if code != 0 and not any(text in said for text in accepts):
            raise EngineError(
                explain(said, self.workspace.tree), "mend that, then run it again; nothing was changed"
            )
        return said

    def _call(self, words: Sequence[str], limit: float) -> tuple[int, str, str]:
        with tempfile.TemporaryFile() as said, _Passing.on() as passing:
            child = subprocess.Popen(
                [str(self.cli), *words],
                cwd=self.workspace.folder,
                env=dict(self.workspace.variables),
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            passing.to(child)
            code = _wait(child, limit)
            said.seek(0)
            return code, said.read().decode(errors="replace"), ", ".join(dict.fromkeys(passing.names))

    def _refuse_backend(self, said: str) -> None:
        """A state that cannot be read, a lock somebody holds: nothing was done, and nothing is mended silently."""
        stack = self.workspace.stack
        if unread := _UNREAD.search(said):
            self._refuse_empty_side_file()
            raise StateError(stack, unread["why"])
        if "snapshot integrity error" in said:
            raise StateError(stack, "it was edited, a resource stands twice or before what it needs")
        if _CUT_LOCK.search(said):
            raise EngineError(
                f"the lock of stack `{stack}` is cut off, as a full disk leaves it",
                "free disk space, make sure that nobody runs, then `pulumi cancel` for this stack",
            )
        if "currently locked" not in said:
            return
        found = _LOCK.search(said)
        holder = f"{found['holder']} (pid {found['pid']})" if found else "another run"
        raise LockedError(stack, holder, _moment(found["at"]) if found else None)


def _packs(pack: Path | None) -> list[str]:
    return [] if pack is None else ["--policy-pack", str(pack.absolute())]


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text.rstrip("."))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _wait(child: subprocess.Popen[bytes], limit: float) -> int:
    """The exit code; past the limit the engine is asked to stop, then made to."""
    try:
        return child.wait(timeout=limit)
    except subprocess.TimeoutExpired:
        pass
    for means in (signal.SIGINT, signal.SIGINT):
        child.send_signal(means)
        try:
            child.wait(timeout=GRACE_SECONDS / 2)
            break
        except subprocess.TimeoutExpired:
            continue
    _end_group(child)
    raise EngineError(
        f"Pulumi did not end within {limit:.0f} seconds and was stopped",
        "a provider hangs; the state holds what was finished, run the same command again",
    )


def _end_group(child: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    child.wait()


class _Passing:
    """Hands SIGTERM and SIGINT to the engine, which finishes what it has begun; listens before there is one."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self._child: subprocess.Popen[bytes] | None = None

    @classmethod
    @contextmanager
    def on(cls) -> Iterator[_Passing]:
        """Listen until the engine has ended; nothing is left behind."""
        one, is_main = cls(), threading.current_thread() is threading.main_thread()
        before = {each: signal.signal(each, one._note) for each in _STOPPING} if is_main else {}
        try:
            yield one
        finally:
            for each, was in before.items():
                signal.signal(each, was)
            if one._child is not None and one._child.poll() is None:
                _end_group(one._child)

    def to(self, child: subprocess.Popen[bytes]) -> None:
        """From now on this is the engine; it is told at once of what came before it."""
        self._child = child
        if self.names:
            child.send_signal(signal.SIGINT)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.names.append(signal.Signals(number).name)
        if self._child is not None:
            self._child.send_signal(signal.SIGINT)
