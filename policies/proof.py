"""Proves on this very tree that rules bite: every key of every environment is made dangerous, and must be refused.

Mutants come from the schema (mutants.py), never from a rule; a rule only gets to see mutants of keys it declares to
read.  Never changes the tree.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import tzinfo

from config.schema_walk import FieldSpec
from policies.chosen import ALL_UP_TO, Chosen
from policies.columns import columns_of
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


class Prover:
    """One proof of one tree."""

    def __init__(
        self, rules: Sequence[Rule], fleet: Fleet, which: Chosen, known: Known, zone: tzinfo, watch: Watch
    ) -> None:
        self._rules = in_order(rules)
        self._which = which
        self._all = fleet.states
        self._fleet = replace(fleet, states={name: fleet.states[name] for name in _company(fleet, which)})
        self._zone = zone
        self._reads = Reads(self._rules)
        self._firing = Firing([rule for rule in rules if rule.META.scope.judged_by == "check"], known, watch)

    def prove(self, texts: Mapping[str, str]) -> tuple[list[MutantFate], Mapping[str, str]]:
        """The fate of every mutant of the chosen environments, and what fired each rule."""
        whole = [self._all[name] for name, keys in self._which.items() if keys is None]
        further = Further(self._firing, self._fleet, whole, self._zone)
        further.at_other_times(only_warnings=True)  # proven first, they need not be asked about each mutant
        fates = [fate for name, keys in self._which.items() for fate in self._fates(name, keys)]
        further.show_all(texts)
        return fates, self._firing.fired_by

    def _fates(self, name: str, keys: Collection[Path] | None) -> Iterator[MutantFate]:
        state = self._all[name]
        fleet = replace(self._fleet, states={**self._fleet.states, name: state})
        peers = [other for other in fleet.states.values() if other is not state]
        leaves = {path: value for path, value in state.leaves.items() if keys is None or path in keys}
        for path, value in leaves.items():
            spec = state.specs[path]
            elsewhere = [other.leaves[path] for other in peers if path in other.leaves]
            elsewhere.extend(siblings(path, state.leaves, state.specs))
            for mutant in mutants(path, value, spec.type, spec.nature, elsewhere, state.catalogue):
                yield self._fate(fleet, state, mutant, spec)
        for mutant in entry_mutants(leaves, state.specs):
            yield self._fate(fleet, state, mutant, None)
        if keys is None:
            yield self._removal(state)

    def _fate(self, fleet: Fleet, state: State, mutant: Mutant, spec: FieldSpec | None) -> MutantFate:
        if spec is not None and not fits_grammar(mutant.value, spec.nature.grammar):
            return MutantFate(state.name, mutant.path, mutant.kind, shown(mutant.value), "shape")
        subjects = Subjects(fleet, state, mutant, spec, self._zone)
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


def _company(fleet: Fleet, which: Chosen) -> Iterator[str]:
    """What a mutant stands among: every environment, or of very many the first of each tier and those chosen whole."""
    columns, tiers = columns_of(fleet.states), set[str]()
    for name in fleet.states:
        is_first = len(fleet.states) <= ALL_UP_TO or columns.tier(name) not in tiers
        if is_first or which.get(name, ()) is None:
            tiers.add(columns.tier(name))
            yield name


def _excuse(state: State, mutant: Mutant, spec: FieldSpec | None) -> str:
    if spec is not None:
        return excuse(state, mutant, spec.path_pattern, spec.nature)
    depth = len(mutant.path)  # an entry: every key below it needs an excuse
    below = [state.specs[path] for path in state.leaves if path[:depth] == mutant.path]
    reasons = [excuse(state, mutant, one.path_pattern, one.nature) for one in below]
    return next(iter(reasons), "") if all(reasons) else ""
