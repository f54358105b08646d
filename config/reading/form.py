"""What a document may not be made of: indirection, tags, several documents, values over several lines, keys twice.

Judges single events and nodes; never walks.
"""

from __future__ import annotations

import re
from typing import Any, Final

from yaml.error import MarkedYAMLError
from yaml.events import AliasEvent, DocumentEndEvent, DocumentStartEvent

from config.reading.nodes import Mapping, Node, Scalar, is_plain_text
from config.reading.problem import ORIGIN, Problem, clip

Event = Any
"""An event of the C parser, which has no useful types."""

BLOCK: Final = frozenset("|>")
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)


def of_event(rule: str, event: Event, message: str, way_out: str) -> Problem:
    """A problem with one event."""
    return Problem(rule, event.start_mark, event.end_mark, message, way_out)


def not_yaml(error: MarkedYAMLError) -> Problem:
    """What the parser says of a text that is no YAML."""
    mark: Any = error.problem_mark or error.context_mark or ORIGIN
    said = " ".join(str(part) for part in (error.context, error.problem) if part)
    return Problem("YAML004", mark, mark, f"not YAML: {clip(said, 200)}", "correct the text at this place")


def judge_name(event: Event, problems: list[Problem]) -> None:
    """Anchors and tags."""
    if event.anchor is not None:
        message = f"anchor `&{clip(event.anchor)}`"
        problems.append(of_event("YAML007", event, message, "remove it; each value stands where it is used"))
    if event.tag is not None:
        message = f"tag `{clip(event.tag)}`"
        problems.append(of_event("YAML008", event, message, "remove it; the schema knows the type"))


def judge_scalar(event: Event, text: str, problems: list[Problem]) -> None:
    """A text that is named, tagged, escaped or spread over lines."""
    judge_name(event, problems)
    raw = text[event.start_mark.index : event.end_mark.index]
    if event.style == '"' and not set(_ESCAPE.findall(raw)) <= {'"', "\\"}:
        way_out = "write the character itself; only a quote and a backslash are escaped"
        problems.append(of_event("YAML015", event, "escape in a quoted text", way_out))
    if event.style in BLOCK:
        problems.append(of_event("YAML012", event, "block text", "write it in double quotes on one line"))
    elif event.start_mark.line != event.end_mark.line:
        message = "text spread over several lines"
        problems.append(of_event("YAML012", event, message, "write it in double quotes on one line"))


def judge_start(event: Event, text: str, problems: list[Problem]) -> None:
    """The beginning of a list or mapping."""
    if event.anchor is not None or event.tag is not None:
        judge_name(event, problems)
    elif event.flow_style and text[event.start_mark.index] not in "[{":
        problems.append(of_event("YAML011", event, "pair inside a list without braces", "write the braces"))


def judge_flow(node: Node, problems: list[Problem]) -> None:
    """A list or mapping in brackets, closed."""
    if node.start_mark.line != node.end_mark.line:
        message = "list or mapping in brackets spread over several lines"
        way_out = "write it on one line, or one entry per line without brackets"
        problems.append(Problem("YAML012", node.start_mark, node.end_mark, message, way_out, id(node)))


def judge_other(event: Event, problems: list[Problem]) -> None:
    """Aliases, directives and document markers."""
    if type(event) is AliasEvent:
        way_out = "write the value itself"
        problems.append(of_event("YAML007", event, f"alias `*{clip(str(event.anchor))}`", way_out))
    elif type(event) is DocumentStartEvent and (event.explicit or event.version or event.tags):
        what = "directive" if event.version or event.tags else "document marker `---`"
        problems.append(of_event("YAML009", event, what, "remove it; a file is one document"))
    elif type(event) is DocumentEndEvent and event.explicit:
        problems.append(
            of_event("YAML009", event, "document marker `...`", "remove it; a file is one document")
        )


def judge_key(node: Node, text: str, problems: list[Problem]) -> None:
    """A key that is more than a text with its colon, or that other readers take for another type."""
    if type(node) is not Scalar or text[node.end_mark.index : node.end_mark.index + 1] != ":":
        message = "key that is not directly followed by its colon"
        problems.append(Problem("YAML011", node.start_mark, node.end_mark, message, "write `key: value`"))
    elif not node.style and node.value == "<<":
        message, way_out = "merge key `<<`", "write the values themselves"
        problems.append(Problem("YAML010", node.start_mark, node.end_mark, message, way_out))
    elif not node.style and not is_plain_text(node.value):
        message = f"key `{clip(node.value)}` must be quoted"
        way_out = "other readers of YAML take it for something else than text"
        problems.append(Problem("YAML016", node.start_mark, node.end_mark, message, way_out))


def judge_twice(here: Mapping, key: Scalar, problems: list[Problem]) -> None:
    """A key that stands in its mapping already."""
    first, value = here.entries[key.value]
    message = f"key `{clip(key.value)}` stands here twice"
    related = ((first.start_mark, first.end_mark, "first stands here"),)
    problems.append(
        Problem(
            "YAML013", key.start_mark, key.end_mark, message, "remove one of them", id(value), "", related
        )
    )
