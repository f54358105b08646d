"""From bytes to the fields of a signal: strict JSON, exactly the keys, each value of its own form.

Never judges one field by another, and never by the time or the market: see signals.py.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, NamedTuple

from config.models.catalogue import SYMBOL
from config.models.environment import ACCOUNT, IDENTIFIER
from engine.clock import parse_stamp
from engine.intake.signal_reasons import Reason, SignalReason
from engine.money import LARGEST, PLACES

SCHEMA = 1
LARGEST_SIGNAL = 64 * 1024
SIGNAL_ID = r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}"
SIDES = {"LONG": 1, "SHORT": -1}
MODES = frozenset({"backtest", "paper", "shadow", "live"})
ENTRY_TYPES = frozenset({"market", "limit", "stop"})

_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?Z", re.ASCII)
_NOT_FINITE = re.compile(r"[+-]?(s?nan|inf|infinity)", re.IGNORECASE)
_SHOWN = 40
_LONGEST = len(f"-{LARGEST}.") + PLACES

Values = dict[str, Any]
Report = Callable[[SignalReason, str, str], None]


class Number(str):
    """A JSON number as it was written; signals have one, `schema`, and may have `quantity`."""

    __slots__ = ()


class Form(NamedTuple):
    """What could be read; a key that is missing or wrong is absent, and a reason says so."""

    values: Values
    reasons: tuple[Reason, ...]


class _BrokenError(Exception):
    """Nothing more can be read."""

    def __init__(self, code: SignalReason, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


def read_form(payload: bytes) -> Form:
    """Every field of a signal that has the form it must have."""
    reasons: list[Reason] = []

    def report(code: SignalReason, key: str, detail: str) -> None:
        reasons.append(Reason(code, key, detail))

    try:
        pairs = _pairs(payload)
    except _BrokenError as broken:
        return Form({}, (Reason(broken.code, "", broken.detail),))
    values = _values(_once(pairs, report), report)
    return Form(values, tuple(reasons))


def _pairs(payload: bytes) -> list[tuple[str, Any]]:
    if len(payload) > LARGEST_SIGNAL:
        raise _BrokenError(SignalReason.TOO_LARGE, f"{len(payload)} bytes, {LARGEST_SIGNAL} at most")
    try:
        text = payload.decode()
    except UnicodeDecodeError as error:
        raise _BrokenError(SignalReason.NOT_UTF8, f"byte {error.start}: {error.reason}") from None
    try:
        found = DECODER.decode(text)
    except (ValueError, RecursionError) as error:
        raise _BrokenError(SignalReason.NOT_JSON, shown(str(error))) from None
    if not isinstance(found, Pairs):
        raise _BrokenError(SignalReason.NOT_AN_OBJECT, f"found {_kind(found)}")
    return found


class Pairs(list[tuple[str, Any]]):
    """A JSON object as written: keys in their order, repeated ones included."""


DECODER = json.JSONDecoder(
    object_pairs_hook=Pairs, parse_int=Number, parse_float=Number, parse_constant=Number
)


def _once(pairs: list[tuple[str, Any]], report: Report) -> Values:
    found: Values = {}
    for key, value in pairs:
        if key not in READERS:
            report(SignalReason.UNKNOWN_KEY, shown(key), "signals have no such key")
        elif key in found:
            report(SignalReason.DUPLICATE_KEY, key, "stands there twice")
        else:
            found[key] = value
    return found


def _values(found: Values, report: Report) -> Values:
    values: Values = {}
    for key, read in READERS.items():
        if key not in found:
            report(SignalReason.MISSING_KEY, key, "nothing has a default")
            continue
        value = read(key, found[key], report)
        if value is not None or (found[key] is None and key in NULLABLE):
            values[key] = value
    return values


def _kind(value: object) -> str:
    kinds = (
        (Number, "a number"),
        (bool, "a truth value"),
        (Pairs, "an object"),
        (list, "a list"),
        (str, "a text"),
    )
    return next((says for kind, says in kinds if isinstance(value, kind)), "null")


def shown(text: str) -> str:
    """A text from outside, short and without control characters."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text[:_SHOWN])


def _text(key: str, value: object, report: Report) -> str | None:
    if isinstance(value, str) and not isinstance(value, Number):
        return value
    report(SignalReason.WRONG_TYPE, key, f"wanted a text, found {_kind(value)}")
    return None


def _schema(key: str, value: object, report: Report) -> int | None:
    if not isinstance(value, Number):
        report(SignalReason.WRONG_TYPE, key, f"wanted a number, found {_kind(value)}")
    elif value != str(SCHEMA):
        report(SignalReason.SCHEMA_VERSION, key, f"{shown(value)}, this engine reads {SCHEMA}")
    else:
        return SCHEMA
    return None


def _name(grammar: str) -> Callable[[str, object, Report], str | None]:
    pattern = re.compile(grammar, re.ASCII)

    def read(key: str, value: object, report: Report) -> str | None:
        text = _text(key, value, report)
        if text is not None and not pattern.fullmatch(text):
            report(SignalReason.BAD_NAME, key, shown(text))
            return None
        return text

    return read


def _word(words: frozenset[str]) -> Callable[[str, object, Report], str | None]:
    def read(key: str, value: object, report: Report) -> str | None:
        text = _text(key, value, report)
        if text is not None and text not in words:
            report(SignalReason.UNKNOWN_WORD, key, f"{shown(text)!r}, one of {', '.join(sorted(words))}")
            return None
        return text

    return read


def _side(key: str, value: object, report: Report) -> int | None:
    word = _word(frozenset(SIDES))(key, value, report)
    return None if word is None else SIDES[word]


def _decimal(key: str, value: object, report: Report) -> Decimal | None:
    if isinstance(value, Number) and _NOT_FINITE.fullmatch(value):
        report(SignalReason.NOT_FINITE, key, shown(value))
        return None
    text = _text(key, value, report)
    return None if text is None else _plain(key, text, report)


def _plain(key: str, text: str, report: Report) -> Decimal | None:
    if _NOT_FINITE.fullmatch(text):
        report(SignalReason.NOT_FINITE, key, shown(text))
    elif not _DECIMAL.fullmatch(text):
        report(SignalReason.NOT_A_DECIMAL, key, shown(text))
    elif len(text) > _LONGEST or len(text.partition(".")[2]) > PLACES or abs(Decimal(text)) > LARGEST:
        report(SignalReason.TOO_MANY_DIGITS, key, f"{len(text)} characters: {shown(text)}")
    else:
        return Decimal(text)
    return None


def _positive(key: str, value: object, report: Report) -> Decimal | None:
    number = _decimal(key, value, report)
    if number is not None and number <= 0:
        report(SignalReason.NOT_POSITIVE, key, str(number))
        return None
    return number


def _positive_or_null(key: str, value: object, report: Report) -> Decimal | None:
    return None if value is None else _positive(key, value, report)


def _quantity(key: str, value: object, report: Report) -> Decimal | None:
    """A whole number is exact as JSON too, so `10` and `"10"` both pass; `10.0` as a number does not."""
    whole = isinstance(value, Number) and value.lstrip("-").isdigit()
    return _positive_or_null(key, str(value) if whole else value, report)


def _share(key: str, value: object, report: Report) -> Decimal | None:
    number = _decimal(key, value, report)
    if number is not None and not 0 <= number <= 1:
        report(SignalReason.CONFIDENCE_RANGE, key, str(number))
        return None
    return number


def _instant(key: str, value: object, report: Report) -> int | None:
    text = _text(key, value, report)
    if text is None:
        return None
    if INSTANT.fullmatch(text):
        try:
            return parse_stamp(text)
        except ValueError:
            pass  # a day that no calendar has
    report(SignalReason.NOT_AN_INSTANT, key, shown(text))
    return None


READERS: dict[str, Callable[[str, object, Report], Any]] = {
    "schema": _schema,
    "id": _name(SIGNAL_ID),
    "account_id": _name(ACCOUNT),
    "strategy": _name(IDENTIFIER),
    "mode": _word(MODES),
    "symbol": _name(SYMBOL),
    "side": _side,
    "entry_type": _word(ENTRY_TYPES),
    "entry": _positive,
    "stop_loss": _positive,
    "take_profit_1": _positive,
    "take_profit_2": _positive_or_null,
    "quantity": _quantity,
    "confidence": _share,
    "created_at": _instant,
    "expires_at": _instant,
}
NULLABLE = frozenset({"take_profit_2", "quantity"})
