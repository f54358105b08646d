"""What a rule is shown for one mutant: the mutated state, the change that leads there, the fleet around it.

Never judges; each subject is made only when a rule of its scope asks.
"""

from __future__ import annotations

from datetime import tzinfo

from config.schema_walk import FieldSpec
from policies.changes import changes
from policies.direction import direction
from policies.inputs import MISSING, Change, Fleet, KeyChange, State
from policies.mutants import Mutant
from policies.paths import dotted
from policies.rule import Scope


class Subjects:
    """The state, change and fleet of one mutant, made when a rule asks for them."""

    def __init__(
        self, fleet: Fleet, before: State, mutant: Mutant, spec: FieldSpec | None, zone: tzinfo
    ) -> None:
        self._fleet, self._before, self._mutant, self._spec, self._zone = fleet, before, mutant, spec, zone
        self._after: State | None = None
        self._change: Change | None = None
        self._changed_fleet: Fleet | None = None
        self.name = before.name

    def told(self) -> str:
        """One line about the mutant and where it is."""
        return f"{self.name}: {says(self._mutant)}"

    @property
    def tier(self) -> str:
        """The tier of the mutated state."""
        return str(self._mutant.value) if self._mutant.path == ("tier",) else self._before.tier

    def of(self, scope: Scope) -> object:
        """The subject of a rule of this scope."""
        if self._after is None:
            self._after = applied(self._before, self._mutant)
        if scope is Scope.STATE:
            return self._after
        if scope is Scope.CHANGE:
            if self._change is None:
                self._change = self._changed(self._after)
            return self._change
        if self._changed_fleet is None:
            states = {**self._fleet.states, self._before.name: self._after}
            fleet = self._fleet
            self._changed_fleet = Fleet(states, fleet.catalogue, fleet.as_of, self._after.focus)
        return self._changed_fleet

    def backwards(self) -> Change:
        """The change from the mutant to the tree as it is."""
        there = self._changed(applied(self._before, self._mutant))
        keys = tuple(
            key._replace(
                before=key.after,
                after=key.before,
                direction=direction(key.path, key.after, key.before, key.nature, self._before.catalogue),
            )
            for key in there.keys
        )
        return Change(there.name, there.after, there.before, keys, there.as_of, there.zone)

    def _changed(self, after: State) -> Change:
        before, mutant = self._before, self._mutant
        if self._spec is None:
            old, new = {before.name: before}, {before.name: after}
            return next(changes(old, new, before.catalogue, before.catalogue, before.as_of, self._zone))
        nature, value = self._spec.nature, before.leaves[mutant.path]
        way = direction(mutant.path, value, mutant.value, nature, before.catalogue)
        key = KeyChange(mutant.path, value, mutant.value, way, nature)
        return Change(before.name, before, after, (key,), before.as_of, self._zone)


def applied(state: State, mutant: Mutant) -> State:
    """The state with the mutant in it."""
    if mutant.kind == "rename":
        return state.renamed(mutant.path, str(mutant.value))
    return (
        state.without(mutant.path) if mutant.value is MISSING else state.with_leaf(mutant.path, mutant.value)
    )


def says(mutant: Mutant) -> str:
    """One line about a mutant."""
    return f"{dotted(mutant.path)} {mutant.kind} {shown(mutant.value)}"


def shown(value: object) -> str:
    """A value as a file would show it."""
    if isinstance(value, tuple):
        return f"[{', '.join(map(str, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    if value == "":
        return '""'
    return "null" if value is None else str(value)
