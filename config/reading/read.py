"""One file: bytes in, a typed document or every reason against it out.

Never raises: an exception inside is a refusal under YAML000.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from config.document import Document
from config.findings import Finding, Refused, Severity, sort_findings, whole_file
from config.models.version import SCHEMA
from config.reading.gate import read_text
from config.reading.nodes import Mapping, Node, Scalar
from config.reading.places import NodePlaces, findings_of
from config.reading.problem import Problem, Problems, TooManyProblemsError, clip
from config.reading.scalars import INTEGER, Reader, refuse
from config.reading.shape import reader_of
from config.reading.walk import read_nodes
from config.tree import Blob

T = TypeVar("T")


def read_document(file: str, blob: Blob, cls: type[T]) -> Document[T] | Refused:
    """The document in `blob`, typed as `cls`, or every reason why not (at most `MAX_PROBLEMS`)."""
    wanted: type[Any] = cls
    return read_with(file, blob, lambda root, problems: reader_of(wanted)(root, problems))


def read_with(
    file: str, blob: Blob, reader: Reader, prepare: Callable[[Node], None] | None = None
) -> Document[Any] | Refused:
    """The document in `blob` as `reader` types its root.  prepare: may change the nodes before anything is judged."""
    try:
        return _read(file, blob, reader, prepare)
    except Exception as error:
        return refused_by_failure(file, error)


def refused_by_failure(file: str, error: Exception) -> Refused:
    """The refusal of a reader that failed itself."""
    message = f"the reader failed with {type(error).__name__}: {clip(str(error), 200)}"
    way_out = "report this file; until then nothing in it is trusted"
    return Refused((Finding("YAML000", Severity.ERROR, whole_file(file), message, way_out),))


def _read(
    file: str, blob: Blob, reader: Reader, prepare: Callable[[Node], None] | None
) -> Document[Any] | Refused:
    text = read_text(blob.data)
    if isinstance(text, Problem):
        return _refused(file, None, [text])
    problems = Problems()
    root: Node | None = None
    value: Any = None
    try:
        root = read_nodes(text, problems)
        if root is not None and prepare is not None:
            prepare(root)
        if root is not None and not problems and speaks_our_version(root, problems):
            value = reader(root, problems)
    except TooManyProblemsError:
        pass  # those found so far are reason enough
    if root is None or problems:
        return _refused(file, root, problems)
    return Document(file, value, NodePlaces(file, text, root), blob.id, text)


def _refused(file: str, root: Node | None, problems: list[Problem]) -> Refused:
    return Refused(sort_findings(findings_of(file, root, problems)))


def speaks_our_version(root: Node, problems: list[Problem]) -> bool:
    """Whether the file's language is known here; if not, that is the one reason given."""
    if type(root) is not Mapping or "schema" not in root.entries:
        return True
    node = root.entries["schema"][1]
    if (
        type(node) is not Scalar
        or node.style
        or not INTEGER.fullmatch(node.value)
        or int(node.value) == SCHEMA
    ):
        return True
    message = f"schema version {node.value}, this tool reads version {SCHEMA}"
    way_out = "upgrade interlock" if int(node.value) > SCHEMA else f"write `schema: {SCHEMA}`"
    refuse("CFG005", node, message, way_out, problems)
    return False
