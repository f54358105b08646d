"""What a document is made of before it has types: texts, lists and mappings, each with its place.

A text is the parser's own event, so that keeping it costs nothing.
"""

from __future__ import annotations

from string import ascii_letters
from typing import TYPE_CHECKING, Any, Final, final

from yaml.events import ScalarEvent

from config.reading.problem import Marked

if TYPE_CHECKING:

    @final
    class Scalar:
        """A text of the file with its style: plain is the empty style."""

        value: str
        style: str
        anchor: str | None
        tag: str | None
        start_mark: Marked
        end_mark: Marked

else:
    Scalar = ScalarEvent


@final
class Sequence:
    """A list."""

    __slots__ = ("end_mark", "items", "start_mark")

    def __init__(self, start: Marked, end: Marked) -> None:
        self.start_mark = start
        self.end_mark = end
        self.items: list[Node] = []


@final
class Mapping:
    """Keys with their nodes, in the order of the file."""

    __slots__ = ("end_mark", "entries", "start_mark")

    def __init__(self, start: Marked, end: Marked) -> None:
        self.start_mark = start
        self.end_mark = end
        self.entries: dict[str, tuple[Scalar, Node]] = {}


def empty_text(start: Marked, end: Marked) -> Scalar:
    """What stands for a node that is refused already."""
    return _text("", "'", start, end)


def plain_text(text: str, start: Marked, end: Marked) -> Scalar:
    """A text without quotes that is made here rather than read."""
    return _text(text, "", start, end)


def _text(text: str, style: str, start: Marked, end: Marked) -> Scalar:
    made: Any = ScalarEvent(None, None, (not style, bool(style)), text, start, end, style)  # type: ignore[arg-type]
    return made  # type: ignore[no-any-return]


Node = Scalar | Sequence | Mapping

LETTERS: Final = frozenset(ascii_letters)


def _spellings(word: str) -> list[str]:
    spelled = [""]
    for letter in word:
        spelled = [start + form for start in spelled for form in (letter, letter.upper())]
    return spelled


TYPED_WORDS: Final = frozenset(
    spelling
    for word in ("y", "n", "yes", "no", "on", "off", "true", "false", "null")
    for spelling in _spellings(word)
)
"""Words that YAML 1.1 or 1.2 reads as something else than text, in every mixture of cases."""


def is_plain_text(text: str) -> bool:
    """Whether a text may stand without quotes: no reader takes it for anything else."""
    return text[:1] in LETTERS and text not in TYPED_WORDS
