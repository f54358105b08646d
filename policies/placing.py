"""From a hit to a finding: which file, which line, which severity; what rules leave to others.

Never judges.
"""

from __future__ import annotations

from config.desired import DesiredState, environment_file
from config.findings import Finding, Related, Span, whole_file
from policies.inputs import CATALOGUE, Also, Hit, Path
from policies.paths import dotted
from policies.rule import Rule
from policies.watch import RuleError


class Placer:
    """Knows where every key of a tree, and of the tree before it, stands."""

    def __init__(self, head: DesiredState, base: DesiredState | None) -> None:
        self._head = head
        self._base = base

    def finding(self, rule: Rule, name: str, hit: Hit) -> Finding:
        """The finding of one hit."""
        meta, where = rule.META, hit.environment or name
        if hit.spot is not None:
            span = Span(hit.spot.file, hit.spot.line, hit.spot.column, hit.spot.line, hit.spot.end_column)
        else:
            span = self._span(rule, where, hit.path)
        related = tuple(self._related(rule, where, also) for also in hit.related)
        path = dotted(hit.path[2:] if hit.path[:1] == (CATALOGUE,) else hit.path)
        return Finding(meta.id, meta.severity, span, hit.message, hit.help or meta.fix, path, related)

    def of_key(self, name: str, path: Path) -> Span:
        """The place of a key of an environment."""
        return self._head.documents[environment_file(name)].places.at(path)

    def _related(self, rule: Rule, where: str, also: Also) -> Related:
        if also.base and self._base is not None:
            return Related(_in(self._base, also.environment or where, also.path), also.label + " in base")
        return Related(self._span(rule, also.environment or where, also.path), also.label)

    def _span(self, rule: Rule, where: str, path: Path) -> Span:
        if not path or not self._knows(where, path):
            cause = ValueError(f"yields a path that does not exist: `{dotted(path) or '(empty)'}`")
            raise RuleError(rule.META.id, rule.META.slug, cause)
        if path[0] != CATALOGUE and where not in self._head.environments and self._base is not None:
            return _in(self._base, where, path)  # an environment that is gone stands in the base only
        return _in(self._head, where, path)

    def _knows(self, where: str, path: Path) -> bool:
        if path[0] == CATALOGUE:
            return len(path) > 1 and hasattr(self._head.catalogue, str(path[1]))
        states = [
            *self._head.environments.values(),
            *(self._base.environments.values() if self._base else ()),
        ]
        return bool(states) and hasattr(states[0], str(path[0]))


def _in(desired: DesiredState, where: str, path: Path) -> Span:
    file = f"config/{path[1]}.yaml" if path[0] == CATALOGUE else environment_file(where)
    inner = path[2:] if path[0] == CATALOGUE else path
    document = desired.documents.get(file)
    return document.places.at(inner) if document is not None else whole_file(file)
