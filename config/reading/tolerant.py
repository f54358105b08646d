"""Reading another version's files: keys only one side knows are set aside as words, everything else is read strictly.

Never invents a value: what is missing is taken from the same file as it was before, or refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cache
from typing import Annotated, Any, Final, get_args, get_origin, get_type_hints

from config.desired import DesiredState
from config.document import Document, KeyPath
from config.findings import Finding, Refused, whole_file
from config.models.version import SCHEMA
from config.reading.load import Language, load
from config.reading.nodes import Mapping, Node, Scalar, Sequence, plain_text
from config.reading.places import NodePlaces, span
from config.reading.problem import Problem
from config.reading.read import read_with
from config.reading.shape import reader_of
from config.reading.walk import read_nodes
from config.tree import Blob, Tree
from config.vocabulary import Word

_NEW_FILE: Final = re.compile(r"config/(records/)?[a-z][a-z_]*\.yaml")


@dataclass(frozen=True, slots=True)
class Tolerated:
    """The desired state as this version of the language sees it, and the words it set aside."""

    desired: DesiredState
    words: tuple[Word, ...]


def load_tolerantly(tree: Tree, known: DesiredState | None) -> Tolerated | Refused:
    """The tree of a change, read by base's language.  known: the base itself, which stands in for missing keys."""
    language = Tolerant({} if known is None else known.documents)
    desired = load(tree, language)
    return desired if isinstance(desired, Refused) else Tolerated(desired, tuple(language.words))


def load_change(tree: Tree, known: DesiredState | None, brings_words: bool) -> Tolerated | Refused:
    """The tree of a change: strictly; with tolerance only where the change brings models of its own.

    What tolerance cannot set aside is refused for every reason the strict reader gives.
    """
    strict = load(tree)
    if not isinstance(strict, Refused):
        return Tolerated(strict, ())
    tolerated = load_tolerantly(tree, known) if brings_words else strict
    return strict if isinstance(tolerated, Refused) else tolerated


class Tolerant(Language):
    """Sets aside what another version of the language added or dropped."""

    def __init__(self, known: AnyMapping[str, Document[Any]]) -> None:
        self._known = known
        self.words: list[Word] = []

    def read(self, file: str, blob: Blob, cls: type[Any]) -> Document[Any] | Refused:
        known = self._known.get(file)
        aligner = _Aligner(file)

        def read(root: Node, problems: list[Problem]) -> Any:
            aligner.align(root, cls, None if known is None else read_nodes(known.text, []), ())
            return reader_of(cls)(root, problems)

        document = read_with(file, blob, read, prepare=aligner.align_version)
        if isinstance(document, Refused):
            return document
        self.words.extend(aligner.words)
        return replace(document, places=NodePlaces(file, document.text, None))

    def stand_in(self, file: str) -> Document[Any] | None:
        known = self._known.get(file)
        if known is not None:
            self.words.append(Word(file, (), "missing", whole_file(file)))
        return known

    def excuses(self, finding: Finding) -> bool:
        if finding.rule != "CFG009" or not _NEW_FILE.fullmatch(finding.span.file):
            return False
        self.words.append(Word(finding.span.file, (), "unknown", finding.span))
        return True


class _Aligner:
    """Makes the nodes of one file fit a section, noting each difference of language."""

    def __init__(self, file: str) -> None:
        self._file = file
        self.words: list[Word] = []

    def align_version(self, root: Node) -> None:
        """A file that names the next version is read as this one's; the version is a word as well."""
        entry = root.entries.get("schema") if type(root) is Mapping else None
        if type(root) is Mapping and entry and type(entry[1]) is Scalar and entry[1].value == str(SCHEMA + 1):
            key, node = entry
            self._note(("schema",), "unknown", key)
            root.entries["schema"] = (key, plain_text(str(SCHEMA), node.start_mark, node.end_mark))

    def align(self, node: Node, annotation: Any, known: Node | None, path: KeyPath) -> None:
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
        if is_dataclass(annotation) and type(node) is Mapping:
            self._align_section(node, annotation, known, path)
        elif get_origin(annotation) is AnyMapping and type(node) is Mapping:
            for name, (_, child) in node.entries.items():
                self.align(child, get_args(annotation)[1], _child(known, name), (*path, name))
        elif get_origin(annotation) is tuple and type(node) is Sequence:
            for at, item in enumerate(node.items):
                self.align(item, get_args(annotation)[0], _child(known, at), (*path, at))

    def _align_section(self, node: Mapping, cls: Any, known: Node | None, path: KeyPath) -> None:
        hints = _hints(cls)
        head = next((key for key, _ in node.entries.values()), None)
        for name in [name for name in node.entries if name not in hints]:
            self._note((*path, name), "unknown", node.entries.pop(name)[0])
        for name in hints:
            before = known.entries.get(name) if type(known) is Mapping else None
            if name in node.entries:
                self.align(node.entries[name][1], hints[name], before and before[1], (*path, name))
            elif before is not None:
                self._note((*path, name), "missing", head or node)
                node.entries[name] = before

    def _note(self, path: KeyPath, kind: Any, place: Node) -> None:
        self.words.append(Word(self._file, path, kind, span(self._file, place.start_mark, place.end_mark)))


@cache
def _hints(cls: Any) -> dict[str, Any]:
    hints = get_type_hints(cls, include_extras=True)
    return {field.name: hints[field.name] for field in fields(cls)}


def _child(known: Node | None, step: str | int) -> Node | None:
    if type(known) is Mapping and isinstance(step, str):
        return known.entries[step][1] if step in known.entries else None
    if type(known) is Sequence and isinstance(step, int) and step < len(known.items):
        return known.items[step]
    return None
