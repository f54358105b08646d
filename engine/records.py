"""The bodies of journal records: plain values, prices and money as decimal text, one shape per record type.

Never holds a float, and never leaves out who allowed an order.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine import money
from engine.denials import Denied
from engine.gate import Approved
from engine.instruments import Instrument
from engine.orders import Intent, OrderType
from engine.protocols import Decision
from engine.venues.protocol import Fill

Body = Mapping[str, Any]


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


def intent_body(order_id: str, intent: Intent, instrument: Instrument) -> dict[str, Any]:
    """What an order asks for."""
    tick = instrument.tick
    body: dict[str, Any] = {
        "id": order_id,
        "leg": intent.leg,
        "symbol": intent.symbol,
        "side": "BUY" if intent.side > 0 else "SELL",
        "quantity": intent.quantity,
        "type": intent.type,
        "price": None if intent.type is OrderType.MARKET and not intent.price else str(intent.price * tick),
        "signal_id": intent.signal_id,
        "strategy": intent.strategy,
        "mode": intent.mode,
        "n": intent.n,
    }
    if intent.stop:
        body["stop"] = str(intent.stop * tick)
        body["target"] = str(intent.target * tick)
    return body


def approved_body(order: Approved, instrument: Instrument) -> Body:
    """An approved order and who allowed it."""
    return intent_body(order.order_id, order.intent, instrument) | provenance(order.decision)


def denied_body(order_id: str, intent: Intent, denied: Denied, instrument: Instrument | None) -> Body:
    """An order we did not send, all codes, and the snapshot that was asked."""
    body = (
        intent_body(order_id, intent, instrument)
        if instrument
        else {"id": order_id, "signal_id": intent.signal_id}
    )
    body |= {
        "code": denied.code.value,
        "codes": [code.value for code in denied.codes],
        "detail": denied.detail,
    }
    return body | (provenance(denied.decision) if denied.decision else {})


def fill_body(fill: Fill, instrument: Instrument, fee: int) -> Body:
    """A fill as the venue told it."""
    body: dict[str, Any] = {
        "id": fill.order_id,
        "execution": fill.execution_id,
        "quantity": fill.quantity,
        "price": str(fill.price * instrument.tick),
        "fee": money.text(fee),
        "slippage": fill.slippage,
        "time": fill.at,
    }
    if fill.alternative:
        body["alternative"] = str(fill.alternative * instrument.tick)
    return body
