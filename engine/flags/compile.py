"""Bundles of the listed commits become one snapshot: per key the safest value any of them holds.

The bytes hold only what Git determines, so whoever has the same commits has the same bytes; nothing here reads a
store, a clock or a generation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from decimal import ROUND_FLOOR, Decimal
from functools import cached_property
from typing import Any, Literal

from config.bundle import Bundle
from config.digest import canonical, sha256_hex
from engine.flags.bucketing import BUCKETS

SCHEMA = 1

Risk = Literal["live_money", "mode", "monitoring", "ux"]
Ceiling = Literal["off", "sandbox", "on"]

_CEILINGS: tuple[Ceiling, ...] = ("off", "sandbox", "on")
_RISKS: tuple[Risk, ...] = ("live_money", "mode", "monitoring", "ux")


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagRule:
    """One flag as a snapshot holds it.

    holds: enabled in every listed commit; only then may a flag that needs this one open.
    milli_percent: buckets let in, 0 to 100,000.
    """

    risk: Risk
    safe: bool
    enabled: bool
    holds: bool
    accounts: tuple[str, ...]
    milli_percent: int
    ceiling: Ceiling
    prerequisites: tuple[str, ...]
    unit: str
    bucketing: str
    salt: str


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """All flags of one environment at the listed commits; `commit`, the newest of them, is what orders name."""

    environment: str
    commits: tuple[str, ...]
    flags: Mapping[str, FlagRule]
    retired: tuple[str, ...]
    trading_halted: bool
    memo: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def commit(self) -> str:
        return self.commits[-1]

    def payload(self) -> bytes:
        """The canonical bytes: what is published, and what an engine recomputes and compares."""
        return self._bytes

    @property
    def digest(self) -> str:
        return self._digest

    @cached_property
    def _bytes(self) -> bytes:
        return canonical(
            {
                "schema": SCHEMA,
                "environment": self.environment,
                "commits": list(self.commits),
                "flags": {key: _plain(rule) for key, rule in self.flags.items()},
                "retired": list(self.retired),
                "trading_halted": self.trading_halted,
            }
        )

    @cached_property
    def _digest(self) -> str:
        return sha256_hex(self._bytes)


def compile_snapshot(bundles: Sequence[Bundle]) -> Snapshot:
    """The snapshot of `bundles`, oldest commit first; a commit given twice counts once."""
    distinct = tuple({bundle.commit: bundle for bundle in bundles}.values())
    if len({bundle.environment for bundle in distinct}) != 1:
        raise ValueError("a snapshot needs at least one bundle, all of one environment")
    declared = [_declared(bundle) for bundle in distinct]
    keys = sorted({key for rules in declared for key in rules})
    return Snapshot(
        environment=distinct[0].environment,
        commits=tuple(bundle.commit for bundle in distinct),
        flags={key: _safest([rules.get(key) for rules in declared]) for key in keys},
        retired=tuple(sorted({name for bundle in distinct for name in bundle.catalogue["flags"]["retired"]})),
        trading_halted=any(bundle.config["trading_halted"] is not False for bundle in distinct),
    )


def _declared(bundle: Bundle) -> dict[str, FlagRule]:
    """The flags one commit declares and sets; a retired name is never among them, whatever stands beside it."""
    catalogue, states = bundle.catalogue["flags"], bundle.config["flags"]
    tier = bundle.config["tier"]
    return {
        key: _rule(identity, states[key], tier)
        for key, identity in catalogue["flags"].items()
        if key in states and key not in catalogue["retired"]
    }


def _rule(identity: Mapping[str, Any], state: Mapping[str, Any], tier: str) -> FlagRule:
    enabled = state["enabled"] is True
    return FlagRule(
        risk=identity["risk"],
        safe=identity["safe"],
        enabled=enabled,
        holds=enabled,
        accounts=tuple(sorted(set(state["accounts"]))),
        milli_percent=_milli(state["percent"]),
        ceiling=identity["ceiling"][tier],
        prerequisites=tuple(sorted(set(identity["prerequisites"]))),
        unit=identity["unit"],
        bucketing=identity["bucketing"],
        salt=identity["salt"],
    )


def _milli(percent: str) -> int:
    """Buckets let in by a percentage; finer steps than a bucket are cut, never rounded up."""
    buckets = int((Decimal(percent) * (BUCKETS // 100)).to_integral_value(ROUND_FLOOR))
    return min(max(buckets, 0), BUCKETS)


def _safest(rules: Sequence[FlagRule | None]) -> FlagRule:
    """What holds for one key while all these commits are listed; None: a commit does not know the key."""
    known = [rule for rule in rules if rule is not None]
    everywhere = len(known) == len(rules)
    if len({rule.safe for rule in known}) > 1:
        return _closed(known)
    safe = known[0].safe
    enabled = [rule.enabled for rule in known]
    return FlagRule(
        risk=_first(_RISKS, [rule.risk for rule in known]),
        safe=safe,
        enabled=(any(enabled) or not everywhere) if safe else (all(enabled) and everywhere),
        holds=all(enabled) and everywhere,
        accounts=_accounts([rule.accounts for rule in known], safe, everywhere),
        milli_percent=_share(known, safe, everywhere),
        ceiling=_first(_CEILINGS, [rule.ceiling for rule in known]),
        prerequisites=tuple(sorted({key for rule in known for key in rule.prerequisites})),
        unit=known[-1].unit,
        bucketing=known[-1].bucketing,
        salt=known[-1].salt,
    )


def _closed(known: Sequence[FlagRule]) -> FlagRule:
    """Commits that disagree on what is safe: off, which no reader takes for a permission."""
    return FlagRule(
        risk="live_money",
        safe=False,
        enabled=False,
        holds=False,
        accounts=(),
        milli_percent=0,
        ceiling="off",
        prerequisites=(),
        unit=known[-1].unit,
        bucketing=known[-1].bucketing,
        salt=known[-1].salt,
    )


def _accounts(lists: Sequence[Sequence[str]], safe: bool, everywhere: bool) -> tuple[str, ...]:
    if safe:
        return tuple(sorted(set().union(*lists)))
    return tuple(sorted(set(lists[0]).intersection(*lists[1:]))) if everywhere else ()


def _share(known: Sequence[FlagRule], safe: bool, everywhere: bool) -> int:
    shares = [rule.milli_percent for rule in known]
    same_buckets = len({(rule.salt, rule.bucketing, rule.unit) for rule in known}) == 1
    if safe:
        return max(shares) if same_buckets and everywhere else BUCKETS
    if not everywhere:
        return 0
    return min(shares) if same_buckets or min(shares) == BUCKETS else 0


def _first(order: tuple[Any, ...], found: Iterable[Any]) -> Any:
    """The word that stands first (safest ceiling, gravest risk) in `order`."""
    return min(found, key=order.index)


def _plain(rule: FlagRule) -> dict[str, Any]:
    plain = asdict(rule)
    return plain | {"accounts": list(rule.accounts), "prerequisites": list(rule.prerequisites)}
