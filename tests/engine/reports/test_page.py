"""The page: every value escaped, nothing fetched, and a real browser draws it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import pytest

from engine.clock import SECOND, parse_stamp
from engine.market.bars import Bar
from engine.money import to_units
from engine.reports.facts import ClosedTrade, Denial, EquityPoint, Run, Trip
from engine.reports.page import MOST_TRADES, render_page

NOON = parse_stamp("2026-11-20T12:00:00Z")
MINUTE = 60 * SECOND
EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&</table>"
Make = Callable[..., ClosedTrade]
MakeRun = Callable[..., Run]
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture
def full_run(trade: Make, run: MakeRun) -> Run:
    bars = tuple(Bar("SIM", NOON + n * MINUTE, 10_000, 10_100, 9_900, 10_000 + n, 5) for n in range(40))
    points = tuple(EquityPoint(bar.at, to_units(Decimal(100_000 + n % 7))) for n, bar in enumerate(bars))
    return run(
        trade("sig-won", gross="12.34", exited_at=NOON + 9 * MINUTE),
        trade("sig-lost", gross="-5", side=-1, reason="SL", ambiguous=True, other_net="40"),
        trade("sig-even", gross="0", reason="X", unverified_jump=True),
        bars=bars,
        equity=points,
        start_equity=to_units(Decimal(100_000)),
        denials=(
            Denial(NOON, "d1", "SIM", "RATE"),
            Denial(NOON, "d2", "SIM", "RATE"),
            Denial(NOON, "d3", "SIM", "LOT"),
        ),
        trips=(Trip(NOON, "DAILY_LOSS"),),
        commit="c0ffee" * 6,
        journal_hash="ab" * 32,
    )


class Reader(HTMLParser):
    """Tags, attributes and texts of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_everything_asked_for_is_on_the_page(full_run: Run) -> None:
    page = Reader(render_page(full_run))
    names = {attributes.get("aria-label") for tag, attributes in page.tags if tag == "svg"}
    assert names == {"Equity", "Drawdown", "Price of SIM", "Ambiguity band", "Denials by code"}
    for text in (
        "c0ffee" * 6,
        "ab" * 32,
        "sig-won",
        "SL, ambiguous",
        "X, jump",
        "12.34",
        "DAILY_LOSS",
        "USD",
    ):
        assert text in page.texts
    assert any("1 of 3 trades" in text and "not fit for promotion" in text for text in page.texts)


def test_every_value_is_escaped(trade: Make, run: MakeRun) -> None:
    evil = run(
        trade(EVIL, symbol=EVIL, reason=EVIL, strategy=EVIL),
        environment=EVIL,
        commit=EVIL,
        bundle_digest=EVIL,
        journal_hash=EVIL,
        currency=EVIL,
        denials=(Denial(NOON, EVIL, EVIL, EVIL),),
        trips=(Trip(NOON, EVIL),),
        equity=(EquityPoint(NOON, 1), EquityPoint(NOON + 1, 2)),
        bars=(Bar(EVIL, NOON, 1, 1, 1, 1, 1),),
        ticks={EVIL: Decimal("0.01")},
    )
    page = Reader(render_page(evil))
    assert "img" not in {tag for tag, _ in page.tags}
    assert [tag for tag, _ in page.tags].count("script") == 1
    assert [tag for tag, _ in page.tags].count("table") == 2
    assert not [key for _, attributes in page.tags for key in attributes if key.startswith("on")]
    assert EVIL in page.texts


def test_the_page_fetches_nothing(full_run: Run) -> None:
    text = render_page(full_run)
    page = Reader(text)
    assert not {"link", "iframe", "img", "object", "base"} & {tag for tag, _ in page.tags}
    assert not [key for _, attributes in page.tags for key in attributes if key in ("src", "href", "action")]
    assert not re.search(r"https?:|//[a-z]|@import|url\(", text)
    policy = next(attributes["content"] for _, attributes in page.tags if "http-equiv" in attributes)
    assert policy is not None
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy


def test_an_empty_run_is_a_page_too(run: MakeRun) -> None:
    page = Reader(render_page(run()))
    assert "Equity: nothing to show" in page.texts
    assert "Denials by code: none" in page.texts
    assert "none tripped" in page.texts


def test_a_long_run_stays_a_small_page(trade: Make, run: MakeRun) -> None:
    points = tuple(EquityPoint(NOON + n * MINUTE, n * (-1) ** n) for n in range(100_000))
    text = render_page(run(equity=points))
    assert len(text) < 300_000
    readable = json.loads(next(a["data-points"] or "" for t, a in Reader(text).tags if t == "svg"))
    assert len(readable) <= 842


def test_thousands_of_trades_are_cut_and_counted(trade: Make, run: MakeRun) -> None:
    page = Reader(render_page(run(*(trade(f"s{number}") for number in range(MOST_TRADES + 3)))))
    assert [tag for tag, _ in page.tags].count("tr") == 1 + MOST_TRADES
    assert "3 more are in the JSON answer" in page.texts


def _browse(page: Path, profile: Path, *options: str) -> subprocess.CompletedProcess[str]:
    assert CHROMIUM is not None
    flags = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--enable-logging=stderr",
        "--window-size=1100,1400",
    ]
    command = [CHROMIUM, *flags, f"--user-data-dir={profile}", *options, page.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, timeout=90, check=True)


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_a_real_browser_draws_it_and_reports_no_error(full_run: Run, tmp_path: Path) -> None:
    file = tmp_path / "run.html"
    file.write_text(render_page(full_run))
    done = _browse(file, tmp_path / "profile", "--dump-dom")
    drawn = Reader(done.stdout)
    assert drawn.tags[0][1]["data-drawn"] == "5 charts, 3 trades"
    assert [tag for tag, _ in drawn.tags].count("output") == 3
    assert any(text.endswith("100,004.00") for text in drawn.texts)
    complaints = [
        line for line in done.stderr.splitlines() if "CONSOLE" in line or "Content Security" in line
    ]
    assert complaints == []


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_a_real_browser_runs_no_value_as_code(trade: Make, run: MakeRun, tmp_path: Path) -> None:
    evil = "<script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">"
    file = tmp_path / "run.html"
    file.write_text(render_page(run(trade(evil, reason=evil), environment=evil, commit=evil)))
    drawn = _browse(file, tmp_path / "profile", "--dump-dom").stdout
    assert "<title>taken" not in drawn
    assert 'data-drawn="' in drawn
