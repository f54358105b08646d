"""The failures of a world that fails, each with the exit code of the house; refusals are values, not these."""

from __future__ import annotations

CLEAN = 0
REFUSED = 1
USAGE = 2
INTERNAL = 3
DIFFERS = 4
UNREACHABLE = 5
CONFIGURATION = 78


class InterlockError(Exception):
    """Something outside our judgement went wrong; `help` says what a person can do."""

    exit_code = INTERNAL

    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.help = help


class UsageError(InterlockError):
    """The command was called in a way or in a place where it cannot work."""

    exit_code = USAGE


class InternalError(InterlockError):
    """A rule or verifier of ours crashed: never a pass, never a plain refusal."""

    exit_code = INTERNAL


class UnreachableError(InterlockError):
    """A backend did not answer in time."""

    exit_code = UNREACHABLE


class ConfigurationRefusedError(InterlockError):
    """The engine refuses to start on what it was given."""

    exit_code = CONFIGURATION
