"""Where two versions of the language differ: keys one knows and the other does not, and the value such a key may carry.

Decides no direction: a key that is new must stand at its safe value, whatever it is about.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from config.desired import DesiredState
from config.document import KeyPath, dotted
from config.findings import Finding, Severity, Span, sort_findings
from config.models.nature import Nature, Safe
from config.schema_walk import walk


@dataclass(frozen=True, slots=True)
class Word:
    """A path on which base and head differ in language: `unknown` to base, or `missing` where base wants it.

    An empty path means the whole file.
    """

    file: str
    path: KeyPath
    kind: Literal["unknown", "missing"]
    span: Span

    def plain(self) -> dict[str, Any]:
        """As JSON carries it from one process to another."""
        span = self.span
        place = [span.line, span.column, span.end_line, span.end_column]
        return {"file": self.file, "path": list(self.path), "kind": self.kind, "place": place}

    @classmethod
    def parse(cls, plain: dict[str, Any]) -> Word:
        """The word in `plain`."""
        return cls(plain["file"], tuple(plain["path"]), plain["kind"], Span(plain["file"], *plain["place"]))


def judge_words(words: Iterable[Word], head: DesiredState) -> tuple[Finding, ...]:
    """What head's own language says of the words base could not judge: unsafe values refuse, the rest is told."""
    found: list[Finding] = []
    for word in words:
        unsafe = list(_unsafe(word, head)) if word.kind == "unknown" else []
        found.extend(unsafe or [_told(word)])
    return sort_findings(found)


def told(words: Iterable[Word]) -> tuple[Finding, ...]:
    """What base can say of words it has no key for: where they stand, and who must look at them."""
    return sort_findings([_told(word) for word in words])


def is_safest(value: Any, nature: Nature) -> bool | None:
    """Whether a value is the one safe value of its key; None where the key has no single one."""
    if nature.order:
        return bool(value == nature.order[0])
    if nature.safe in (Safe.TRUE, Safe.FALSE):
        return value is (nature.safe is Safe.TRUE)
    if nature.safe is Safe.SHRINK:
        return bool(value == ())
    return None


def _unsafe(word: Word, head: DesiredState) -> Iterator[Finding]:
    document = head.documents.get(word.file)
    if document is None:
        return
    for path, value, spec in walk(document.value):
        if path[: len(word.path)] != word.path or is_safest(value, spec.nature) is not False:
            continue
        name = dotted(path)
        message = f"new key `{name}` does not carry its safe value"
        way_out = f"introduce it at its safe value ({_safe_value(spec.nature)}); change it in a pull request of its own"
        yield Finding("CFG018", Severity.ERROR, document.places.at(path), message, way_out, name)


def _safe_value(nature: Nature) -> str:
    if nature.order:
        return f"`{nature.order[0]}`"
    return {Safe.TRUE: "`true`", Safe.FALSE: "`false`", Safe.SHRINK: "`[]`"}[nature.safe]


def _told(word: Word) -> Finding:
    name = f"key `{dotted(word.path)}`" if word.path else f"file `{word.file}`"
    message = f"{name} is new to the language" if word.kind == "unknown" else f"{name} leaves the language"
    way_out = "not judged by base; the owners of the guard files must approve"
    return Finding("CFG019", Severity.WARNING, word.span, message, way_out, dotted(word.path))
