"""Bars from a CSV file `time,open,high,low,close,volume[,symbol]`, strictly: one wrong line and nothing runs.

Never sorts, never fills, never rounds: the file says it, or it is refused with the line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path

from engine.clock import parse_stamp
from engine.feeds.feed import Feed, FeedError, ordered, span_of
from engine.feeds.whole_file import UnreadableError, whole_text
from engine.instruments import Instrument
from engine.market.bars import Bar
from engine.money import NotExactError, parse

LARGEST = 512 << 20
LAST_DAY = parse_stamp("2200-01-01T00:00:00Z")
REMEMBERED = 8192
COLUMNS = ("time", "open", "high", "low", "close", "volume")


def read(path: Path, instruments: Mapping[str, Instrument]) -> Feed:
    """The feed of a file; FeedError names file, line, column and reason."""
    try:
        lines = whole_text(path, LARGEST).split("\n")
    except UnreadableError as failure:
        raise FeedError(str(failure)) from failure
    is_ended = lines[-1] == ""
    if is_ended:
        lines.pop()
    bars = list(_bars(path, lines, instruments))
    if not bars:
        raise FeedError(f"{path}:{len(lines) + 1}:1: no bars")
    note = "" if is_ended else "; the last line has no end: is the file whole?"
    return Feed(f"{path.name}, {len(bars)} bars{note}", span_of(bars), ordered(bars))


def _bars(path: Path, lines: list[str], instruments: Mapping[str, Instrument]) -> Iterator[Bar]:
    header = tuple(lines[0].rstrip("\r").split(",")) if lines else ()
    if header not in (COLUMNS, (*COLUMNS, "symbol")):
        raise FeedError(
            f"{path}:1:1: columns are {','.join(COLUMNS)}[,symbol], found {lines[0][:80] if lines else ''!r}"
        )
    has_symbol = len(header) == 7
    readers: dict[str, _Line] = {}
    for number, line in enumerate(islice(lines, 1, None), start=2):
        cells = line.rstrip("\r").split(",")
        if len(cells) != len(header):
            raise FeedError(f"{path}:{number}:1: {len(cells)} cells, wanted {len(header)}")
        symbol = cells[6] if has_symbol else path.stem
        reader = readers.get(symbol)
        if reader is None:
            if symbol not in instruments:
                column = _column(cells, 6) if has_symbol else 1
                raise FeedError(f"{path}:{number}:{column}: {symbol[:40]!r} is not in instruments.yaml")
            reader = readers[symbol] = _Line(instruments[symbol])
        try:
            yield reader.bar(cells)
        except ValueError as wrong:
            raise FeedError(f"{path}:{number}:{_column(cells, reader.fault(cells))}: {wrong}") from wrong


def _column(cells: list[str], number: int) -> int:
    """Where a cell begins in its line, from 1."""
    return 1 + sum(len(cell) + 1 for cell in cells[:number])


class _Line:
    """Reads the lines of one symbol: prices by their decimals, without a detour over Decimal where it is exact."""

    __slots__ = ("_fast", "_instrument", "_known", "_last", "_places")

    def __init__(self, instrument: Instrument) -> None:
        self._instrument = instrument
        self._known: dict[str, int] = {}
        self._last = -1
        exponent = instrument.tick.normalize().as_tuple()
        self._places = -exponent.exponent if isinstance(exponent.exponent, int) else 0
        self._fast = exponent.digits == (1,) and self._places > 0

    def bar(self, cells: list[str]) -> Bar:
        """One line; ValueError says what is wrong with it."""
        at = self._time(cells[0])
        known, ticks = self._known.get, self._ticks
        open_, high = known(cells[1]) or ticks(cells[1]), known(cells[2]) or ticks(cells[2])
        low, close = known(cells[3]) or ticks(cells[3]), known(cells[4]) or ticks(cells[4])
        if not (0 < low <= open_ <= high and low <= close <= high):
            raise ValueError(f"open, high, low, close {', '.join(cells[1:5])} contradict one another")
        volume = self._volume(cells[5])
        self._last = at
        return Bar(self._instrument.symbol, at, open_, high, low, close, volume)

    def fault(self, cells: list[str]) -> int:
        """Which cell of a refused line is wrong; the high where every number is one, but they contradict."""
        readers = (self._time, *[self._ticks] * 4, self._volume)
        for number, read in enumerate(readers):
            try:
                read(cells[number])
            except ValueError:
                return number
        return 2

    def _time(self, cell: str) -> int:
        at = parse_stamp(cell)
        if not 0 <= at < LAST_DAY:
            raise ValueError(f"time {cell} is not between 1970 and 2200")
        if at <= self._last:
            raise ValueError(f"time {cell} does not come after the bar before it")
        return at

    def _volume(self, cell: str) -> int:
        if not (cell.isascii() and cell.isdigit() and len(cell) < 16):
            raise ValueError(f"volume {cell[:20]!r} is no whole number from 0")
        return int(cell)

    def _ticks(self, cell: str) -> int:
        """A price as ticks, above zero; the last few thousand are remembered, because prices come again."""
        ticks = self._read(cell)
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        self._known[cell] = ticks
        return ticks

    def _read(self, cell: str) -> int:
        whole, _, fraction = cell.partition(".")
        if self._fast and len(fraction) == self._places and len(whole) < 12 and cell.isascii():
            digits = whole + fraction
            if digits.isdigit() and whole and (ticks := int(digits)):
                return ticks
        ticks = self._instrument.ticks(parse(cell))
        if ticks <= 0:
            raise NotExactError(f"price {cell} is not above zero")
        return ticks
