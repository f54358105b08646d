"""What may go wrong with the local parts: a sentence that stands alone and a way out.

Never decides an exit code: that is the command's.
"""

from __future__ import annotations


class LocalError(Exception):
    """A local server could not be brought where it was asked to be."""

    def __init__(self, message: str, help: str) -> None:
        super().__init__(message)
        self.message = message
        self.help = help

    def __str__(self) -> str:
        return f"{self.message} (help: {self.help})"


class PortTakenError(LocalError):
    """Somebody else listens on the port."""
