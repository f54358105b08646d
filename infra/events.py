"""What the engine told while it ran, read from its event log: steps, policy results, diagnostics.

Never shows a value the engine marked secret: the log holds a mask in its place, and so do we.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CHANGING = ("delete", "replace", "update", "create")
_SAYS_NOTHING = ("preview failed", "update failed")
_OPS = {
    "create": "create",
    "update": "update",
    "delete": "delete",
    "replace": "replace",
    "create-replacement": "replace",
    "delete-replaced": "replace",
    "same": "same",
    "refresh": "refresh",
    "read": "read",
    "discard": "delete",
}


@dataclass(frozen=True, slots=True)
class Side:
    """A resource before or after: inputs, outputs and what keeps it from being deleted."""

    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]
    protect: bool
    retain: bool


@dataclass(frozen=True, slots=True)
class Step:
    """What happens to one resource; `changed` maps a property path to add, delete or update (`-replace`)."""

    urn: str
    type: str
    op: str
    changed: Mapping[str, str]
    old: Side | None
    new: Side | None

    @property
    def name(self) -> str:
        """The last part of the URN."""
        return self.urn.rsplit("::", 1)[-1]


@dataclass(frozen=True, slots=True)
class PolicyHit:
    """One sentence of a policy about one resource (or about the stack, then `urn` is empty)."""

    policy: str
    urn: str
    message: str
    level: str


@dataclass
class Events:
    """Everything of one run, in the engine's order."""

    steps: dict[str, Step] = field(default_factory=dict)
    policy_hits: list[PolicyHit] = field(default_factory=list)
    reached: dict[str, set[str]] = field(default_factory=dict)
    packs: list[str] = field(default_factory=list)
    errors: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[tuple[str, str]] = field(default_factory=list)
    changes: dict[str, int] = field(default_factory=dict)

    def changing(self) -> tuple[Step, ...]:
        """Steps that do something, most destructive first, then by URN."""
        found = [step for step in self.steps.values() if step.op in CHANGING]
        return tuple(sorted(found, key=lambda step: (CHANGING.index(step.op), step.urn)))


def read(log: Path) -> Events:
    """The events of a log; a torn last line of a killed run is left out."""
    events = Events()
    if log.exists():
        for event in _lines(log.read_text(errors="replace").splitlines()):
            _take(event, events)
    return events


def _lines(lines: Iterable[str]) -> Iterable[Mapping[str, Any]]:
    for line in lines:
        if '"severity":"debug"' not in line[:4000] or "diagnosticEvent" not in line[:60]:
            try:
                yield json.loads(line)
            except ValueError:
                return


def _take(event: Mapping[str, Any], events: Events) -> None:
    if "resourcePreEvent" in event:
        _take_step(event["resourcePreEvent"]["metadata"], events)
    elif "resOutputsEvent" in event:
        _take_outputs(event["resOutputsEvent"]["metadata"], events)
    elif "policyEvent" in event:
        told = event["policyEvent"]
        hit = PolicyHit(
            told["policyName"], told.get("resourceUrn", ""), plain(told["message"]), told["enforcementLevel"]
        )
        if hit not in events.policy_hits:
            events.policy_hits.append(hit)
    elif "policyAnalyzeSummaryEvent" in event or "policyAnalyzeStackSummaryEvent" in event:
        told = event.get("policyAnalyzeSummaryEvent") or event["policyAnalyzeStackSummaryEvent"]
        for policy in (*told.get("passed", ()), *told.get("failed", ())):
            events.reached.setdefault(policy, set()).add(told.get("resourceUrn", ""))
    elif "policyLoadEvent" in event:
        events.packs.append("loaded")
    elif "summaryEvent" in event:
        events.changes = dict(event["summaryEvent"].get("resourceChanges", {}))
    elif "diagnosticEvent" in event:
        _take_diagnostic(event["diagnosticEvent"], events)


def _take_diagnostic(told: Mapping[str, Any], events: Events) -> None:
    heard = {"error": events.errors, "warning": events.warnings}.get(told["severity"])
    message = plain(told["message"]).strip()
    if heard is not None and not told.get("ephemeral") and message not in _SAYS_NOTHING:
        heard.append((told.get("urn", ""), message))


def _take_step(told: Mapping[str, Any], events: Events) -> None:
    op = _OPS.get(told["op"], told["op"])
    if told["urn"] in events.steps and told["op"] in ("create-replacement", "delete-replaced"):
        held = events.steps[told["urn"]]
        if held.op == "replace" and held.changed:
            return
    detailed = told.get("detailedDiff") or {}
    changed = {path: one["diffKind"] for path, one in detailed.items()}
    changed = changed or dict.fromkeys(told.get("diffs") or (), "update")
    events.steps[told["urn"]] = Step(
        told["urn"], told["type"], op, changed, _side(told.get("old")), _side(told.get("new"))
    )


def _take_outputs(told: Mapping[str, Any], events: Events) -> None:
    """A refresh tells what it found when it is through; so does an `up` about outputs."""
    held = events.steps.get(told["urn"])
    op = _OPS.get(told["op"], told["op"])
    if held is None or op not in ("refresh", "update", "delete", "same"):
        return
    if op != held.op and held.op != "refresh":
        return
    detailed = told.get("detailedDiff") or {}
    changed = {path: one["diffKind"] for path, one in detailed.items()} or held.changed
    events.steps[told["urn"]] = Step(
        told["urn"],
        told["type"],
        op,
        changed,
        _side(told.get("old")) or held.old,
        _side(told.get("new")) or held.new,
    )


def _side(told: Mapping[str, Any] | None) -> Side | None:
    if told is None:
        return None
    return Side(
        told.get("inputs") or {},
        told.get("outputs") or {},
        bool(told.get("protect")),
        bool(told.get("retainOnDelete")),
    )


def plain(text: str) -> str:
    """Engine text without its colour marks."""
    for mark in ("<{%reset%}>", "<{%fg 1%}>", "<{%fg 2%}>", "<{%fg 3%}>", "<{%bold%}>"):
        text = text.replace(mark, "")
    return text
