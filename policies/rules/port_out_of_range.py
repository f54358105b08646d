"""A port is none, needs root, or is used twice.

The engine runs without root, and a metrics port that is the database's keeps one of both from starting.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Also, Hit, State
from policies.paths import dotted
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="INF005",
    slug="port_out_of_range",
    severity=Severity.ERROR,
    scope=Scope.STATE,
    title="port out of range",
    fix="use a port from 1024 to 65535 that nothing else here uses",
    reads=("database.port", "redis.port", "monitoring.metrics_port"),
    source="seed 002 (VPS Security: only named ports), RFC 6335",
)
VALID = (Sample(says="three ports"),)
INVALID = (
    Sample(says="no port", edits={"database.port": 0}),
    Sample(says="twice", edits={"monitoring.metrics_port": 6379}),
)


_PORTS = (("database", "port"), ("redis", "port"), ("monitoring", "metrics_port"))


def judge(state: State) -> Iterator[Hit]:
    seen: dict[object, tuple[str, str]] = {}
    for path in _PORTS:
        port = state.leaves.get(path)
        if isinstance(port, int) and not 1024 <= port <= 65535:
            yield Hit(path, f"`{dotted(path)}` is {port}, outside 1024 to 65535")
        if port in seen:
            yield Hit(
                path, f"`{dotted(path)}` is {port}, used twice", related=(Also(seen[port], "also here"),)
            )
        seen.setdefault(port, path)
