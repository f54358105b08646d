"""One walk over the parser's events: form is judged, nodes and places are kept, nothing is constructed by the library.

Stops pulling events at a fixed depth and number, so no document makes the parser run on.
"""

from __future__ import annotations

from typing import Any, Final

import yaml
from yaml._yaml import CParser
from yaml.error import MarkedYAMLError
from yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from config.reading.form import (
    BLOCK,
    Event,
    judge_flow,
    judge_key,
    judge_other,
    judge_scalar,
    judge_start,
    judge_twice,
    not_yaml,
    of_event,
)
from config.reading.nodes import LETTERS, TYPED_WORDS, Mapping, Node, Scalar, Sequence, empty_text
from config.reading.problem import ORIGIN, Problem

LIBRARY: Final = yaml.__version__
MAX_DEPTH: Final = 20
MAX_EVENTS: Final = 20_000


class _StopError(Exception):
    """The walk cannot go on; the reason is already among the problems."""


def read_nodes(text: str, problems: list[Problem]) -> Node | None:
    """The root node of the one document in `text`; problems of form are added to `problems`."""
    try:
        root = _Walk(text, problems).document()
    except MarkedYAMLError as error:
        problems.append(not_yaml(error))
        return None
    except _StopError:
        return None
    if root is None and not problems:
        way_out = "write the keys of the schema"
        problems.append(Problem("YAML014", ORIGIN, ORIGIN, "file holds no document", way_out))
    return root


class _Walk:
    """Pulls events and builds nodes; each level of the document is one call, so the depth bounds the stack."""

    __slots__ = ("_depth", "_events", "_get", "_has_escapes", "_problems", "_text")

    def __init__(self, text: str, problems: list[Problem]) -> None:
        self._get: Any = CParser(text).get_event
        self._text = text + " "  # a key may be the last thing in a file
        self._has_escapes = "\\" in text
        self._problems = problems
        self._depth = 0
        self._events = 0

    def document(self) -> Node | None:
        root: Node | None = None
        while True:
            event: Event = self._get()
            kind = type(event)
            if kind is StreamEndEvent:
                return root
            if kind in (ScalarEvent, MappingStartEvent, SequenceStartEvent, AliasEvent):
                root = self._node(event)
            else:
                self._count(1, event)
                judge_other(event, self._problems)

    def _node(self, event: Event) -> Node:
        kind = type(event)
        if kind is ScalarEvent:
            mark = event.start_mark
            if (
                event.tag
                or event.anchor
                or mark.line != event.end_mark.line
                or event.style in BLOCK
                or (self._has_escapes and event.style == '"')
            ):
                judge_scalar(event, self._text, self._problems)
            return event  # type: ignore[no-any-return]
        if kind is MappingStartEvent:
            return self._mapping(event)
        if kind is SequenceStartEvent:
            return self._sequence(event)
        judge_other(event, self._problems)
        return empty_text(event.start_mark, event.end_mark)

    def _mapping(self, start: Event) -> Mapping:
        self._enter(start)
        node = Mapping(start.start_mark, start.end_mark)
        entries, get, text, problems = node.entries, self._get, self._text, self._problems
        for pairs in range(MAX_EVENTS):  # noqa: B007 - counted after the loop
            key: Event = get()
            if type(key) is MappingEndEvent:
                break
            if type(key) is not Scalar:
                key = self._odd_key(key)
            else:
                word = key.value
                is_good = key.style or (word[:1] in LETTERS and word not in TYPED_WORDS)
                if not is_good or text[key.end_mark.index] != ":":
                    judge_key(key, text, problems)
                if key.tag or key.anchor or self._has_escapes:
                    judge_scalar(key, text, problems)
            child = self._node(get())
            if key.value in entries:
                judge_twice(node, key, problems)
            else:
                entries[key.value] = (key, child)
        self._leave(node, key, 2 * pairs + 1)
        if entries and node.end_mark is start.end_mark:
            node.end_mark = child.end_mark
        return node

    def _sequence(self, start: Event) -> Sequence:
        self._enter(start)
        node = Sequence(start.start_mark, start.end_mark)
        items, get = node.items, self._get
        for count in range(MAX_EVENTS):  # noqa: B007 - counted after the loop
            event = get()
            if type(event) is SequenceEndEvent:
                break
            items.append(self._node(event))
        self._leave(node, event, count + 1)
        if items and node.end_mark is start.end_mark:
            node.end_mark = items[-1].end_mark
        return node

    def _odd_key(self, event: Event) -> Scalar:
        node = self._node(event)
        judge_key(node, self._text, self._problems)
        return empty_text(node.start_mark, node.end_mark)

    def _enter(self, start: Event) -> None:
        if self._depth >= MAX_DEPTH:
            raise self._stop("YAML005", start, f"nested deeper than {MAX_DEPTH} levels", "flatten it")
        self._depth += 1
        judge_start(start, self._text, self._problems)

    def _leave(self, node: Mapping | Sequence, end: Event, events: int) -> None:
        self._depth -= 1
        self._count(events, end)
        if end.end_mark.index > end.start_mark.index and self._text[node.start_mark.index] in "[{":
            node.end_mark = end.end_mark
            judge_flow(node, self._problems)

    def _count(self, events: int, event: Event) -> None:
        self._events += events
        if self._events > MAX_EVENTS:
            raise self._stop("YAML006", event, f"more than {MAX_EVENTS} parser events", "split the file")

    def _stop(self, rule: str, event: Event, message: str, way_out: str) -> Exception:
        self._problems.append(of_event(rule, event, message, way_out))
        return _StopError()
