"""The engine gets too little to start or so much that a digit has slipped.

Too small, it is killed in the middle of an order; too large, it is a bill.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Hit, State
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="INF006",
    slug="engine_of_odd_size",
    severity=Severity.GUARDED,
    scope=Scope.STATE,
    title="engine of odd size",
    fix="250 to 16000 milli-CPU and 256 to 32768 MiB, or add a waiver with the measurement",
    reads=("service.cpu_milli", "service.memory_mib"),
    source="seed 001 (resources per environment), seed 003 (memory alerts at 500 and 700 MB)",
)
VALID = (Sample(says="half a core"),)
INVALID = (
    Sample(says="no memory", edits={"service.memory_mib": 0}),
    Sample(says="a slipped digit", edits={"service.cpu_milli": 50000}),
)


_RANGES = {"cpu_milli": (250, 16000), "memory_mib": (256, 32768)}


def judge(state: State) -> Iterator[Hit]:
    for key, (least, most) in _RANGES.items():
        size = getattr(state.environment.service, key)
        if not least <= size <= most:
            yield Hit(("service", key), f"`service.{key}` is {size}, outside {least} to {most}")
