"""Proof of the resource rules on one plan: each kind of dangerous property of it is refused, or a reason is recorded.

Never shows the engine a mutant: the rules are asked directly, with what the engine planned.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from infra.facts.mutants import Mutant, mutants
from infra.facts.unguarded import uncovered
from infra.pack.judging import rules_of_pack, sees_whole_graph
from policies.inputs import Resource, Resources, State
from policies.rule import Rule


@dataclass(frozen=True, slots=True)
class Proof:
    """What became of the mutants of a plan, one of a kind (type, property, danger)."""

    made: int
    refused: int
    reasoned: int
    survivors: tuple[str, ...]

    def sentence(self) -> str:
        """`1,290 dangerous properties: 840 refused, 450 not, each for a recorded reason`."""
        rest = f"{len(self.survivors)} survive" if self.survivors else "each for a recorded reason"
        return f"{self.made:,} dangerous properties: {self.refused:,} refused, {self.made - self.refused:,} not, {rest}"


def prove(state: State, planned: Sequence[Resource]) -> Proof:
    """Ask the rules about one mutant of each kind."""
    rules = [rule for rule in rules_of_pack() if state.tier in rule.META.tiers]
    whole = [rule for rule in rules if sees_whole_graph(rule)]
    single = [rule for rule in rules if not sees_whole_graph(rule)]
    known = _fired(single, state, planned) | _fired(whole, state, planned)
    asked, alive = set[tuple[str, str, str]](), list[tuple[str, str, str]]()
    for at, one in enumerate(planned):
        for mutant in mutants(one):
            kind = (one.type, mutant.path, mutant.kind)
            if kind in asked:
                continue
            asked.add(kind)
            if not _is_refused(single, whole, state, planned, at, mutant, known):
                alive.append(kind)
    survivors, _ = uncovered(alive)
    return Proof(len(asked), len(asked) - len(alive), len(alive) - len(survivors), tuple(survivors))


Fired = set[tuple[str, str]]


def _is_refused(
    single: Sequence[Rule],
    whole: Sequence[Rule],
    state: State,
    planned: Sequence[Resource],
    at: int,
    mutant: Mutant,
    known: Fired,
) -> bool:
    if _fired(single, state, [mutant.resource]) - known:
        return True
    return bool(_fired(whole, state, [*planned[:at], mutant.resource, *planned[at + 1 :]]) - known)


def _fired(rules: Sequence[Rule], state: State, planned: Sequence[Resource]) -> Fired:
    graph = Resources(state, tuple(planned))
    return {(rule.META.id, hit.message) for rule in rules for hit in rule.judge(graph)}
