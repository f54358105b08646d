"""What may go wrong with the engine, said in one sentence with the place in our own files.

Never shows a traceback page, never an exit code: that is the command's.
"""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

from infra.errors import InfraError

_FRAME = re.compile(r'File "(?P<file>[^"]+)", line (?P<line>\d+)')
_QUALIFIED = re.compile(r"^(?:[a-z_]\w*\.)+(?=[A-Z]\w*:)")
_LAST_GOOD = "put the last good one back: the backend keeps a .bak file and a history beside it"
_GONE = ("error reading from server: EOF", "transport is closing", "connection refused")
_NOISE = ("using pulumi-resource-aws from", "error: update failed", "error: preview failed")


class EngineError(InfraError):
    """The engine could not do what was asked."""


class ProgramError(EngineError):
    """Our own program raised; the message names file and line."""


class StateError(EngineError):
    """The engine's own record is cut or was edited; nothing was done."""

    def __init__(self, stack: str, why: str, help: str = _LAST_GOOD) -> None:
        super().__init__(f"the state of stack `{stack}` cannot be read: {why}", help)


class LockedError(EngineError):
    """Another run holds the stack, or died holding it."""

    def __init__(self, stack: str, holder: str, since: datetime | None) -> None:
        at = f" since {since.isoformat(timespec='seconds')}" if since else ""
        super().__init__(
            f"stack `{stack}` is locked by {holder}{at}",
            "wait for that run; if it is dead, run `pulumi cancel` for this stack and then this command again",
        )
        self.since = since
        self.holder = holder


def program_failure(text: str, tree: Path) -> str | None:
    """`infra/program.py:40: MissingFactError: ...` when the text is a Python traceback, else None."""
    if "Traceback (most recent call last)" not in text:
        return None
    ours = [
        (Path(found["file"]), found["line"])
        for found in _FRAME.finditer(text)
        if _is_ours(Path(found["file"]), tree)
    ]
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    sentence = next(
        (line for line in reversed(lines) if re.match(r"[A-Za-z_.]*(Error|Exception)\b", line)), lines[-1]
    )
    sentence = _QUALIFIED.sub("", sentence)
    if not ours:
        return sentence
    file, line = ours[-1]
    return f"{file.resolve().relative_to(tree.resolve())}:{line}: {sentence}"


def _is_ours(file: Path, tree: Path) -> bool:
    return file.is_absolute() and tree.resolve() in file.resolve().parents and ".venv" not in file.parts


def of_resource(name: str, message: str) -> str:
    """What went wrong with one resource; a provider that is gone is said to be."""
    if any(word in message for word in _GONE):
        message = f"the provider ended in the middle of it ({message})"
    return message if not name or name in message else f"{name}: {message}"


def explain(text: str, tree: Path) -> str:
    """The first line of what the CLI said that carries a reason."""
    found = program_failure(text, tree)
    if found is not None:
        return found
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if line.startswith("error:") and not line.startswith(_NOISE)]
    return (telling or lines or ["it says nothing"])[0].removeprefix("error: ")
