"""The account of a run: which rules were in scope, reached and proven, which mutants nobody refuses.

Whatever is missing in it becomes a finding: nothing passes in silence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from config.desired import DesiredState, environment_file
from config.document import Document
from config.findings import Finding, Severity, whole_file
from config.record import record
from config.schema_walk import walk
from policies.chosen import Chosen
from policies.columns import columns_of
from policies.declared import Declared
from policies.inputs import CATALOGUE, Fleet
from policies.paths import covers, dotted, lead
from policies.placing import Placer
from policies.rule import ALL_TIERS, Rule, Scope
from policies.shape_proof import unguarded_shapes
from policies.verdict import Counts, MutantFate, RuleProof
from policies.watch import Watch, proves_itself

_Patterns = Mapping[str, list[tuple[str, ...]]]
"""The schema's pattern of every key that exists in this tree, by its section or catalogue file."""


@record
class Account:
    """Proofs per rule, fates of mutants, findings about the account itself, and its numbers."""

    proofs: tuple[RuleProof, ...]
    fates: tuple[MutantFate, ...]
    failures: tuple[Finding, ...]
    counts: Counts


def account(
    head: DesiredState,
    rules: Sequence[Rule],
    fleet: Fleet,
    judged: Sequence[str],
    which: Chosen,
    of_values: Sequence[MutantFate],
    fired_by: Mapping[str, str],
    placer: Placer,
    watch: Watch,
) -> Account:
    """Add up one run."""
    known, columns = _patterns(fleet), columns_of(fleet.states)
    tiers = {columns.tier(name) for name in judged}
    proofs = tuple(_proof(rule, known, tiers, fired_by, watch) for rule in rules)
    fates = (*of_values, *_shape_fates(head, which))
    failures = (
        *_of_registry(rules, fleet),
        *(_of_rule(proof) for proof in proofs if proof.in_scope and proof.why_not),
        *_of_survivors(fates, placer),
    )
    return Account(proofs, fates, failures, _counts(head, fleet, judged, which, proofs, fates))


def _patterns(fleet: Fleet) -> _Patterns:
    found = columns_of(fleet.states).patterns()
    found.update((CATALOGUE, *spec.path_pattern) for _, _, spec in walk(fleet.catalogue))
    by_lead: dict[str, list[tuple[str, ...]]] = {"texts": [("texts",)]}
    for pattern in found:
        by_lead.setdefault(lead(pattern), []).append(pattern)
    return by_lead


def _proof(
    rule: Rule, known: _Patterns, tiers: set[str], fired_by: Mapping[str, str], watch: Watch
) -> RuleProof:
    meta = rule.META
    here = meta.scope.judged_by == "check"
    is_for_none = not set(meta.tiers) & set(ALL_TIERS)  # misspelt: not idle, but wrong
    idle = meta.scope in (Scope.STATE, Scope.CHANGE) and not is_for_none and not tiers & set(meta.tiers)
    fired = fired_by.get(meta.id, "")
    missing = [pattern for pattern in meta.reads if not _resolves(pattern, known)] if here else []
    why_not = ""
    if here and not idle:
        why_not = f"nothing in this tree is named `{missing[0]}`" if missing else proves_itself(rule, watch)
        why_not = why_not or ("" if fired else "no mutant of this tree fires it")
    return RuleProof(
        id=meta.id,
        slug=meta.slug,
        severity=meta.severity.value,
        scope=meta.scope.value,
        judged_by=meta.scope.judged_by,
        in_scope=here and not idle,
        reached=here and not idle and not missing,
        proven=here and not idle and not why_not,
        why_not=why_not,
        fired_by=fired,
        file=f"policies/rules/{meta.slug}.{'yaml' if isinstance(rule, Declared) else 'py'}",
    )


def _resolves(pattern: str, known: _Patterns) -> bool:
    words = tuple(pattern.split("."))
    return words == ("*",) or any(covers(words, path) for path in known.get(lead(words), ()))


def _shape_fates(head: DesiredState, which: Chosen) -> Iterator[MutantFate]:
    """Every chosen key left out, and of another type, as the reader's own checks see it."""
    for name, keys in which.items():
        document: Document[object] = head.documents[environment_file(name)]
        free = set(unguarded_shapes(document))
        for kind in ("drop", "type"):
            for path in _leaves(document):
                if keys is not None and path not in keys:
                    continue
                refused_by = "" if (path, kind) in free else "shape"
                yield MutantFate(name, path, kind, f"({kind})", refused_by)


def _leaves(document: Document[object]) -> Iterator[tuple[str | int, ...]]:
    yield from (path for path, _, _ in walk(document.value))


def _of_registry(rules: Sequence[Rule], fleet: Fleet) -> Iterator[Finding]:
    place = "policies/registry.py"
    if not rules:
        yield _failure("PRF001", place, "the set of rules is empty", "list the rules in policies/registry.py")
    if not fleet.states:
        message = "no environment was found, so nothing was judged"
        yield _failure("PRF002", "config/environments", message, "add config/environments/<name>.yaml")
    for rule in rules:
        if rule.META.scope is Scope.HISTORY:
            message = f"rule {rule.META.id} is about the ledger's history, which no command judges yet"
            yield _failure(
                "PRF011", place, message, "have reconcile judge it first: a rule nobody asks guards nothing"
            )
    for rule_id, count in Counter(rule.META.id for rule in rules).items():
        if count > 1:
            message = f"{count} rules carry the id {rule_id}"
            yield _failure("PRF003", place, message, "give each rule an id of its own, never used before")


def _of_rule(proof: RuleProof) -> Finding:
    place = proof.file
    if not proof.reached:
        message = f"rule {proof.id} is not reached: {proof.why_not}"
        return _failure("PRF004", place, message, "correct `reads` in META, or remove the rule")
    message = f"rule {proof.id} is not proven: {proof.why_not}"
    return _failure("PRF005", place, message, "a rule that cannot fire guards nothing: correct or remove it")


def _of_survivors(fates: Sequence[MutantFate], placer: Placer) -> Iterator[Finding]:
    for fate in fates:
        if not fate.refused_by and not fate.reason:
            message = f"no rule refuses `{dotted(fate.path)}: {fate.value}` ({fate.kind})"
            way_out = "write the rule that does, or name in policies/unguarded.py the rule that bounds it"
            span = placer.of_key(fate.environment, fate.path)
            yield Finding("PRF006", Severity.ERROR, span, message, way_out, dotted(fate.path))


def _failure(rule: str, file: str, message: str, way_out: str) -> Finding:
    return Finding(rule, Severity.ERROR, whole_file(file), message, way_out)


def _counts(
    head: DesiredState,
    fleet: Fleet,
    judged: Sequence[str],
    which: Chosen,
    proofs: Sequence[RuleProof],
    mutants: Sequence[MutantFate],
) -> Counts:
    free = [fate for fate in mutants if not fate.refused_by]
    columns = columns_of(fleet.states)
    return Counts(
        rules=len(proofs),
        in_scope=sum(proof.in_scope for proof in proofs),
        reached=sum(proof.reached for proof in proofs),
        proven=sum(proof.proven for proof in proofs),
        elsewhere=sum(proof.judged_by != "check" for proof in proofs),
        idle=sum(proof.judged_by == "check" and not proof.in_scope for proof in proofs),
        environments=len(judged),
        files=len(head.documents),
        keys=sum(len(columns.shape(name).paths) for name in judged),
        mutants=len(mutants),
        survivors=sum(not fate.reason for fate in free),
        reasoned=sum(bool(fate.reason) for fate in free),
        violations=0,
        warnings=0,
        waived=0,
        mutated=len(which),
    )
