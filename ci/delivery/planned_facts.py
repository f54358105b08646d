"""What is refused before the engine is started: pasted secrets, and facts no plan can be made of, each at its line.

Never looks at a resource: what is planned from sound facts is judged in planned.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from config.desired import DesiredState
from config.findings import Finding, Refused, Severity, Span, sort_findings
from config.tree import FolderTree
from policies.approval_file import read_approvals
from policies.aws_places import REGIONS
from policies.aws_sizes import nearest
from policies.inputs import Files, State
from policies.placing import Placer
from policies.rule import Rule
from policies.rules import (
    host_incomplete,
    network_malformed,
    outside_aws_range,
    place_unknown,
    secret_in_clear,
    size_unknown,
)

FACTS: tuple[Rule, ...] = (
    network_malformed,
    host_incomplete,
    size_unknown,
    place_unknown,
    outside_aws_range,
)
"""State rules whose breach would make the program, or AWS, stop half way; `check` judges them as well."""
_REGION = re.compile(r"  aws:region: *(?P<region>\S*)")


def refused_facts(head: DesiredState, state: State, tree: Path) -> Refused | None:
    """Why nothing is planned for this environment; None when its facts are sound."""
    approvals = read_approvals(FolderTree(tree))
    malformed = approvals.findings if isinstance(approvals, Refused) else ()
    found = [*_pasted_secrets(head), *_facts(head, state), *_region(state, tree), *malformed]
    return Refused(sort_findings(found)) if found else None


def _pasted_secrets(head: DesiredState) -> Iterator[Finding]:
    """What must not be handed to the engine, whose state and log would keep it."""
    texts = {file: document.text for file, document in head.documents.items()}
    for hit in secret_in_clear.judge(Files(texts, ())):
        yield Placer(head, None).finding(secret_in_clear, "", hit)


def _facts(head: DesiredState, state: State) -> Iterator[Finding]:
    for rule in FACTS:
        for hit in rule.judge(state):
            yield Placer(head, None).finding(rule, state.name, hit)


def _region(state: State, tree: Path) -> Iterator[Finding]:
    """The one fact that stands in the stack's own file, because Pulumi reads it there."""
    file = f"infra/stacks/Pulumi.{state.name}.yaml"
    zones = state.environment.infrastructure.network.availability_zones
    lines = (tree / file).read_text().splitlines() if (tree / file).is_file() else []
    found = [(at, told) for at, line in enumerate(lines, 1) if (told := _REGION.match(line)) is not None]
    for at, told in found:
        region, column = told["region"], told.start("region") + 1
        if zones and region == zones[0][:-1] and region in REGIONS:
            continue
        like = nearest(region, REGIONS)
        what = "is not the region of its zones" if region in REGIONS else "does not exist"
        way_out = (
            f"did you mean `{like}`?" if like and like != region else f"its zones lie in {zones[0][:-1]}"
        )
        span = Span(file, at, column, at, told.end("region") + 1)
        yield Finding("INF196", Severity.ERROR, span, f"region `{region}` {what}", way_out, "aws:region")
    if lines and not found:
        yield Finding(
            "INF196", Severity.ERROR, Span(file, 1, 1, 1, 1), "names no `aws:region`", "add it", "aws:region"
        )
