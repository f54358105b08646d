"""One reason to refuse a document, still tied to the parser's marks; becomes a `Finding` when all are known.

Never renders and never guesses a path: `config/reading/places.py` knows where a node stands.
"""

from __future__ import annotations

from typing import Final, Protocol

from config.record import record

REASONS = {
    "YAML000": "the reader itself failed",
    "YAML001": "file too large",
    "YAML002": "not UTF-8",
    "YAML003": "character that a reviewer cannot see or trust",
    "YAML004": "not YAML",
    "YAML005": "nested too deep",
    "YAML006": "too many values",
    "YAML007": "anchor or alias",
    "YAML008": "tag",
    "YAML009": "directive or document marker",
    "YAML010": "merge key",
    "YAML011": "key that is not a plain or quoted text",
    "YAML012": "value spread over several lines",
    "YAML013": "duplicate key",
    "YAML014": "empty document",
    "YAML015": "escape in a quoted text",
    "YAML016": "text that must be quoted",
    "CFG001": "unknown key",
    "CFG002": "missing key",
    "CFG003": "wrong type",
    "CFG004": "value outside its grammar",
    "CFG005": "schema version",
    "CFG006": "environment named unlike its file",
    "CFG007": "file name",
    "CFG008": "file mode",
    "CFG009": "stray or hidden file",
    "CFG010": "names that differ by case or form only",
    "CFG011": "attributes set by .gitattributes",
    "CFG012": "missing file",
    "CFG013": "text outside its alphabet",
    "CFG014": "record refused",
    "CFG015": "edit refused",
    "CFG016": "change that the text diff does not show",
    "CFG017": "bundle refused",
    "CFG018": "new key away from its safe value",
    "CFG019": "change of the language",
}
"""Every rule of the reader, by id; ids are never reused."""


MAX_PROBLEMS: Final = 100


class Marked(Protocol):
    """A place of the parser: 0-based line and column, counted in characters."""

    @property
    def line(self) -> int: ...

    @property
    def column(self) -> int: ...

    @property
    def index(self) -> int: ...


@record
class Point:
    """A place made by us, where the parser has none."""

    line: int
    column: int
    index: int = 0


@record
class Problem:
    """One reason: rule, extent, sentence, way out, and related extents with labels.

    owner: identity of the node whose path the finding carries (0: the document).  missing: key below the owner.
    """

    rule: str
    start: Marked
    end: Marked
    message: str
    help: str
    owner: int = 0
    missing: str = ""
    related: tuple[tuple[Marked, Marked, str], ...] = ()


class TooManyProblemsError(Exception):
    """The document is refused with the problems found so far; nobody reads more."""


class Problems(list[Problem]):
    """The problems of one document, as many as a person reads."""

    def append(self, problem: Problem) -> None:
        if len(self) >= MAX_PROBLEMS:
            raise TooManyProblemsError
        super().append(problem)


ORIGIN = Point(0, 0)
"""The place of a problem with the file as such."""


def clip(text: str, most: int = 40) -> str:
    """A text of the file as it may stand in a message: short and printable."""
    seen = "".join(sign if sign.isprintable() else "?" for sign in text[:most])
    return seen if len(text) <= most else f"{seen}..."
