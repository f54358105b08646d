"""Where each path stands: spans are made from the parser's marks when somebody asks, not before.

Can forget its nodes and read them again from the text, so that thousands of documents stay small.
"""

from __future__ import annotations

from config.document import KeyPath, dotted
from config.findings import Finding, Related, Severity, Span, whole_file
from config.reading.nodes import Mapping, Node, Scalar, Sequence
from config.reading.problem import Marked, Problem
from config.reading.walk import read_nodes


def span(file: str, start: Marked, end: Marked) -> Span:
    """The 1-based span between two marks."""
    return Span(file, start.line + 1, start.column + 1, end.line + 1, end.column + 1)


class NodePlaces:
    """The places of one document."""

    __slots__ = ("_file", "_root", "_text")

    def __init__(self, file: str, text: str, root: Node | None) -> None:
        self._file = file
        self._text = text
        self._root = root

    def forget_nodes(self) -> None:
        """Drop the nodes; the next question reads them again from the text."""
        self._root = None

    def value(self, path: KeyPath) -> Span:
        head, node = self._follow(path)
        return self._span(head if node is None else node)

    def key(self, path: KeyPath) -> Span:
        return self._span(self._follow(path)[0])

    def at(self, path: KeyPath) -> Span:
        place = self.value(path)
        return place if place.line == place.end_line else self.key(path)

    def _span(self, node: Node | None) -> Span:
        return whole_file(self._file) if node is None else span(self._file, node.start_mark, node.end_mark)

    def _follow(self, path: KeyPath) -> tuple[Scalar | None, Node | None]:
        """The nearest head on the way (a key, or what a list item begins with), and the node if the path exists."""
        if self._root is None:
            self._root = read_nodes(self._text, [])
        head: Scalar | None = None
        node = self._root
        for step in path:
            child = _child(node, step)
            if child is None:
                return head, None
            head, node = child
        return head, node


def _child(node: Node | None, step: str | int) -> tuple[Scalar | None, Node] | None:
    if type(node) is Mapping and isinstance(step, str):
        return node.entries.get(step)
    if type(node) is Sequence and isinstance(step, int) and 0 <= step < len(node.items):
        return _head(node.items[step]), node.items[step]
    return None


def _head(node: Node) -> Scalar | None:
    while type(node) is not Scalar:
        if type(node) is Mapping and node.entries:
            return next(iter(node.entries.values()))[0]
        if type(node) is not Sequence or not node.items:
            return None
        node = node.items[0]
    return node


def findings_of(file: str, root: Node | None, problems: list[Problem]) -> list[Finding]:
    """Problems as findings, each with the path of the node it belongs to."""
    paths = _paths(root) if any(problem.owner for problem in problems) else {}
    return [_finding(file, problem, paths) for problem in problems]


def _finding(file: str, problem: Problem, paths: dict[int, KeyPath]) -> Finding:
    path = paths.get(problem.owner, ())
    return Finding(
        rule=problem.rule,
        severity=Severity.ERROR,
        span=span(file, problem.start, problem.end),
        message=problem.message,
        help=problem.help,
        path=dotted((*path, problem.missing) if problem.missing else path),
        related=tuple(Related(span(file, start, end), label) for start, end, label in problem.related),
    )


def _paths(root: Node | None) -> dict[int, KeyPath]:
    found: dict[int, KeyPath] = {}
    waiting: list[tuple[KeyPath, Node]] = [((), root)] if root is not None else []
    while waiting:
        path, node = waiting.pop()
        found[id(node)] = path
        if type(node) is Mapping:
            waiting.extend(((*path, name), child) for name, (_, child) in node.entries.items())
        elif type(node) is Sequence:
            waiting.extend(((*path, at), child) for at, child in enumerate(node.items))
    return found
