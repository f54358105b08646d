"""What is said by no rule of its own: about proofs, about waivers, about the merge; and the titles of all of them.

Never judges; `explain` and the formats read it.
"""

from __future__ import annotations

from policies.registry import rule_by_name
from policies.waivers import MISUSES

PROOFS = {
    "PRF001": ("no rule at all", "list the rules in policies/registry.py"),
    "PRF002": ("nothing to judge", "name an environment of this tree, or add one"),
    "PRF003": ("one id for two rules", "give each rule an id of its own, never used before"),
    "PRF004": ("rule not reached", "correct `reads` in its META, or remove the rule"),
    "PRF005": ("rule not proven", "a rule that cannot fire guards nothing: correct or remove it"),
    "PRF006": ("dangerous value that no rule refuses", "write the rule that does"),
    "PRF009": (
        "declarative rule broken",
        "write a closed schema with type and `required: true`, and samples",
    ),
    "PRF010": (
        "rule file that no registry line names",
        "list it in policies/registry.py, or remove the file",
    ),
    "PRF008": ("rule too slow", "a rule has ten seconds; make it faster"),
}
OTHERS = {
    "CFG018": (
        "new key away from its safe value",
        "introduce it at its safe value; change it in a pull request of its own",
    ),
    "CFG019": ("change of the language", "have the owners of the guard files review the word"),
    "GIT001": ("conflict with base", "merge or rebase onto the base, resolve the file, and check again"),
    "WAV011": ("waiver malformed", "write every field of the waiver, all as text"),
}


def title_and_fix(rule_id: str) -> tuple[str, str]:
    """A few words and the way out of any id; empty where the reader alone knows."""
    rule = rule_by_name(rule_id)
    if rule is not None:
        return rule.META.title, rule.META.fix
    known = {**PROOFS, **OTHERS, **MISUSES}
    if rule_id in known:
        return known[rule_id]
    from config.reading.problem import REASONS

    return REASONS.get(rule_id, ""), ""
