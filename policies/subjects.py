"""The subject a sample describes: the sample world with the sample's edits made.

Never used on a real tree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import cache

from policies import sample as world
from policies.changes import changes
from policies.inputs import CATALOGUE, MISSING, Change, Files, Fleet, Resources, State, state_of
from policies.rule import ALL_TIERS, Meta, Sample, Scope

Subject = State | Change | Fleet | Files | Resources


def subject_of(sample: Sample, meta: Meta) -> Subject:
    """What a rule of this scope is shown for this sample."""
    if meta.scope is Scope.FILES:
        return Files(sample.texts, sample.changed)
    if meta.scope is Scope.FLEET:
        return _fleet(sample)
    if meta.scope is Scope.RESOURCES:
        return Resources(_state(sample, sample.tier, sample.edits), sample.resources)
    return _change(sample) if meta.scope is Scope.CHANGE else _state(sample, sample.tier, sample.edits)


def sample_fleet(as_of: datetime) -> Fleet:
    """The sample world as it is: one clean environment per tier."""
    return Fleet({tier: _plain(tier, as_of) for tier in ALL_TIERS}, world.catalogue(), as_of)


def _state(sample: Sample, tier: str, edits: Mapping[str, object]) -> State:
    return replace(
        world.edited(world.edited(_plain(tier, sample.as_of), sample.catalogue), edits), focus=None
    )


def _fleet(sample: Sample) -> Fleet:
    states = {sample.tier: _state(sample, sample.tier, sample.edits)}
    for name, edits in sample.others.items():
        states[name] = _state(sample, name, edits)
    return Fleet(states, states[sample.tier].catalogue, sample.as_of)


def _change(sample: Sample) -> Change:
    """From `before` to `edits`; an environment with `environment: MISSING` is not there."""
    after = _side(sample, sample.edits, sample.catalogue)
    before = _side(sample, sample.before or {}, sample.catalogue_before or {})
    was = before.catalogue if before else world.catalogue()
    now = after.catalogue if after else world.catalogue()
    name = sample.tier if sample.catalogue_before is None else CATALOGUE
    for change in changes(_named(before), _named(after), was, now, sample.as_of, sample.zone):
        if change.name == name:
            return change
    return Change(name, before, after, (), sample.as_of, sample.zone)


def _side(sample: Sample, edits: Mapping[str, object], catalogue: Mapping[str, object]) -> State | None:
    if edits.get("environment") is MISSING:
        return None
    return replace(
        world.edited(world.edited(_plain(sample.tier, sample.as_of), catalogue), edits), focus=None
    )


def _named(state: State | None) -> dict[str, State]:
    return {} if state is None else {state.name: state}


@cache
def _plain(tier: str, as_of: datetime) -> State:
    return state_of(tier, world.environment(tier), world.catalogue(), as_of)
