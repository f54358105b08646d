"""A limit is zero or negative.

Zero is read as "none at all" by one program and as "no limit" by the next; a stop has a key of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from config.findings import Severity
from policies.inputs import Hit, State
from policies.paths import dotted
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="LIM003",
    slug="limit_not_positive",
    severity=Severity.ERROR,
    scope=Scope.STATE,
    title="limit not positive",
    fix="set a number above zero; to stop trading use `trading_halted: true`",
    reads=(
        "limits",
        "sizing.risk_percent",
        "sizing.fixed_quantity",
        "account.start_cash",
        "monitoring.heartbeat_seconds",
        "service.replicas",
        "secrets.*.rotate_days",
    ),
    source="paper 02 5 (every limit present, positive), seed 004 #7 (no abs() on age)",
)
VALID = (Sample(says="all above zero"),)
INVALID = (
    Sample(says="zero", edits={"limits.max_orders_per_day": 0}),
    Sample(says="negative", edits={"limits.max_daily_loss_percent": Decimal("-3.0")}),
)


_SECTIONS = ("limits", "sizing")
_KEYS = ("start_cash", "heartbeat_seconds", "rotate_days", "replicas")


def judge(state: State) -> Iterator[Hit]:
    for path, value in state.judged_keys():
        if path[0] not in _SECTIONS and path[-1] not in _KEYS:
            continue
        if isinstance(value, int | Decimal) and not isinstance(value, bool) and value <= 0:
            yield Hit(path, f"`{dotted(path)}` is {value}; a limit is above zero")
