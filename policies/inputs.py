"""What a rule may look at, typed and complete: it is handed everything and fetches nothing.

Never reads a file, a clock or a network: time, zone and texts come in as values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from enum import Enum
from typing import Literal, NamedTuple

from config.document import KeyPath
from config.models.catalogue import Catalogue, Flag, Venue
from config.models.environment import Environment, FlagState
from config.models.nature import Nature
from config.models.rollouts import Ladder, Step
from config.record import record
from config.schema_walk import FieldSpec, replace_at, walk
from policies.columns import columns_of

Path = KeyPath
Direction = Literal["tighten", "neutral", "loosen"]
CATALOGUE = "catalogue"


class Missing(Enum):
    """The one value of a key that is not there."""

    MISSING = "missing"

    def __repr__(self) -> str:
        return "(missing)"

    __str__ = __repr__


MISSING = Missing.MISSING


class Spot(NamedTuple):
    """A place in a text, for hits that belong to no key: a comment, a changed file."""

    file: str
    line: int
    column: int
    end_column: int


class Also(NamedTuple):
    """A second place that explains a hit; `base` means the file as it was before the change."""

    path: Path
    label: str
    environment: str = ""
    base: bool = False


@record
class Hit:
    """What a rule yields: a path, a sentence, perhaps a better way out than the rule's own.

    A path that starts with `catalogue` leads into a catalogue file: ("catalogue", "flags", "flags", ...).
    `environment` is needed in fleet rules only; elsewhere the runner knows it.
    """

    path: Path
    message: str
    help: str = ""
    related: tuple[Also, ...] = ()
    environment: str = ""
    spot: Spot | None = None


@record
class State:
    """One environment as it would be, with the catalogue it stands on."""

    name: str
    environment: Environment
    catalogue: Catalogue
    leaves: Mapping[Path, object]
    specs: Mapping[Path, FieldSpec]
    as_of: datetime
    focus: Path | None = None

    def judged_keys(self) -> Iterable[tuple[Path, object]]:
        """The keys a rule about every key must look at: all, or the only one that changed since it last looked."""
        return self.leaves.items() if self.focus is None else ((self.focus, self.leaves[self.focus]),)

    def nature(self, path: Path) -> Nature | None:
        """What a key says of itself; None when there is no such key."""
        spec = self.specs.get(path)
        return spec.nature if spec is not None else None

    @property
    def tier(self) -> str:
        return self.environment.tier

    @property
    def venue(self) -> Venue | None:
        """The wired venue, None when venues.yaml does not know it."""
        return self.catalogue.venues.venues.get(self.environment.venue.name)

    def identity(self, key: str) -> Flag | None:
        """What flags.yaml says of a flag."""
        return self.catalogue.flags.flags.get(key)

    def live_flags(self) -> tuple[str, ...]:
        """Flags here that open the way to real money: risk `live_money`, safe when off."""
        known = self.catalogue.flags.flags
        return tuple(
            key
            for key in self.environment.flags
            if key in known and known[key].risk == "live_money" and not known[key].safe
        )

    def live_reasons(self) -> tuple[Path, ...]:
        """Every key that makes this environment able to move real money."""
        wiring, venue = self.environment.venue, self.venue
        reasons: list[Path] = [
            ("flags", key, "enabled") for key in self.live_flags() if self.environment.flags[key].enabled
        ]
        if wiring.mode == "live":
            reasons.append(("venue", "mode"))
        if wiring.credentials.scope == "live":
            reasons.append(("venue", "credentials", "scope"))
        if venue is not None and venue.kind == "live":
            reasons.append(("venue", "name"))
        return tuple(reasons)

    def phase_step(self) -> Step | None:
        """The rung of the phases ladder this environment stands on."""
        ladder = phases_ladder(self.catalogue)
        phase = self.environment.phase
        return ladder.steps[phase - 1] if ladder is not None and 1 <= phase <= len(ladder.steps) else None

    def with_leaf(self, path: Path, value: object) -> State:
        """This state with one key changed (no validation); catalogue keys too."""
        if path[0] == CATALOGUE:
            return replace(self, catalogue=replace_at(self.catalogue, path[1:], value))
        environment = replace_at(self.environment, path, value)
        if path not in self.leaves:  # a section or a map: its keys are listed anew
            return state_of(self.name, environment, self.catalogue, self.as_of)
        leaves = {**self.leaves, path: value}
        return State(self.name, environment, self.catalogue, leaves, self.specs, self.as_of, path)

    def entry(self, path: Path) -> object:
        """What stands at a path, sections and maps included; catalogue paths too."""
        value: object = self.catalogue if path[:1] == (CATALOGUE,) else self.environment
        for segment in path[1:] if path[:1] == (CATALOGUE,) else path:
            value = entry_of(value, segment)
        return value

    def renamed(self, path: Path, name: str) -> State:
        """This state with one entry of a map under another name."""
        new = (*path[:-1], name)
        if path[0] == CATALOGUE:
            return self.without(path).with_leaf(new, self.entry(path))
        parent = self.entry(path[:-1])
        if not isinstance(parent, Mapping):
            raise TypeError(f"{path} is no entry of a map")
        entries = {name if key == path[-1] else key: value for key, value in parent.items()}
        depth, leaves, specs = len(path), dict[Path, object](), dict(self.specs)
        for key, value in self.leaves.items():
            moved = (*new, *key[depth:]) if key[:depth] == path else key
            leaves[moved] = value
            specs[moved] = self.specs[key]
        environment = replace_at(self.environment, path[:-1], entries)
        return State(self.name, environment, self.catalogue, leaves, specs, self.as_of)

    def without(self, path: Path) -> State:
        """This state without one entry of a map or of a list of sections; catalogue entries too."""
        parent = self.entry(path[:-1])
        if isinstance(parent, Mapping):
            rest = {key: value for key, value in parent.items() if key != path[-1]}
            if path[0] == CATALOGUE:
                return self.with_leaf(path[:-1], rest)
            depth = len(path)
            leaves = {key: value for key, value in self.leaves.items() if key[:depth] != path}
            return replace(
                self, environment=replace_at(self.environment, path[:-1], rest), leaves=leaves, focus=None
            )
        if isinstance(parent, tuple) and isinstance(path[-1], int):
            return self.with_leaf(path[:-1], (*parent[: path[-1]], *parent[path[-1] + 1 :]))
        raise TypeError(f"{path} is no entry of a map or list")


def entry_of(value: object, segment: str | int) -> object:
    """What stands one step below a section, a map or a list."""
    if isinstance(value, Mapping):
        return value[segment]
    return (
        value[segment]
        if isinstance(value, tuple) and isinstance(segment, int)
        else getattr(value, str(segment))
    )


def state_of(name: str, environment: Environment, catalogue: Catalogue, as_of: datetime) -> State:
    """An environment with its keys listed."""
    leaves: dict[Path, object] = {}
    specs: dict[Path, FieldSpec] = {}
    for path, value, spec in walk(environment):
        leaves[path] = value
        specs[path] = spec
    return State(name, environment, catalogue, leaves, specs, as_of)


def phases_ladder(catalogue: Catalogue) -> Ladder | None:
    """The ladder whose rungs are the phases."""
    return next((one for one in catalogue.rollouts.ladders.values() if one.applies_to == "phase"), None)


def lets_in(flag: FlagState) -> bool:
    """Whether anybody at all passes this flag."""
    return flag.enabled and (flag.percent > 0 or bool(flag.accounts))


def lets_all_in(flag: FlagState) -> bool:
    """Whether everybody passes this flag."""
    return flag.enabled and flag.percent >= 100


class KeyChange(NamedTuple):
    """One key before and after; MISSING on the side where it does not exist."""

    path: Path
    before: object
    after: object
    direction: Direction
    nature: Nature | None = None


@record
class Change:
    """What happened to one environment (or, with the name `catalogue`, to the catalogue files: `was` and `now`)."""

    name: str
    before: State | None
    after: State | None
    keys: tuple[KeyChange, ...]
    as_of: datetime = datetime(2000, 1, 1, tzinfo=UTC)
    zone: tzinfo = UTC
    was: Catalogue | None = None
    now: Catalogue | None = None

    @property
    def tier(self) -> str:
        """The riskier of both tiers, so that a change of tier escapes no rule."""
        known = [state.tier for state in (self.before, self.after) if state is not None]
        return max(known, key=("dev", "staging", "production").index, default="production")

    def below(self, *prefix: str) -> tuple[KeyChange, ...]:
        """The changed keys that start with these segments; `*` stands for any one segment."""
        first = prefix[0]
        return tuple(key for key in self.keys if key.path[0] == first and starts_with(key.path, prefix))


def starts_with(path: Path, prefix: tuple[str, ...]) -> bool:
    """Whether `path` begins with `prefix`; `*` stands for any one segment."""
    if len(path) < len(prefix):
        return False
    for want, have in zip(prefix, path, strict=False):  # noqa: SIM110 - asked of every change by every rule
        if want != have and want != "*":
            return False
    return True


@record
class Fleet:
    """All environments together, and the catalogue they share."""

    states: Mapping[str, State]
    catalogue: Catalogue
    as_of: datetime = datetime(2000, 1, 1, tzinfo=UTC)
    focus: Path | None = None

    def judged_paths(self) -> Iterable[Path]:
        """The keys a rule about every key must look at: all, or the only one that changed since it last looked."""
        return (self.focus,) if self.focus is not None else self.paths()

    def paths(self) -> Iterable[Path]:
        """Every key that exists in any environment, in the order they are met."""
        return columns_of(self.states).paths()

    def values(self, path: Path) -> Sequence[object]:
        """One key in every environment, in their order; MISSING where it does not exist."""
        return columns_of(self.states).column(path, MISSING)

    def each(self, path: Path) -> Iterable[tuple[str, object]]:
        """The same beside the environments' names."""
        return zip(self.states, self.values(path), strict=True)


@record
class Files:
    """The texts of the judged files by path, and which paths differ from the base."""

    texts: Mapping[str, str]
    changed: tuple[str, ...] = ()


@record
class Receipt:
    """One entry of the ledger: what became true, where and when (the database's clock)."""

    environment: str
    commit: str
    at: datetime
    values: Mapping[str, str]
    engine_digest: str = ""


@record
class History:
    """What the ledger says happened, newest last, beside the change that is asked for; judged by reconcile."""

    change: Change
    receipts: tuple[Receipt, ...]
    now: datetime


class Unknown(Enum):
    """The one value of a planned attribute that the cloud decides later."""

    UNKNOWN = "unknown"


UNKNOWN = Unknown.UNKNOWN


@record
class Resource:
    """One planned resource as plain values, with MISSING and UNKNOWN where Pulumi has none yet."""

    urn: str
    type: str
    op: Literal["create", "update", "replace", "delete", "same"]
    properties: Mapping[str, object]
    protect: bool = False


@record
class Resources:
    """The planned resource graph of one environment; judged by preview."""

    state: State
    planned: tuple[Resource, ...]
