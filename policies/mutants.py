"""Dangerous versions of a key, made from its schema alone: what a rule must refuse is never taken from the rule.

Never judges: proof.py shows each mutant to the reader's shape checks and to the rules that read its key.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Any, Literal, NamedTuple, get_args, get_origin

from config.models.catalogue import Catalogue
from config.models.nature import Nature, Safe
from config.schema_walk import FieldSpec
from policies.direction import direction, safe_direction
from policies.inputs import MISSING, Path

Kind = Literal[
    "drop",
    "type",
    "flip",
    "past cap",
    "jump",
    "zero",
    "negative",
    "swap",
    "other",
    "grow",
    "shrink",
    "empty",
    "null",
    "rename",
]
_ANY_WAY: tuple[Kind, ...] = ("past cap", "negative")
"""Dangerous whatever stood there before."""
_DECIMAL_STEP = Decimal("0.001")
_A_DAY = re.compile(r"(?:[0-9]{4}-)?[0-9]{2}-[0-9]{2}")
"""A day of the calendar, or of every year; its 39th never was."""


class Mutant(NamedTuple):
    """One key with one dangerous value."""

    path: Path
    kind: Kind
    value: object


def mutants(
    path: Path,
    value: object,
    type_: Any,
    nature: Nature,
    peers: Sequence[object],
    catalogue: Catalogue,
    either_way: bool = False,
) -> Iterator[Mutant]:
    """Every value mutant of one key in its unsafe direction; a key without direction gets all that differ.

    peers: values of the same key elsewhere, for swaps.  either_way: the safe direction as well.
    """
    safe = safe_direction(path, nature, catalogue)
    seen: list[object] = [value]
    for kind, candidate in _candidates(value, type_, nature, safe, peers):
        if candidate in seen and not isinstance(candidate, bool):
            continue
        if isinstance(candidate, bool) and candidate is value:
            continue
        seen.append(candidate)
        if (
            either_way
            or safe is Safe.NONE
            or kind in _ANY_WAY
            or direction(path, value, candidate, nature, catalogue) == "loosen"
        ):
            yield Mutant(path, kind, candidate)


def _candidates(
    value: object, type_: Any, nature: Nature, safe: Safe, peers: Sequence[object]
) -> Iterator[tuple[Kind, object]]:
    choices = _choices(type_)
    if choices:
        yield from (("swap", choice) for choice in choices)
    elif bool in _kinds(type_):
        yield "flip", not value
    elif _kinds(type_) & {int, Decimal}:
        yield from _numbers(value, type_, nature, safe, peers)
    elif tuple in _kinds(type_):
        yield from _tuples(value if isinstance(value, tuple) else (), peers)
    else:
        yield from _texts(value, type_, peers)


def _choices(type_: Any) -> tuple[object, ...]:
    return get_args(type_) if get_origin(type_) is Literal else ()


def _kinds(type_: Any) -> set[object]:
    parts = get_args(type_) if get_origin(type_) is not tuple and get_args(type_) else (type_,)
    return {get_origin(part) or part for part in parts}


def _numbers(
    value: object, type_: Any, nature: Nature, safe: Safe, peers: Sequence[object]
) -> Iterator[tuple[Kind, object]]:
    whole = int in _kinds(type_) and not isinstance(value, Decimal)
    step = 1 if whole else _DECIMAL_STEP
    if nature.cap is not None:
        yield "past cap", nature.cap - step if safe is Safe.HIGHER else nature.cap + step
    if isinstance(value, int | Decimal):
        yield "jump", _jump(value, nature, safe, whole)
    yield "zero", 0 if whole else Decimal(0)
    yield "negative", -1 if whole else Decimal(-1)
    if type(None) in _kinds(type_):
        yield "null", None
    yield from (("swap", peer) for peer in peers if safe is Safe.NONE or not _is_a_step(value, peer))


def _is_a_step(value: object, peer: object) -> bool:
    """Whether one change may go from one to the other (LIM001): at most 1.5x, whichever way is the unsafe one."""
    if not isinstance(value, int | Decimal) or not isinstance(peer, int | Decimal):
        return False
    low, high = sorted((value, peer))
    return low > 0 and high * 2 <= low * 3


def _jump(value: int | Decimal, nature: Nature, safe: Safe, whole: bool) -> object:
    """Twice (or half) the value, but inside the cap: what only a rule about changes can see; no jump below 1.5x."""
    if safe is Safe.HIGHER:
        half = value // 2 if whole else value / 2
        low = half if nature.cap is None else max(half, nature.cap)
        return low if low * 3 < value * 2 else value
    double = value * 2 if value else (1 if whole else Decimal(1))
    high = double if nature.cap is None else min(double, nature.cap)
    return high if high * 2 > value * 3 else value


def _tuples(value: tuple[object, ...], peers: Sequence[object]) -> Iterator[tuple[Kind, object]]:
    yield "empty", ()
    if value:
        yield "shrink", value[:-1]
        yield "grow", (*value, _other(str(value[-1])))
    else:
        yield "grow", ("ANOTHER-1",)
    yield from (("swap", peer) for peer in peers)


def _texts(value: object, type_: Any, peers: Sequence[object]) -> Iterator[tuple[Kind, object]]:
    yield from (("swap", peer) for peer in peers)
    if isinstance(value, str):
        yield "other", _other(value)
        if _A_DAY.fullmatch(value):
            yield "other", f"{value[:-2]}39"
        yield "empty", ""
        if type(None) in _kinds(type_):
            yield "null", None
    elif not any(isinstance(peer, str) for peer in peers):
        yield "other", "file:another"


def _other(text: str) -> str:
    """The same text with its last letter or digit moved on by one: another value of the same form."""
    for index in range(len(text) - 1, -1, -1):
        if text[index].isalnum():
            return text[:index] + _next(text[index]) + text[index + 1 :]
    return text + "x"


def _next(letter: str) -> str:
    return {"z": "y", "Z": "Y", "9": "8"}.get(letter) or chr(ord(letter) + 1)


def siblings(path: Path, leaves: Mapping[Path, object], specs: Mapping[Path, FieldSpec]) -> list[object]:
    """Values of texts of the same form in the same section: what a slip of the hand swaps."""
    grammar, section = specs[path].nature.grammar, path[:-1]
    if not grammar:
        return []
    return [
        value
        for other, value in leaves.items()
        if other[:-1] == section
        and other != path
        and specs[other].nature.grammar == grammar
        and (type(value) is type(leaves[path]) or (leaves[path] is None and isinstance(value, str)))
    ]


def entry_mutants(leaves: Mapping[Path, object], specs: Mapping[Path, FieldSpec]) -> Iterator[Mutant]:
    """Entries of maps left out or called otherwise, items of lists of sections left out.

    Another name is the name with a letter changed, and every name its sibling maps know (a retired flag, say).
    """
    entries = dict.fromkeys(_entries(leaves, specs))
    by_parent: dict[Path, list[str | int]] = {}
    for path in entries:
        by_parent.setdefault(path[:-1], []).append(path[-1])
    for path in entries:
        yield Mutant(path, "drop", MISSING)
        if isinstance(path[-1], str):
            yield Mutant(path, "rename", _other(path[-1]))
            for parent, names in by_parent.items():
                if parent != path[:-1] and parent[:-1] == path[:-2]:
                    yield Mutant(path, "rename", names[0])


def _entries(leaves: Mapping[Path, object], specs: Mapping[Path, FieldSpec]) -> Iterator[Path]:
    for path in leaves:
        pattern = specs[path].path_pattern
        lead = len(path) - len(pattern)  # catalogue paths carry one segment more than their pattern
        for at, segment in enumerate(pattern):
            if segment == "*":
                yield path[: lead + at + 1]


def fits_grammar(value: object, grammar: str) -> bool:
    """Whether the reader would let a text through; it refuses the others before any rule sees them."""
    if not grammar or value is None:
        return True
    if isinstance(value, tuple):
        return all(fits_grammar(item, grammar) for item in value)
    return not isinstance(value, str) or _compiled(grammar).fullmatch(value) is not None


@cache
def _compiled(grammar: str) -> re.Pattern[str]:
    return re.compile(grammar)
