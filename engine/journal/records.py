"""The bodies of journal records as JSON text: prices and money as decimal text, one shape per record type.

Never holds a float, and never leaves out who allowed an order.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine import money
from engine.clock import stamp
from engine.compact_json import encode_json, quoted
from engine.denials import Denied
from engine.gate import Approved
from engine.instruments import Instrument
from engine.orders import Intent, OrderState, OrderType
from engine.protocols import Decision
from engine.signals import Signal
from engine.venues.protocol import Fill


def provenance(decision: Decision) -> dict[str, Any]:
    """Commit, bundle, snapshot, flag and reason: what let an order through, or did not."""
    return {
        "commit": decision.commit,
        "bundle_digest": decision.bundle_digest,
        "snapshot_digest": decision.snapshot_digest,
        "flag": decision.flag,
        "reason": decision.reason,
        "bucket": decision.bucket,
        "generation": decision.generation,
    }


class _Provenance:
    """The text of the last decision: one snapshot allows many orders."""

    def __init__(self) -> None:
        self._of: Decision | None = None
        self._text = ""

    def text(self, decision: Decision) -> str:
        """Its members, without the braces."""
        if decision != self._of:
            self._text = encode_json(provenance(decision))[1:-1]
            self._of = decision
        return self._text


_provenance = _Provenance()


def id_text(order_id: str) -> str:
    """Just the id: our ids need no escapes."""
    return f'{{"id":"{order_id}"}}'


def _order_members(order_id: str, intent: Intent, instrument: Instrument) -> str:
    text, is_bare = instrument.text, intent.type is OrderType.MARKET and not intent.price
    price = "null" if is_bare else f'"{text(intent.price)}"'
    bracket = f',"stop":"{text(intent.stop)}","target":"{text(intent.target)}"' if intent.stop else ""
    until = f',"until":{intent.until}' if intent.until else ""
    return (
        f'"id":"{order_id}","leg":"{intent.leg._value_}","symbol":"{intent.symbol}",'
        f'"side":"{"BUY" if intent.side > 0 else "SELL"}","quantity":{intent.quantity},'
        f'"type":"{intent.type._value_}","price":{price},"signal_id":{quoted(intent.signal_id)},'
        f'"strategy":{quoted(intent.strategy)},"mode":"{intent.mode}","n":{intent.n}{bracket}{until}'
    )


def approved_text(order: Approved, instrument: Instrument) -> str:
    """An approved order and who allowed it."""
    return (
        f"{{{_order_members(order.order_id, order.intent, instrument)},{_provenance.text(order.decision)}}}"
    )


def signal_text(signal: Signal, instrument: Instrument, origin: Mapping[str, str]) -> str:
    """A signal as it came over the wire (`Signal.document`), when it was received, and from where."""
    text, second, quantity = instrument.text, signal.take_profit_2, signal.quantity
    created = stamp(signal.created_at)
    return (
        f'{{"schema":{signal.schema},"id":{quoted(signal.id)},"account_id":{quoted(signal.account_id)},'
        f'"strategy":{quoted(signal.strategy)},"mode":"{signal.mode}","symbol":"{signal.symbol}",'
        f'"side":"{"LONG" if signal.side > 0 else "SHORT"}","entry_type":"{signal.entry_type}",'
        f'"entry":"{text(signal.entry)}","stop_loss":"{text(signal.stop_loss)}",'
        f'"take_profit_1":"{text(signal.take_profit_1)}",'
        f'"take_profit_2":{"null" if second is None else f"{chr(34)}{text(second)}{chr(34)}"},'
        f'"quantity":{"null" if quantity is None else f"{chr(34)}{quantity:f}{chr(34)}"},'
        f'"confidence":"{signal.confidence:f}","created_at":"{created}",'
        f'"expires_at":"{stamp(signal.expires_at)}","received_at":{signal.received_at}'
        f"{f',{encode_json(origin)[1:-1]}' if origin else ''}}}"
    )


def ended_text(order_id: str, state: OrderState, reason: str) -> str:
    """An order that left the venue, or never went there."""
    return f'{{"id":"{order_id}","state":"{state._value_}","reason":{quoted(reason)}}}'


def denied_text(order_id: str, intent: Intent, denied: Denied, instrument: Instrument | None) -> str:
    """An order we did not send, all codes, and the snapshot that was asked."""
    if instrument is None:
        members = f'"id":"{order_id}","signal_id":{quoted(intent.signal_id)},"symbol":{quoted(intent.symbol)}'
    else:
        members = _order_members(order_id, intent, instrument)
    codes = [code.value for code in denied.codes]
    why = encode_json({"code": denied.code.value, "codes": codes, "detail": denied.detail})[1:-1]
    asked = f",{_provenance.text(denied.decision)}" if denied.decision else ""
    return f"{{{members},{why}{asked}}}"


def fill_text(fill: Fill, instrument: Instrument, fee: int) -> str:
    """A fill as the venue told it."""
    text = instrument.text
    other = f',"alternative":"{text(fill.alternative)}"' if fill.alternative else ""
    return (
        f'{{"id":"{fill.order_id}","execution":{quoted(fill.execution_id)},"quantity":{fill.quantity},'
        f'"price":"{text(fill.price)}","fee":"{money.text(fee)}","slippage":{fill.slippage},"time":{fill.at}{other}}}'
    )
