"""Several listed commits, one configuration: per key the safest value any of them holds, else the oldest commit's.

While the head lists more than one commit, loosening is still being held back; what is no flag must not run ahead.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from config.models.environment import Environment
from config.models.nature import Nature, Safe
from config.schema_walk import replace_at, value_at, walk


def safest(environments: Sequence[Environment]) -> Environment:
    """The environment that is at most as risky as each of these, the oldest first."""
    merged = environments[0]
    for path, value, spec in walk(merged):
        if path[0] == "flags":
            continue  # the snapshot answers for them
        chosen = _safest([_value(environment, path, value) for environment in environments], spec.nature)
        if chosen != value:
            merged = replace_at(merged, path, chosen)
    return merged


def _value(environment: Environment, path: Any, fallback: Any) -> Any:
    try:
        return value_at(environment, path)
    except KeyError:
        return fallback


def _safest(values: Sequence[Any], nature: Nature) -> Any:
    first = values[0]
    if all(value == first for value in values):
        return first
    match nature.safe:
        case Safe.TRUE:
            return any(values)
        case Safe.FALSE:
            return all(values)
        case Safe.SHRINK:
            return tuple(item for item in first if all(item in value for value in values[1:]))
        case Safe.GROW:
            return tuple(dict.fromkeys(item for value in values for item in value))
        case Safe.LOWER if nature.order:
            return min(values, key=nature.order.index)
        case Safe.LOWER:
            return min(value for value in values if value is not None)
        case Safe.HIGHER:
            return max(value for value in values if value is not None)
        case _:
            return first
