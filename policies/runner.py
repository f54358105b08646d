"""`judge`: one desired state, perhaps the one before it, every rule, one verdict.

Pure: time, zone and changed files are arguments.  The only maker of `Verdict`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from functools import partial

from config.desired import DesiredState, environment_file
from config.findings import Severity, sort_findings
from config.reading.kept import KeptDocument
from config.record import record
from config.schema_walk import walk
from policies.account import account
from policies.changes import changes
from policies.chosen import chosen
from policies.columns import columns_of
from policies.direction import riskiest
from policies.inputs import CATALOGUE, Change, Files, Fleet, Hit, State, state_of
from policies.mutated import shown
from policies.parts import Parts, PartStates, parts_of
from policies.paths import dotted
from policies.placing import Placer
from policies.proof import Prover
from policies.registry import BROKEN, RULES
from policies.rule import Rule, Scope
from policies.verdict import Verdict
from policies.waivers import ValueOf, Waivers, apply
from policies.watch import Watch

NO_WAIVERS = Waivers()
_Found = tuple[Rule, str, Hit]


@record
class Subjects:
    """Everything there is to judge, typed."""

    fleet: Fleet
    changes: tuple[Change, ...]
    files: Files
    parts: Parts


def judge(
    head: DesiredState,
    base: DesiredState | None,
    as_of: datetime,
    *,
    zone: tzinfo = UTC,
    environment: str | None = None,
    changed: tuple[str, ...] = (),
    rules: Sequence[Rule] = RULES,
    watch: Watch | None = None,
    waivers: Waivers = NO_WAIVERS,
) -> Verdict:
    """Judge `head`, and the change from `base` if there is one.

    environment: judge this one only (fleet and files stay whole).  changed: paths that differ from base.
    watch: tells a caller with a clock which rule is running.
    """
    watch = watch or Watch()
    subjects = _subjects(head, base, as_of, zone, changed)
    judged = dict.fromkeys(name for name in subjects.fleet.states if environment in (None, name))
    hits = _hits(rules, subjects, judged, environment, watch)
    known = frozenset(
        (rule.META.id, hit.environment or name, hit.path, hit.message) for rule, name, hit in hits
    )
    placer = Placer(head, base)
    findings = [placer.finding(rule, name, hit) for rule, name, hit in _without_echoes(hits)]
    which = chosen(columns_of(subjects.fleet.states), judged)
    prover = Prover(rules, subjects.fleet, which, known, zone, watch)
    fates, fired_by = prover.prove(subjects.files.texts)
    told = account(head, rules, subjects.fleet, list(judged), which, fates, fired_by, placer, watch)
    way = riskiest(key for change in subjects.changes for key in change.keys)
    if environment is not None:
        waivers = waivers.within(environment_file(environment))
    covered = apply(findings, waivers, rules, as_of.date(), way, values_of(head, base))
    everything = sort_findings([*covered, *told.failures, *(BROKEN if rules is RULES else ())])
    return Verdict(
        findings=everything,
        rules=told.proofs,
        mutants=told.fates,
        counts=told.counts.with_findings(everything),
        changes=tuple(change for change in subjects.changes if change.name in (*judged, CATALOGUE)),
        direction=way,
    )


def _hits(
    rules: Sequence[Rule], subjects: Subjects, judged: Collection[str], environment: str | None, watch: Watch
) -> list[_Found]:
    return [
        (rule, name, hit)
        for rule in rules
        for name, found in _of(rule, subjects, judged, watch)
        for hit in found
        if _concerns(rule, hit, environment)
    ]


def _of(
    rule: Rule, subjects: Subjects, judged: Collection[str], watch: Watch
) -> Iterator[tuple[str, Iterable[Hit]]]:
    """What a rule has against each of its subjects; what it had against one by itself is taken as it was found."""
    for name, hits in subjects.parts.hits(rule):
        if not name or name in judged:
            yield name, hits
    for name, subject in _shown_to(rule, subjects, judged):
        yield name, watch.hits(rule, subject)


def _without_echoes(hits: list[_Found]) -> list[_Found]:
    """Parity need not repeat that a value is refused: it stays out where an error stands at the same key."""
    refused = {
        (hit.environment or name, hit.path)
        for rule, name, hit in hits
        if rule.META.severity is Severity.ERROR and rule.META.scope is not Scope.FLEET
    }
    return [
        (rule, name, hit)
        for rule, name, hit in hits
        if rule.META.id[:3] != "PAR"
        or not refused
        & {(where, hit.path) for where in (hit.environment, *(also.environment for also in hit.related))}
    ]


def values_of(head: DesiredState, base: DesiredState | None) -> ValueOf:
    """How a waiver names a value: as its file shows it; a file that goes is read as it was."""
    known: dict[str, dict[str, str]] = {}

    def value_of(file: str, path: str) -> str | None:
        side = base if base is not None and file not in head.documents else head
        if file not in side.documents or file.startswith("config/records/"):
            return None
        if file not in known:
            leaves = walk(side.documents[file].value)
            known[file] = {dotted(key): shown(value) for key, value, _ in leaves}
        return known[file].get(path)

    return value_of


def _subjects(
    head: DesiredState, base: DesiredState | None, as_of: datetime, zone: tzinfo, changed: tuple[str, ...]
) -> Subjects:
    parts = parts_of(head)
    after = (
        PartStates(parts, partial(_state, head, as_of)) if parts else _states(head, head.environments, as_of)
    )
    between: tuple[Change, ...] = ()
    if base is not None:
        every = dict.fromkeys([*base.environments, *head.environments])
        names = [name for name in every if not _is_kept(name, head, base)]
        before = _states(base, names, as_of)
        now = {name: after[name] for name in names if name in after}
        between = tuple(changes(before, now, base.catalogue, head.catalogue, as_of, zone))
    apart = {environment_file(name) for name, part in parts.items() if not part.left}
    texts = {file: document.text for file, document in head.documents.items() if file not in apart}
    return Subjects(Fleet(after, head.catalogue, as_of), between, Files(texts, changed), Parts(parts))


def _is_kept(name: str, head: DesiredState, base: DesiredState) -> bool:
    """Whether both sides hold the same bytes, as is known of very large trees without reading them again."""
    one, other = (side.documents.get(environment_file(name)) for side in (head, base))
    return isinstance(one, KeptDocument) and one.is_same_as(other)


def _states(desired: DesiredState, names: Iterable[str], as_of: datetime) -> Mapping[str, State]:
    return {name: _state(desired, as_of, name) for name in names if name in desired.environments}


def _state(desired: DesiredState, as_of: datetime, name: str) -> State:
    return state_of(name, desired.environments[name], desired.catalogue, as_of)


def _shown_to(rule: Rule, subjects: Subjects, judged: Collection[str]) -> Iterator[tuple[str, object]]:
    meta = rule.META
    if meta.scope is Scope.STATE:
        columns = columns_of(subjects.fleet.states)
        for name in subjects.parts.left(rule, judged):
            if name in judged and columns.tier(name) in meta.tiers:
                yield name, subjects.fleet.states[name]
    elif meta.scope is Scope.CHANGE:
        reads_catalogue = any(pattern.startswith(CATALOGUE) for pattern in meta.reads)
        for change in subjects.changes:
            if change.name == CATALOGUE and reads_catalogue:
                yield CATALOGUE, change
            elif change.tier in meta.tiers and (change.name in judged or change.after is None):
                yield change.name, change
    elif meta.scope is Scope.FLEET:
        yield "", subjects.fleet
    elif meta.scope is Scope.FILES:
        yield "", subjects.files


def _concerns(rule: Rule, hit: Hit, environment: str | None) -> bool:
    """With one environment asked for, a hit in another one counts only where both are to blame (a shared account)."""
    if environment is None or not hit.environment or hit.environment == environment:
        return True
    is_parity = rule.META.id.startswith("PAR")
    return not is_parity and any(also.environment == environment for also in hit.related)
