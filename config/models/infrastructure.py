"""What one environment runs on, as facts: the program looks nothing up in the cloud, so a plan can be read offline.

Never names a secret: people who are told by PagerDuty are named in the stack's encrypted settings.
"""

from typing import Annotated, Literal

from config.models.nature import at_least, neutral, only_grows, safe_when
from config.models.section import section

_ACCOUNT = "[0-9]{12}"
_ZONE = "[a-z]{2}(-[a-z]+)+-[0-9][a-z]"
_CIDR = r"[0-9]{1,3}(\.[0-9]{1,3}){3}/[0-9]{1,2}"
_CLASS = r"[a-z0-9]+(\.[a-z0-9-]+){1,2}"
_CERTIFICATE = "arn:aws:acm:[a-z0-9-]+:[0-9]{12}:certificate/[0-9a-f-]{36}"
_PLACE = "it says where, not how much"
_COST = "too little and too much are both cost, not risk"
_IDENTITY = "an identity"


@section
class Network:
    """The private network; every subnet belongs to the zone at the same position."""

    cidr: Annotated[str, neutral("addresses of the network", why=_PLACE, grammar=_CIDR)]
    availability_zones: Annotated[
        tuple[str, ...], neutral("zones of the region that are used", why="a rule counts them", grammar=_ZONE)
    ]
    public_subnets: Annotated[
        tuple[str, ...], neutral("addresses that hold gateways and load balancers", why=_PLACE, grammar=_CIDR)
    ]
    private_subnets: Annotated[
        tuple[str, ...], neutral("addresses that hold engines and data", why=_PLACE, grammar=_CIDR)
    ]


@section
class DatabaseServer:
    """The PostgreSQL server on AWS."""

    instance_class: Annotated[str, neutral("size of the server", why=_COST, grammar=_CLASS)]
    engine_version: Annotated[
        str, neutral("major version; minor ones come by themselves", why=_IDENTITY, grammar="[0-9]{2}")
    ]
    storage_gib: Annotated[int, neutral("disk at the start", unit="GiB", why=_COST)]
    max_storage_gib: Annotated[int, neutral("disk it may grow to", unit="GiB", why=_COST)]
    encrypted: Annotated[bool, safe_when(True, "whether the disk is encrypted with a key of ours")]
    publicly_accessible: Annotated[bool, safe_when(False, "whether the server has a public address")]
    multi_az: Annotated[bool, safe_when(True, "whether a second zone holds a copy that takes over")]
    deletion_protection: Annotated[bool, safe_when(True, "whether AWS refuses to delete the server")]
    backup_days: Annotated[
        int, at_least("days back to which every second can be restored", unit="days", cap=7)
    ]


@section
class CacheServer:
    """The Valkey replication group that carries flag snapshots and kills."""

    node_type: Annotated[str, neutral("size of a node", why=_COST, grammar=_CLASS)]
    nodes: Annotated[int, at_least("nodes, each able to take over", unit="nodes", cap=2)]
    snapshot_days: Annotated[int, at_least("days a daily snapshot is kept", unit="days", cap=1)]


@section
class EngineHost:
    """What carries the engine's process: an ECS service or a VPS (`service.compute`)."""

    deployment: Annotated[
        Literal["stop_then_start", "blue_green"],
        neutral(
            "how a new release takes over", why="an account has one writer either way: a lease, not this"
        ),
    ]
    certificate: Annotated[
        str | None,
        neutral(
            "certificate of the load balancer, null: no load balancer", why=_IDENTITY, grammar=_CERTIFICATE
        ),
    ]
    image_id: Annotated[
        str | None, neutral("machine image, null: no machine", why=_IDENTITY, grammar="ami-[0-9a-f]{8,17}")
    ]
    instance_type: Annotated[
        str | None, neutral("size of the machine, null: no machine", why=_COST, grammar=_CLASS)
    ]
    volume_gib: Annotated[int, neutral("disk of the machine", unit="GiB", why=_COST)]


@section
class Backups:
    """Copies apart from the servers they come from, in a locked vault."""

    retention_days: Annotated[int, at_least("days a copy is kept", unit="days", cap=7)]
    minimum_days: Annotated[int, at_least("days in which nobody can delete a copy", unit="days", cap=7)]


@section
class Routes:
    """Addresses of the channels that `alerting` names; the PagerDuty address is a secret of the stack."""

    email: Annotated[
        str | None, neutral("mailbox of the people on call", why=_PLACE, grammar=r"[a-z0-9._-]+@[a-z0-9.-]+")
    ]
    slack_workspace: Annotated[
        str | None, neutral("Slack workspace", why=_IDENTITY, grammar="T[A-Z0-9]{8,10}")
    ]
    slack_channel: Annotated[str | None, neutral("Slack channel", why=_IDENTITY, grammar="C[A-Z0-9]{8,10}")]


@section
class Infrastructure:
    """Everything the Pulumi program knows of an environment's cloud."""

    account_id: Annotated[
        str, neutral("AWS account; the provider refuses any other", why=_IDENTITY, grammar=_ACCOUNT)
    ]
    network: Network
    database: DatabaseServer
    cache: CacheServer
    host: EngineHost
    backups: Backups
    routes: Routes
    repository: Annotated[
        str,
        neutral(
            "repository whose jobs may take the CI roles",
            why=_IDENTITY,
            grammar="[A-Za-z0-9-]+/[A-Za-z0-9._-]+",
        ),
    ]
    required_tags: Annotated[
        tuple[str, ...], only_grows("tags every resource must carry", grammar="[a-z][a-z-]{0,30}")
    ]
