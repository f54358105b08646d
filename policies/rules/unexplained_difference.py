"""Environments differ in a key and nobody wrote down why.

What staging proves, it proves for production only where both are the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import fields

from config.findings import Severity
from config.models.catalogue import Difference
from config.models.environment import Environment
from policies.inputs import Also, Fleet, Hit, Path
from policies.paths import dotted
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="PAR001",
    slug="unexplained_difference",
    severity=Severity.ERROR,
    scope=Scope.FLEET,
    title="unexplained difference",
    fix="make the values equal, or record the reason in parity.yaml",
    reads=("*", "catalogue.parity"),
    source="paper 00 8 (no inheritance; parity with a reason per difference), seed 002 (differences)",
)
_EVERYTHING = tuple(
    Difference(path=field.name, between=("dev", "staging", "production"), reason="sample")
    for field in fields(Environment)
)
VALID = (
    Sample(says="one environment differs from nobody"),
    Sample(
        says="a recorded reason",
        catalogue={"catalogue.parity.differences": _EVERYTHING},
        others={"staging": {"limits.max_open_positions": 4}},
    ),
)
INVALID = (Sample(says="a limit differs", others={"staging": {"limits.max_open_positions": 4}}),)


def judge(fleet: Fleet) -> Iterator[Hit]:
    explained = _explained(fleet)
    tiers = set(map(str, fleet.values(("tier",))))
    for path in fleet.judged_paths():
        values = fleet.values(path)
        if values.count(values[0]) == len(values) or explained(path, tiers):
            continue
        counts, found = Counter(values), list(zip(fleet.states, values, strict=True))
        name, odd = min(found, key=lambda one: counts[one[1]])
        shown = ", ".join(f"{other} {_shown(value)}" for other, value in found[:3])
        others = [other for other, value in found if value != odd]
        yield Hit(
            path,
            f"`{dotted(path)}` differs between environments without a reason ({shown})",
            environment=name,
            related=tuple(Also(path, f"differs in {other}", other) for other in others[:2]),
        )


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(str, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    return "null" if value is None else str(value)


def _explained(fleet: Fleet) -> Callable[[Path, set[str]], bool]:
    reasons: dict[tuple[str, ...], set[str]] = {}
    for one in fleet.catalogue.parity.differences:
        pattern = tuple(one.path.removesuffix(".*").split("."))
        reasons.setdefault(pattern, set()).update(one.between)

    def explained(path: Path, tiers: set[str]) -> bool:
        words = tuple(map(str, path))
        return any(tiers <= reasons.get(words[:length], set()) for length in range(1, len(words) + 1))

    return explained
