"""The picture is a PNG of the right size, the same bytes for the same run, and optional."""

from __future__ import annotations

import struct
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from engine.clock import SECOND, parse_stamp
from engine.market.bars import Bar
from engine.reports.facts import ClosedTrade, EquityPoint, Run
from engine.reports.plot import PlotUnavailableError, plot, write_plot

NOON = parse_stamp("2026-11-20T12:00:00Z")
MINUTE = 60 * SECOND
Make = Callable[..., ClosedTrade]
MakeRun = Callable[..., Run]


@pytest.fixture
def full_run(trade: Make, run: MakeRun) -> Run:
    bars = tuple(Bar("SIM", NOON + n * MINUTE, 10_000, 10_100, 9_900, 10_000 + n, 5) for n in range(50))
    return run(
        trade("a", exited_at=NOON + 9 * MINUTE),
        trade("b", side=-1, gross="-5", exit=Decimal("99.5")),
        bars=bars,
        equity=tuple(EquityPoint(bar.at, 10**13 + bar.close * 10**6) for bar in bars),
        start_equity=10**13,
    )


def test_the_picture_has_three_panels_worth_of_dots(full_run: Run, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    path = tmp_path / "run.png"
    write_plot(full_run, path)
    content = path.read_bytes()
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", content[16:24]) == (1680, 1200)


def test_the_same_run_gives_the_same_bytes(full_run: Run) -> None:
    pytest.importorskip("matplotlib")
    assert plot(full_run) == plot(full_run)


def test_an_empty_run_is_drawn_too(run: MakeRun) -> None:
    pytest.importorskip("matplotlib")
    assert plot(run())


def test_without_matplotlib_it_says_what_to_install(run: MakeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    monkeypatch.setitem(sys.modules, "matplotlib.backends.backend_agg", None)
    with pytest.raises(PlotUnavailableError, match=r"interlock\[plot\]"):
        plot(run())


def test_no_window_system_is_ever_loaded(full_run: Run) -> None:
    pytest.importorskip("matplotlib")
    plot(full_run)
    assert "matplotlib.pyplot" not in sys.modules
