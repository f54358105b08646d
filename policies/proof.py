"""Proves on this very tree that rules bite: every key of every environment is made dangerous, and must be refused.

Mutants come from the schema (mutants.py), shapes from the reader (shape_proof.py); a rule only gets to see mutants of
keys it declares to read.  Never changes the tree.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo
from functools import cache

from config.findings import Severity
from config.schema_walk import FieldSpec
from policies.changes import catalogue_leaves, of_catalogues
from policies.inputs import CATALOGUE, MISSING, Change, Files, Fleet, KeyChange, Path, State
from policies.mutants import Mutant, entry_mutants, mutants
from policies.mutated import Subjects, applied, says, shown
from policies.paths import Reads
from policies.rule import Rule, Scope
from policies.unguarded import excuse
from policies.verdict import MutantFate
from policies.watch import Watch

_ALL_UP_TO = 9
"""Above so many environments, one of each tier is mutated."""
_ORDER = {Scope.STATE: 0, Scope.CHANGE: 1, Scope.FLEET: 2}
_CANARY = "# canary: https://user:" + "hunter2-canary@db.example.com/x\n"
_Known = frozenset[tuple[str, str, Path, str]]


@dataclass(slots=True)
class Evidence:
    """What a proof found: the fate of each mutant, and what fired each rule."""

    fates: list[MutantFate] = field(default_factory=list)
    fired_by: dict[str, str] = field(default_factory=dict)


class Prover:
    """One proof of one tree."""

    def __init__(
        self, rules: Sequence[Rule], fleet: Fleet, known: _Known, zone: tzinfo, watch: Watch
    ) -> None:
        """known: (rule, environment, path, message) of hits the tree has without any mutant."""
        self._rules = sorted((rule for rule in rules if rule.META.scope in _ORDER), key=_cost)
        self._fleet = replace(fleet, states=dict(representatives(fleet.states)))
        self._known = known
        self._zone = zone
        self._watch = watch
        self._reads = Reads(self._rules)
        self._evidence = Evidence(
            fired_by={rule: f"{where or 'the files'} as it is" for rule, where, *_ in known}
        )

    def prove(self, judged: Iterable[str], texts: Mapping[str, str], all_rules: Sequence[Rule]) -> Evidence:
        """Mutate every key of the judged environments, then whatever rules still wait for."""
        names = set(judged)
        for name, state in self._fleet.states.items():
            if name in names:
                self._evidence.fates.extend(self._fates(state))
        self._prove_on_catalogue()
        self._prove_backwards(names)
        self._prove_in_pairs(names)
        self._prove_with_a_twin()
        self._prove_on_files([rule for rule in all_rules if rule.META.scope is Scope.FILES], texts)
        self._prove_at_other_times(names)
        return self._evidence

    def _fates(self, state: State) -> Iterator[MutantFate]:
        peers = [other for other in self._fleet.states.values() if other is not state]
        for path, value in state.leaves.items():
            spec = state.specs[path]
            elsewhere = [other.leaves[path] for other in peers if path in other.leaves]
            for mutant in mutants(path, value, spec.type, spec.nature, elsewhere, state.catalogue):
                yield self._fate(state, mutant, spec)
        for mutant in entry_mutants(state.leaves, state.specs):
            yield self._fate(state, mutant, None)
        yield self._removal(state)

    def _fate(self, state: State, mutant: Mutant, spec: FieldSpec | None) -> MutantFate:
        if spec is not None and not _fits_grammar(mutant.value, spec.nature.grammar):
            return MutantFate(state.name, mutant.path, mutant.kind, shown(mutant.value), "shape")
        subjects = Subjects(self._fleet, state, mutant, spec, self._zone)
        refused_by = self._first_refusal(subjects, mutant.path, state)
        reason = "" if refused_by else _excuse(state, mutant, spec)
        return MutantFate(state.name, mutant.path, mutant.kind, shown(mutant.value), refused_by, reason)

    def _removal(self, state: State) -> MutantFate:
        """The environment's file gone."""
        gone = dict(self._fleet.states)
        del gone[state.name]
        found = ""
        keys = tuple(
            KeyChange(path, value, MISSING, "neutral", state.nature(path))
            for path, value in state.leaves.items()
        )
        change = Change(state.name, state, None, keys, state.as_of, self._zone)
        for rule in self._rules:
            judges = rule.META.scope is Scope.CHANGE and state.tier in rule.META.tiers
            if judges and self._fires(rule, change, state.name, f"{state.name}: the file removed"):
                found = found or (rule.META.id if _refuses(rule) else "")
        return MutantFate(state.name, ("environment",), "remove", "(no file)", found)

    def _first_refusal(self, subjects: Subjects, path: Path, state: State) -> str:
        refused_by = ""
        for rule in self._reads.of(path):
            meta = rule.META
            if (
                meta.scope is not Scope.FLEET
                and state.tier not in meta.tiers
                and subjects.tier not in meta.tiers
            ):
                continue
            if refused_by and meta.id in self._evidence.fired_by:
                continue
            fired = self._fires(rule, subjects.of(meta.scope), state.name, subjects.says)
            if fired and not refused_by and _refuses(rule):
                refused_by = meta.id
        return refused_by

    def _fires(self, rule: Rule, subject: object, name: str, says: str) -> bool:
        known = self._known if not isinstance(subject, Change) else frozenset()
        for hit in self._watch.hits(rule, subject):
            if not known or (rule.META.id, hit.environment or name, hit.path, hit.message) not in known:
                self._evidence.fired_by.setdefault(rule.META.id, says)
                return True
        return False

    def _waiting(self) -> list[Rule]:
        return [rule for rule in self._rules if rule.META.id not in self._evidence.fired_by]

    def _prove_backwards(self, names: set[str]) -> None:
        """What still waits is shown every other value too, and the change that leads from it to this tree."""
        reads = Reads(self._waiting())
        for state in self._fleet.states.values():
            for path, value in state.leaves.items() if state.name in names else ():
                rules = [rule for rule in reads.of(path) if state.tier in rule.META.tiers]
                spec = state.specs[path]
                for mutant in (
                    mutants(path, value, spec.type, spec.nature, (), state.catalogue, True) if rules else ()
                ):
                    self._show_both_ways(
                        rules, Subjects(self._fleet, state, mutant, spec, self._zone), state.name
                    )

    def _show_both_ways(self, rules: list[Rule], subjects: Subjects, name: str) -> None:
        for rule in rules:
            scope = rule.META.scope
            if rule.META.id not in self._evidence.fired_by:
                fired = self._fires(rule, subjects.of(scope), name, subjects.says)
                if not fired and scope is Scope.CHANGE:
                    self._fires(rule, subjects.backwards(), name, f"{subjects.says}, taken back")

    def _prove_in_pairs(self, names: set[str]) -> None:
        """A rule about two keys together waits for both to be dangerous."""
        for rule in self._waiting():
            states = [state for name, state in self._fleet.states.items() if name in names]
            if rule.META.scope is Scope.STATE and not rule.META.reads[0].startswith("*"):
                for state in states:
                    if state.tier in rule.META.tiers and rule.META.id not in self._evidence.fired_by:
                        self._pair(rule, state)

    def _pair(self, rule: Rule, state: State) -> None:
        reads = Reads([rule])
        found = [
            mutant
            for path, value in state.leaves.items()
            if reads.of(path)
            for mutant in mutants(
                path, value, state.specs[path].type, state.specs[path].nature, (), state.catalogue
            )
        ]
        for first in found:
            once = replace(applied(state, first), focus=None)
            for second in found:
                if second.path != first.path:
                    told = f"{state.name}: {says(first)} and {says(second)}"
                    if self._fires(rule, replace(applied(once, second), focus=None), state.name, told):
                        return

    def _prove_with_a_twin(self) -> None:
        """Rules about two environments are shown one of them twice."""
        waiting = [rule for rule in self._waiting() if rule.META.scope is Scope.FLEET]
        for state in self._fleet.states.values() if waiting else ():
            path = next((path for path, value in state.leaves.items() if path[0] == "limits"), ())
            twin = replace(state, name=f"{state.name}-twin")
            for other in (twin, replace(twin.with_leaf(path, 0), focus=None)) if path else (twin,):
                states = {**self._fleet.states, twin.name: other}
                fleet = Fleet(states, self._fleet.catalogue, self._fleet.as_of)
                for rule in waiting:
                    if rule.META.id not in self._evidence.fired_by:
                        self._fires(rule, fleet, "", f"{state.name} twice")

    def _prove_on_catalogue(self) -> None:
        """Catalogue keys are mutated only as far as rules still wait for them: the score counts environments."""
        waiting = [
            rule for rule in self._waiting() if any(one.startswith(CATALOGUE) for one in rule.META.reads)
        ]
        if not waiting or not self._fleet.states:
            return
        first = next(iter(self._fleet.states.values()))
        leaves, specs = catalogue_leaves(self._fleet.catalogue)
        reads = Reads(waiting)
        for mutant in _of_catalogue(self._fleet, leaves, specs):
            for rule in reads.of(mutant.path):
                if rule.META.id not in self._evidence.fired_by:
                    for subject, name in self._catalogue_subjects(rule, mutant, first):
                        if self._fires(rule, subject, name, says(mutant)):
                            break

    def _catalogue_subjects(self, rule: Rule, mutant: Mutant, first: State) -> Iterator[tuple[object, str]]:
        catalogue = applied(first, mutant).catalogue
        if rule.META.scope is Scope.CHANGE:
            keys = tuple(of_catalogues(self._fleet.catalogue, catalogue))
            yield Change(CATALOGUE, None, None, keys, first.as_of, self._zone), CATALOGUE
            return
        states = {name: replace(state, catalogue=catalogue) for name, state in self._fleet.states.items()}
        if rule.META.scope is Scope.FLEET:
            yield Fleet(states, catalogue, first.as_of), ""
            return
        for name, state in states.items():
            if state.tier in rule.META.tiers:
                yield state, name

    def _prove_on_files(self, rules: Sequence[Rule], texts: Mapping[str, str]) -> None:
        for rule in rules:
            for file, text in texts.items():
                for subject, told in (
                    (Files({file: text + _CANARY}), f"{file} with a canary secret in a comment"),
                    (Files({file: text}, (file,)), f"{file} changed"),
                ):
                    if rule.META.id not in self._evidence.fired_by:
                        self._fires(rule, subject, file, told)

    def _prove_at_other_times(self, names: set[str]) -> None:
        """Rules about time wait for another instant: a Sunday, and two years later."""
        now = self._fleet.as_of
        for instant in (now + timedelta(days=6 - now.weekday()), now + timedelta(days=730)):
            if not self._waiting():
                return
            self._at(instant, names)

    def _at(self, instant: datetime, names: set[str]) -> None:
        states = {name: replace(state, as_of=instant) for name, state in self._fleet.states.items()}
        fleet = Fleet(states, self._fleet.catalogue, instant)
        for rule in self._waiting():
            if rule.META.scope is Scope.FLEET:
                self._fires(rule, fleet, "", f"the clock at {instant:%Y-%m-%d}")
        reads = Reads(self._waiting())
        for state in states.values():
            for path, value in state.leaves.items():
                spec = state.specs[path]
                for mutant in mutants(path, value, spec.type, spec.nature, (), state.catalogue):
                    subjects = Subjects(fleet, state, mutant, spec, self._zone)
                    for rule in reads.of(path):
                        if rule.META.id not in self._evidence.fired_by and state.tier in rule.META.tiers:
                            told = f"{subjects.says} at {instant:%Y-%m-%d}"
                            self._fires(rule, subjects.of(rule.META.scope), state.name, told)


def representatives(states: Mapping[str, State]) -> Iterator[tuple[str, State]]:
    """All environments, or in a very large tree the first of each tier."""
    seen: set[str] = set()
    for name, state in states.items():
        if len(states) <= _ALL_UP_TO or state.tier not in seen:
            seen.add(state.tier)
            yield name, state


def _of_catalogue(
    fleet: Fleet, leaves: Mapping[Path, object], specs: Mapping[Path, FieldSpec]
) -> Iterator[Mutant]:
    yield from entry_mutants(leaves, specs)
    for path, value in leaves.items():
        spec = specs[path]
        yield from mutants(path, value, spec.type, spec.nature, (), fleet.catalogue, either_way=True)


def _cost(rule: Rule) -> tuple[int, bool]:
    return _ORDER[rule.META.scope], "*" in rule.META.reads


def _refuses(rule: Rule) -> bool:
    return rule.META.severity in (Severity.ERROR, Severity.GUARDED)


def _excuse(state: State, mutant: Mutant, spec: FieldSpec | None) -> str:
    if spec is None:  # an entry: judged by the riskiest key below it
        depth = len(mutant.path)
        below = [state.specs[path] for path in state.leaves if path[:depth] == mutant.path]
        reasons = [excuse(state, mutant, one.path_pattern, one.nature) for one in below]
        return next(iter(reasons), "") if all(reasons) else ""
    return excuse(state, mutant, spec.path_pattern, spec.nature)


def _fits_grammar(value: object, grammar: str) -> bool:
    if not grammar or value is None:
        return True
    if isinstance(value, tuple):
        return all(_fits_grammar(item, grammar) for item in value)
    return not isinstance(value, str) or _compiled(grammar).fullmatch(value) is not None


@cache
def _compiled(grammar: str) -> re.Pattern[str]:
    return re.compile(grammar)
