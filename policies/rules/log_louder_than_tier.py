"""Logs are louder than the tier allows.

What a log holds, everybody with access to logs holds; production says what went wrong, not what happened.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Hit, State
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="VEN016",
    slug="log_louder_than_tier",
    severity=Severity.GUARDED,
    scope=Scope.STATE,
    title="logs louder than the tier",
    fix="staging logs INFO at most, production WARNING at most",
    reads=("monitoring.log_level",),
    source="seed 000 1.1 (level: debug, info, warning)",
)
VALID = (
    Sample(says="DEBUG in dev", tier="dev"),
    Sample(says="ERROR in production", edits={"monitoring.log_level": "ERROR"}),
)
INVALID = (
    Sample(says="INFO in production", edits={"monitoring.log_level": "INFO"}),
    Sample(says="DEBUG in staging", tier="staging", edits={"monitoring.log_level": "DEBUG"}),
)


_LOUDEST = {"dev": "DEBUG", "staging": "INFO", "production": "WARNING"}
_ORDER = ("ERROR", "WARNING", "INFO", "DEBUG")


def judge(state: State) -> Iterator[Hit]:
    level, loudest = state.environment.monitoring.log_level, _LOUDEST[state.tier]
    if _ORDER.index(level) > _ORDER.index(loudest):
        yield Hit(("monitoring", "log_level"), f"tier `{state.tier}` logs {loudest} at most, not {level}")
