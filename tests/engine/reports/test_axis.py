"""Round steps, few enough; a thinned line keeps its extremes."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.clock import DAY, parse_stamp, stamp
from engine.reports.axis import Scale, instant_label, instant_steps, round_steps, thin


@given(st.integers(-(10**15), 10**15), st.integers(0, 10**15))
def test_value_steps_are_round_few_and_inside(low: int, width: int) -> None:
    steps = round_steps(low, low + width)
    assert len(steps) <= 6
    assert all(low <= step <= low + width for step in steps)
    gaps = {after - before for before, after in pairwise(steps)}
    assert all(str(gap).rstrip("0") in ("1", "2", "5") for gap in gaps)


@given(st.integers(0, 10**15), st.integers(1, 40 * 365 * DAY))
def test_instant_steps_are_few_and_inside(first: int, width: int) -> None:
    steps = instant_steps(first, first + width)
    assert len(steps) <= 8
    assert all(first <= step <= first + width for step in steps)


def test_long_spans_step_by_whole_years() -> None:
    steps = instant_steps(parse_stamp("2000-03-01T00:00:00Z"), parse_stamp("2013-03-01T00:00:00Z"))
    assert [stamp(at)[:10] for at in steps] == [f"{year}-01-01" for year in range(2002, 2013, 2)]
    steps = instant_steps(parse_stamp("2026-01-20T00:00:00Z"), parse_stamp("2026-12-31T00:00:00Z"))
    assert [stamp(at)[:10] for at in steps] == [f"2026-{month:02d}-01" for month in (3, 5, 7, 9, 11)]


@pytest.mark.parametrize(
    ("steps", "label"),
    [
        (["2026-11-20T00:00:00Z"], "2026-11-20"),
        (["2026-11-20T09:30:00Z", "2026-11-20T09:45:00Z"], "11-20 09:30"),
        (["2026-11-20T09:30:05Z"], "09:30:05"),
    ],
)
def test_a_label_says_what_tells_steps_apart(steps: list[str], label: str) -> None:
    instants = [parse_stamp(one) for one in steps]
    assert instant_label(instants[0], instants) == label


@given(st.lists(st.integers(-1000, 1000), min_size=1, max_size=900))
def test_thinning_keeps_ends_and_extremes(values: list[int]) -> None:
    points = list(enumerate(values))
    kept = thin(points, 50)
    assert kept[0] == points[0]
    assert kept[-1] == points[-1]
    assert {min(values), max(values)} <= {value for _, value in kept}
    assert [at for at, _ in kept] == sorted(at for at, _ in kept)
    assert len(kept) <= 2 * 50 + 2


def test_a_scale_of_one_value_does_not_divide_by_zero() -> None:
    assert Scale(5, 5, 0, 100).place(5) == 0
