"""Why a signal is refused: a closed, published list; a refusal holds every reason at once.

Never free text alone: a detail explains a code, it does not replace it.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class SignalReason(str, Enum):
    """What is wrong with a signal, in the order in which it is looked for."""

    TOO_LARGE = "TOO_LARGE"
    NOT_UTF8 = "NOT_UTF8"
    NOT_JSON = "NOT_JSON"
    NOT_AN_OBJECT = "NOT_AN_OBJECT"
    DUPLICATE_KEY = "DUPLICATE_KEY"
    UNKNOWN_KEY = "UNKNOWN_KEY"
    MISSING_KEY = "MISSING_KEY"
    WRONG_TYPE = "WRONG_TYPE"
    SCHEMA_VERSION = "SCHEMA_VERSION"
    BAD_NAME = "BAD_NAME"
    UNKNOWN_WORD = "UNKNOWN_WORD"
    NOT_A_DECIMAL = "NOT_A_DECIMAL"
    NOT_FINITE = "NOT_FINITE"
    TOO_MANY_DIGITS = "TOO_MANY_DIGITS"
    NOT_POSITIVE = "NOT_POSITIVE"
    NOT_AN_INSTANT = "NOT_AN_INSTANT"
    CONFIDENCE_RANGE = "CONFIDENCE_RANGE"
    WRONG_ACCOUNT = "WRONG_ACCOUNT"
    WRONG_MODE = "WRONG_MODE"
    UNKNOWN_SYMBOL = "UNKNOWN_SYMBOL"
    OFF_TICK = "OFF_TICK"
    STOP_WRONG_SIDE = "STOP_WRONG_SIDE"
    TARGET_WRONG_SIDE = "TARGET_WRONG_SIDE"
    TARGETS_OUT_OF_ORDER = "TARGETS_OUT_OF_ORDER"
    STOP_TOO_CLOSE = "STOP_TOO_CLOSE"
    STOP_TOO_WIDE = "STOP_TOO_WIDE"
    REWARD_RISK = "REWARD_RISK"
    PRICE_COLLAR = "PRICE_COLLAR"
    FUTURE_TIMESTAMP = "FUTURE_TIMESTAMP"
    STALE = "STALE"
    EXPIRES_BEFORE_CREATED = "EXPIRES_BEFORE_CREATED"
    EXPIRED = "EXPIRED"
    DUP_SIGNAL = "DUP_SIGNAL"


MEANINGS: dict[SignalReason, str] = {
    SignalReason.TOO_LARGE: "more than 64 KiB",
    SignalReason.NOT_UTF8: "the bytes are no UTF-8 text",
    SignalReason.NOT_JSON: "the text is no single JSON document, or is nested too deeply",
    SignalReason.NOT_AN_OBJECT: "the document is no JSON object",
    SignalReason.DUPLICATE_KEY: "a key stands there twice",
    SignalReason.UNKNOWN_KEY: "a key that signals do not have",
    SignalReason.MISSING_KEY: "a key is missing; nothing has a default",
    SignalReason.WRONG_TYPE: "a value of another JSON type: decimals, names and times are texts, never numbers",
    SignalReason.SCHEMA_VERSION: "another version of the signal's language",
    SignalReason.BAD_NAME: "a name with characters, or of a length, that names do not have",
    SignalReason.UNKNOWN_WORD: "a word that is none of the choices; an unknown mode is never paper",
    SignalReason.NOT_A_DECIMAL: "no plain decimal: no exponent, no sign but minus, no spare zero, no space",
    SignalReason.NOT_FINITE: "not a number, or infinite",
    SignalReason.TOO_MANY_DIGITS: "above 1e15, or finer than 1e-8",
    SignalReason.NOT_POSITIVE: "zero or below",
    SignalReason.NOT_AN_INSTANT: "no RFC 3339 instant ending in Z; a leap second or a day that is none included",
    SignalReason.CONFIDENCE_RANGE: "confidence outside 0 to 1",
    SignalReason.WRONG_ACCOUNT: "meant for another account than this engine writes for",
    SignalReason.WRONG_MODE: "meant for another mode than this engine runs in; age never decides the mode",
    SignalReason.UNKNOWN_SYMBOL: "no instrument of config/instruments.yaml",
    SignalReason.OFF_TICK: "a price between two ticks of the instrument",
    SignalReason.STOP_WRONG_SIDE: "the stop is not on the losing side of the entry",
    SignalReason.TARGET_WRONG_SIDE: "the first target is not on the winning side of the entry",
    SignalReason.TARGETS_OUT_OF_ORDER: "the second target is nearer than the first",
    SignalReason.STOP_TOO_CLOSE: "the stop is nearer than limits.min_stop_distance_percent",
    SignalReason.STOP_TOO_WIDE: "the stop is farther than limits.max_stop_distance_percent",
    SignalReason.REWARD_RISK: "reward over risk below limits.min_reward_risk",
    SignalReason.PRICE_COLLAR: "the entry is farther from the last price than limits.price_collar_percent",
    SignalReason.FUTURE_TIMESTAMP: "created more than 2 seconds after it was received",
    SignalReason.STALE: "as old as limits.max_signal_age_seconds, or older",
    SignalReason.EXPIRES_BEFORE_CREATED: "it expires before, or when, it is created",
    SignalReason.EXPIRED: "it had expired when it was received",
    SignalReason.DUP_SIGNAL: "an id that was seen before",
}


class Reason(NamedTuple):
    """One reason, the key it stands at (empty: the whole signal), and what was found there."""

    code: SignalReason
    key: str
    detail: str


class Rejected(NamedTuple):
    """A signal that was not let in: all its reasons, the digest of its bytes, and its id where one could be read."""

    reasons: tuple[Reason, ...]
    digest: str
    id: str | None

    @property
    def codes(self) -> tuple[SignalReason, ...]:
        """Every code once, in the published order."""
        found = {reason.code for reason in self.reasons}
        return tuple(code for code in SignalReason if code in found)
