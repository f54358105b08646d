"""A change of the language itself: keys that base's reader does not know, or misses, are set aside and said aloud.

Base cannot judge a key it has no word for.  Such keys are taken out of (or, from base, put back into) the data it
judges; everything else is judged as always.  Only where the change brings models; otherwise a refusal stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from config.findings import Finding, Severity
from config.reading.nodes import Mapping as Keys
from config.reading.walk import read_nodes

UNKNOWN, MISSING = "CFG001", "CFG002"
RULE = "CFG018"
MODELS = "config/models/"
_HELP = (
    "have the owners of the guard files review the new word, and give it its safe value in this very change"
)


def speaks_of_words_only(findings: Sequence[Finding], changed: Sequence[str]) -> bool:
    """Whether base's reader refuses nothing but words, in a change that brings words."""
    brings_words = any(path.startswith(MODELS) for path in changed)
    return brings_words and all(finding.rule in (UNKNOWN, MISSING) for finding in findings)


def set_aside(
    findings: Sequence[Finding], merged: Mapping[str, str], base: Mapping[str, str]
) -> tuple[dict[str, str], list[Finding]] | None:
    """The texts base can judge, and a finding per word; None when a word cannot be set aside by whole lines."""
    texts, told = dict(merged), list[Finding]()
    for finding in sorted(
        findings, key=lambda one: one.span, reverse=True
    ):  # from the end, so that lines stay
        file = finding.span.file
        if finding.rule == UNKNOWN:
            changed = _without(texts.get(file, ""), finding.span.line)
        else:
            changed = _with(texts.get(file, ""), finding.span.line, base.get(file, ""), finding.path)
        if changed is None:
            return None
        texts[file] = changed
        told.append(_word(finding))
    return texts, told


def _word(finding: Finding) -> Finding:
    known = "does not know" if finding.rule == UNKNOWN else "still wants"
    message = f"base {known} the key `{finding.path}`: a word of this change, not judged by base"
    return Finding(RULE, Severity.WARNING, finding.span, message, _HELP, finding.path)


def _without(text: str, number: int) -> str | None:
    """The text without the key at this line and all that stands below it."""
    lines = text.split("\n")
    block = _block(lines, number)
    return None if block is None else "\n".join(lines[: block[0]] + lines[block[1] :])


def _with(text: str, number: int, base: str, path: str) -> str | None:
    """The text with the key's lines as base has them, before the section's first key."""
    place = _line_of(base, path.split("."))
    source = base.split("\n")
    block = None if place is None else _block(source, place)
    if block is None:
        return None
    lines = text.split("\n")
    return "\n".join(lines[: number - 1] + source[block[0] : block[1]] + lines[number - 1 :])


def _block(lines: Sequence[str], number: int) -> tuple[int, int] | None:
    """First and last line (exclusive, from 0) of the key at a line; None where it shares its line."""
    first = number - 1
    line = lines[first]
    indent = len(line) - len(line.lstrip(" "))
    if line[indent : indent + 1] in ("-", "{", "[", ""):
        return None
    last = first + 1
    while (
        last < len(lines) and lines[last].strip() and len(lines[last]) - len(lines[last].lstrip(" ")) > indent
    ):
        last += 1
    return first, last


def _line_of(text: str, path: Sequence[str]) -> int | None:
    node = read_nodes(text, [])
    line = None
    for step in path:
        if type(node) is not Keys or step not in node.entries:
            return None
        key, node = node.entries[step]
        line = key.start_mark.line + 1
    return line
