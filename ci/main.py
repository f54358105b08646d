"""`interlock`: one parser, one error handler; a user sees an answer or a sentence, never a traceback."""

from __future__ import annotations

import argparse
import atexit
import contextlib
import errno
import gc
import importlib
import io
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

from ci.commands.registry import VERBS
from ci.context import Context
from ci.errors import INTERNAL, UNREACHABLE, USAGE, InterlockError
from ci.output.document import Document
from ci.output.registry import ANSWERS

_FAILING_DISK = frozenset(
    {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG}
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; the exit code is one of `ci/errors.py`."""
    if arguments is None:  # the whole process is ours
        _collect_rarely()
    words = list(sys.argv[1:] if arguments is None else arguments)
    _settle_streams()
    try:
        return _run(words)
    except InterlockError as error:
        return _say(error.message, error.help, error.exit_code)
    except KeyboardInterrupt:
        return _say("interrupted", "", 130)
    except BrokenPipeError:
        _silence_stdout()
        return INTERNAL
    except Exception as error:  # the one handler
        return _say_surprise(error)


def _run(words: list[str]) -> int:
    if not words or words[0] in ("-h", "--help"):
        _write(overview())
        return 0 if words else USAGE
    if words[0] == "--version":
        from importlib.metadata import version

        _write(f"interlock {version('interlock')}\n")
        return 0
    if words[0] not in VERBS:
        return _say(f"unknown command `{words[0]}`", f"one of: {', '.join(VERBS)}", USAGE)
    return _run_verb(importlib.import_module(VERBS[words[0]][0]), words[1:])


def _run_verb(verb: ModuleType, words: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog=f"interlock {verb.NAME}",
        description=verb.HELP,
        epilog="examples:\n" + "".join(f"  {line}\n" for line in verb.EXAMPLES),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--format", choices=getattr(verb, "FORMATS", ANSWERS), default="text", help="form of the answer"
    )
    parser.add_argument("--state", type=Path, help="folder of local state (default: one per checkout)")
    verb.arguments(parser)
    chosen = parser.parse_args(words)
    document: Document = verb.run(chosen, _context(chosen))
    renderer = importlib.import_module(f"ci.output.{chosen.format}")
    if document.findings:  # they quote files
        document = importlib.import_module("ci.output.concealed").concealed(document)
    _write(renderer.render(document, colour=_is_colourful(sys.stdout)))
    return document.exit_code


def _context(chosen: argparse.Namespace) -> Context:
    return Context(
        cwd=Path.cwd(),
        now=lambda: datetime.now(UTC),
        progress=_progress if sys.stderr.isatty() and chosen.format == "text" else _silence,
        is_terminal=sys.stdout.isatty(),
        tool_root=Path(__file__).resolve().parent.parent,
        state_option=chosen.state,
    )


def overview() -> str:
    """What `interlock --help` says; README shows it as well."""
    width = max(map(len, VERBS))
    lines = [f"  {verb:<{width}}  {says}\n" for verb, (_, says) in VERBS.items()]
    return (
        "usage: interlock COMMAND [--help] ...\n\nThe gate between a Git commit and a live order.\n\ncommands:\n"
        + "".join(lines)
        + "\nexit codes: 0 clean, 1 refused, 2 usage, 3 internal error, 4 reconcile found something to do,\n"
        "            5 a backend could not be reached, 78 the engine refuses its configuration\n"
    )


def _is_colourful(stream: object) -> bool:
    return (
        "NO_COLOR" not in os.environ
        and os.environ.get("TERM") != "dumb"
        and bool(getattr(stream, "isatty", bool)())
    )


def _collect_rarely() -> None:
    """Little here holds cycles: looking for them as often as usual, and at exit, costs `interlock check` 20 ms."""
    gc.set_threshold(50_000, 20, 20)
    atexit.register(gc.freeze)


def _settle_streams() -> None:
    """Whoever closed a standard stream loses words only: no file of ours may get its number, no character stops us."""
    while (free := os.open(os.devnull, os.O_RDWR)) <= 2:
        continue
    os.close(free)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115 (as long as the process)
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _write(text: str) -> None:
    try:
        sys.stdout.write(text if text.endswith("\n") or not text else text + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        _silence_stdout()
        raise InterlockError(
            f"the answer could not be written: {error.strerror}", "give standard output a place that takes it"
        ) from None


def _silence_stdout() -> None:
    """What is still in the buffer must not fail once more at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _progress(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def _silence(line: str) -> None:
    """Progress nobody watches."""


def _say(message: str, help: str, code: int) -> int:
    with contextlib.suppress(OSError):  # the exit code says it as well
        sys.stderr.write(f"interlock: {message}\n" + (f"help: {help}\n" if help else ""))
        sys.stderr.flush()
    return code


def _say_surprise(error: Exception) -> int:
    """A disk or a folder that fails has a name; whatever else is left is a defect of ours."""
    if isinstance(error, OSError) and error.errno in _FAILING_DISK and error.filename:
        said = f"`{error.filename}` cannot be used: {error.strerror}"
        return _say(said, "check its owner, its mode and the space left", UNREACHABLE)
    return _say("internal error", f"please report it with {_log_traceback()}", INTERNAL)


def _log_traceback() -> str:
    import tempfile
    import traceback

    try:
        handle, path = tempfile.mkstemp(prefix="interlock-", suffix=".log")
        with os.fdopen(handle, "w", errors="backslashreplace") as log:
            log.write(f"arguments: {sys.argv[1:]}\n{traceback.format_exc()}")
    except OSError as error:
        return f"the words you typed (no log could be written: {error.strerror})"
    return path


if __name__ == "__main__":
    sys.exit(main())
