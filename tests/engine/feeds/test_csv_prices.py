"""Prices of a file are read exactly, also when they come again, and a wrong one is refused however often it came."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.clock import SECOND, stamp
from engine.feeds import csv_file
from engine.feeds.feed import FeedError
from engine.instruments import instrument

FIRST = 1_700_000_000 * SECOND
QUIET = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)


def written(path: Path, rows: list[str]) -> Path:
    times = (stamp(FIRST + 60 * SECOND * number) for number in range(len(rows)))
    lines = [f"{at},{row},7" for at, row in zip(times, rows, strict=True)]
    path.write_text("\n".join(["time,open,high,low,close,volume", *lines, ""]), encoding="ascii")
    return path


@QUIET
@given(
    closes=st.lists(st.integers(1, 12), min_size=1, max_size=40),
    tick=st.sampled_from(["0.01", "0.05", "0.25"]),
)
def test_prices_that_come_again_are_the_same_ticks(
    make_instrument: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    closes: list[int],
    tick: str,
) -> None:
    monkeypatch.setattr(csv_file, "REMEMBERED", 3)
    acme = instrument("ACME", make_instrument(tick=tick))
    rows = [",".join([acme.text(1), acme.text(12), acme.text(1), acme.text(close)]) for close in closes]
    feed = csv_file.read(written(tmp_path / "ACME.csv", rows), {"ACME": acme})
    assert [tuple(bar)[2:] for bar in feed.bars] == [(1, 12, 1, close, 7) for close in closes]
    assert [bar.at for bar in feed.bars] == [FIRST + 60 * SECOND * number for number in range(len(closes))]


@pytest.mark.parametrize("price", ["0.00", "0", "-1.00", "10.001", "1e2", "NaN", " 10.00"])
def test_a_wrong_price_is_refused_after_right_ones(
    make_instrument: Callable[..., Any], tmp_path: Path, price: str
) -> None:
    acme = instrument("ACME", make_instrument())
    path = written(tmp_path / "ACME.csv", ["10.00,10.00,10.00,10.00"] * 3 + [f"10.00,{price},10.00,10.00"])
    with pytest.raises(FeedError, match=r"ACME\.csv:5:28: "):
        csv_file.read(path, {"ACME": acme})
