"""What is said by no rule of its own: about proofs, about waivers, about the merge; and the titles of all of them.

Never judges; `explain` and the formats read it.
"""

from __future__ import annotations

from policies import approvals
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
    "PRF011": ("rule that no command judges", "have the command that owns its scope judge it first"),
    "PRF008": ("rule too slow", "a rule has ten seconds; make it faster"),
}
OTHERS = {
    "CFG018": (
        "new key away from its safe value",
        "introduce it at its safe value; change it in a pull request of its own",
    ),
    "CFG019": ("change of the language", "have the owners of the guard files review the word"),
    "GIT001": ("conflict with base", "merge or rebase onto the base, resolve the file, and check again"),
    "WAV029": ("approval malformed", "write every field of the approval, all as text"),
    "WAV011": ("waiver malformed", "write every field of the waiver, all as text"),
}
PROVENANCE = {
    "GIT030": ("engine cannot read what Git published", "look at the clone the engine reads"),
    "GIT101": ("history cut off", "fetch all of it: `git fetch --unshallow`, in CI `fetch-depth: 0`"),
    "GIT102": ("replace refs or grafts", "remove them, or work in a fresh clone"),
    "GIT103": ("protected branch missing", "fetch the protected branch"),
    "GIT104": (
        "commit off the protected branch",
        "merge it by a reviewed pull request, then reconcile the merge",
    ),
    "GIT105": ("commit of the ledger missing", "fetch the protected branch, then try again"),
    "GIT106": (
        "commit older than the ledger",
        "to go back, merge a new commit that restores the earlier values",
    ),
    "GIT107": ("ledger that proves nothing", "restore it from its backup; never go on without it"),
    "GIT108": ("reconciling suspended", "resume it by `interlock resume`"),
    "GIT109": ("plan other than the approved one", "look at what differs, and have the new plan approved"),
}
"""What reconcile, the preview and the engine say of commits, history and the ledger."""
PLANS = {
    "INF191": ("resource rule that judged nothing", "look at the policy pack, infra/pack"),
    "INF192": ("resource that cannot be judged", "what cannot be judged is not passed: state the value"),
    "INF193": ("plan refused by the Pulumi engine", "see the plan; correct the program or the environment"),
    "INF194": ("program that plans twice differently", "make the program say the same twice"),
    "INF195": (
        "protection of records lifted by the plan",
        "keep it; a later change could then delete the records",
    ),
    "INF197": ("dangerous property that no rule refuses", "write the rule, or record why none is needed"),
    "INF196": ("region unlike the stack's", "name one region, the one the environment's zones lie in"),
}
"""What preview and reconcile say of a planned cloud, beside the resource rules."""
ACCEPTANCE = {
    "CFG030": ("bundle of another environment", "reconcile the commit again"),
    "CFG031": ("bundle of another schema", "run a newer engine"),
    "CFG032": ("bundle unlike the ledger's digest", "reconcile the commit again"),
    "CFG033": ("bundle of another shape", "compile the bundle again from its commit"),
    "CFG034": ("text of a bundle not of its form", "correct it in Git"),
    "LIM030": ("number of a bundle beyond its cap", "correct it in Git"),
    "FLG030": ("live trading not closed in dev", "close it in Git"),
    "VEN030": ("mode that this engine cannot build", "set `venue.mode` to paper or shadow"),
    "VEN031": ("venue of a bundle that nobody declared", "declare it in venues.yaml, or name another"),
    "VEN032": ("venue of a bundle outside its tiers", "name another venue"),
    "VEN033": ("dev wired to more than paper", "wire the paper venue"),
    "VEN034": ("dev with a schema for live records", "set `database.live_schema` to null"),
    "VEN035": ("dev with credentials of a broker", "set `venue.credentials.scope` to none"),
    "VEN036": ("staging wired beyond its sandbox", "wire a sandbox or the paper venue"),
}
"""What the engine refuses by itself at its start (exit 78), whatever a check said before."""
NOTICES = {**PROOFS, **OTHERS, **MISUSES, **approvals.MISUSES, **PROVENANCE, **PLANS, **ACCEPTANCE}


def title_and_fix(rule_id: str) -> tuple[str, str]:
    """A few words and the way out of any id; empty where the reader alone knows."""
    rule = rule_by_name(rule_id)
    if rule is not None:
        return rule.META.title, rule.META.fix
    if rule_id in NOTICES:
        return NOTICES[rule_id]
    from config.reading.problem import REASONS

    return REASONS.get(rule_id, ""), ""
