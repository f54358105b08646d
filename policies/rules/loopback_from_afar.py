"""The engine runs elsewhere but its stores are looked for on its own machine, or a tier with evidence runs on a laptop.

In a container `localhost` is the container: the start is refused, or finds somebody else's server.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Also, Hit, State
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="INF004",
    slug="loopback_from_afar",
    severity=Severity.ERROR,
    scope=Scope.STATE,
    title="loopback from afar",
    fix="name the server's real host, or run the engine locally",
    reads=("service.compute", "database.host", "redis.host"),
    source="paper 00 4 (growth past one machine), seed 001",
)
VALID = (Sample(says="all local", tier="dev"),)
INVALID = (
    Sample(says="dev on ECS with a local database", tier="dev", edits={"service.compute": "ecs"}),
    Sample(says="production on a laptop", edits={"service.compute": "local"}),
)


_LOOPBACK = ("localhost", "127.0.0.1")


def judge(state: State) -> Iterator[Hit]:
    compute = state.environment.service.compute
    if compute == "local" and state.tier != "dev":
        yield Hit(("service", "compute"), f"tier `{state.tier}` does not run on somebody's machine")
    for part in ("database", "redis"):
        host = getattr(state.environment, part).host
        if compute != "local" and host in _LOOPBACK:
            where = (Also((part, "host"), "this machine only"),)
            yield Hit(
                ("service", "compute"), f"an engine on {compute} finds no {part} at `{host}`", related=where
            )
