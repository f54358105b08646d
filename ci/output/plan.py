"""A plan as tables and facts: what happens to which resource, what is not known yet, what the answer proves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ci.delivery.planned import Judged
from ci.output.document import Table
from infra.drift import shown
from infra.events import Events, Side, Step
from policies.inputs import MISSING, Change
from policies.paths import dotted
from policies.registry import rule_by_name

PROVES = (
    "the program runs on the real Pulumi engine and plans exactly these resources",
    "each resource rule in scope was shown every resource of its types",
)
DOES_NOT_PROVE = (
    "no cloud was read: the declared state is compared with the base commit's declared state",
    "AWS's own checks, quotas and permissions did not run",
    "replacements come from a table of {types} types; all else counts as changed in place",
)
_NO_VALUES = ("create", "delete")
_MOST_CREATES = 25
_UNKNOWN = "(known after apply)"


def changes_table(events: Events) -> Table:
    """One row per changed property; what is replaced or deleted comes first and in full."""
    creates = [step for step in events.changing() if step.op == "create"]
    rows = [row for step in events.changing() if step.op != "create" for row in _rows(step)]
    rows += (
        _by_type(creates)
        if len(creates) > _MOST_CREATES
        else [row for step in creates for row in _rows(step)]
    )
    return Table("plan", ("op", "type", "resource", "property", "before", "after"), tuple(rows))


def _by_type(creates: Sequence[Step]) -> list[tuple[str, ...]]:
    """Very many new resources, counted by type: JSON names each of them in `created`."""
    kinds: dict[str, int] = {}
    for step in creates:
        kinds[step.type.split(":", 1)[-1]] = kinds.get(step.type.split(":", 1)[-1], 0) + 1
    return [("create", kind, f"{count} of them", "", "", "") for kind, count in sorted(kinds.items())]


def _rows(step: Step) -> Iterator[tuple[str, ...]]:
    kind = step.type.split(":", 1)[-1]
    if step.op in _NO_VALUES or not step.changed:
        yield (step.op, kind, step.name, "", "", "")
        return
    for path, how in step.changed.items():
        forced = " (forces replacement)" if how.endswith("replace") else ""
        yield (step.op, kind, step.name, path + forced, _value(step.old, path), _value(step.new, path))


def _value(side: Side | None, path: str) -> str:
    if side is None:
        return ""
    top = path.split(".", 1)[0].split("[", 1)[0]
    found: Any = side.inputs.get(top)
    for step in path[len(top) :].replace("]", "").replace("[", ".").split("."):
        if step == "" or found is None:
            continue
        found = _inner(found, step.strip('"'))
    return shown(found)


def _inner(found: Any, step: str) -> Any:
    if isinstance(found, Mapping):
        return found if "4dabf18193072939515e22adb298388d" in found else found.get(step)
    return found[int(step)] if isinstance(found, list) and step.isdigit() and int(step) < len(found) else None


def counts(events: Events) -> dict[str, int]:
    """How many resources are created, updated, replaced, deleted or kept."""
    found = dict.fromkeys(("create", "update", "replace", "delete", "same"), 0)
    for step in events.steps.values():
        if step.op in found:
            found[step.op] += 1
    return found


def unknown_table(events: Events) -> Table:
    """Properties of existing resources that nobody can know before something else is made."""
    rows = [
        (step.type.split(":", 1)[-1], step.name, key)
        for step in events.changing()
        if step.op != "create" and step.new is not None
        for key, value in step.new.inputs.items()
        if _UNKNOWN in shown(value)
    ]
    return Table("unknown at preview", ("type", "resource", "property"), tuple(rows))


def unknown_count(events: Events) -> str:
    """How much of the plan is not known yet, in one line."""
    found = [
        sum(_UNKNOWN in shown(value) for value in step.new.inputs.values())
        for step in events.changing()
        if step.new is not None
    ]
    return (
        f"{sum(found)} properties of {sum(map(bool, found))} resources are known only after apply"
        if sum(found)
        else ""
    )


def policies_table(judged: Judged) -> Table:
    """Each rule with what it was shown and what it found; the reach of the whole stands in the facts."""
    refusing = Counter(finding.rule for finding in judged.findings if finding.refuses)
    proven = set(judged.reach.proven)
    rows = []
    for rule, count in judged.reach.resources.items():
        meta = rule_by_name(rule)
        title = meta.META.title if meta is not None else ""
        rows.append((rule, title, str(count), "yes" if rule in proven else "no", str(refusing[rule] or "")))
    return Table("policies", ("rule", "refuses", "resources", "proven", "violations"), tuple(rows))


def keys_table(changed: Sequence[Change], name: str) -> Table:
    """The environment's keys that differ from base: flags first, each with its direction."""
    keys = [key for change in changed if change.name == name for key in change.keys]
    keys.sort(key=lambda key: (key.path[0] != "flags", dotted(key.path)))
    rows = [(dotted(key.path), _text(key.before), _text(key.after), key.direction) for key in keys]
    return Table("keys", ("key", "before", "after", "direction"), tuple(rows))


def _text(value: object) -> str:
    if value is MISSING:
        return "(missing)"
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
