"""The safe value or the risk of a known flag changes.

Every other rule and the engine fail toward the safe value; turning it round turns all of them round.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import MISSING, Also, Change, Hit
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="FLG012",
    slug="flag_identity_changed",
    severity=Severity.ERROR,
    scope=Scope.CHANGE,
    title="identity of a flag changed",
    fix="add a new flag; the safe value and the risk of a name never change",
    reads=("catalogue.flags.flags.*.safe", "catalogue.flags.flags.*.risk"),
    source="paper 03 5.6 (the safe value is owned by the flag), 02 5",
)
VALID = (Sample(says="nothing changes", catalogue_before={}),)
INVALID = (
    Sample(
        says="the stop becomes safe when off",
        catalogue={"catalogue.flags.flags.emergency_stop_enabled.safe": False},
        catalogue_before={},
    ),
    Sample(
        says="live becomes harmless",
        catalogue={"catalogue.flags.flags.live_trading_enabled.risk": "ux"},
        catalogue_before={},
    ),
)


def judge(change: Change) -> Iterator[Hit]:
    for key in change.below("catalogue", "flags", "flags", "*"):
        if key.path[4] in ("safe", "risk") and MISSING not in (key.before, key.after):
            was = Also(key.path, f"was {key.before}", base=True)
            message = f"`{key.path[4]}` of flag `{key.path[3]}` changes from {key.before} to {key.after}"
            yield Hit(key.path, message, related=(was,))
