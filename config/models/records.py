"""What people decided, dated: releases of a kill."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """Permission to leave KILLED: it names the environment and the kill epoch it ends."""

    environment: str
    epoch: int
    person: str
    approver: str | None
    reason: str
    scope: str
    day: str


def person_of(name: str) -> str:
    """One person, however the name is spelt: `ann.smith`, `ann_smith` and `annsmith` are the same."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())
