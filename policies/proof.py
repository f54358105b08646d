"""Proves on this very tree that rules bite: every key of every environment is made dangerous, and must be refused.

Mutants come from the schema (mutants.py), never from a rule; a rule only gets to see mutants of keys it declares to
read.  Never changes the tree.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import tzinfo

from config.schema_walk import FieldSpec
from policies.firing import Firing, Known, in_order, refuses
from policies.further import Further
from policies.inputs import MISSING, Change, Fleet, KeyChange, Path, State
from policies.mutants import Mutant, entry_mutants, fits_grammar, mutants, siblings
from policies.mutated import Subjects, shown
from policies.paths import Reads
from policies.rule import Rule, Scope
from policies.unguarded import excuse
from policies.verdict import MutantFate
from policies.watch import Watch

_ALL_UP_TO = 9
"""Above so many environments, one of each tier is mutated."""


class Prover:
    """One proof of one tree."""

    def __init__(self, rules: Sequence[Rule], fleet: Fleet, known: Known, zone: tzinfo, watch: Watch) -> None:
        self._rules = in_order(rules)
        self._fleet = replace(fleet, states=dict(representatives(fleet.states)))
        self._zone = zone
        self._reads = Reads(self._rules)
        self._firing = Firing([rule for rule in rules if rule.META.scope.judged_by == "check"], known, watch)

    def prove(
        self, judged: Iterable[str], texts: Mapping[str, str]
    ) -> tuple[list[MutantFate], Mapping[str, str]]:
        """The fate of every mutant of the judged environments, and what fired each rule."""
        names = set(judged)
        states = [state for name, state in self._fleet.states.items() if name in names]
        further = Further(self._firing, self._fleet, states, self._zone)
        further.at_other_times(only_warnings=True)  # proven first, they need not be asked about each mutant
        fates = [fate for state in states for fate in self._fates(state)]
        further.show_all(texts)
        return fates, self._firing.fired_by

    def _fates(self, state: State) -> Iterator[MutantFate]:
        peers = [other for other in self._fleet.states.values() if other is not state]
        for path, value in state.leaves.items():
            spec = state.specs[path]
            elsewhere = [other.leaves[path] for other in peers if path in other.leaves]
            elsewhere.extend(siblings(path, state.leaves, state.specs))
            for mutant in mutants(path, value, spec.type, spec.nature, elsewhere, state.catalogue):
                yield self._fate(state, mutant, spec)
        for mutant in entry_mutants(state.leaves, state.specs):
            yield self._fate(state, mutant, None)
        yield self._removal(state)

    def _fate(self, state: State, mutant: Mutant, spec: FieldSpec | None) -> MutantFate:
        if spec is not None and not fits_grammar(mutant.value, spec.nature.grammar):
            return MutantFate(state.name, mutant.path, mutant.kind, shown(mutant.value), "shape")
        subjects = Subjects(self._fleet, state, mutant, spec, self._zone)
        refused_by = self._first_refusal(subjects, mutant.path, state)
        reason = "" if refused_by else _excuse(state, mutant, spec)
        return MutantFate(state.name, mutant.path, mutant.kind, shown(mutant.value), refused_by, reason)

    def _first_refusal(self, subjects: Subjects, path: Path, state: State) -> str:
        """The first rule that refuses; rules that wait for their proof are asked even after it."""
        refused_by, waiting = "", self._firing.waiting
        for rule in self._reads.of(path):
            meta = rule.META
            if meta.id not in waiting and (refused_by or not refuses(rule)):
                continue
            is_here = state.tier in meta.tiers or subjects.tier in meta.tiers
            if not is_here and meta.scope is not Scope.FLEET:
                continue
            fired = self._firing.fires(rule, subjects.of(meta.scope), state.name, subjects.told)
            if fired and not refused_by and refuses(rule):
                refused_by = meta.id
        return refused_by

    def _removal(self, state: State) -> MutantFate:
        """The environment's file gone."""
        refused_by = ""
        keys = tuple(
            KeyChange(path, value, MISSING, "neutral", state.nature(path))
            for path, value in state.leaves.items()
        )
        change = Change(state.name, state, None, keys, state.as_of, self._zone)
        for rule in self._rules:
            judges = rule.META.scope is Scope.CHANGE and state.tier in rule.META.tiers
            if judges and self._firing.fires(rule, change, state.name, f"{state.name}: the file removed"):
                refused_by = refused_by or (rule.META.id if refuses(rule) else "")
        return MutantFate(state.name, ("environment",), "remove", "(no file)", refused_by)


def representatives(states: Mapping[str, State]) -> Iterator[tuple[str, State]]:
    """All environments, or in a very large tree the first of each tier."""
    seen: set[str] = set()
    for name, state in states.items():
        if len(states) <= _ALL_UP_TO or state.tier not in seen:
            seen.add(state.tier)
            yield name, state


def _excuse(state: State, mutant: Mutant, spec: FieldSpec | None) -> str:
    if spec is not None:
        return excuse(state, mutant, spec.path_pattern, spec.nature)
    depth = len(mutant.path)  # an entry: every key below it needs an excuse
    below = [state.specs[path] for path in state.leaves if path[:depth] == mutant.path]
    reasons = [excuse(state, mutant, one.path_pattern, one.nature) for one in below]
    return next(iter(reasons), "") if all(reasons) else ""
