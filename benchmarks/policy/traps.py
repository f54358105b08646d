"""Lays traps on a tree of three files and asks every contestant: caught (exit code not 0), or silent.

Three kinds: dangerous values a reader may take for harmless ones, faults of the tree, and faults of the rules
themselves, made in a copy of each tool's rules. Two controls show that the tool judges at all: a clean tree and a plain
violation. Each is truly run; what does not apply to a tool says so.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.policy.edits import Edit
from benchmarks.policy.faults import RULE_FAULTS
from benchmarks.policy.measure import once, place_at
from benchmarks.policy.processes import Run
from benchmarks.policy.tools import FOLDER, Site, Tool
from benchmarks.policy.trees import ROOT, commit, grow

DEV, PRODUCTION = f"{FOLDER}/dev.yaml", f"{FOLDER}/production.yaml"
_LIVE = "live_trading_enabled: {enabled: false, "
_POSITION = "max_position_percent: 5.0"
_ALERTS = "alerting: {enabled: true, "


@dataclass(frozen=True, slots=True)
class Trap:
    """tree: what is done to the files. rule: which fault of the rules, see RULE_FAULTS."""

    name: str
    kind: str
    tree: tuple[Edit, ...] = ()
    rule: str = ""


def _live(text: str) -> tuple[Edit, ...]:
    return (Edit(DEV, _LIVE, f"live_trading_enabled: {{{text}"),)


def _position(text: str) -> tuple[Edit, ...]:
    return (Edit(PRODUCTION, _POSITION, text),)


def _alerts(text: str) -> tuple[Edit, ...]:
    return (Edit(PRODUCTION, _ALERTS, f"alerting: {{{text}"),)


_ALERTS_OFF = _alerts("enabled: false, ")
_EMPTY = tuple(Edit(f"{FOLDER}/{tier}.yaml", "", None) for tier in ("dev", "staging", "production"))
_ALIAS = (
    Edit(DEV, "paper_trading_enabled: {enabled: true, ", "paper_trading_enabled: {enabled: &on true, "),
)
_SECOND = """---
tier: dev
flags: {live_trading_enabled: {enabled: true}}
limits: {max_position_percent: 5.0}
alerting: {enabled: false}
"""

TRAPS = (
    Trap("nothing wrong", "control"),
    Trap("alerts off in production, plainly", "control", _ALERTS_OFF),
    Trap("`enabled: yes`", "value", _live("enabled: yes, ")),
    Trap("`enabled: TRUE`", "value", _live("enabled: TRUE, ")),
    Trap('`enabled: "true"`', "value", _live('enabled: "true", ')),
    Trap("`1_500_000` for a percentage", "value", _position("max_position_percent: 1_500_000")),
    Trap('`"7.5"` for a percentage', "value", _position('max_position_percent: "7.5"')),
    Trap("`.nan` for a percentage", "value", _position("max_position_percent: .nan")),
    Trap("`enabled: null` for alerts", "value", _alerts("enabled: null, ")),
    Trap("the key twice, true then false", "value", _live("enabled: true, enabled: false, ")),
    Trap("true by a merge key", "value", _live("<<: {enabled: true}, ")),
    Trap("true by an alias", "value", _ALIAS + _live("enabled: *on, ")),
    Trap(
        "`tier: prodution`, alerts off",
        "value",
        (Edit(PRODUCTION, "tier: production", "tier: prodution"), *_ALERTS_OFF),
    ),
    Trap("misspelt key `max_positon_percent: 50.0`", "tree", _position("max_positon_percent: 50.0")),
    Trap("a second YAML document, live", "tree", (Edit(DEV, "", _SECOND),)),
    Trap("no files", "tree", _EMPTY),
    Trap("misspelt constant `prodution` in the rule", "rule", _ALERTS_OFF, "misspelt"),
    Trap("rule nothing asks (package, folder, selector)", "rule", _ALERTS_OFF, "unasked"),
    Trap("rule that crashes", "rule", _ALERTS_OFF, "crashes"),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What one tool said to one trap: caught, silent, `said` (exit code 0 but words), or not applicable."""

    trap: str
    kind: str
    tool: str
    verdict: str
    code: int
    said: str


def copied_rules(tool: Tool, target: Path, edit: Edit) -> Tool:
    """The same tool with one fault in a copy of its rules; ours are its packages."""
    names = ("config", "policies", "ci", "engine", "infra") if tool.rules == ROOT else (".",)
    for name in names:
        skipped = shutil.ignore_patterns("__pycache__", "bin", "node_modules")
        shutil.copytree(tool.rules / name, target / name, ignore=skipped, dirs_exist_ok=True)
    edit.apply(target)
    return replace(tool, rules=target)


def lay(trap: Trap, tool: Tool, clean: Path, work: Path) -> Answer:
    """One trap for one tool, in copies of its own."""
    tree = work / "tree"
    shutil.copytree(clean, tree)
    for edit in trap.tree:
        edit.apply(tree)
    if trap.rule:
        fault = RULE_FAULTS[trap.rule][tool.name]
        tool = copied_rules(tool, work / "rules", fault)
    site = place_at(tool, tree, work / "work")
    run = once(tool, site)
    verdict = "caught" if run.code else "said" if run.err.strip() else "silent"
    return Answer(trap.name, trap.kind, tool.name, verdict, run.code, _said(tool, run, site))


def _said(tool: Tool, run: Run, site: Site) -> str:
    """Where it points, or its last words."""
    try:
        found = list(tool.read(run, site))
    except (ValueError, KeyError, TypeError):
        return run.last_line
    if not found:
        return run.err.strip().splitlines()[-1][:160] if run.err.strip() else "(no finding)"
    places = {
        ":".join(str(part) for part in (one.file, one.line, one.column) if part is not None) for one in found
    }
    return f"{len(found)} at {', '.join(sorted(places)[:3])}"


def lay_all(tools: Sequence[Tool], work: Path) -> list[Answer]:
    """Every trap for every tool."""
    clean = work / "clean-traps"
    grow(clean, 1, faulty=False)
    commit(clean)
    answers = list[Answer]()
    for trap in TRAPS:
        print(f"  trap: {trap.name}", file=sys.stderr, flush=True)
        for tool in tools:
            folder = work / f"trap-{len(answers)}"
            folder.mkdir()
            answers.append(lay(trap, tool, clean, folder))
            shutil.rmtree(folder)
    return answers
