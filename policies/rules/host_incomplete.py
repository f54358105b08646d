"""What carries the engine is not described, or something is described that is not built."""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Also, Hit, State
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="INF013",
    slug="host_incomplete",
    severity=Severity.ERROR,
    scope=Scope.STATE,
    title="host incomplete",
    fix="ecs needs a certificate of this account, vps an image and an instance type, local none of them",
    reads=("service.compute", "infrastructure.host", "infrastructure.account_id"),
    source="paper 05 (EngineHost), seed 001 and seed 002 (ECS behind a load balancer; VPS)",
)
VALID = (Sample(says="a VPS with its image"),)
INVALID = (
    Sample(says="a VPS without image", edits={"infrastructure.host.image_id": None}),
    Sample(says="another account's certificate", edits={"infrastructure.account_id": "222222222222"}),
)


_NEEDS: dict[str, tuple[str, ...]] = {
    "local": (),
    "vps": ("image_id", "instance_type"),
    "ecs": ("certificate",),
}
_BUILDS_NOT: dict[str, tuple[str, ...]] = {
    "local": ("certificate", "image_id", "instance_type"),
    "vps": (),
    "ecs": ("image_id", "instance_type"),
}


def judge(state: State) -> Iterator[Hit]:
    host, compute = state.environment.infrastructure.host, state.environment.service.compute
    because = (Also(("service", "compute"), f"the engine runs on {compute}"),)
    for key in ("certificate", "image_id", "instance_type"):
        value = getattr(host, key)
        if key in _NEEDS[compute] and value is None:
            yield Hit(("infrastructure", "host", key), f"{compute} needs `{key}`", related=because)
        if key in _BUILDS_NOT[compute] and value is not None:
            yield Hit(("infrastructure", "host", key), f"{compute} builds no `{key}`", related=because)
    account = state.environment.infrastructure.account_id
    if host.certificate is not None and host.certificate.split(":")[4] != account:
        message = f"the certificate belongs to another account than {account}"
        yield Hit(("infrastructure", "host", "certificate"), message)
