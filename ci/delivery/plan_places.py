"""Where a planned resource comes from: the key of its environment file, else the line of the program that makes it.

Never guesses a line: without a match the program's first line stands.
"""

from __future__ import annotations

import re
from pathlib import Path

from config.desired import DesiredState, environment_file
from config.findings import Refused, Span, whole_file
from config.tree import FolderTree
from policies.approval_file import read_approvals
from policies.approvals import Approval

PROGRAM = "infra/program.py"
_NEAR = 4


class PlanPlaces:
    """Places in one tree for one environment."""

    def __init__(self, tree: Path, desired: DesiredState, environment: str, base: Path | None = None) -> None:
        """base: the tree of the commit that the plan is compared with."""
        self._desired = desired
        self.environments = tuple(desired.environments)
        self.approvals = _approvals(tree)
        self.approvals_before = _approvals(base) if base is not None else None
        self._environment = environment
        folder = tree / "infra" / "components"
        files = [*sorted(folder.glob("*.py")), tree / PROGRAM]
        self.texts = {str(file.relative_to(tree)): file.read_text() for file in files if file.exists()}

    def of_key(self, dotted: str) -> Span:
        """The place of a key; `catalogue.alerts.…` leads into a catalogue file."""
        words = tuple(int(word) if word.isdigit() else word for word in dotted.split("."))
        in_catalogue = words[0] == "catalogue" and len(words) > 1
        file = f"config/{words[1]}.yaml" if in_catalogue else environment_file(self._environment)
        document = self._desired.documents.get(file)
        return document.places.at(words[2:] if in_catalogue else words) if document else whole_file(file)

    def of_resource(self, urn: str) -> Span:
        """The line where the program makes this resource."""
        _, _, types, name = [*urn.split("::"), "", "", "", ""][:4]
        call, part = _call(types.rsplit("$", 1)[-1]), name.removeprefix(f"interlock-{self._environment}-")
        found = [
            (part in "\n".join(lines[index : index + _NEAR]), file, index, lines[index])
            for file, lines in ((file, text.splitlines()) for file, text in self.texts.items())
            for index in range(len(lines))
            if call and f"{call}(" in lines[index]
        ]
        for _, file, index, line in sorted(found, key=lambda one: not one[0])[:1]:
            column = line.index(call) + 1
            return Span(file, index + 1, column, index + 1, column + len(call))
        return whole_file(PROGRAM)


def _approvals(tree: Path) -> tuple[Approval, ...]:
    found = read_approvals(FolderTree(tree))
    return () if isinstance(found, Refused) else found  # the program refuses such a file before it plans


def _call(type_: str) -> str:
    """`aws.rds.Instance` out of `aws:rds/instance:Instance`; components by their class."""
    if type_ == "pulumi:providers:aws":
        return "aws.Provider"
    found = re.fullmatch(r"aws:([a-z0-9]+)/\w+:(\w+)", type_)
    if found:
        return f"aws.{found[1]}.{found[2]}"
    return f"class {type_.rsplit(':', 1)[-1]}" if type_.startswith("interlock:") else ""
