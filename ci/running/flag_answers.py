"""Answers about flags from Git alone: the snapshot an engine would recompute, asked as an engine asks it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from ci.errors import UsageError
from ci.git import Repository
from ci.output.document import Table
from ci.running.git_bundles import UNJUDGED
from config.bundle import Bundle, compile_bundle
from config.desired import DesiredState
from config.findings import Refused
from config.reading import load
from engine.flags.blast_radius import Blast, blast_radius
from engine.flags.bucketing import BUCKETS, is_unit
from engine.flags.compile import FlagRule, Snapshot, compile_snapshot
from engine.flags.decide import VenueKind
from engine.flags.explain import explain

Answer = tuple[dict[str, Any], tuple[Table, ...], str]


class At:
    """One environment at one commit."""

    def __init__(self, repository: Repository, environment: str, ref: str, venue: VenueKind | None) -> None:
        self.repository = repository
        self.environment = environment
        self._ref = ref
        self._venue = venue

    @cached_property
    def bundle(self) -> Bundle:
        """What the commit means; UsageError when it cannot be read."""
        tree = self.repository.commit_tree(self._ref)
        desired = load(tree)
        if isinstance(desired, Refused):
            first = desired.findings[0]
            raise UsageError(f"{self._ref} cannot be read: {first.span.file}: {first.message}", first.help)
        if self.environment not in desired.environments:
            known = ", ".join(sorted(desired.environments))
            raise UsageError(f"{self._ref} has no environment `{self.environment}`", f"one of: {known}")
        return compile_bundle(desired, self.environment, tree.commit, tree.tree_id, UNJUDGED)

    @cached_property
    def snapshot(self) -> Snapshot:
        """Its flags."""
        return compile_snapshot([self.bundle])

    @property
    def venue_kind(self) -> VenueKind:
        """The kind of the venue that is wired, or the one asked about."""
        wired: VenueKind = self.bundle.catalogue["venues"]["venues"][self.bundle.config["venue"]["name"]][
            "kind"
        ]
        return self._venue or wired

    def facts(self) -> dict[str, Any]:
        """What every answer stands on."""
        snapshot = self.snapshot
        return {"commit": snapshot.commit, "digest": snapshot.digest, "venue_kind": self.venue_kind}


def listed(at: At) -> Answer:
    """Every flag with its state."""
    rows = tuple(_row(flag, rule) for flag, rule in at.snapshot.flags.items())
    columns = ("flag", "risk", "safe", "enabled", "accounts", "percent", "ceiling", "needs")
    halted = "trading is halted in Git; " if at.snapshot.trading_halted else ""
    return at.facts(), (Table("flags", columns, rows),), f"{halted}{len(rows)} flags"


def answered(at: At, flag: str, account: str | None, kills: Sequence[str], *, shows_steps: bool) -> Answer:
    """The value for one account, and the rules down to the one that decided."""
    if flag not in at.snapshot.flags:
        known = ", ".join(at.snapshot.flags)
        gone = "is retired and never comes back" if flag in at.snapshot.retired else "is no flag here"
        raise UsageError(f"`{flag}` {gone}", f"one of: {known}")
    decision, steps = explain(at.snapshot, flag, account, kills=kills, venue_kind=at.venue_kind)
    facts = at.facts() | {
        "flag": flag,
        "account": account,
        "value": decision.value,
        "reason": decision.reason.value,
        "bucket": decision.bucket,
    }
    rows = tuple((step.reason.value, step.saw, "decided" if step.decided else "") for step in steps)
    tables = (Table("precedence", ("rule", "saw", ""), rows),) if shows_steps else ()
    value = str(decision.value).lower()
    return facts, tables, f"{flag} is {value} for {account or 'nobody'}: {decision.reason.value}"


def blasted(at: At, base: str, accounts: Path | None) -> Answer:
    """Whom the change from `base` opens or closes."""
    before = At(at.repository, at.environment, base, at.venue_kind)
    asked = (*_accounts(accounts), at.bundle.config["account"]["id"])
    found = blast_radius(before.snapshot, at.snapshot, asked, at.venue_kind)
    opened = {account for blast in found for account in blast.opened}
    closed = {account for blast in found for account in blast.closed}
    facts = at.facts() | {
        "base": before.snapshot.commit,
        "accounts_asked": len(set(asked)),
        "flags": [_plain(blast) for blast in found],
    }
    lost = sum(blast.lost for blast in found)
    by_share = f"{_percent(lost)} lost by percentage" if lost else "nobody lost by percentage"
    summary = f"{len(found)} flags change: {len(opened)} accounts open, {len(closed)} close; {by_share}"
    return facts, (blast_table(found),), summary


def blast_table(found: Sequence[Blast]) -> Table:
    """Whom each changed flag lets in or shuts out."""
    columns = ("flag", "opens", "closes", "share before", "share after", "buckets lost")
    return Table("blast radius", columns, tuple(_blast_row(blast) for blast in found))


def blasts(before: DesiredState, after: DesiredState, environment: str) -> tuple[Blast, ...]:
    """What a change of files does to an environment's flags; of a new environment all is new, and nothing is said."""
    if environment not in before.environments or environment not in after.environments:
        return ()
    old, new = (compile_bundle(one, environment, "", "", UNJUDGED) for one in (before, after))
    wired: VenueKind = new.catalogue["venues"]["venues"][new.config["venue"]["name"]]["kind"]
    accounts = [bundle.config["account"]["id"] for bundle in (old, new)]
    return blast_radius(compile_snapshot([old]), compile_snapshot([new]), accounts, wired)


def _accounts(file: Path | None) -> tuple[str, ...]:
    if file is None:
        return ()
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read: {error}", "one account a line, UTF-8") from error
    odd = [line for line in lines if line and not is_unit(line)]
    if odd:
        raise UsageError(
            f"{file}: {odd[0][:40]!r} is no account", "one account a line, NFC, at most 256 bytes"
        )
    return tuple(line for line in lines if line)


def _row(flag: str, rule: FlagRule) -> tuple[str, ...]:
    accounts = ", ".join(rule.accounts[:3]) + (
        f", ... {len(rule.accounts)}" if len(rule.accounts) > 3 else ""
    )
    words = (rule.risk, str(rule.safe).lower(), str(rule.enabled).lower(), accounts)
    return (flag, *words, _percent(rule.milli_percent), rule.ceiling, ", ".join(rule.prerequisites))


def _blast_row(blast: Blast) -> tuple[str, ...]:
    lost = f"{_percent(blast.lost)} (reshuffled)" if blast.is_reshuffled else _percent(blast.lost)
    names = (", ".join(blast.opened), ", ".join(blast.closed))
    return (blast.flag, *names, _percent(blast.share_before), _percent(blast.share_after), lost)


def _plain(blast: Blast) -> dict[str, Any]:
    return blast._asdict() | {"opened": list(blast.opened), "closed": list(blast.closed)}


def _percent(buckets: int) -> str:
    whole, rest = divmod(buckets, BUCKETS // 100)
    return f"{whole}.{rest:03d} %" if rest else f"{whole} %"
