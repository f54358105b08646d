"""A flag is open, or prepared, in a phase whose rung does not name it.

Accounts or a percentage beside `enabled: false` wait for one word to let everybody in.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from config.findings import Severity
from policies.inputs import Also, Hit, State
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="ROL001",
    slug="flag_on_before_its_phase",
    severity=Severity.ERROR,
    scope=Scope.STATE,
    title="flag on before its phase",
    fix="wait for the phase whose rung in rollouts.yaml switches it on",
    reads=(
        "phase",
        "flags",
        "catalogue.rollouts.ladders",
        "catalogue.flags.flags.*.ceiling",
        "catalogue.flags.flags.*.safe",
    ),
    source="seed 000 2.1 to 2.4 (features disabled per phase), paper 02 5",
)
VALID = (
    Sample(says="off in phase 1"),
    Sample(
        says="mode switching in phase 2", edits={"phase": 2, "flags.mode_switching_enabled.enabled": True}
    ),
)
INVALID = (
    Sample(says="mode switching in phase 1", edits={"flags.mode_switching_enabled.enabled": True}),
    Sample(says="a percentage prepared", edits={"flags.mode_switching_enabled.percent": Decimal("10.0")}),
)


def judge(state: State) -> Iterator[Hit]:
    step, flags = state.phase_step(), state.environment.flags
    if step is None:
        return
    for key, flag in flags.items():
        identity = state.identity(key)
        if identity is None or identity.safe or key in step.flags_on:
            continue
        if not (flag.enabled or flag.accounts or flag.percent):
            continue
        if getattr(identity.ceiling, state.tier) == "off":
            continue  # the ceiling keeps it off in every phase, and FLG004 says so
        part = "enabled" if flag.enabled else "accounts" if flag.accounts else "percent"
        verb = "is on" if flag.enabled else "is prepared"
        yield Hit(
            ("flags", key, part),
            f"`{key}` {verb} in phase {state.environment.phase}, which keeps it off",
            related=(Also(("phase",), f"the rung `{step.name}`"),),
        )
