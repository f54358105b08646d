"""Record bodies written as text are the JSON they claim to be, whatever stands in the names."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.denials import DenialCode, Denied
from engine.instruments import instrument
from engine.journal.records import denied_text, ended_text, fill_text, signal_text
from engine.orders import Intent, Leg, OrderState, OrderType
from engine.signals import Signal
from engine.venues.protocol import Fill

QUIET = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)


@QUIET
@given(
    name=st.text(max_size=20),
    prices=st.lists(st.integers(1, 10**9), min_size=4, max_size=4),
    quantity=st.none() | st.decimals("0.01", "1000", places=2),
    has_second=st.booleans(),
    tick=st.sampled_from(["0.01", "0.05", "0.0001", "1.0", "0.25"]),
)
def test_a_signal_s_text_is_its_document(
    make_instrument: Callable[..., Any],
    name: str,
    prices: list[int],
    quantity: Any,
    has_second: bool,
    tick: str,
) -> None:
    acme = instrument("ACME", make_instrument(tick=tick))
    second = prices[3] if has_second else None
    signal = Signal(
        1,
        name,
        "A",
        name,
        "paper",
        "ACME",
        1,
        "market",
        *prices[:3],
        second,
        quantity,
        Decimal("0.5"),
        0,
        60,
        1,
    )
    told = json.loads(signal_text(signal, acme, {}))
    assert told.pop("received_at") == 1
    wanted = signal.document(acme)
    for key in ("entry", "stop_loss", "take_profit_1", "take_profit_2"):
        assert (told[key] and Decimal(told.pop(key))) == (wanted[key] and Decimal(wanted.pop(key)))
        told.pop(key, None)
        wanted.pop(key, None)
    assert told == wanted


@QUIET
@given(name=st.text(max_size=20), reason=st.text(max_size=40))
def test_names_and_reasons_are_escaped(make_instrument: Callable[..., Any], name: str, reason: str) -> None:
    acme = instrument("ACME", make_instrument())
    intent = Intent(Leg.E, "ACME", 1, 1, OrderType.MARKET, 10000, 9800, 10400, name, name, "paper")
    denied = Denied(DenialCode.STATE, reason, (DenialCode.STATE,))
    told = json.loads(denied_text("PDEV-1", intent, denied, acme))
    assert (told["signal_id"], told["detail"], told["price"]) == (name, reason, "100.00")
    assert json.loads(denied_text("PDEV-1", intent._replace(symbol=name), denied, None))["symbol"] == name
    assert json.loads(ended_text("PDEV-1", OrderState.CANCELED, reason))["reason"] == reason
    assert json.loads(fill_text(Fill("PDEV-1", name, 1, 10000, 5), acme, 0))["execution"] == name
