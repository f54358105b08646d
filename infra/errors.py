"""What may go wrong below: a sentence that stands alone, and a way out.

Never decides an exit code: that is the command's.
"""

from __future__ import annotations


class InfraError(Exception):
    """`message` says what is wrong, `help` what a person can do."""

    def __init__(self, message: str, help: str) -> None:
        super().__init__(message)
        self.message = message
        self.help = help

    def __str__(self) -> str:
        return f"{self.message} (help: {self.help})"
