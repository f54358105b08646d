"""Which rules have fired so far, and on what: the evidence that a rule bites.

Never decides whether that is enough: account.py does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from config.findings import Severity
from policies.inputs import Change, Path
from policies.rule import Rule, Scope
from policies.watch import Watch

Known = frozenset[tuple[str, str, Path, str]]
"""(rule, environment, path, message) of hits the tree has without any mutant."""

_ORDER = {Scope.STATE: 0, Scope.CHANGE: 1, Scope.FLEET: 2}


class Firing:
    """Shows subjects to rules and remembers what first fired each."""

    def __init__(self, rules: Sequence[Rule], known: Known, watch: Watch) -> None:
        first = sorted(((rule, where) for rule, where, *_ in known), reverse=True)
        self.fired_by = {rule: f"{where or 'the files'} as it is" for rule, where in first}
        self.waiting = {rule.META.id: rule for rule in rules if rule.META.id not in self.fired_by}
        self._known = known
        self._watch = watch

    def fires(self, rule: Rule, subject: object, name: str, told: str | Callable[[], str]) -> bool:
        """Whether the rule has anything against the subject that it does not have against the tree itself."""
        known = self._known if not isinstance(subject, Change) else frozenset()
        meta = rule.META
        for hit in self._watch.hits(rule, subject):
            if not known or (meta.id, hit.environment or name, hit.path, hit.message) not in known:
                if self.waiting.pop(meta.id, None) is not None:
                    self.fired_by[meta.id] = told if isinstance(told, str) else told()
                return True
        return False

    def has_hits(self, rule: Rule, subject: object) -> bool:
        """Whether the rule has anything at all against the subject."""
        return next(self._watch.hits(rule, subject), None) is not None

    def waiting_of(self, *scopes: Scope) -> list[Rule]:
        """Rules of these scopes that nothing has fired yet."""
        return [rule for rule in self.waiting.values() if rule.META.scope in scopes]


def in_order(rules: Sequence[Rule]) -> list[Rule]:
    """The rules that judge keys, the quick ones first."""
    judging = [rule for rule in rules if rule.META.scope in _ORDER]
    return sorted(judging, key=lambda rule: (_ORDER[rule.META.scope], "*" in rule.META.reads))


def refuses(rule: Rule) -> bool:
    """Whether a hit of this rule refuses."""
    return rule.META.severity in (Severity.ERROR, Severity.GUARDED)
