"""Which keys are made dangerous: all of every environment, or in a very large tree those of one environment per tier.

A key (or a kind of value) that only other environments of the tier have is mutated there: none goes unmutated.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from config.document import KeyPath
from policies.columns import Columns, Shape

ALL_UP_TO = 9
"""Up to so many environments, every one of them is mutated in full."""

Chosen = Mapping[str, Collection[KeyPath] | None]
"""The environments that are mutated: None for every key, or the keys that no earlier one of the tier has like this."""


def chosen(columns: Columns, judged: Iterable[str]) -> Chosen:
    """What is mutated of the judged environments."""
    names = list(judged)
    if len(names) <= ALL_UP_TO:
        return dict.fromkeys(names)
    found: dict[str, Collection[KeyPath] | None] = {}
    seen: dict[str, set[tuple[KeyPath, str]]] = {}
    alike: set[tuple[str, Shape]] = set()
    for name in names:
        tier, shape = columns.tier(name), columns.shape(name)
        if (tier, shape) in alike:
            continue
        alike.add((tier, shape))
        keys = set(zip(shape.paths, shape.kinds, strict=True))
        if tier not in seen:
            found[name] = None
        elif new := keys - seen[tier]:
            found[name] = frozenset(path for path, _ in new)
        seen.setdefault(tier, set()).update(keys)
    return found
