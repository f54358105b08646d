"""Runs one rule on one subject and names it when it crashes or never ends.

Never swallows a failure: a rule that crashes is neither a pass nor a refusal.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from policies.inputs import Hit
from policies.rule import ALL_TIERS, Rule
from policies.subjects import subject_of


class Watch:
    """Runs a rule and names it when it crashes, never ends, or points nowhere."""

    MOST_HITS = 10_000

    def __init__(self) -> None:
        self.running = ""

    def hits(self, rule: Rule, subject: object) -> Iterator[Hit]:
        """The rule's hits, one by one; `running` names the rule while its own code runs, and only then."""
        found: Iterator[Hit] | None = None
        for _ in range(self.MOST_HITS):
            self.running = rule.META.id
            try:
                found = iter(rule.judge(subject)) if found is None else found
                hit = next(found)
            except StopIteration:
                return
            except Exception as error:
                raise RuleError(rule.META.id, rule.META.slug, error) from error
            finally:
                self.running = ""
            yield hit
        raise RuleError(rule.META.id, rule.META.slug, RuntimeError(f"more than {self.MOST_HITS} hits"))

    def all_hits(self, rule: Rule, subjects: Sequence[object]) -> list[tuple[Hit, ...]]:
        """The rule's hits on each of many subjects; quicker than one by one."""
        self.running = rule.META.id
        try:
            return [tuple(islice(rule.judge(subject), self.MOST_HITS)) for subject in subjects]
        except Exception as error:
            raise RuleError(rule.META.id, rule.META.slug, error) from error
        finally:
            self.running = ""


class RuleError(Exception):
    """A rule crashed: neither a pass nor a refusal."""

    def __init__(self, rule: str, slug: str, cause: BaseException) -> None:
        super().__init__(f"rule {rule} ({slug}) crashed: {type(cause).__name__}: {cause}")
        self.rule = rule


def proves_itself(rule: Rule, watch: Watch) -> str:
    """Empty when the rule's own samples behave, else what is wrong with them."""
    unknown = [tier for tier in rule.META.tiers if tier not in ALL_TIERS]
    if unknown or not rule.META.tiers:
        return f"its tiers hold `{unknown[0]}`, which is none" if unknown else "it is for no tier"
    if not rule.INVALID or not rule.VALID:
        return "it has no VALID or no INVALID sample"
    for sample in rule.INVALID:
        if sample.tier not in rule.META.tiers:
            return f"its INVALID sample `{sample.says}` is of tier `{sample.tier}`, which it does not judge"
        if next(watch.hits(rule, subject_of(sample, rule.META)), None) is None:
            return f"its INVALID sample `{sample.says}` does not fire"
    for sample in rule.VALID:
        if (
            sample.tier in rule.META.tiers
            and next(watch.hits(rule, subject_of(sample, rule.META)), None) is not None
        ):
            return f"its VALID sample `{sample.says}` fires"
    return ""
