"""The engine's benchmark itself: exact outcome on a part of the bars, ends counted once, rows that say MISSED."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.engine import report
from benchmarks.engine.latency import LIMIT_MS, Found, measure

OURS: dict[str, Any] = {
    "version": "3.11",
    "trades": 1939,
    "net": "-2.40",
    "seconds": 0.5,
    "cpu": 0.25,
    "journal_hash": "a",
    "peak_mb": 90,
}
PEER: dict[str, Any] = {
    "version": "1.0",
    "trades": 1946,
    "net": -2.73,
    "seconds": 0.2,
    "cpu": 0.2,
    "peak_mb": 156,
}
MACHINE = {"processor": "X", "processors": 2, "system": "Linux", "python": "3.11", "load": 0.1}


def told(**changes: Any) -> str:
    replays = {report.OURS: OURS | changes, report.OURS_CSV: OURS, "peer": PEER}
    return report.markdown(
        {"machine": MACHINE, "runs": 1, "replays": replays, "missing": {"gone": "no wheel"}}
    )


def test_a_faster_peer_and_a_missing_one_are_shown() -> None:
    lines = told().splitlines()
    assert "| peer 1.0 | 1946 | -2.73 | 500,000 | 0.20 | 156 |" in lines
    assert "| gone | left out: no wheel | | | | |" in lines
    assert "| ahead of every event-driven peer | 0.8 x peer | MISSED |" in lines
    assert "| 250,000 bars/s, loop and journal | 400,000 | met |" in lines


@pytest.mark.parametrize("changes", [{"trades": 1940}, {"net": "-2.41"}, {"journal_hash": "b"}])
def test_another_outcome_misses_the_bar(changes: dict[str, Any]) -> None:
    row = next(line for line in told(**changes).splitlines() if line.startswith("| exactly 1939 trades"))
    assert row.endswith("| MISSED |")


def test_no_figures_of_ours_is_a_miss() -> None:
    said = report.markdown({"machine": MACHINE, "runs": 1, "replays": {}, "missing": {report.OURS: "broke"}})
    assert "| 100,000 bars | not measured | MISSED |" in said


@pytest.mark.slow
def test_every_signal_ends_in_exactly_one_durable_record() -> None:
    found = measure(1)
    assert (found.signals, found.exactly_one, found.lost) == (1000, 1000, 0)
    assert (found.sending, found.handed, found.denied) == (500, 500, 500)
    assert found.bare_writes > 0


def test_the_bar_is_three_times_the_disk_or_five_milliseconds() -> None:
    counted = (10, 5, 5, 5, 10)
    slow = Found(*counted, 1.0, 9.0, 9.0, 0.5, 3.0, 5, 5, 1.0, 80.0, 80.0, 1.0, 0)
    assert slow.limit == 9.0
    assert slow.is_met
    quick = slow._replace(bare_p99=0.1)
    assert quick.limit == LIMIT_MS
    assert not quick.is_met
    assert not slow._replace(exactly_one=9).is_met
