"""A rule looks at no key it does not declare: otherwise mutants of that key would never be shown to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import is_dataclass
from typing import Any

import pytest

from policies.inputs import State
from policies.registry import RULES
from policies.rule import Rule, Scope
from policies.subjects import subject_of

OF_KEYS = [rule for rule in RULES if rule.META.scope is Scope.STATE]
Path = tuple[str, ...]


class Spy:
    """Stands for a section, a map or a list, and notes which leaves are asked for."""

    def __init__(self, value: Any, path: Path, seen: set[Path]) -> None:
        self.__dict__.update(_value=value, _path=path, _seen=seen)

    def _child(self, step: Any, value: Any) -> Any:
        path = (*self._path, str(step))
        is_section = (
            is_dataclass(value)
            or (isinstance(value, Mapping))
            or (isinstance(value, tuple) and value and is_dataclass(value[0]))
        )
        if is_section:
            return Spy(value, path, self._seen)
        self._seen.add(path)
        return value

    def __getattr__(self, name: str) -> Any:
        value = self.__dict__["_value"]
        if isinstance(value, Mapping):
            return {
                "items": self._items,
                "values": lambda: [v for _, v in self._items()],
                "get": self._get,
                "keys": lambda: list(value),
            }[name]
        return self._child(name, getattr(value, name))

    def _items(self) -> list[tuple[Any, Any]]:
        return [(key, self._child(key, value)) for key, value in self._value.items()]

    def _get(self, key: Any, default: Any = None) -> Any:
        return self._child(key, self._value[key]) if key in self._value else default

    def __getitem__(self, key: Any) -> Any:
        return self._child(key, self._value[key])

    def __iter__(self) -> Iterator[Any]:
        if isinstance(self._value, Mapping):
            return iter(self._value)
        return iter([self._child(at, item) for at, item in enumerate(self._value)])

    def __contains__(self, key: Any) -> bool:
        return key in self._value

    def __bool__(self) -> bool:
        return is_dataclass(self._value) or bool(self._value)

    def __len__(self) -> int:
        return len(self._value)


class Leaves(dict[Any, Any]):
    """The flat view of an environment, noting which keys are asked for."""

    def __init__(self, values: Mapping[Any, Any], seen: set[Path]) -> None:
        super().__init__(values)
        self.seen = seen

    def get(self, key: Any, default: Any = None) -> Any:
        self.seen.add(tuple(map(str, key)))
        return super().get(key, default)

    def __getitem__(self, key: Any) -> Any:
        self.seen.add(tuple(map(str, key)))
        return super().__getitem__(key)


def spied(state: State) -> tuple[State, set[Path]]:
    seen: set[Path] = set()
    environment: Any = Spy(state.environment, (), seen)
    catalogue: Any = Spy(state.catalogue, ("catalogue",), seen)
    return State(
        state.name, environment, catalogue, Leaves(state.leaves, seen), state.specs, state.as_of
    ), seen


def declared(rule: Rule, path: Path) -> bool:
    for text in rule.META.reads:
        pattern = text.split(".")
        if pattern == ["*"] and path[0] != "catalogue":
            return True
        if len(pattern) <= len(path) and all(
            want in ("*", have) for want, have in zip(pattern, path, strict=False)
        ):
            return True
    return False


@pytest.mark.parametrize("rule", OF_KEYS, ids=[rule.META.slug for rule in OF_KEYS])
def test_a_rule_reads_what_it_declares(rule: Rule) -> None:
    for sample in (*rule.INVALID, *rule.VALID):
        if sample.tier not in rule.META.tiers:
            continue
        subject = subject_of(sample, rule.META)
        assert isinstance(subject, State)
        watched, seen = spied(subject)
        list(rule.judge(watched))
        free = {("tier",)} if rule.META.tiers else set()
        undeclared = {path for path in seen if path not in free and not declared(rule, path)}
        assert undeclared == set(), (
            f"{rule.META.id} also reads {sorted('.'.join(path) for path in undeclared)}"
        )
