"""Further ways to fire rules that no single mutant of an environment has fired yet.

The catalogue mutated, changes taken back, two keys at once, two environments alike, a canary in a text, other times:
each only as far as some rule still waits.  None of this counts in the mutation score.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from functools import partial

from config.models.catalogue import Catalogue
from config.schema_walk import FieldSpec
from policies.changes import catalogue_leaves, of_catalogues
from policies.direction import direction
from policies.firing import Firing, refuses
from policies.inputs import CATALOGUE, Change, Files, Fleet, KeyChange, Path, State
from policies.mutants import Mutant, entry_mutants, fits_grammar, mutants
from policies.mutated import Subjects, applied, says
from policies.paths import Reads
from policies.rule import Rule, Scope
from policies.subjects import sample_fleet

_CANARY = "# canary: https://user:" + "hunter2-canary@db.example.com/x\n"
_PEERS = 4
"""Values of the same key elsewhere in the catalogue that a key is swapped with, at most."""
_OF_KEYS = (Scope.STATE, Scope.CHANGE, Scope.FLEET)


class Further:
    """The further ways, on one tree."""

    def __init__(self, firing: Firing, fleet: Fleet, states: Sequence[State], zone: tzinfo) -> None:
        """states: the judged ones among the fleet's."""
        self._firing = firing
        self._fleet = fleet
        self._states = states
        self._zone = zone

    def show_all(self, texts: Mapping[str, str]) -> None:
        """Every way, the likeliest first."""
        self._on_files(texts)
        if self._fleet.states:
            self._on_catalogue()
        self._backwards()
        self._in_pairs()
        self._with_a_twin()
        self.at_other_times()
        self._in_the_sample_world()

    def _on_files(self, texts: Mapping[str, str]) -> None:
        for rule in self._firing.waiting_of(Scope.FILES):
            for file, text in texts.items():
                canary = Files({file: text + _CANARY})
                if self._firing.fires(rule, canary, file, f"{file} with a canary secret in a comment"):
                    break
                if self._firing.fires(rule, Files({file: ""}, (file,)), file, f"{file} changed"):
                    break

    def _on_catalogue(self) -> None:
        """Keys of the catalogue files in either direction, then their entries left out or renamed."""
        leaves, specs = catalogue_leaves(self._fleet.catalogue)
        alike: dict[tuple[str, ...], list[object]] = {}
        for path, value in leaves.items():
            alike.setdefault(specs[path].path_pattern, []).append(value)
        reads, readers = Reads(self._of_catalogue()), dict[tuple[str, ...], list[Rule]]()
        for path, value in leaves.items():
            spec = specs[path]
            pattern = (CATALOGUE, str(path[1]), *spec.path_pattern)
            if pattern not in readers:
                readers[pattern] = reads.of(pattern)
            peers = alike[spec.path_pattern][:_PEERS]
            if self._any_waits(readers[pattern]):
                some = mutants(
                    path, value, spec.type, spec.nature, peers, self._fleet.catalogue, either_way=True
                )
                fitting = (one for one in some if fits_grammar(one.value, spec.nature.grammar))
                self._show_catalogue(fitting, readers[pattern], spec)
        reads = Reads(self._of_catalogue())
        for mutant in entry_mutants(leaves, specs) if self._of_catalogue() else ():
            self._show_catalogue((mutant,), reads.of(mutant.path), None)

    def _of_catalogue(self) -> list[Rule]:
        """Waiting rules that read the catalogue."""
        waiting = self._firing.waiting_of(*_OF_KEYS)
        return [rule for rule in waiting if any(one.startswith(CATALOGUE) for one in rule.META.reads)]

    def _any_waits(self, rules: Sequence[Rule]) -> bool:
        return any(rule.META.id in self._firing.waiting for rule in rules)

    def _show_catalogue(self, some: Iterable[Mutant], rules: Sequence[Rule], spec: FieldSpec | None) -> None:
        first = next(iter(self._fleet.states.values()))
        for mutant in some:
            if not self._any_waits(rules):
                return
            now = applied(first, mutant).catalogue
            for rule in rules:
                if rule.META.id in self._firing.waiting:
                    for subject, name in self._catalogue_subjects(rule, mutant, first, spec, now):
                        if self._firing.fires(rule, subject, name, partial(says, mutant)):
                            break

    def _catalogue_subjects(
        self, rule: Rule, mutant: Mutant, first: State, spec: FieldSpec | None, now: Catalogue
    ) -> Iterator[tuple[object, str]]:
        was = self._fleet.catalogue
        if rule.META.scope is Scope.CHANGE:
            keys = tuple(of_catalogues(was, now)) if spec is None else (_key_change(first, mutant, spec),)
            yield Change(CATALOGUE, None, None, keys, first.as_of, self._zone, was, now), CATALOGUE
            return
        states = {name: _on(state, now) for name, state in self._fleet.states.items()}
        if rule.META.scope is Scope.FLEET:
            yield Fleet(states, now, first.as_of), ""
            return
        for name, state in states.items():
            if state.tier in rule.META.tiers:
                yield state, name

    def _backwards(self) -> None:
        """Values in the safe direction as well, and the change that leads from them to this tree."""
        reads = Reads(self._firing.waiting_of(*_OF_KEYS))
        for state in self._states if self._firing.waiting else ():
            for path in state.leaves:
                rules = [rule for rule in reads.of(path) if state.tier in rule.META.tiers]
                for mutant in _of_key(state, path, True) if rules else ():
                    self._both_ways(
                        rules, Subjects(self._fleet, state, mutant, state.specs[path], self._zone)
                    )

    def _both_ways(self, rules: Sequence[Rule], subjects: Subjects) -> None:
        for rule in rules:
            scope = rule.META.scope
            if rule.META.id in self._firing.waiting:
                fired = self._firing.fires(rule, subjects.of(scope), subjects.name, subjects.told)
                if not fired and scope is Scope.CHANGE:
                    told = f"{subjects.told()}, taken back"
                    self._firing.fires(rule, subjects.backwards(), subjects.name, told)

    def _in_pairs(self) -> None:
        """A rule about two keys together waits for both to be dangerous."""
        for rule in self._firing.waiting_of(Scope.STATE):
            for state in self._states:
                if state.tier in rule.META.tiers and "*" not in rule.META.reads and self._pair(rule, state):
                    break

    def _pair(self, rule: Rule, state: State) -> bool:
        reads = Reads([rule])
        found = [mutant for path in state.leaves if reads.of(path) for mutant in _of_key(state, path, False)]
        for first in found:
            once = replace(applied(state, first), focus=None)
            for second in found:
                if second.path != first.path:
                    both = replace(applied(once, second), focus=None)
                    if self._firing.fires(
                        rule, both, state.name, f"{state.name}: {says(first)}, {says(second)}"
                    ):
                        return True
        return False

    def _with_a_twin(self) -> None:
        """Rules about two environments are shown one of them twice, alike and with another limit."""
        for rule in self._firing.waiting_of(Scope.FLEET):
            for state in self._states:
                twin = replace(state, name=f"{state.name}-twin")
                other = replace(twin.with_leaf(("limits", "max_orders_per_day"), 0), focus=None)
                for second in (twin, other):
                    fleet = replace(self._fleet, states={**self._fleet.states, twin.name: second})
                    if self._firing.fires(rule, fleet, "", f"{state.name} twice"):
                        break

    def at_other_times(self, only_warnings: bool = False) -> None:
        """Rules about time wait for another instant: a Sunday, and two years later."""
        now = self._fleet.as_of
        for instant in (now + timedelta(days=6 - now.weekday()), now + timedelta(days=730)):
            rules = [
                rule for rule in self._firing.waiting_of(*_OF_KEYS) if not (only_warnings and refuses(rule))
            ]
            if rules:
                self._at(instant, rules)

    def _at(self, instant: datetime, rules: Sequence[Rule]) -> None:
        states = {name: replace(state, as_of=instant) for name, state in self._fleet.states.items()}
        fleet = Fleet(states, self._fleet.catalogue, instant)
        told = f"the clock at {instant:%Y-%m-%d}"
        for rule in rules:
            if rule.META.scope is Scope.FLEET:
                self._firing.fires(rule, fleet, "", told)
        reads = Reads([rule for rule in rules if rule.META.scope is not Scope.FLEET])
        for state in states.values():
            for path in state.leaves:
                for rule in reads.of(path):
                    if rule.META.id in self._firing.waiting and state.tier in rule.META.tiers:
                        self._any_mutant(rule, fleet, state, path, told)

    def _any_mutant(self, rule: Rule, fleet: Fleet, state: State, path: Path, told: str) -> None:
        for mutant in _of_key(state, path, False):
            subjects = Subjects(fleet, state, mutant, state.specs[path], self._zone)
            if self._firing.fires(
                rule, subjects.of(rule.META.scope), state.name, f"{subjects.told()}, {told}"
            ):
                return

    def _in_the_sample_world(self) -> None:
        """What this tree leaves nothing to fire (the last phase, a tier without environments) fires there.

        Still mutants of the schema, never the rule's own samples; what a rule has against the clean world counts not.
        """
        waiting = self._firing.waiting_of(*_OF_KEYS)
        if not waiting:
            return
        fleet = sample_fleet(self._fleet.as_of)
        for rule in waiting:
            subjects = [fleet] if rule.META.scope is Scope.FLEET else fleet.states.values()
            is_quiet = rule.META.scope is Scope.CHANGE or not any(
                self._firing.has_hits(rule, subject) for subject in subjects
            )
            for state in fleet.states.values() if is_quiet else ():
                if state.tier in rule.META.tiers:
                    self._anywhere(rule, fleet, state)

    def _anywhere(self, rule: Rule, fleet: Fleet, state: State) -> None:
        reads = Reads([rule])
        for path in state.leaves:
            if reads.of(path) and rule.META.id in self._firing.waiting:
                self._any_mutant(rule, fleet, state, path, "in the sample world")


def _of_key(state: State, path: Path, either_way: bool) -> Iterator[Mutant]:
    spec = state.specs[path]
    for mutant in mutants(path, state.leaves[path], spec.type, spec.nature, (), state.catalogue, either_way):
        if fits_grammar(mutant.value, spec.nature.grammar):
            yield mutant


def _key_change(first: State, mutant: Mutant, spec: FieldSpec) -> KeyChange:
    before = first.entry(mutant.path)
    way = direction(mutant.path, before, mutant.value, spec.nature, first.catalogue)
    return KeyChange(mutant.path, before, mutant.value, way, spec.nature)


def _on(state: State, catalogue: Catalogue) -> State:
    return State(state.name, state.environment, catalogue, state.leaves, state.specs, state.as_of)
