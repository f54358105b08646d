"""What an environment stands on changes: account, network, engine version, kind of compute, address.

Each of these replaces servers, or lets other people in; none of them is a setting.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import MISSING, Also, Change, Hit
from policies.paths import dotted
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="INF008",
    slug="foundation_moved",
    severity=Severity.GUARDED,
    scope=Scope.CHANGE,
    title="foundation moved",
    fix="plan the move, preview what it replaces, and add a waiver that names the plan",
    reads=(
        "url",
        "service.compute",
        "infrastructure.account_id",
        "infrastructure.network",
        "infrastructure.database.engine_version",
        "infrastructure.database.storage_gib",
        "infrastructure.database.max_storage_gib",
        "infrastructure.host.deployment",
        "infrastructure.host.certificate",
        "infrastructure.host.image_id",
        "infrastructure.host.instance_type",
        "infrastructure.repository",
    ),
    source="paper 05 (what forces replacement), paper 02 5 (never replaced without a named approval)",
)
VALID = (Sample(says="it stays", before={}),)
INVALID = (
    Sample(says="a smaller disk", edits={"infrastructure.database.storage_gib": 50}, before={}),
    Sample(says="another account", edits={"infrastructure.account_id": "999999999999"}, before={}),
    Sample(says="from a VPS to ECS", edits={"service.compute": "ecs"}, before={}),
)


_KEYS = (
    ("url",),
    ("service", "compute"),
    ("infrastructure", "account_id"),
    ("infrastructure", "network"),
    ("infrastructure", "database", "engine_version"),
    ("infrastructure", "host", "deployment"),
    ("infrastructure", "host", "certificate"),
    ("infrastructure", "host", "image_id"),
    ("infrastructure", "host", "instance_type"),
    ("infrastructure", "repository"),
)
_ONLY_GROW = (
    ("infrastructure", "database", "storage_gib"),
    ("infrastructure", "database", "max_storage_gib"),
)


def judge(change: Change) -> Iterator[Hit]:
    for prefix in _KEYS:
        for key in change.below(*prefix):
            if key.before not in (None, MISSING) and key.after is not MISSING:
                was = Also(key.path, "was here", base=True)
                message = f"`{dotted(key.path)}` changes what the environment stands on"
                yield Hit(key.path, message, related=(was,))
    for prefix in _ONLY_GROW:
        for key in change.below(*prefix):
            if isinstance(key.before, int) and isinstance(key.after, int) and key.after < key.before:
                was = Also(key.path, f"was {key.before}", base=True)
                message = f"`{dotted(key.path)}` shrinks, so AWS would build the server anew"
                yield Hit(key.path, message, related=(was,))
