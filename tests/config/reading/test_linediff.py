"""The line diff is a shortest one, and bounded."""

from __future__ import annotations

import random
from collections.abc import Iterable

import pytest

from config.reading import linediff
from config.reading.linediff import _kept, shown_lines


def longest(left: list[str], right: list[str]) -> int:
    table = [[0] * (len(right) + 1) for _ in range(len(left) + 1)]
    for i, one in enumerate(left):
        for j, other in enumerate(right):
            table[i + 1][j + 1] = table[i][j] + 1 if one == other else max(table[i][j + 1], table[i + 1][j])
    return table[-1][-1]


@pytest.mark.parametrize("seed", range(20))
def test_kept_lines_are_a_longest_common_subsequence(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a seeded mutator
    for _ in range(100):
        left = chance.choices("abc", k=chance.randint(0, 9))
        right = chance.choices("abc", k=chance.randint(0, 9))
        kept = _kept(left, right)
        assert kept is not None
        assert len(kept) == longest(left, right)
        assert all(left[x] == right[y] for x, y in kept)
        ordered = sorted(kept)
        assert ordered == sorted(kept, key=lambda pair: pair[1])
        assert len({x for x, _ in kept}) == len({y for _, y in kept}) == len(kept)


@pytest.mark.parametrize(
    ("before", "after", "removed", "added"),
    [
        ("a\nb\nc", "a\nb\nc", set(), set()),
        ("a\nb\nc", "a\nx\nc", {2}, {2}),
        ("a\nb", "a\nx\nb", set(), {2}),
        ("a\nb\nc", "c", {1, 2}, set()),
        ("a", "a\n", set(), {2}),
        ("x\ny", "y\nx", {1}, {2}),
    ],
)
def test_changed_lines_are_numbered_from_one(
    before: str, after: str, removed: Iterable[int], added: Iterable[int]
) -> None:
    assert shown_lines(before, after) == (frozenset(removed), frozenset(added))


def test_past_the_bound_only_what_any_diff_shows_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linediff, "MAX_EDITS", 2)
    assert shown_lines("a\nb\nc\nd", "d\nc\nb\nx") == (frozenset({1}), frozenset({4}))


def test_hostile_texts_are_compared_in_bounded_time() -> None:
    before = "\n".join(["b", *["a"] * 100_000, "c"])
    after = "\n".join(["x", *["a"] * 99_500, "y"])
    removed, added = shown_lines(before, after)
    assert added == {1, 99_502}
    assert {1, 100_002} <= removed
