"""What things are, for all environments: flags, venues, instruments, alerts, ladders, calendar, keyring."""

from collections.abc import Mapping
from dataclasses import field
from decimal import Decimal
from typing import Annotated, Literal

from config.models.environment import HOST, IDENTIFIER, NAME
from config.models.hours import CALENDAR, CLOCK, DAY, Exchange
from config.models.nature import (
    Nature,
    Safe,
    at_least,
    at_most,
    from_safest,
    neutral,
    only_grows,
    only_shrinks,
)
from config.models.rollouts import Rollouts
from config.models.section import section

SYMBOL = "[A-Z][A-Z0-9.-]{0,23}"

Ceiling = Literal["off", "sandbox", "on"]
_IDENTITY = "an identity"
_PEOPLE = "people's words"


@section
class Ceilings:
    """The most a flag may open, by tier; `sandbox` is open only while the wired venue is a sandbox or paper."""

    dev: Annotated[Ceiling, from_safest("ceiling in tier dev", "off", "sandbox", "on")]
    staging: Annotated[Ceiling, from_safest("ceiling in tier staging", "off", "sandbox", "on")]
    production: Annotated[Ceiling, from_safest("ceiling in tier production", "off", "sandbox", "on")]


@section
class Flag:
    """The identity of one flag; its state stands in each environment."""

    says: Annotated[str, neutral("what the flag lets in", why=_PEOPLE, free_text=True)]
    owner: Annotated[str, neutral("team that answers for it", why=_IDENTITY, grammar=NAME)]
    risk: Annotated[
        Literal["live_money", "mode", "monitoring", "ux"], neutral("what an error here costs", why=_IDENTITY)
    ]
    safe: Annotated[
        bool,
        neutral("value that is safe whatever else is unknown", why="it defines the direction of the flag"),
    ]
    ceiling: Ceilings
    unit: Annotated[Literal["account_id"], neutral("what is bucketed", why=_IDENTITY)]
    bucketing: Annotated[Literal["flagd-v3"], neutral("hash algorithm, pinned", why=_IDENTITY)]
    salt: Annotated[str, neutral("salt of the hash", why=_IDENTITY, grammar=IDENTIFIER)]
    prerequisites: Annotated[tuple[str, ...], only_grows("flags that must be on as well", grammar=IDENTIFIER)]
    review_by: Annotated[str, neutral("day by which the flag is reviewed", why="a reminder", grammar=DAY)]


@section
class Retired:
    """A tombstone: this name never comes back (Knight Capital, SEC 34-70694 para 13)."""

    since: Annotated[str, neutral("day of retirement", why=_IDENTITY, grammar=DAY)]
    reason: Annotated[str, neutral("why it ended", why=_PEOPLE, free_text=True)]


@section
class Flags:
    """flags.yaml"""

    schema: Annotated[int, neutral("version of this file's language", why=_IDENTITY)]
    flags: Annotated[Mapping[str, Flag], neutral("flags by key", why=_IDENTITY, grammar=IDENTIFIER)]
    retired: Annotated[
        Mapping[str, Retired], neutral("names that never come back", why=_IDENTITY, grammar=IDENTIFIER)
    ]


@section
class Venue:
    """A place where orders go."""

    says: Annotated[str, neutral("what it is", why=_PEOPLE, free_text=True)]
    kind: Annotated[
        Literal["paper", "sandbox", "live"], from_safest("whose money it moves", "paper", "sandbox", "live")
    ]
    host: Annotated[
        str | None, neutral("host spoken to, null: in this process", why="the kind judges it", grammar=HOST)
    ]
    tiers: Annotated[
        tuple[str, ...], only_shrinks("tiers that may wire it", grammar="dev|staging|production")
    ]


@section
class Venues:
    """venues.yaml"""

    schema: Annotated[int, neutral("version of this file's language", why=_IDENTITY)]
    venues: Annotated[Mapping[str, Venue], neutral("venues by name", why=_IDENTITY, grammar=NAME)]


@section
class Fee:
    """What one side of a trade costs: the larger of a share of its value and a minimum."""

    percent_per_side: Annotated[
        Decimal, neutral("share of the traded value", unit="%", why="a fact of the broker")
    ]
    minimum: Annotated[Decimal, neutral("least fee of a fill", unit="currency", why="a fact of the broker")]


@section
class Slippage:
    """How much worse than its price a market or stop order fills in simulation: the larger of both."""

    ticks: Annotated[int, at_least("adverse ticks", unit="ticks", cap=0)]
    bps: Annotated[Decimal, at_least("adverse share of the price", unit="1/10000", cap="0.0")]


@section
class Instrument:
    """What is traded, and in which steps."""

    kind: Annotated[
        Literal["equity", "index", "future", "fx", "crypto"], neutral("what it is", why=_IDENTITY)
    ]
    currency: Annotated[str, neutral("currency of its prices", why=_IDENTITY, grammar="[A-Z]{3}")]
    tick: Annotated[Decimal, neutral("smallest price step", unit="currency", why="a fact of the venue")]
    lot: Annotated[int, neutral("smallest quantity step", unit="units", why="a fact of the venue")]
    multiplier: Annotated[
        int, neutral("value of one point of one unit", unit="currency", why="a fact of the venue")
    ]
    calendar: Annotated[
        str,
        neutral(
            "trading calendar (of calendar.yaml or exchange_calendars, or 24/7)",
            why=_IDENTITY,
            grammar=CALENDAR,
        ),
    ]
    expires_on: Annotated[
        str | None, neutral("last day of trading, null: none", why="a fact of the venue", grammar=DAY)
    ]
    fee: Fee
    slippage: Slippage


@section
class Instruments:
    """instruments.yaml"""

    schema: Annotated[int, neutral("version of this file's language", why=_IDENTITY)]
    instruments: Annotated[
        Mapping[str, Instrument], neutral("instruments by symbol", why=_IDENTITY, grammar=SYMBOL)
    ]


@section
class Alert:
    """One condition somebody is told about; the alarms of every system are made from it."""

    says: Annotated[str, neutral("what happened, for the person woken up", why=_PEOPLE, free_text=True)]
    metric: Annotated[str, neutral("metric that is watched", why=_IDENTITY, grammar=IDENTIFIER)]
    fires_when: Annotated[
        Literal["above", "below"],
        neutral("side of the threshold that fires", why="it defines the direction of the threshold"),
    ]
    threshold: Annotated[
        Decimal, neutral("value that fires", unit="the metric's", why="`fires_when` gives its direction")
    ]
    for_seconds: Annotated[int, at_most("time it must last", unit="seconds", cap=1800)]
    severity: Annotated[
        Literal["warning", "critical"], Nature("how loud", Safe.HIGHER, order=("critical", "warning"))
    ]
    missing: Annotated[
        Literal["fires", "holds"], from_safest("what absence of the metric means", "fires", "holds")
    ]
    actions: Annotated[tuple[str, ...], only_grows("what is done beside telling", grammar=IDENTIFIER)]
    source: Annotated[str, neutral("paragraph it comes from", why=_PEOPLE, free_text=True)]


@section
class Alerts:
    """alerts.yaml"""

    schema: Annotated[int, neutral("version of this file's language", why=_IDENTITY)]
    channels: Annotated[tuple[str, ...], only_grows("channels an environment may route to", grammar=NAME)]
    alerts: Annotated[Mapping[str, Alert], neutral("alerts by name", why=_IDENTITY, grammar=IDENTIFIER)]


@section
class Freeze:
    """Days without loosening."""

    first: Annotated[
        str,
        neutral(
            "first day, or month and day of every year",
            why="a date",
            grammar=r"([0-9]{4}-)?[0-9]{2}-[0-9]{2}",
        ),
    ]
    last: Annotated[
        str, neutral("last day, included", why="a date", grammar=r"([0-9]{4}-)?[0-9]{2}-[0-9]{2}")
    ]
    reason: Annotated[str, neutral("why", why=_PEOPLE, free_text=True)]


@section
class Calendar:
    """calendar.yaml: when loosening is allowed (tightening always is), and when exchanges trade."""

    schema: Annotated[int, neutral("version of this file's language", why=_IDENTITY)]
    zone: Annotated[
        str, neutral("IANA zone of the times below", why=_IDENTITY, grammar="[A-Za-z_]+/[A-Za-z_]+")
    ]
    opens: Annotated[
        str, neutral("loosening from, on weekdays", why="an interval, judged as a whole", grammar=CLOCK)
    ]
    closes: Annotated[
        str, neutral("loosening until, on weekdays", why="an interval, judged as a whole", grammar=CLOCK)
    ]
    friday_closes: Annotated[
        str, neutral("loosening until, on Fridays", why="an interval, judged as a whole", grammar=CLOCK)
    ]
    tiers: Annotated[
        tuple[str, ...], only_grows("tiers the calendar binds", grammar="dev|staging|production")
    ]
    freezes: Annotated[
        tuple[Freeze, ...], neutral("days without loosening", why="a list; each entry is judged")
    ]
    exchanges: Annotated[
        Mapping[str, Exchange],
        neutral("trading hours no library has, or has wrong", why="facts of exchanges", grammar=CALENDAR),
    ] = field(default_factory=dict)


@section
class CorporateAction:
    """A change of the instrument that explains a jump of its price."""

    symbol: Annotated[str, neutral("instrument", why=_IDENTITY, grammar=SYMBOL)]
    day: Annotated[str, neutral("first day of the new price", why=_IDENTITY, grammar=DAY)]
    kind: Annotated[Literal["split", "dividend"], neutral("what happened", why=_IDENTITY)]
    ratio: Annotated[Decimal, neutral("old price over new price", unit="ratio", why="a fact of the exchange")]


@section
class CorporateActions:
    """corporate_actions.yaml"""

    schema: Annotated[int, neutral("version of this file's language", why=_IDENTITY)]
    actions: Annotated[
        tuple[CorporateAction, ...], neutral("what happened, by day", why="facts of the exchange")
    ]


@section
class Difference:
    """Why one key may differ between environments."""

    path: Annotated[
        str,
        neutral("key, or a folder of keys ending in .*", why=_IDENTITY, grammar=r"[a-z][a-z0-9_.]*(\.\*)?"),
    ]
    between: Annotated[
        tuple[str, ...], neutral("tiers that may differ", why=_IDENTITY, grammar="dev|staging|production")
    ]
    reason: Annotated[str, neutral("why", why=_PEOPLE, free_text=True)]


@section
class Parity:
    """parity.yaml"""

    schema: Annotated[int, neutral("version of this file's language", why=_IDENTITY)]
    differences: Annotated[tuple[Difference, ...], neutral("recorded reasons", why="a list of reasons")]


@section
class Keyring:
    """keyring.yaml: the protected branch; keys of people come with signed bundles."""

    schema: Annotated[int, neutral("version of this file's language", why=_IDENTITY)]
    protected_branch: Annotated[
        str,
        neutral(
            "branch whose first-parent line may be reconciled",
            why="reconcile reads it at the last receipt's commit",
            grammar="[a-z][a-z0-9/_-]{0,60}",
        ),
    ]


@section
class Catalogue:
    """All catalogue files together."""

    flags: Flags
    venues: Venues
    instruments: Instruments
    alerts: Alerts
    rollouts: Rollouts
    calendar: Calendar
    corporate_actions: CorporateActions
    parity: Parity
    keyring: Keyring
