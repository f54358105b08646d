"""Compares an answer with the planted truth: what was found, missed and made up, and how exactly it was pointed at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmarks.policy.tools import OTHER, Found
from benchmarks.policy.trees import Fault


@dataclass(frozen=True, slots=True)
class Score:
    """others: findings of rules beyond the three at a planted place; false: findings where nothing was planted."""

    true: int
    missed: int
    false: int
    others: int
    place: str


def score(found: Iterable[Found], faults: Sequence[Fault]) -> Score:
    """Judge one answer. A fault counts once, however often it is named."""
    every = list(found)
    truth = {(fault.file, fault.rule): fault for fault in faults}
    ours = {(one.file, one.rule): one for one in every if one.rule != OTHER}
    hits = [(one, truth[key]) for key, one in ours.items() if key in truth]
    spots = {(fault.file, fault.line, fault.column) for fault in faults}
    further = [(one.file, one.line, one.column) in spots for one in every if one.rule == OTHER]
    others = sum(further)
    false = len(ours) - len(hits) + len(further) - others
    return Score(len(hits), len(truth) - len(hits), false, others, place(hits))


def place(hits: Sequence[tuple[Found, Fault]]) -> str:
    """The most exact kind of place that was right for every true finding."""
    if not hits:
        return "-"
    if all((one.line, one.column) == (fault.line, fault.column) for one, fault in hits):
        return "line:column"
    if all(one.line == one.last_line == fault.line for one, fault in hits):
        return "line"
    if all(one.path == fault.path for one, fault in hits):
        return "key path"
    if all((one.line or 0) <= fault.line <= (one.last_line or 0) for one, fault in hits):
        return "range of lines"
    return "file"
