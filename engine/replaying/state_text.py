"""The text of a start state, read strictly: exactly its keys, decimals as texts, a place for whatever is wrong.

Never repairs, and never starts from an account that cannot be.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from engine import money
from engine.instruments import Instrument
from engine.money import NotExactError
from engine.replaying.backtest_state import Holding, StartState
from engine.replaying.json_places import Path, line_and_column, places

LARGEST_STATE = 1 << 20
_KEYS = ("cash", "start_equity", "realised_today", "losing_streak", "positions", "working")
_HOLDING = ("symbol", "quantity", "entry", "stop_loss", "take_profit_1")
_NEEDED = _HOLDING[:3]


class StateError(ValueError):
    """A start state nobody can start from: `LINE:COLUMN: what is wrong`."""


class _Number(str):
    """A JSON number as it was written."""

    __slots__ = ()


class _WrongError(Exception):
    """What is wrong, and at which key."""

    def __init__(self, path: Path, message: str) -> None:
        super().__init__(message)
        self.path = path


def parse_state(text: str, instruments: Mapping[str, Instrument], start_cash: int) -> StartState:
    """The state in a JSON text; StateError says where it is wrong."""
    try:
        document = json.loads(text, parse_float=_Number, parse_constant=_Number, parse_int=_Number)
        found = dict(places(text))
    except json.JSONDecodeError as wrong:
        raise StateError(f"{wrong.lineno}:{wrong.colno}: start state: {wrong.msg}") from wrong
    except RecursionError as wrong:
        raise StateError("1:1: start state: nested too deeply") from wrong
    try:
        _once(text)
        return _Reader(instruments).state(document, start_cash)
    except _WrongError as wrong:
        line, column = line_and_column(text, found.get(wrong.path, found[()]))
        name = ".".join(str(step) for step in wrong.path)
        raise StateError(f"{line}:{column}: start state: {name}{': ' if name else ''}{wrong}") from wrong


def _once(text: str) -> None:
    seen: set[Path] = set()
    for path, _ in places(text):
        if path in seen:
            raise _WrongError(path, "a key stands there twice")
        seen.add(path)


class _Reader:
    """From plain JSON values to a start state."""

    def __init__(self, instruments: Mapping[str, Instrument]) -> None:
        self._instruments = instruments

    def state(self, document: Any, start_cash: int) -> StartState:
        """The whole; what is left out follows from what is there."""
        _keys(document, (), _KEYS, ())
        positions, working = (self._holdings(document, key) for key in ("positions", "working"))
        worth = sum(self._instruments[h.symbol].value(h.entry, h.units) for h in positions)
        realised = _units(document, "realised_today") or 0
        start, cash = _units(document, "start_equity"), _units(document, "cash")
        if start is not None and start <= 0:
            raise _WrongError(("start_equity",), f"{money.text(start)} is not above zero")
        if start is not None and cash is not None and "realised_today" in document and not positions:
            _agree(start, realised, cash)
        if cash is None:
            cash = (start_cash if start is None else start) + realised - worth
        start = cash + worth - realised if start is None else start
        if cash + worth <= 0:
            raise _WrongError(("cash",), f"{money.text(cash)} and the positions are worth nothing together")
        if start <= 0:
            raise _WrongError(("realised_today",), f"leaves a start_equity of {money.text(start)}")
        return StartState(cash, start, _streak(document), positions, working)

    def _holdings(self, document: Mapping[str, Any], key: str) -> tuple[Holding, ...]:
        listed = document.get(key, [])
        if not isinstance(listed, list):
            raise _WrongError((key,), "wanted a list")
        found = tuple(self._holding(entry, (key, number)) for number, entry in enumerate(listed))
        sides = {(holding.symbol, holding.units > 0) for holding in found}
        for number, holding in enumerate(found):
            if (holding.symbol, holding.units < 0) in sides:
                raise _WrongError((key, number), f"{holding.symbol} is held on both sides")
        return found

    def _holding(self, entry: Any, path: Path) -> Holding:
        _keys(entry, path, _HOLDING, _NEEDED)
        symbol = entry["symbol"]
        instrument = self._instruments.get(symbol) if type(symbol) is str else None
        if instrument is None:
            raise _WrongError((*path, "symbol"), f"{str(symbol)[:40]!r} is not in instruments.yaml")
        units = _decimal(entry["quantity"], (*path, "quantity"))
        if units != units.to_integral_value() or not units:
            raise _WrongError((*path, "quantity"), f"quantity {units} is no whole number but 0")
        if units % instrument.lot:
            raise _WrongError((*path, "quantity"), f"{units} is not a multiple of the lot {instrument.lot}")
        price, stop, target = (
            _ticks(entry.get(key), (*path, key), instrument)
            for key in ("entry", "stop_loss", "take_profit_1")
        )
        if (stop == 0) != (target == 0):
            raise _WrongError(path, "stop_loss and take_profit_1 stand together, or are both null")
        if stop and (target - stop) * units <= 0:
            raise _WrongError((*path, "stop_loss"), "the stop is not on the losing side of the target")
        if not price:
            raise _WrongError((*path, "entry"), "wanted a price")
        return Holding(symbol, int(units), price, stop, target)


def _keys(value: Any, path: Path, known: tuple[str, ...], needed: tuple[str, ...]) -> None:
    if not isinstance(value, dict):
        raise _WrongError(path, f"wanted an object with the keys {', '.join(known)}")
    for key in value:
        if key not in known:
            raise _WrongError((*path, key), f"unknown key, one of {', '.join(known)}")
    for key in needed:
        if key not in value:
            raise _WrongError(path, f"missing key {key}")


def _agree(start: int, realised: int, cash: int) -> None:
    """Without positions nothing but today's result lies between the start and the cash."""
    if start + realised != cash:
        wanted = money.text(start + realised)
        raise _WrongError(("cash",), f"start_equity and realised_today make {wanted}, and nothing is held")


def _streak(document: Mapping[str, Any]) -> int:
    streak = document.get("losing_streak", _Number(0))
    if not isinstance(streak, _Number) or not streak.isdecimal() or len(streak) > 9:
        raise _WrongError(("losing_streak",), "losing_streak is a whole number from 0")
    return int(streak)


def _units(document: Mapping[str, Any], key: str) -> int | None:
    if key not in document:
        return None
    try:
        return money.to_units(_decimal(document[key], (key,)))
    except NotExactError as wrong:
        raise _WrongError((key,), str(wrong)) from wrong


def _ticks(value: Any, path: Path, instrument: Instrument) -> int:
    if value is None:
        return 0
    try:
        ticks = instrument.ticks(_decimal(value, path))
    except NotExactError as wrong:
        raise _WrongError(path, str(wrong)) from wrong
    if ticks <= 0:
        raise _WrongError(path, f"{value} is not above zero")
    return ticks


def _decimal(value: Any, path: Path) -> Decimal:
    """A decimal text, or a whole number."""
    if isinstance(value, _Number) and not value.lstrip("-").isdecimal():
        raise _WrongError(path, f"{value[:40]} is a float; decimals are texts")
    if not isinstance(value, str):
        raise _WrongError(path, "wanted a decimal as text")
    try:
        return money.parse(value)
    except NotExactError as wrong:
        raise _WrongError(path, str(wrong)) from wrong
