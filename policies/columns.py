"""All environments side by side: one key in each of them, and which keys each has.

Never judges; rules about the fleet ask here, so that a very large one need not be taken apart by every rule.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from config.document import KeyPath

if TYPE_CHECKING:
    from policies.inputs import State


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """The keys of an environment in their order, the pattern of each, a letter for what kind of value it holds.

    Two shapes are the same only if they are one object: whoever holds very many environments makes few shapes.
    """

    paths: tuple[KeyPath, ...]
    patterns: tuple[tuple[str, ...], ...]
    kinds: str


_KINDS = {type(None): "n", bool: "b", int: "i", Decimal: "d", str: "s", tuple: "t"}


def kinds_of(values: Collection[object]) -> str:
    """A letter for the kind of each value; an empty list is a kind of its own."""
    return "".join([_KINDS[type(value)] if value != () else "e" for value in values])


def shape_of(state: State) -> Shape:
    """The shape of one environment."""
    patterns = tuple(state.specs[path].path_pattern for path in state.leaves)
    return Shape(tuple(state.leaves), patterns, kinds_of(state.leaves.values()))


class Columns(ABC):
    """The environments of a fleet, asked by key."""

    @abstractmethod
    def paths(self) -> Iterable[KeyPath]:
        """Every key that exists in any environment, in the order they are met."""

    @abstractmethod
    def patterns(self) -> set[tuple[str, ...]]:
        """The schema's pattern of each of them."""

    @abstractmethod
    def column(self, path: KeyPath, missing: object) -> Sequence[object]:
        """One key in every environment, in their order; `missing` where it does not exist."""

    @abstractmethod
    def shape(self, name: str) -> Shape:
        """Which keys one environment has."""

    @abstractmethod
    def tier(self, name: str) -> str:
        """The tier of one environment."""


class StateColumns(Columns):
    """The columns of states that are all at hand."""

    def __init__(self, states: Mapping[str, State]) -> None:
        self._states = states

    def paths(self) -> Iterable[KeyPath]:
        return dict.fromkeys(path for state in self._states.values() for path in state.leaves)

    def patterns(self) -> set[tuple[str, ...]]:
        return {spec.path_pattern for state in self._states.values() for spec in state.specs.values()}

    def column(self, path: KeyPath, missing: object) -> Sequence[object]:
        return [state.leaves.get(path, missing) for state in self._states.values()]

    def shape(self, name: str) -> Shape:
        return shape_of(self._states[name])

    def tier(self, name: str) -> str:
        return self._states[name].tier


def columns_of(states: Mapping[str, State]) -> Columns:
    """What answers for these states."""
    return states if isinstance(states, Columns) else StateColumns(states)
