"""A record behaves as a frozen, slotted dataclass does."""

from __future__ import annotations

import copy
from dataclasses import FrozenInstanceError, asdict, dataclass, field, is_dataclass, replace

import pytest

from config.record import record


@record
class Point:
    across: int
    down: int = 0
    labels: dict[str, str] = field(default_factory=dict)


@record
class Lonely:
    value: str


@record
class Odd:
    value: int

    def __post_init__(self) -> None:
        if not self.value % 2:
            raise ValueError("even")

    def __repr__(self) -> str:
        return f"odd {self.value}"


@dataclass(frozen=True, slots=True)
class Plain:
    value: str


def test_records_compare_by_type_and_fields() -> None:
    assert (Point(1, 2), Lonely("a")) == (Point(across=1, down=2), Lonely("a"))
    assert Point(1, 2) != Point(1, 3)
    assert Lonely("a") != Plain("a")
    assert Lonely("a") != ("a",)


def test_records_hash_as_dataclasses_do() -> None:
    assert hash(Lonely("a")) == hash(Plain("a"))
    assert {Lonely("a"), Lonely("a"), Lonely("b")} == {Lonely("b"), Lonely("a")}


def test_records_show_every_field() -> None:
    assert repr(Point(1)) == "Point(across=1, down=0, labels={})"
    assert repr(Lonely("a")) == repr(Plain("a")).replace("Plain", "Lonely")


def test_records_can_never_be_changed() -> None:
    point = Point(1)
    with pytest.raises(FrozenInstanceError):
        point.down = 3  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        del point.down
    assert not hasattr(point, "__dict__")


def test_records_are_replaced_copied_and_listed() -> None:
    point = Point(1, 2, {"a": "b"})
    assert is_dataclass(point)
    assert replace(point, down=5) == Point(1, 5, {"a": "b"})
    assert copy.deepcopy(point) == point
    assert asdict(point) == {"across": 1, "down": 2, "labels": {"a": "b"}}
    assert Point(1).labels is not Point(1).labels


def test_what_a_record_says_itself_stays() -> None:
    assert repr(Odd(3)) == "odd 3"
    with pytest.raises(ValueError, match="even"):
        Odd(2)
    with pytest.raises(TypeError):
        Odd()  # type: ignore[call-arg]
