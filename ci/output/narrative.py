"""Tells a story while it happens: one line a step, with what was measured; the demo's voice."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Narrative:
    """Lines for people; `write` takes whole lines without their end."""

    write: Callable[[str], None]
    colour: bool

    def chapter(self, letter: str, title: str) -> None:
        """A new part of the story."""
        self.write("")
        self.write(self._paint("1", f"({letter}) {title}" if letter else title))

    def command(self, words: str) -> None:
        """What is typed now."""
        self.write(self._paint("36", f"    $ {words}"))

    def quote(self, text: str, most: int = 24) -> None:
        """What a real part answered, indented and never more than `most` lines."""
        lines = text.rstrip("\n").splitlines()
        for line in lines[:most]:
            self.write(f"    | {line}")
        if len(lines) > most:
            self.write(f"    | ... {len(lines) - most} more lines")

    def fact(self, text: str) -> None:
        """Something measured or read back."""
        self.write(f"    {self._paint('32', 'ok')} {text}")

    def note(self, text: str) -> None:
        """Something to know."""
        self.write(f"    {self._paint('2', text)}")

    def failure(self, text: str) -> None:
        """A step that did not happen."""
        self.write(f"    {self._paint('31', 'FAILED')} {text}")

    def _paint(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour else text


def to_terminal(colour: bool) -> Narrative:
    """A narrative on standard output, line by line."""

    def write(line: str) -> None:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    return Narrative(write, colour)
