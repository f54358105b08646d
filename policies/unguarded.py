"""Dangerous values that no rule needs to refuse, each with its reason: `check --uncovered` lists what it excuses.

A key without a safe direction is excused by the reason its model records.  A key with one only here: because a rule
bounds how far it may go (the rule is named, and must read the key), or because tier dev is open inside all caps.
"""

from __future__ import annotations

from config.models.nature import Nature, Safe
from policies.direction import safe_direction
from policies.inputs import State
from policies.mutants import Mutant
from policies.paths import dotted

_SIZE = "too little and too much are both cost, not risk; preview shows what a new size replaces"
_STARTS_NOT = (
    "a reference that leads nowhere refuses the start (exit 78); one that leads to another's is refused"
)

WITHOUT_DIRECTION: dict[str, str] = {
    "service.cpu_milli": _SIZE,
    "service.memory_mib": _SIZE,
    "infrastructure.database.instance_class": _SIZE,
    "infrastructure.cache.node_type": _SIZE,
    "infrastructure.host.volume_gib": _SIZE,
    "secrets.*.reference": _STARTS_NOT,
}
"""Better words than the model's own, by dotted pattern."""

BOUNDED: dict[tuple[str, str], tuple[str, str]] = {
    ("flags.*.enabled", "flip"): (
        "FLG004",
        "letting in below the ceiling is what a flag is for; a rollout climbs rungs",
    ),
    ("flags.*.accounts", "empty"): (
        "FLG007",
        "a flag that is safe when on must let everybody in without a list",
    ),
    ("flags.*.accounts", "shrink"): (
        "FLG007",
        "a flag that is safe when on must let everybody in without a list",
    ),
    ("flags.*.percent", "jump"): ("ROL004", "one rung up is the way of a rollout"),
    ("phase", "jump"): ("ROL003", "one phase up is the way of a rollout"),
    ("venue.mode", "swap"): ("VEN012", "as far as the venue fits; live needs more in every tier"),
    ("monitoring.log_level", "swap"): ("VEN016", "up to the loudest level of the tier"),
    ("monitoring.heartbeat_seconds", "jump"): ("LIM002", "up to the cap, and twice inside the alert"),
    ("secrets.*.rotate_days", "jump"): ("LIM002", "up to the cap"),
    ("secrets.*.rotate_days", "swap"): ("LIM002", "up to the cap"),
    ("sizing.fixed_quantity", "null"): ("LIM002", "then the risk per trade bounds it, which has a cap"),
    ("sizing.fixed_quantity", "jump"): ("LIM004", "up to the largest order"),
}
"""(dotted pattern, kind of mutant): the rule that bounds the key, and why a step inside the bound is free."""

_NEVER_FREE = ("past cap", "negative", "rename", "drop", "remove")


def excuse(state: State, mutant: Mutant, pattern: tuple[str, ...], nature: Nature) -> str:
    """Why nobody needs to refuse this mutant; empty when somebody must."""
    name = dotted(pattern)
    guards = mutant.path[0] == "flags" and _is_safe_when_on(state, str(mutant.path[1]))
    if (name, mutant.kind) in BOUNDED and (not guards or name == "flags.*.accounts"):
        rule, why = BOUNDED[name, mutant.kind]
        return f"{why} ({rule} bounds it)"
    if safe_direction(mutant.path, nature, state.catalogue) is Safe.NONE and not guards:
        return WITHOUT_DIRECTION.get(name, nature.why)
    if state.tier == "dev" and mutant.kind not in _NEVER_FREE and not guards:
        return "tier dev is open inside all caps: no money, no evidence"
    return ""


def _is_safe_when_on(state: State, key: str) -> bool:
    """A flag that guards others: switching it off is no rollout."""
    identity = state.identity(key)
    return identity is not None and identity.safe
