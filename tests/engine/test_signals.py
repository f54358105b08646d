"""Signals: one good one, and every way to be bad, each with its published code and key."""

from __future__ import annotations

import dataclasses
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.models import catalogue
from engine.clock import SECOND, parse_stamp
from engine.instruments import Instrument, instrument
from engine.intake.signal_form import LARGEST_SIGNAL, READERS
from engine.intake.signal_reasons import MEANINGS, Rejected, SignalReason
from engine.limits import risk_limits
from engine.money import Ratio
from engine.signals import Intake, Signal, parse_signal
from policies import sample

CREATED = "2026-11-20T14:31:00Z"
RECEIVED = parse_stamp("2026-11-20T14:31:01Z")


def _instrument(symbol: str, tick: str) -> Instrument:
    return instrument(
        symbol,
        catalogue.Instrument(
            kind="equity",
            currency="USD",
            tick=Decimal(tick),
            lot=1,
            multiplier=1,
            calendar="24/7",
            expires_on=None,
            fee=catalogue.Fee(percent_per_side=Decimal("0.0"), minimum=Decimal("0.0")),
            slippage=catalogue.Slippage(ticks=0, bps=Decimal("0.0")),
        ),
    )


LIMITS = dataclasses.replace(
    risk_limits(sample.environment("dev")),
    max_order_value=25_000 * 10**8,
    max_order_quantity=10_000,
    stop_collar_share=Ratio(5, 100),
    allow_short=True,
)
INTAKE = Intake(
    account_id="ACCT-DEV-1",
    modes=frozenset({"paper"}),
    instruments={"SIM": _instrument("SIM", "0.01"), "NIFTY": _instrument("NIFTY", "0.05")},
    limits=LIMITS,
)


def fields(**changes: Any) -> dict[str, Any]:
    return {
        "schema": 1,
        "id": "sig-1",
        "account_id": "ACCT-DEV-1",
        "strategy": "moving_average_cross",
        "mode": "paper",
        "symbol": "SIM",
        "side": "LONG",
        "entry_type": "market",
        "entry": "100.00",
        "stop_loss": "98.00",
        "take_profit_1": "104.00",
        "take_profit_2": None,
        "quantity": None,
        "confidence": "0.85",
        "created_at": CREATED,
        "expires_at": "2026-11-20T15:00:00Z",
        **changes,
    }


def short(**changes: Any) -> dict[str, Any]:
    return fields(side="SHORT", stop_loss="102.00", take_profit_1="96.00", **changes)


def parse(document: dict[str, Any] | str | bytes, **options: Any) -> Signal | Rejected:
    if isinstance(document, dict):
        document = json.dumps(document)
    payload = document.encode() if isinstance(document, str) else document
    received_at = options.pop("received_at", RECEIVED)
    return parse_signal(payload, received_at, INTAKE, **options)


def reasons(document: dict[str, Any] | str | bytes, **options: Any) -> list[tuple[str, str]]:
    answer = parse(document, **options)
    return [(r.code.value, r.key) for r in answer.reasons] if isinstance(answer, Rejected) else []


def text_with(key: str, raw: str) -> str:
    """A good signal whose `key` is written as `raw`, whatever that is."""
    whole: dict[str, Any] = {**fields(), key: "@@"}
    return json.dumps(whole).replace('"@@"', raw)


def test_a_good_signal_becomes_integers() -> None:
    signal = parse(fields(quantity="7", take_profit_2="105.5"))
    assert isinstance(signal, Signal)
    assert (signal.side, signal.entry, signal.stop_loss) == (1, 10_000, 9_800)
    assert (signal.take_profit_1, signal.take_profit_2) == (10_400, 10_550)
    assert (signal.quantity, signal.confidence) == (Decimal(7), Decimal("0.85"))
    assert (signal.created_at, signal.received_at) == (parse_stamp(CREATED), RECEIVED)
    assert signal.reward_risk == Ratio(400, 200)


def test_what_is_written_is_read_again() -> None:
    for document in (fields(quantity="7"), short(take_profit_2="95.00")):
        signal = parse(document)
        assert isinstance(signal, Signal)
        assert parse(signal.document(INTAKE.instruments["SIM"])) == signal


def test_every_reason_is_published_with_a_meaning() -> None:
    assert set(MEANINGS) == set(SignalReason)
    assert all(MEANINGS.values())


NUMBERS = [
    ('"NaN"', "NOT_FINITE"),
    ('"-Infinity"', "NOT_FINITE"),
    ('"sNaN"', "NOT_FINITE"),
    ("NaN", "NOT_FINITE"),
    ("Infinity", "NOT_FINITE"),
    ('"1e400"', "NOT_A_DECIMAL"),
    ("1e400", "WRONG_TYPE"),
    ("100.00", "WRONG_TYPE"),
    ("100", "WRONG_TYPE"),
    ('"' + "9" * 400 + '"', "TOO_MANY_DIGITS"),
    ("9" * 400, "WRONG_TYPE"),
    ('"0.123456789"', "TOO_MANY_DIGITS"),
    ('"1000000000000000.01"', "TOO_MANY_DIGITS"),
    ('"-100.00"', "NOT_POSITIVE"),
    ('"0"', "NOT_POSITIVE"),
    ('"-0.00"', "NOT_POSITIVE"),
    ('""', "NOT_A_DECIMAL"),
    ('" 100.00"', "NOT_A_DECIMAL"),
    ('"+100.00"', "NOT_A_DECIMAL"),
    ('"0100.00"', "NOT_A_DECIMAL"),
    ('"100."', "NOT_A_DECIMAL"),
    ('".5"', "NOT_A_DECIMAL"),
    ('"1_00"', "NOT_A_DECIMAL"),
    ('"1,000.00"', "NOT_A_DECIMAL"),
    ('"\\u0661\\u0660\\u0660"', "NOT_A_DECIMAL"),
    ('"100.00\\n"', "NOT_A_DECIMAL"),
    ("null", "WRONG_TYPE"),
    ("true", "WRONG_TYPE"),
    ("[]", "WRONG_TYPE"),
    ("{}", "WRONG_TYPE"),
]


@pytest.mark.parametrize(("raw", "code"), NUMBERS)
@pytest.mark.parametrize("key", ["entry", "stop_loss", "take_profit_1"])
def test_a_price_has_one_form_only(key: str, raw: str, code: str) -> None:
    assert reasons(text_with(key, raw)) == [(code, key)]


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("10.5", "WRONG_TYPE"),
        ("1e3", "WRONG_TYPE"),
        ("9" * 400, "TOO_MANY_DIGITS"),
        ("-1", "NOT_POSITIVE"),
        ("0", "NOT_POSITIVE"),
        ('"NaN"', "NOT_FINITE"),
        ("true", "WRONG_TYPE"),
    ],
)
def test_a_quantity_is_exact_or_refused(raw: str, code: str) -> None:
    assert reasons(text_with("quantity", raw)) == [(code, "quantity")]


@pytest.mark.parametrize("raw", ["10", '"10"'])
def test_a_whole_quantity_may_be_a_number(raw: str) -> None:
    signal = parse(text_with("quantity", raw))
    assert isinstance(signal, Signal)
    assert signal.quantity == 10


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"entry": "100.001"}, [("OFF_TICK", "entry")]),
        ({"stop_loss": "98.005"}, [("OFF_TICK", "stop_loss")]),
        ({"take_profit_2": "104.999"}, [("OFF_TICK", "take_profit_2")]),
        ({"symbol": "TSLA"}, [("UNKNOWN_SYMBOL", "symbol")]),
        ({"symbol": "sim"}, [("BAD_NAME", "symbol")]),
        ({"symbol": "SIM\n"}, [("BAD_NAME", "symbol")]),
        ({"account_id": "ACCT-PRD-1"}, [("WRONG_ACCOUNT", "account_id")]),
        ({"account_id": "../x"}, [("BAD_NAME", "account_id")]),
        ({"id": ""}, [("BAD_NAME", "id")]),
        ({"id": "x" * 129}, [("BAD_NAME", "id")]),
        ({"id": 7}, [("WRONG_TYPE", "id")]),
        ({"strategy": "Moving"}, [("BAD_NAME", "strategy")]),
        ({"mode": "live"}, [("WRONG_MODE", "mode")]),
        ({"mode": "backtest"}, [("WRONG_MODE", "mode")]),
        ({"mode": "Paper"}, [("UNKNOWN_WORD", "mode")]),
        ({"mode": ""}, [("UNKNOWN_WORD", "mode")]),
        ({"side": "BUY"}, [("UNKNOWN_WORD", "side")]),
        ({"entry_type": "moc"}, [("UNKNOWN_WORD", "entry_type")]),
        ({"schema": 2}, [("SCHEMA_VERSION", "schema")]),
        ({"schema": "1"}, [("WRONG_TYPE", "schema")]),
        ({"schema": True}, [("WRONG_TYPE", "schema")]),
        ({"schema": 1.0}, [("SCHEMA_VERSION", "schema")]),
        ({"confidence": "1.0001"}, [("CONFIDENCE_RANGE", "confidence")]),
        ({"confidence": "-0.1"}, [("CONFIDENCE_RANGE", "confidence")]),
        ({"confidence": "NaN"}, [("NOT_FINITE", "confidence")]),
        ({"leverage": "10"}, [("UNKNOWN_KEY", "leverage")]),
    ],
)
def test_one_fault_gives_one_reason(changes: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert reasons(fields(**changes)) == expected


@pytest.mark.parametrize("key", sorted(READERS))
def test_every_key_is_mandatory(key: str) -> None:
    document = fields()
    del document[key]
    assert reasons(document) == [("MISSING_KEY", key)]


@pytest.mark.parametrize("confidence", ["0", "1", "0.00", "1.0"])
def test_confidence_may_touch_its_bounds(confidence: str) -> None:
    assert reasons(fields(confidence=confidence)) == []


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (fields(stop_loss="100.00"), [("STOP_WRONG_SIDE", "stop_loss")]),
        (fields(stop_loss="101.00"), [("STOP_WRONG_SIDE", "stop_loss")]),
        (short(take_profit_2="96.01"), [("TARGETS_OUT_OF_ORDER", "take_profit_2")]),
        (fields(take_profit_2="103.99"), [("TARGETS_OUT_OF_ORDER", "take_profit_2")]),
        (fields(take_profit_1="100.00"), [("TARGET_WRONG_SIDE", "take_profit_1")]),
        (fields(take_profit_1="102.99"), [("REWARD_RISK", "take_profit_1")]),
        (fields(stop_loss="89.99", take_profit_1="130.00"), [("STOP_TOO_WIDE", "stop_loss")]),
        (fields(stop_loss="99.91"), [("STOP_TOO_CLOSE", "stop_loss")]),
        (short() | {"stop_loss": "99.00"}, [("STOP_WRONG_SIDE", "stop_loss")]),
        (short() | {"take_profit_1": "101.00"}, [("TARGET_WRONG_SIDE", "take_profit_1")]),
    ],
)
def test_the_bracket_must_make_sense(document: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert reasons(document) == expected


@pytest.mark.parametrize(
    "document",
    [
        fields(take_profit_1="103.00"),  # exactly 1.5
        fields(stop_loss="90.00", take_profit_1="115.00"),  # exactly 10 %
        fields(stop_loss="99.90"),  # exactly 0.1 %
        fields(take_profit_2="104.00"),
        short(take_profit_2="96.00"),
    ],
)
def test_limits_may_be_reached_exactly(document: dict[str, Any]) -> None:
    assert reasons(document) == []


def test_all_reasons_are_told_at_once() -> None:
    bad = fields(
        entry="NaN", stop_loss="-1", symbol="TSLA", mode="live", confidence="2", created_at="now", extra=1
    )
    assert sorted(reasons(bad)) == [
        ("CONFIDENCE_RANGE", "confidence"),
        ("NOT_AN_INSTANT", "created_at"),
        ("NOT_FINITE", "entry"),
        ("NOT_POSITIVE", "stop_loss"),
        ("UNKNOWN_KEY", "extra"),
        ("UNKNOWN_SYMBOL", "symbol"),
        ("WRONG_MODE", "mode"),
    ]


def test_a_refusal_names_bytes_id_and_codes() -> None:
    answer = parse(fields(entry="0", confidence="2"))
    assert isinstance(answer, Rejected)
    assert (answer.id, len(answer.digest)) == ("sig-1", 64)
    assert answer.codes == (SignalReason.NOT_POSITIVE, SignalReason.CONFIDENCE_RANGE)


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b"", "NOT_JSON"),
        (b"{", "NOT_JSON"),
        (b"{} {}", "NOT_JSON"),
        (b"[" * 60_000, "NOT_JSON"),
        (b'{"id": "' + b"\\" + b'x"}', "NOT_JSON"),
        (b"[]", "NOT_AN_OBJECT"),
        (b"1", "NOT_AN_OBJECT"),
        (b"null", "NOT_AN_OBJECT"),
        (b'"text"', "NOT_AN_OBJECT"),
        (b"\xff\xfe", "NOT_UTF8"),
        (b"\xef\xbb\xbf{}", "NOT_JSON"),
    ],
)
def test_bytes_that_are_no_object_are_refused(payload: bytes, code: str) -> None:
    assert reasons(payload) == [(code, "")]


def test_64_kib_pass_and_one_byte_more_does_not() -> None:
    body = json.dumps(fields()).encode()
    assert reasons(body.ljust(LARGEST_SIGNAL)) == []
    assert reasons(body.ljust(LARGEST_SIGNAL + 1)) == [("TOO_LARGE", "")]


def test_a_key_that_stands_twice_is_refused() -> None:
    text = json.dumps(fields())[:-1] + ', "stop_loss": "50.00"}'
    assert reasons(text) == [("DUPLICATE_KEY", "stop_loss")]


@pytest.mark.parametrize(
    "instant",
    [
        "2016-12-31T23:59:60Z",  # the leap second that was
        "2026-11-20T24:00:00Z",
        "2026-02-29T00:00:00Z",
        "2026-11-20T14:31:00+00:00",
        "2026-11-20T14:31:00",
        "2026-11-20 14:31:00Z",
        "2026-11-20t14:31:00z",
        "2026-11-20T14:31Z",
        "2026-11-20T14:31:00.Z",
        "2026-11-20T14:31:00.1234567Z",
        "20261120T143100Z",
        "2026-W47-5T14:31:00Z",
        "2026-11-20T14:31+05Z",
        "\u0662026-11-20T14:31:00Z",
        "1763649060",
        "",
    ],
)
def test_an_instant_has_one_form_only(instant: str) -> None:
    assert reasons(fields(created_at=instant)) == [("NOT_AN_INSTANT", "created_at")]


def _received(seconds: str) -> int:
    return parse_stamp(CREATED) + int(Decimal(seconds) * SECOND)


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        ("-3600", [("FUTURE_TIMESTAMP", "created_at")]),
        ("-2.000001", [("FUTURE_TIMESTAMP", "created_at")]),
        ("-2", []),
        ("0", []),
        ("119.999999", []),
        ("120", [("STALE", "created_at")]),
        ("3600", [("STALE", "created_at"), ("EXPIRED", "expires_at")]),
    ],
)
def test_age_keeps_its_sign(age: str, expected: list[tuple[str, str]]) -> None:
    assert reasons(fields(), received_at=_received(age)) == expected


def test_expiry_comes_after_creation() -> None:
    assert reasons(fields(expires_at=CREATED)) == [
        ("EXPIRES_BEFORE_CREATED", "expires_at"),
        ("EXPIRED", "expires_at"),
    ]


def test_an_id_is_taken_once_ever() -> None:
    assert reasons(fields(), seen={"sig-1"}) == [("DUP_SIGNAL", "id")]


@pytest.mark.parametrize(("price", "expected"), [(9804, []), (9803, [("PRICE_COLLAR", "entry")]), (None, [])])
def test_the_entry_stays_near_the_last_price(price: int | None, expected: list[tuple[str, str]]) -> None:
    assert reasons(fields(), last=lambda symbol: price) == expected


@given(st.binary(max_size=300))
def test_any_bytes_get_an_answer(payload: bytes) -> None:
    assert isinstance(parse(payload), Rejected)


_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(sorted(READERS)), _ANY, min_size=1))
def test_any_values_get_an_answer(changes: dict[str, Any]) -> None:
    answer = parse(fields(**changes))
    assert isinstance(answer, Signal | Rejected)
    if isinstance(answer, Signal):
        assert answer.stop_loss < answer.entry < answer.take_profit_1
