"""The identity of a plan: which operations on which resources, with which values; equal wherever it is made.

Never tells two plans apart by a secret's value: secrets are masks here as everywhere.
"""

from __future__ import annotations

from config.digest import canonical, sha256_hex
from infra.drift import shown
from infra.events import Events, Side


def plan_digest(events: Events) -> str:
    """The same operations on the same resources with the same values give the same digest."""
    steps = [
        {"op": step.op, "urn": step.urn, "changed": dict(step.changed), "inputs": _masked(step.new)}
        for step in events.changing()
    ]
    return sha256_hex(canonical(steps))


def _masked(side: Side | None) -> dict[str, str]:
    return {key: shown(value) for key, value in side.inputs.items()} if side is not None else {}
