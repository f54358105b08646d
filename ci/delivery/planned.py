"""A previewed plan, judged: policy results with their places, which rules were reached, what nobody may overlook.

Pure over what the engine told; the engine itself is driven by infra/.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ci.delivery.plan_places import PlanPlaces
from ci.delivery.planned_approvals import approve
from ci.errors import InternalError
from config.findings import Finding, Severity, sort_findings
from infra import wire
from infra.driver import Run
from infra.events import PolicyHit, Step
from infra.pack.judging import CRASHED, NEEDS_OPERATION, applies, plain, rules_of_pack, sees_whole_graph
from infra.pack.proof import Proof, prove
from infra.throwaway import Previewed
from policies.inputs import Resource, Resources, State
from policies.planned import HOLDS_RECORDS
from policies.registry import RULES, rule_by_name
from policies.rule import Rule, Scope
from policies.watch import Watch, proves_itself

_SENTENCE = re.compile(
    r"(?P<rule>[A-Z]{3}\d{3}): (?P<message>.*?)(?: \[config: (?P<path>[^\]]+)\])?", re.DOTALL
)
_OPS = {"create", "update", "replace", "delete", "same"}


@dataclass(frozen=True, slots=True)
class Reach:
    """The account of the resource rules of one run."""

    rules: int
    in_scope: tuple[str, ...]
    reached: tuple[str, ...]
    proven: tuple[str, ...]
    unreached: tuple[str, ...]
    resources: Mapping[str, int]
    """Rule id to the number of resources it was shown."""

    def sentence(self) -> str:
        """`23 resource rules: 19 in scope, 19 reached, 19 proven, 4 find nothing of their types`."""
        idle = self.rules - len(self.in_scope)
        return (
            f"{self.rules} resource rules: {len(self.in_scope)} in scope, {len(self.reached)} reached, "
            f"{len(self.proven)} proven, {idle} find nothing of their types here"
        )


@dataclass(frozen=True, slots=True)
class Judged:
    """What a preview found, and how it was judged."""

    findings: tuple[Finding, ...]
    reach: Reach
    proof: Proof | None = None
    """With `--prove`: what became of dangerous versions of everything planned."""

    @property
    def is_refused(self) -> bool:
        """Whether anything refuses."""
        return any(finding.refuses for finding in self.findings)


def judge(previewed: Previewed, state: State, places: PlanPlaces) -> Judged:
    """Judge the whole of a preview."""
    runs = [run for run in (previewed.preview, previewed.up) if run is not None]
    hits = dict.fromkeys(hit for run in runs for hit in run.events.policy_hits)
    reach = _reach(runs, state)
    proof = _proof(previewed.up, state)
    findings = [
        *(_of_policy(hit, places) for hit in hits),
        *_of_operations(previewed.preview, state, places),
        *_of_reach(reach, places),
        *_of_engine(runs, bool(hits), places),
        *_of_repeat(previewed.again, places),
        *_of_protection(previewed.preview, places),
        *_of_proof(proof, places),
    ]
    steps = previewed.preview.events.steps
    found = approve(findings, steps, places.approvals, places.approvals_before, state, places.environments)
    return Judged(sort_findings(list(dict.fromkeys(found))), reach, proof)


def _of_policy(hit: PolicyHit, places: PlanPlaces) -> Finding:
    told = _SENTENCE.fullmatch(hit.message.strip())
    rule = rule_by_name(told["rule"]) if told else None
    if told is None or rule is None:
        message = f"policy `{hit.policy}` could not be judged: {hit.message.strip().splitlines()[0]}"
        return _finding("INF192", places, hit.urn, message, "what cannot be judged is not passed")
    if told["message"].startswith(CRASHED):
        raise InternalError(f"rule {told['rule']} crashed: {told['message']}", "a crash is no verdict")
    span = places.of_key(told["path"]) if told["path"] else places.of_resource(hit.urn)
    return Finding(
        rule.META.id, rule.META.severity, span, told["message"], rule.META.fix, told["path"] or hit.urn
    )


def _of_operations(run: Run, state: State, places: PlanPlaces) -> Iterator[Finding]:
    """Rules that need to know what happens to a resource, which the engine tells no pack."""
    graph = Resources(state, tuple(_resource(step) for step in run.events.steps.values() if step.op in _OPS))
    for rule in _operation_rules():
        for hit in rule.judge(graph):
            urn = str(hit.path[1])
            yield Finding(
                rule.META.id, rule.META.severity, places.of_resource(urn), hit.message, rule.META.fix, urn
            )


def _operation_rules() -> list[Rule]:
    return [rule for rule in RULES if rule.META.slug in NEEDS_OPERATION]


def _resource(step: Step) -> Resource:
    side = step.new or step.old
    properties = plain(_read(side.inputs)) if side is not None else {}
    return Resource(step.urn, step.type, step.op, properties, side.protect if side else False)  # type: ignore[arg-type]


def _read(value: Any) -> Any:
    """A value of the event log, with what is secret or unknown there marked as the engine's wire marks it."""
    if isinstance(value, Mapping):
        if wire.SIGNATURE in value:
            return wire.UNKNOWN
        return {key: _read(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_read(inner) for inner in value]
    return wire.UNKNOWN if value == wire.UNKNOWN_TEXT else value


def _reach(runs: Sequence[Run], state: State) -> Reach:
    types = {step.type for run in runs for step in run.events.steps.values() if step.op != "delete"}
    all_rules = [rule for rule in RULES if rule.META.scope is Scope.RESOURCES]
    in_scope = [rule for rule in rules_of_pack() if applies(rule, state, types)]
    told = {slug for run in runs for slug in run.events.reached}
    watch = Watch()
    return Reach(
        rules=len(all_rules),
        in_scope=_ids([*in_scope, *_operation_rules()]),
        reached=_ids([*(rule for rule in in_scope if rule.META.slug in told), *_operation_rules()]),
        proven=_ids(rule for rule in [*in_scope, *_operation_rules()] if not proves_itself(rule, watch)),
        unreached=tuple(rule.META.slug for rule in in_scope if rule.META.slug not in told),
        resources=_shown(runs, [*in_scope, *_operation_rules()]),
    )


def _shown(runs: Sequence[Run], rules: Sequence[Rule]) -> dict[str, int]:
    """How many resources each rule was shown; one that sees the whole graph, or operations, was shown all of them."""
    urns = {urn for run in runs for urn in run.events.steps}
    shown = {}
    for rule in sorted(rules, key=lambda one: one.META.id):
        told = {urn for run in runs for urn in run.events.reached.get(rule.META.slug, ())}
        sees_all = sees_whole_graph(rule) or rule.META.slug in NEEDS_OPERATION
        shown[rule.META.id] = (
            len(urns) if sees_all and (told or rule.META.slug in NEEDS_OPERATION) else len(told)
        )
    return shown


def _ids(rules: object) -> tuple[str, ...]:
    return tuple(sorted(rule.META.id for rule in rules))  # type: ignore[attr-defined]


def _of_reach(reach: Reach, places: PlanPlaces) -> Iterator[Finding]:
    for slug in reach.unreached:
        message = f"rule `{slug}` was not reached in the engine, so nothing was judged by it"
        yield _finding("INF191", places, "", message, "look at the pack: infra/pack")
    for missing in sorted(set(reach.in_scope) - set(reach.proven)):
        yield _finding(
            "INF191", places, "", f"rule {missing} does not refuse its own samples", "correct the rule"
        )


def _of_engine(runs: Sequence[Run], has_hits: bool, places: PlanPlaces) -> Iterator[Finding]:
    for run in runs:
        for urn, message in run.events.errors:
            line = next((one.strip() for one in message.splitlines() if one.strip()), "")
            yield _finding("INF193", places, urn, f"the engine refuses: {line}", "see the plan below")
        if not run.ok and not run.events.errors and not has_hits:
            yield _finding(
                "INF193", places, "", f"the engine ended with exit code {run.exit_code}", "see its log"
            )


def _of_repeat(run: Run | None, places: PlanPlaces) -> Iterator[Finding]:
    if run is None or run.ok:
        return
    for step in run.events.changing() or ():
        message = (
            f"{step.name} changes again ({step.op}) though nothing changed: the program is not idempotent"
        )
        yield _finding("INF194", places, step.urn, message, "make the program say the same twice")


def _of_protection(run: Run, places: PlanPlaces) -> Iterator[Finding]:
    for step in run.events.steps.values():
        if step.type in HOLDS_RECORDS and step.old is not None and step.new is not None:
            for what, was, now in (
                ("protection", step.old.protect, step.new.protect),
                ("retention", step.old.retain, step.new.retain),
            ):
                if was and not now:
                    yield _finding(
                        "INF195",
                        places,
                        step.urn,
                        f"{step.name}: its {what} would be lifted",
                        "a later change can then delete it",
                        Severity.WARNING,
                    )


def _proof(up: Run | None, state: State) -> Proof | None:
    """Over what was brought up, where every value is known."""
    if up is None or not up.ok:
        return None
    return prove(
        state, [_resource(step) for step in up.events.steps.values() if step.op in _OPS - {"delete"}]
    )


def _of_proof(proof: Proof | None, places: PlanPlaces) -> Iterator[Finding]:
    for one in proof.survivors if proof is not None else ():
        message = f"no rule refuses a dangerous property: {one}"
        yield _finding(
            "INF197", places, "", message, "write the rule, or the reason in infra/facts/unguarded.py"
        )


def _finding(
    rule: str, places: PlanPlaces, urn: str, message: str, help: str, severity: Severity = Severity.ERROR
) -> Finding:
    return Finding(rule, severity, places.of_resource(urn), message, help, urn)


def protected(steps: Mapping[str, Step]) -> int:
    """How many resources the plan protects."""
    return sum(step.new is not None and step.new.protect for step in steps.values())
