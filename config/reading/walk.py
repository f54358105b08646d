"""One walk over the parser's events: form is judged, nodes and places are kept, nothing is constructed by the library.

Stops pulling events at a fixed depth and number, so no document makes the parser run on.
"""

from __future__ import annotations

import re
from string import ascii_letters
from typing import Any, Final, final

from yaml._yaml import CParser
from yaml.error import MarkedYAMLError
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from config.reading.problem import ORIGIN, Marked, Problem, clip

Event = Any
"""An event of the C parser, which has no useful types."""

MAX_DEPTH: Final = 20
MAX_EVENTS: Final = 20_000
_BLOCK: Final = frozenset("|>")
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)
_LETTERS = frozenset(ascii_letters)


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


@final
class Scalar:
    """A text of the file with its style: plain is the empty style."""

    __slots__ = ("end", "start", "style", "text")

    def __init__(self, text: str, style: str, start: Marked, end: Marked) -> None:
        self.text = text
        self.style = style
        self.start = start
        self.end = end


@final
class Sequence:
    """A list."""

    __slots__ = ("end", "items", "start")

    def __init__(self, start: Marked, end: Marked) -> None:
        self.start = start
        self.end = end
        self.items: list[Node] = []


@final
class Mapping:
    """Keys with their nodes, in the order of the file."""

    __slots__ = ("end", "entries", "start")

    def __init__(self, start: Marked, end: Marked) -> None:
        self.start = start
        self.end = end
        self.entries: dict[str, tuple[Scalar, Node]] = {}


Node = Scalar | Sequence | Mapping


class _StopError(Exception):
    """The walk cannot go on; the reason is already among the problems."""


def is_plain_text(text: str) -> bool:
    """Whether a text may stand without quotes: no reader takes it for anything else."""
    return text[:1] in _LETTERS and text not in TYPED_WORDS


def read_nodes(text: str, problems: list[Problem]) -> Node | None:
    """The root node of the one document in `text`; problems of form are added to `problems`."""
    try:
        roots = _walk(text, problems)
    except MarkedYAMLError as error:
        problems.append(_not_yaml(error))
        return None
    except _StopError:
        return None
    if not roots and not problems:
        problems.append(
            Problem("YAML014", ORIGIN, ORIGIN, "file holds no document", "write the keys of the schema")
        )
    return roots[0] if roots else None


def _walk(text: str, problems: list[Problem]) -> list[Node]:
    get_event = CParser(text).get_event
    top = Sequence(ORIGIN, ORIGIN)
    here: Sequence | Mapping = top
    key: Scalar | None = None
    stack: list[tuple[Sequence | Mapping, Scalar | None]] = []
    escapes = "\\" in text
    node: Node
    for _ in range(MAX_EVENTS):
        event: Event = get_event()
        kind = type(event)
        if kind is ScalarEvent:
            start, end = event.start_mark, event.end_mark
            node = Scalar(event.value, event.style, start, end)
            if event.tag or event.anchor or start.line != end.line or event.style in _BLOCK or escapes:
                _judge_scalar(event, text, problems)
        elif kind is MappingEndEvent or kind is SequenceEndEvent:
            node = here
            here, key = stack.pop()
            _close(node, event, text, problems)
        elif kind is MappingStartEvent or kind is SequenceStartEvent:
            if len(stack) >= MAX_DEPTH:
                raise _give_up(
                    "YAML005", event, f"nested deeper than {MAX_DEPTH} levels", "flatten it", problems
                )
            _judge_start(event, text, problems)
            stack.append((here, key))
            here = (Mapping if kind is MappingStartEvent else Sequence)(event.start_mark, event.end_mark)
            key = None
            continue
        elif kind is StreamEndEvent:
            return top.items
        else:
            _judge_other(event, problems)
            if kind is not AliasEvent:
                continue
            node = Scalar("", "'", event.start_mark, event.end_mark)
        if type(here) is Sequence:
            here.items.append(node)
        elif key is None:
            key = _key(node, text, problems)
        else:
            _put(here, key, node, problems)
            key = None
    raise _give_up("YAML006", event, f"more than {MAX_EVENTS} parser events", "split the file", problems)


def _of_event(rule: str, event: Event, message: str, way_out: str) -> Problem:
    return Problem(rule, event.start_mark, event.end_mark, message, way_out)


def _give_up(rule: str, event: Event, message: str, way_out: str, problems: list[Problem]) -> Exception:
    problems.append(_of_event(rule, event, message, way_out))
    return _StopError()


def _not_yaml(error: MarkedYAMLError) -> Problem:
    mark: Any = error.problem_mark or error.context_mark or ORIGIN
    said = " ".join(str(part) for part in (error.context, error.problem) if part)
    return Problem("YAML004", mark, mark, f"not YAML: {clip(said, 200)}", "correct the text at this place")


def _judge_node(event: Event, problems: list[Problem]) -> None:
    if event.anchor is not None:
        message = f"anchor `&{clip(event.anchor)}`"
        problems.append(_of_event("YAML007", event, message, "remove it; each value stands where it is used"))
    if event.tag is not None:
        message = f"tag `{clip(event.tag)}`"
        problems.append(_of_event("YAML008", event, message, "remove it; the schema knows the type"))


def _judge_scalar(event: Event, text: str, problems: list[Problem]) -> None:
    _judge_node(event, problems)
    raw = text[event.start_mark.index : event.end_mark.index]
    if event.style == '"' and not set(_ESCAPE.findall(raw)) <= {'"', "\\"}:
        way_out = "write the character itself; only a quote and a backslash are escaped"
        problems.append(_of_event("YAML015", event, "escape in a quoted text", way_out))
    if event.style in _BLOCK:
        problems.append(_of_event("YAML012", event, "block text", "write it in double quotes on one line"))
    elif event.start_mark.line != event.end_mark.line:
        message = "text spread over several lines"
        problems.append(_of_event("YAML012", event, message, "write it in double quotes on one line"))


def _judge_start(event: Event, text: str, problems: list[Problem]) -> None:
    if event.anchor is not None or event.tag is not None:
        _judge_node(event, problems)
    elif event.flow_style and text[event.start_mark.index] not in "[{":
        problems.append(_of_event("YAML011", event, "pair inside a list without braces", "write the braces"))


def _judge_other(event: Event, problems: list[Problem]) -> None:
    if type(event) is AliasEvent:
        way_out = "write the value itself"
        problems.append(_of_event("YAML007", event, f"alias `*{clip(str(event.anchor))}`", way_out))
    elif type(event) is DocumentStartEvent and (event.explicit or event.version or event.tags):
        what = "directive" if event.version or event.tags else "document marker `---`"
        problems.append(_of_event("YAML009", event, what, "remove it; a file is one document"))
    elif type(event) is DocumentEndEvent and event.explicit:
        problems.append(
            _of_event("YAML009", event, "document marker `...`", "remove it; a file is one document")
        )


def _close(node: Node, event: Event, text: str, problems: list[Problem]) -> None:
    if text[node.start.index] in "[{" and event.end_mark.index > event.start_mark.index:
        node.end = event.end_mark
        if node.start.line != node.end.line:
            message = "list or mapping in brackets spread over several lines"
            way_out = "write it on one line, or one entry per line without brackets"
            problems.append(Problem("YAML012", node.start, node.end, message, way_out, id(node)))
        return
    if type(node) is Mapping and node.entries:
        node.end = next(reversed(node.entries.values()))[1].end
    elif type(node) is Sequence and node.items:
        node.end = node.items[-1].end


def _key(node: Node, text: str, problems: list[Problem]) -> Scalar:
    if type(node) is not Scalar or text[node.end.index : node.end.index + 1] != ":":
        message = "key that is not directly followed by its colon"
        problems.append(Problem("YAML011", node.start, node.end, message, "write `key: value`"))
        return node if type(node) is Scalar else Scalar("", "'", node.start, node.end)
    if not node.style and not is_plain_text(node.text):
        if node.text == "<<":
            message, way_out = "merge key `<<`", "write the values themselves"
            problems.append(Problem("YAML010", node.start, node.end, message, way_out))
        else:
            message = f"key `{clip(node.text)}` must be quoted"
            way_out = "other readers of YAML take it for something else than text"
            problems.append(Problem("YAML016", node.start, node.end, message, way_out))
    return node


def _put(here: Mapping, key: Scalar, node: Node, problems: list[Problem]) -> None:
    first = here.entries.get(key.text)
    if first is None:
        here.entries[key.text] = (key, node)
        return
    message = f"key `{clip(key.text)}` stands here twice"
    related = ((first[0].start, first[0].end, "first stands here"),)
    problems.append(
        Problem("YAML013", key.start, key.end, message, "remove one of them", id(first[1]), "", related)
    )
