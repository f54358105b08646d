"""A signal is a frozen, checked request to enter; it is built here, from bytes, or refused with every reason at once.

Never repairs a value, never takes an absolute age, never sends a signal to another mode than it names.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from decimal import Decimal
from hashlib import sha256
from typing import Any, NamedTuple

from engine.clock import SECOND, stamp
from engine.instruments import Instrument, OffTickError
from engine.intake.signal_form import SIDES, Report, Values, read_form, shown
from engine.intake.signal_reasons import Reason, Rejected, SignalReason
from engine.limits import RiskLimits
from engine.money import Ratio, to_units

AHEAD = 2 * SECOND
_PRICES = ("entry", "stop_loss", "take_profit_1", "take_profit_2")
_SIDE_WORDS = {side: word for word, side in SIDES.items()}


class Signal(NamedTuple):
    """One checked request to enter; prices in ticks, instants in microseconds, side +1 long and -1 short."""

    schema: int
    id: str
    account_id: str
    strategy: str
    mode: str
    symbol: str
    side: int
    entry_type: str
    entry: int
    stop_loss: int
    take_profit_1: int
    take_profit_2: int | None
    quantity: Decimal | None
    confidence: Decimal
    created_at: int
    expires_at: int
    received_at: int

    @property
    def reward_risk(self) -> Ratio:
        """Reward over risk, exact."""
        return Ratio(abs(self.take_profit_1 - self.entry), abs(self.entry - self.stop_loss))

    def document(self, instrument: Instrument) -> dict[str, Any]:
        """The signal as it goes over the wire; read again it is the same signal."""
        plain: dict[str, Any] = {key: getattr(self, key) for key in self._fields[:-1]}
        for key in _PRICES:
            ticks = plain[key]
            plain[key] = None if ticks is None else f"{instrument.price(ticks):f}"
        plain["side"] = _SIDE_WORDS[self.side]
        plain["quantity"] = None if self.quantity is None else f"{self.quantity:f}"
        plain["confidence"] = f"{self.confidence:f}"
        plain["created_at"], plain["expires_at"] = stamp(self.created_at), stamp(self.expires_at)
        return plain


class Intake(NamedTuple):
    """What an engine takes in: its account, the modes it serves, its instruments and limits."""

    account_id: str
    modes: frozenset[str]
    instruments: Mapping[str, Instrument]
    limits: RiskLimits


def no_price(symbol: str) -> int | None:
    """The last price of a market nobody has watched yet."""
    return None


def parse_signal(
    payload: bytes,
    received_at: int,
    intake: Intake,
    *,
    seen: Container[str] = (),
    last: Callable[[str], int | None] = no_price,
) -> Signal | Rejected:
    """The signal in `payload`, or every reason against it.

    seen: ids of all signals ever taken in.  last: last price of a symbol in ticks; None leaves the collar to the gate.
    """
    values, found = read_form(payload)
    reasons = list(found)

    def report(code: SignalReason, key: str, detail: str) -> None:
        reasons.append(Reason(code, key, detail))

    _judge_address(values, intake, seen, report)
    ticks = _judge_ticks(values, intake, report)
    _judge_bracket(values, intake.limits, report)
    _judge_collar(values, ticks, intake.limits, last, report)
    _judge_time(values, received_at, intake.limits, report)
    if reasons:
        return Rejected(tuple(reasons), sha256(payload).hexdigest(), values.get("id"))
    return Signal(**{**values, **ticks}, received_at=received_at)


def _judge_address(values: Values, intake: Intake, seen: Container[str], report: Report) -> None:
    account, mode, symbol, name = (values.get(key) for key in ("account_id", "mode", "symbol", "id"))
    if account is not None and account != intake.account_id:
        report(
            SignalReason.WRONG_ACCOUNT,
            "account_id",
            f"{shown(account)}, this engine writes for {intake.account_id}",
        )
    if mode is not None and mode not in intake.modes:
        report(
            SignalReason.WRONG_MODE, "mode", f"{mode}, this engine takes {', '.join(sorted(intake.modes))}"
        )
    if symbol is not None and symbol not in intake.instruments:
        report(SignalReason.UNKNOWN_SYMBOL, "symbol", shown(symbol))
    if name is not None and name in seen:
        report(SignalReason.DUP_SIGNAL, "id", shown(name))


def _judge_ticks(values: Values, intake: Intake, report: Report) -> dict[str, int | None]:
    instrument = intake.instruments.get(values.get("symbol", ""))
    ticks: dict[str, int | None] = {}
    for key in _PRICES if instrument is not None else ():
        price = values.get(key)
        try:
            ticks[key] = None if price is None else instrument.ticks(price)  # type: ignore[union-attr]
        except OffTickError:
            report(SignalReason.OFF_TICK, key, f"{price} is not on tick {instrument.tick}")  # type: ignore[union-attr]
    return ticks


def _judge_bracket(values: Values, limits: RiskLimits, report: Report) -> None:
    side = values.get("side")
    entry, stop, first, second = (
        None if values.get(key) is None else to_units(values[key]) for key in _PRICES
    )
    if side is None:
        return
    risk = None if entry is None or stop is None else (entry - stop) * side
    reward = None if entry is None or first is None else (first - entry) * side
    if entry is not None and risk is not None:
        _judge_stop(risk, entry, values, limits, report)
    if reward is not None and reward <= 0:
        report(
            SignalReason.TARGET_WRONG_SIDE,
            "take_profit_1",
            f"{values['take_profit_1']}, entry {values['entry']}",
        )
    if first is not None and second is not None and (second - first) * side < 0:
        detail = f"{values['take_profit_2']}, first target {values['take_profit_1']}"
        report(SignalReason.TARGETS_OUT_OF_ORDER, "take_profit_2", detail)
    least = limits.reward_risk
    if risk is not None and reward is not None and risk > 0 and 0 < reward * least.under < risk * least.over:
        report(
            SignalReason.REWARD_RISK,
            "take_profit_1",
            f"{Decimal(reward) / Decimal(risk):.4f}, {_number(least)} at least",
        )


def _judge_stop(risk: int, entry: int, values: Values, limits: RiskLimits, report: Report) -> None:
    if risk <= 0:
        report(SignalReason.STOP_WRONG_SIDE, "stop_loss", f"{values['stop_loss']}, entry {values['entry']}")
        return
    widest, tightest = limits.widest_stop_share, limits.tightest_stop_share
    far = f"{Decimal(risk) * 100 / entry:.4f} % of entry"
    if risk * widest.under > entry * widest.over:
        report(SignalReason.STOP_TOO_WIDE, "stop_loss", f"{far}, {_number(widest, 100)} % at most")
    if risk * tightest.under < entry * tightest.over:
        report(SignalReason.STOP_TOO_CLOSE, "stop_loss", f"{far}, {_number(tightest, 100)} % at least")


def _judge_collar(
    values: Values,
    ticks: dict[str, int | None],
    limits: RiskLimits,
    last: Callable[[str], int | None],
    report: Report,
) -> None:
    entry, price = ticks.get("entry"), last(values["symbol"]) if ticks else None
    if entry is None or price is None:
        return
    collar = limits.collar_share
    if abs(entry - price) * collar.under > price * collar.over:
        off = f"{Decimal(abs(entry - price)) * 100 / price:.4f} % from the last price"
        detail = f"{off}, {_number(collar, 100)} % at most"
        report(SignalReason.PRICE_COLLAR, "entry", detail)


def _judge_time(values: Values, received_at: int, limits: RiskLimits, report: Report) -> None:
    created, expires = values.get("created_at"), values.get("expires_at")
    age = None if created is None else received_at - created
    if age is not None and age < -AHEAD:
        report(SignalReason.FUTURE_TIMESTAMP, "created_at", f"age {_seconds(age)} s, -2 s at least")
    if age is not None and age >= limits.signal_age:
        report(
            SignalReason.STALE,
            "created_at",
            f"age {_seconds(age)} s, below {_seconds(limits.signal_age)} s wanted",
        )
    if expires is not None and created is not None and expires <= created:
        report(
            SignalReason.EXPIRES_BEFORE_CREATED, "expires_at", f"{stamp(expires)}, created {stamp(created)}"
        )
    if expires is not None and expires <= received_at:
        report(SignalReason.EXPIRED, "expires_at", f"{stamp(expires)}, received {stamp(received_at)}")


def _seconds(span: int) -> str:
    return f"{Decimal(span) / SECOND:f}"


def _number(share: Ratio, times: int = 1) -> str:
    return f"{Decimal(share.over * times) / Decimal(share.under):.4f}".rstrip("0").rstrip(".")
