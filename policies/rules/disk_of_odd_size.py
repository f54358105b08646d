"""A disk is too small to start with, cannot grow, or has a slipped digit.

A full disk stops the journal, and a journal that stops stops trading.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Hit, State
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="INF014",
    slug="disk_of_odd_size",
    severity=Severity.GUARDED,
    scope=Scope.STATE,
    title="disk of odd size",
    fix="20 to 65536 GiB for the database, growing to at least its start; 8 to 2048 GiB for the machine",
    reads=(
        "infrastructure.database.storage_gib",
        "infrastructure.database.max_storage_gib",
        "infrastructure.host.volume_gib",
    ),
    source="paper 05 (limits of RDS and EBS), seed 003 (memory and disk alerts)",
)
VALID = (Sample(says="it can grow"),)
INVALID = (
    Sample(says="no disk", edits={"infrastructure.database.storage_gib": 0}),
    Sample(says="it cannot grow", edits={"infrastructure.database.max_storage_gib": 50}),
    Sample(says="a machine without disk", edits={"infrastructure.host.volume_gib": 0}),
)


def judge(state: State) -> Iterator[Hit]:
    database = state.environment.infrastructure.database
    volume = state.environment.infrastructure.host.volume_gib
    if not 20 <= database.storage_gib <= 65536:
        place = ("infrastructure", "database", "storage_gib")
        yield Hit(place, f"`storage_gib` is {database.storage_gib}, outside 20 to 65536")
    if not database.storage_gib <= database.max_storage_gib <= 65536:
        place = ("infrastructure", "database", "max_storage_gib")
        yield Hit(
            place, f"`max_storage_gib` is {database.max_storage_gib}, below `storage_gib` or above 65536"
        )
    if not 8 <= volume <= 2048:
        yield Hit(("infrastructure", "host", "volume_gib"), f"`volume_gib` is {volume}, outside 8 to 2048")
