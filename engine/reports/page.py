"""One run as one HTML file: charts, trades, denials, the ambiguity band and the commit; opens offline, anywhere.

Never loads anything (its policy forbids it), and never shows a value that was not escaped.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import partial
from hashlib import sha256
from html import escape
from pathlib import Path

from engine.clock import stamp
from engine.reports.ambiguity import Band, band
from engine.reports.charts import Mark, band_chart, bar_chart, line_chart, money_label
from engine.reports.facts import ClosedTrade, Run
from engine.reports.summary import denials_by_code, drawdown, falls, span, summary

_STYLE = Path(__file__).with_name("page.css").read_text()
_SCRIPT = Path(__file__).with_name("page.js").read_text()
_COLUMNS = (
    "signal", "symbol", "side", "quantity", "entered", "entry", "left", "exit", "reason", "gross", "fees", "net",
)  # fmt: skip
MOST_TRADES = 5000
_NUMBERS = frozenset({"quantity", "entry", "exit", "gross", "fees", "net"})


def render_page(run: Run) -> str:
    """The whole file."""
    title = f"{run.mode} in {run.environment}"
    doubt = band(run.trades)
    return "".join(
        [
            "<!doctype html>\n",
            f'<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>',
            f'<meta http-equiv="Content-Security-Policy" content="{_policy()}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<style>{_STYLE}</style></head><body>",
            f"<h1>{escape(title)}</h1>",
            _facts(run),
            _cards(run, doubt),
            _section("Equity", _equity(run)),
            _section("Drawdown", _drawdown(run), kind="falls"),
            *_prices(run),
            _section("Ambiguity band", _band(doubt)),
            _section("Denials by code", bar_chart("Denials by code", denials_by_code(run.denials))),
            _section("Circuit breakers", _trips(run)),
            _section("Trades", _trades(run.trades)),
            "<footer>Made by interlock from the run's own records. Money is exact; charts keep the highest and "
            "lowest value of each column.</footer>",
            f"<script>{_SCRIPT}</script></body></html>\n",
        ]
    )


def _policy() -> str:
    def digest(text: str) -> str:
        return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"

    return escape(
        f"default-src 'none'; style-src {digest(_STYLE)}; script-src {digest(_SCRIPT)}; "
        "base-uri 'none'; form-action 'none'"
    )


def _section(name: str, content: str, kind: str = "") -> str:
    attribute = f' class="{kind}"' if kind else ""
    return f"<h2>{escape(name)}</h2><section{attribute}>{content}</section>"


def _facts(run: Run) -> str:
    within = span(run)
    period = f"{stamp(within[0])[:19]}Z to {stamp(within[1])[:19]}Z" if within else "nothing happened"
    named = (
        ("commit", run.commit),
        ("bundle", run.bundle_digest),
        ("journal", run.journal_hash),
        ("period", period),
        ("currency", run.currency),
    )
    shown = (f"<span>{name} <code>{escape(value)}</code></span>" for name, value in named if value)
    return f'<p class="facts">{"".join(shown)}</p>'


def _cards(run: Run, doubt: Band) -> str:
    figures, fall = summary(run.trades), drawdown(run.start_equity, run.equity)
    cards = (
        ("net profit", money_label(figures.net), _tone(figures.net)),
        ("trades", f"{figures.trades}", ""),
        ("win rate", "none" if figures.win_percent is None else f"{figures.win_percent} %", ""),
        ("deepest fall", f"{fall.percent} %", ""),
        ("fees", money_label(figures.fees), ""),
        ("slippage", money_label(figures.slippage), ""),
        ("denials", f"{len(run.denials)}", ""),
        ("ambiguous bars", f"{doubt.ambiguous}", "" if doubt.passes else "bad"),
    )
    shown = (
        f'<div class="card"><b class="{tone}">{escape(value)}</b><span>{name}</span></div>'
        for name, value, tone in cards
    )
    return f'<div class="cards">{"".join(shown)}</div>'


def _tone(amount: int) -> str:
    return "good" if amount > 0 else "bad" if amount < 0 else ""


def _equity(run: Run) -> str:
    return line_chart("Equity", run.equity, money_label)


def _drawdown(run: Run) -> str:
    points = [(at, -fall) for at, _, fall in falls(run.start_equity, run.equity)]
    return line_chart("Drawdown", points, money_label, is_area=True)


def _prices(run: Run) -> Iterator[str]:
    for symbol in dict.fromkeys(bar.symbol for bar in run.bars):
        tick = run.ticks[symbol]
        points = [(bar.at, bar.close) for bar in run.bars if bar.symbol == symbol]
        marks = [
            mark
            for trade in run.trades[:MOST_TRADES]
            if trade.symbol == symbol
            for mark in _marks(trade, run)
        ]
        chart = line_chart(f"Price of {symbol}", points, partial(_price_label, tick), marks=marks)
        yield _section(f"Price and trades of {symbol}", chart)


def _price_label(tick: Decimal, ticks: int) -> str:
    return f"{ticks * tick:,}"


def _marks(trade: ClosedTrade, run: Run) -> Iterator[Mark]:
    tick = run.ticks[trade.symbol]
    way, outcome = ("long" if trade.side > 0 else "short"), _outcome(trade)
    yield Mark(trade.entered_at, int(trade.entry / tick), way, f"{trade.signal_id}: in at {trade.entry:f}")
    leaving = f"{trade.signal_id}: out at {trade.exit:f} by {trade.reason}, net {money_label(trade.net)}"
    yield Mark(trade.exited_at, int(trade.exit / tick), outcome, leaving)


def _outcome(trade: ClosedTrade) -> str:
    return "won" if trade.net > 0 else "lost" if trade.net < 0 else "even"


def _band(doubt: Band) -> str:
    says = (
        f"{doubt.ambiguous} of {doubt.trades} trades left a bar in which stop and target were both reached. "
        f"Booked {money_label(doubt.net)}; at worst {money_label(doubt.worst)}, at best {money_label(doubt.best)}. "
        + (
            "Within a tenth of the profit."
            if doubt.passes
            else "More than a tenth of the profit: not fit for promotion."
        )
    )
    chart = band_chart("Ambiguity band", doubt.worst, doubt.net, doubt.best, money_label)
    return f'{chart}<p class="{"" if doubt.passes else "bad"}">{escape(says)}</p>'


def _trips(run: Run) -> str:
    if not run.trips:
        return '<p class="nothing">none tripped</p>'
    rows = (f"<tr><td>{stamp(trip.at)[:19]}Z</td><td>{escape(trip.breaker)}</td></tr>" for trip in run.trips)
    return f'<div class="scroll"><table><tbody>{"".join(rows)}</tbody></table></div>'


def _trades(trades: Sequence[ClosedTrade]) -> str:
    heads = "".join(f'<th class="{_cell_class(name)}">{name}</th>' for name in _COLUMNS)
    rows = "".join(f"<tr>{''.join(_cells(trade))}</tr>" for trade in trades[:MOST_TRADES])
    left_off = len(trades) - MOST_TRADES
    more = f'<p class="nothing">{left_off} more are in the JSON answer</p>' if left_off > 0 else ""
    return (
        '<input id="filter" type="search" placeholder="filter: symbol, reason, signal" aria-label="filter trades">'
        f'<div class="scroll"><table id="trades"><thead><tr>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>{more}"
    )


def _cell_class(name: str) -> str:
    return "number" if name in _NUMBERS else ""


def _cells(trade: ClosedTrade) -> Iterator[str]:
    doubts = [
        word for word, is_so in (("ambiguous", trade.ambiguous), ("jump", trade.unverified_jump)) if is_so
    ]
    values = (
        trade.signal_id,
        trade.symbol,
        "LONG" if trade.side > 0 else "SHORT",
        str(trade.quantity),
        stamp(trade.entered_at)[:19],
        f"{trade.entry:f}",
        stamp(trade.exited_at)[:19],
        f"{trade.exit:f}",
        ", ".join([trade.reason, *doubts]),
        money_label(trade.gross),
        money_label(trade.fees),
        money_label(trade.net),
    )
    for name, value in zip(_COLUMNS, values, strict=True):
        tone = f" {_tone(trade.net)}" if name == "net" else ""
        yield f'<td class="{_cell_class(name)}{tone}">{escape(value)}</td>'
