"""One environment, complete: nothing is inherited, defaulted or overridden; the line an auditor reads is what ran."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal

from config.models.infrastructure import Infrastructure
from config.models.limits import Limits
from config.models.nature import (
    Nature,
    Safe,
    at_most,
    from_safest,
    neutral,
    only_grows,
    only_shrinks,
    safe_when,
)
from config.models.section import section

NAME = "[a-z][a-z0-9-]{0,30}"
IDENTIFIER = "[a-z][a-z0-9_]{0,62}"
ACCOUNT = "[A-Za-z0-9][A-Za-z0-9_-]{0,63}"
HOST = "[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?"
REFERENCE = "(file|aws-sm|aws-ssm):[a-z0-9][a-z0-9/_-]{0,120}"

Tier = Literal["dev", "staging", "production"]
Mode = Literal["backtest", "paper", "shadow", "live"]
Scope = Literal["none", "sandbox", "live"]

_MODEL = "a model of fills moves nobody's money; the report of paper against live judges it"
_PLACE = "it says where, not how much; other rules judge what stands there"


@section
class Credentials:
    """What the venue is spoken to with: references only, and the scope the broker gave them."""

    scope: Annotated[
        Scope, from_safest("what the broker lets these credentials do", "none", "sandbox", "live")
    ]
    key: Annotated[str | None, neutral("reference to the API key", why=_PLACE, grammar=REFERENCE)]
    secret: Annotated[str | None, neutral("reference to the API secret", why=_PLACE, grammar=REFERENCE)]


@section
class VenueChoice:
    """Which venue is wired, how, and with what."""

    name: Annotated[str, neutral("the venue, an entry of venues.yaml", why=_PLACE, grammar=NAME)]
    mode: Annotated[Mode, from_safest("what is wired", "backtest", "paper", "shadow", "live")]
    rest_at_venue: Annotated[
        bool,
        neutral(
            "whether limit and stop entries rest at the venue until they fill or expire, or wait here and go at market",
            why="either way every control is asked before the order leaves; backtests compare the two",
        ),
    ]
    limit_gap: Annotated[
        Literal["limit", "open"],
        neutral("where a paper target fills that the market opened beyond", why=_MODEL),
    ]
    touch_fills: Annotated[
        bool, neutral("whether a paper limit fills when the market only touches it", why=_MODEL)
    ]
    credentials: Credentials


@section
class FlagState:
    """Who is let in by one flag here: a listed account or one inside the percentage; never more than the ceiling."""

    enabled: Annotated[
        bool,
        neutral("whether the flag lets anybody in", why="the safe value belongs to each flag: flags.yaml"),
    ]
    accounts: Annotated[tuple[str, ...], only_shrinks("accounts let in by name", grammar=ACCOUNT)]
    percent: Annotated[
        Decimal, at_most("share of accounts let in by bucket", unit="% (three decimals at most)", cap="100.0")
    ]


@section
class Account:
    """The trading account this environment's engine writes for."""

    id: Annotated[str, neutral("the account", why="an identity", grammar=ACCOUNT)]
    currency: Annotated[str, neutral("currency of the account", why="an identity", grammar="[A-Z]{3}")]
    start_cash: Annotated[
        Decimal, at_most("cash a paper account starts with", unit="account currency", cap="1000000.0")
    ]
    allow_short: Annotated[bool, safe_when(False, "whether positions below zero are allowed")]


@section
class Sizing:
    """How a signal becomes a quantity; the smallest of all caps wins."""

    risk_percent: Annotated[
        Decimal, at_most("equity risked between entry and stop", unit="% of start-of-day equity", cap="1.0")
    ]
    fixed_quantity: Annotated[
        int | None, Nature("quantity of each entry, null: by risk alone", Safe.LOWER, unit="units", cap=10000)
    ]


@section
class Strategy:
    """Which strategy runs, an entry of the engine's registry, and its parameters."""

    name: Annotated[
        str, neutral("the strategy", why="an identity; promotion evidence judges it", grammar=IDENTIFIER)
    ]
    parameters: Annotated[
        Mapping[str, int | Decimal],
        neutral(
            "numbers the strategy reads",
            why="evidence of a backtest judges them, not their size",
            grammar=IDENTIFIER,
        ),
    ]


@section
class Database:
    """The PostgreSQL database; paper and live records live in schemas of their own."""

    host: Annotated[str, neutral("host of the server", why=_PLACE, grammar=HOST)]
    port: Annotated[int, neutral("port of the server", why=_PLACE)]
    name: Annotated[str, neutral("the database", why=_PLACE, grammar=IDENTIFIER)]
    tls: Annotated[bool, safe_when(True, "whether the connection is encrypted and verified")]
    paper_schema: Annotated[str, neutral("schema of paper records", why=_PLACE, grammar=IDENTIFIER)]
    live_schema: Annotated[
        str | None, neutral("schema of live records, null: none", why=_PLACE, grammar=IDENTIFIER)
    ]


@section
class Redis:
    """The Redis server that carries flag snapshots, kills and latches."""

    host: Annotated[str, neutral("host of the server", why=_PLACE, grammar=HOST)]
    port: Annotated[int, neutral("port of the server", why=_PLACE)]
    tls: Annotated[bool, safe_when(True, "whether the connection is encrypted and verified")]


@section
class Service:
    """What the engine runs on."""

    compute: Annotated[
        Literal["local", "vps", "ecs"],
        neutral("where the engine runs", why="each place has rules of its own"),
    ]
    replicas: Annotated[int, at_most("engines that may run at once", unit="tasks", cap=1)]
    cpu_milli: Annotated[
        int,
        neutral("processor share", unit="1/1000 core", why="too little and too much are both cost, not risk"),
    ]
    memory_mib: Annotated[
        int, neutral("memory", unit="MiB", why="too little and too much are both cost, not risk")
    ]
    image: Annotated[
        str | None,
        neutral(
            "container image by digest, null: none is built yet",
            why="an identity",
            grammar="[a-z0-9./_-]+@sha256:[0-9a-f]{64}",
        ),
    ]


@section
class Monitoring:
    """What the engine tells about itself."""

    log_level: Annotated[
        Literal["ERROR", "WARNING", "INFO", "DEBUG"],
        from_safest("least severe message that is logged", "ERROR", "WARNING", "INFO", "DEBUG"),
    ]
    heartbeat_seconds: Annotated[int, at_most("time between heartbeats", unit="seconds", cap=15)]
    metrics_port: Annotated[int, neutral("port of the Prometheus endpoint on loopback", why=_PLACE)]


@section
class Alerting:
    """Who is told."""

    enabled: Annotated[bool, safe_when(True, "whether alerts leave the machine")]
    pagerduty: Annotated[bool, safe_when(True, "whether critical alerts page a person")]
    critical: Annotated[tuple[str, ...], only_grows("channels of critical alerts", grammar=NAME)]
    warning: Annotated[tuple[str, ...], only_grows("channels of warnings", grammar=NAME)]


@section
class Secret:
    """A secret by reference; its value is nowhere in Git."""

    reference: Annotated[str, neutral("where the secret lives", why=_PLACE, grammar=REFERENCE)]
    rotate_days: Annotated[int, at_most("age at which it is rotated", unit="days", cap=90)]


@section
class Environment:
    """One environment file."""

    schema: Annotated[
        int, neutral("version of this file's language", why="the tool refuses what is newer than itself")
    ]
    environment: Annotated[str, neutral("name, equal to the file's", why="an identity", grammar=NAME)]
    tier: Annotated[Tier, from_safest("what rules and ceilings select by", "dev", "staging", "production")]
    phase: Annotated[int, Nature("rollout phase, 1 to 4 (rollouts.yaml)", Safe.LOWER, unit="phase", cap=4)]
    trading_halted: Annotated[bool, safe_when(True, "whether Git itself stops trading here")]
    auto_resume_if_clean: Annotated[
        bool, safe_when(False, "whether REDUCING and HALTED end by themselves after a clean recovery")
    ]
    debug_mode: Annotated[bool, safe_when(False, "whether debugging aids are on")]
    url: Annotated[str, neutral("address people use", why=_PLACE, grammar=r"https://[a-z0-9.-]+")]
    venue: VenueChoice
    flags: Annotated[
        Mapping[str, FlagState],
        neutral("state of each flag of flags.yaml", why="each flag is judged by its own", grammar=IDENTIFIER),
    ]
    limits: Limits
    account: Account
    sizing: Sizing
    strategy: Strategy
    database: Database
    redis: Redis
    service: Service
    monitoring: Monitoring
    alerting: Alerting
    secrets: Annotated[
        Mapping[str, Secret], neutral("secrets by reference", why="an inventory", grammar=IDENTIFIER)
    ]
    infrastructure: Infrastructure
