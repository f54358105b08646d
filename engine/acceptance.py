"""The engine's own door for a bundle: typed strictly, re-checked here, accepted whole or refused with every reason.

Never trusts that somebody else checked; never accepts a mode it cannot build, and never takes another one instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from config.bundle import Bundle
from config.desired import environment_file
from config.digest import canonical, plain
from config.findings import Finding, Refused, Severity, sort_findings, whole_file
from config.models.catalogue import Catalogue
from config.models.environment import Environment
from config.models.nature import Nature, Safe
from config.models.records import Release
from config.schema_walk import walk

SCHEMA = 1
BUILDABLE = ("backtest", "paper", "shadow")
LIVE_PROOFS = (
    "a venue adapter for live orders (this build has none)",
    "live_trading_enabled open for the account at the same commit",
    "the pinned fingerprint of the broker account",
    "credentials whose declared scope equals the venue's",
    "an approval record of two people that has not expired",
    "a passed self-test before the open",
)


@dataclass(frozen=True, slots=True)
class Accepted:
    """A bundle this engine may run, typed; `accept` alone makes it."""

    bundle: Bundle
    environment: Environment
    catalogue: Catalogue
    releases: tuple[Release, ...]


def accept(bundle: Bundle, *, environment: str, digest: str | None = None) -> Accepted | Refused:
    """The typed bundle, or every reason against it.  digest: what the bundle must be, where that is known."""
    where = environment_file(environment)
    early = [*_identity(bundle, environment, digest)]
    if early:
        return _refused(where, early)
    typed = _typed(bundle)
    if isinstance(typed, list):
        return _refused(where, typed)
    reasons = [*_nature(typed.environment), *_mode(typed), *_tier(typed)]
    return _refused(where, reasons) if reasons else typed


Reason = tuple[str, str, str, str]


def _identity(bundle: Bundle, environment: str, digest: str | None) -> Iterator[Reason]:
    way_out = "reconcile the commit again; the engine takes only what that run published"
    if bundle.environment != environment or bundle.config.get("environment") != environment:
        yield (
            "CFG030",
            "environment",
            f"this is a bundle of `{bundle.environment}`, not of `{environment}`",
            way_out,
        )
    schemas = {bundle.config.get("schema"), *(_schema(part) for part in bundle.catalogue.values())}
    if schemas != {SCHEMA}:
        yield "CFG031", "schema", f"schema {sorted(schemas, key=str)} is not {SCHEMA}", "run a newer engine"
    if digest is not None and bundle.digest != digest:
        message = f"the bundle's digest is {bundle.digest[:12]}, the ledger says {digest[:12]}"
        yield "CFG032", "", message, way_out


def _schema(part: Any) -> Any:
    return part.get("schema") if isinstance(part, dict) else None


def _typed(bundle: Bundle) -> Accepted | list[Reason]:
    found: list[Reason] = []
    parts: list[Any] = []
    for cls, value in ((Environment, bundle.config), (Catalogue, bundle.catalogue)):
        try:
            parts.append(_adapter(cls).validate_json(canonical(value)))
        except (ValidationError, TypeError, ValueError) as error:
            found += _type_reasons(error)
    try:
        releases = _adapter(tuple[Release, ...]).validate_json(canonical(list(bundle.releases)))
    except (ValidationError, TypeError, ValueError) as error:
        found += _type_reasons(error)
    if found:
        return found
    if plain(parts[0]) != bundle.config or plain(parts[1]) != bundle.catalogue:
        return [
            ("CFG033", "", "the typed values do not give the same bytes back", "compile the bundle again")
        ]
    return Accepted(bundle, parts[0], parts[1], releases)


@lru_cache(maxsize=8)
def _adapter(cls: Any) -> TypeAdapter[Any]:
    return TypeAdapter(cls)


def _type_reasons(error: Exception) -> list[Reason]:
    way_out = "compile the bundle again from its commit"
    if not isinstance(error, ValidationError):
        return [("CFG033", "", str(error), way_out)]
    return [
        ("CFG033", ".".join(str(step) for step in problem["loc"]), problem["msg"], way_out)
        for problem in error.errors(include_url=False, include_input=False)
    ]


def _nature(environment: Environment) -> Iterator[Reason]:
    """What every field says of itself, asked again: grammar of texts, cap of numbers."""
    for path, value, spec in walk(environment):
        where = ".".join(str(step) for step in path)
        for text in value if isinstance(value, tuple) else (value,):
            if isinstance(text, str) and spec.nature.grammar and not re.fullmatch(spec.nature.grammar, text):
                yield "CFG034", where, f"`{text[:40]}` is not of its form", "correct it in Git"
        if _passes_cap(value, spec.nature):
            yield "LIM030", where, f"{value} is beyond its cap {spec.nature.cap}", "correct it in Git"


def _passes_cap(value: Any, nature: Nature) -> bool:
    if nature.cap is None or value is None:
        return False
    return bool(value > nature.cap if nature.safe is Safe.LOWER else value < nature.cap)


def _mode(typed: Accepted) -> Iterator[Reason]:
    choice = typed.environment.venue
    venue = typed.catalogue.venues.venues.get(choice.name)
    if choice.mode == "live":
        yield (
            "VEN030",
            "venue.mode",
            "live needs: " + "; ".join(LIVE_PROOFS),
            "set venue.mode to paper or shadow",
        )
    elif choice.mode not in BUILDABLE:
        yield (
            "VEN030",
            "venue.mode",
            f"mode `{choice.mode}` cannot be built",
            f"one of {', '.join(BUILDABLE)}",
        )
    if venue is None:
        yield (
            "VEN031",
            "venue.name",
            f"venue `{choice.name}` is not in venues.yaml",
            "declare it, or name another",
        )
    elif typed.environment.tier not in venue.tiers:
        tier = typed.environment.tier
        yield (
            "VEN032",
            "venue.name",
            f"venue `{choice.name}` may not be wired in tier {tier}",
            "name another venue",
        )


def _tier(typed: Accepted) -> Iterator[Reason]:
    """The hardest rules once more, by tier: what is never true in dev, and never beyond a sandbox in staging."""
    environment = typed.environment
    venue = typed.catalogue.venues.venues.get(environment.venue.name)
    kind = venue.kind if venue else "live"
    flag = environment.flags.get("live_trading_enabled")
    if environment.tier == "dev":
        if flag is None or flag.enabled or flag.accounts or flag.percent:
            yield (
                "FLG030",
                "flags.live_trading_enabled",
                "live trading is not closed in dev",
                "close it in Git",
            )
        if kind != "paper" or environment.venue.mode == "live":
            yield "VEN033", "venue", "dev is wired to more than a paper venue", "wire the paper venue"
        if environment.database.live_schema is not None:
            yield "VEN034", "database.live_schema", "dev has a schema for live records", "set it to null"
        if environment.venue.credentials.scope != "none":
            yield "VEN035", "venue.credentials.scope", "dev holds credentials of a broker", "set it to none"
    if environment.tier == "staging" and (kind == "live" or environment.venue.credentials.scope == "live"):
        yield "VEN036", "venue", "staging is wired beyond its sandbox", "wire a sandbox or the paper venue"


def _refused(where: str, reasons: list[Reason]) -> Refused:
    place = whole_file(where)
    return Refused(
        sort_findings(
            [
                Finding(rule, Severity.ERROR, place, message, way_out, path)
                for rule, path, message, way_out in reasons
            ]
        )
    )
