"""04-engine 8.17: malformed input ends with exit 2, its place, and nothing run; a bad signal is denied with exit 0."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

BAR = "2026-01-05T10:00:00Z,100.00,101.00,99.00,100.00,1000"
NEXT = "2026-01-05T10:01:00Z,100.00,101.00,99.00,100.00,1000"


def _line(old: str, new: str, says: str, id: str) -> Any:
    return pytest.param((BAR.replace(old, new, 1),), says, id=id)


BARS = [
    pytest.param((NEXT, BAR), ":3:1: time 2026-01-05T10:00:00Z does not come after", id="unsorted"),
    pytest.param((BAR, BAR), ":3:1: time 2026-01-05T10:00:00Z does not come after", id="doubled"),
    pytest.param((BAR, "", NEXT), ":3:1: 1 cells, wanted 6", id="empty line"),
    pytest.param((BAR, NEXT[:30]), ":3:1: 3 cells, wanted 6", id="cut line"),
    pytest.param((), ":2:1: no bars", id="header only"),
    _line("101.00", "101.001", ":2:29: SIM: 101.001 is not on tick 0.01", "off tick"),
    _line("101.00", "98.00", ":2:29: open, high, low, close 100.00, 98.00, 99.00, 100.00", "high below low"),
    _line("101.00", "NaN", ":2:29: not a plain decimal: 'NaN'", "NaN"),
    _line("99.00", "-Infinity", ":2:36: not a plain decimal: '-Infinity'", "infinite"),
    _line("101.00", "1e400", ":2:29: not a plain decimal: '1e400'", "1e400"),
    _line("101.00", "9" * 400, ":2:29: not a plain decimal: '999", "400 digits"),
    _line("99.00", "-1.00", ":2:36: price -1.00 is not above zero", "negative"),
    _line("99.00", "0.00", ":2:36: price 0.00 is not above zero", "zero"),
    _line("101.00", '"101.00"', ":2:29: not a plain decimal: '\"101.00\"'", "quoted"),
    _line("101.00", " 101.00", ":2:29: not a plain decimal: ' 101.00'", "space"),
    _line("101.00", "\u0661\u0660\u0661.00", ":2:29: not a plain decimal", "digits of another script"),
    _line(",1000", ",", ":2:49: volume '' is no whole number from 0", "volume missing"),
    _line(",1000", ",-1", ":2:49: volume '-1' is no whole number from 0", "volume negative"),
    _line(",1000", ",1000.0", ":2:49: volume '1000.0' is no whole number from 0", "volume a decimal"),
    _line(",1000", ",10\x000", ":2:49: volume '10\\x000' is no whole number from 0", "NUL"),
    _line(",1000", "", ":2:1: 5 cells, wanted 6", "cell missing"),
    _line(",1000", ",1000,SIM", ":2:1: 7 cells, wanted 6", "cell too many"),
    _line("Z", "+00:00", ":2:1: not an RFC 3339 instant with Z", "offset"),
    _line("10:00:00", "23:59:60", ":2:1: second must be in 0..59", "leap second"),
    _line("01-05", "02-30", ":2:1: day is out of range", "day that is none"),
    _line("2026", "1969", ":2:1: time 1969-01-05T10:00:00Z is not between 1970 and 2200", "before 1970"),
    _line("2026", "9999", ":2:1: time 9999-01-05T10:00:00Z is not between 1970 and 2200", "after 2199"),
]


@pytest.mark.parametrize(("lines", "says"), BARS)
def test_malformed_bars_stop_before_anything_runs(desk: Any, lines: tuple[str, ...], says: str) -> None:
    desk.bars(*lines)
    code, facts = desk.run()
    assert (code, facts) == (2, {})
    assert f"SIM.csv{says}" in desk.errors


WHOLE = [
    pytest.param(b"", ":1:1: columns are", id="empty file"),
    pytest.param(b"time,high,open,low,close,volume\n", ":1:1: columns are", id="header in another order"),
    pytest.param(b"time,open,high,low,close,volume,symbol,x\n", ":1:1: columns are", id="column too many"),
    pytest.param("\ufefftime".encode(), ":1:1: begins with a byte order mark", id="byte order mark"),
    pytest.param(b"time,open\nab\xff\n", ":2:3: not UTF-8", id="not UTF-8"),
]


@pytest.mark.parametrize(("data", "says"), WHOLE)
def test_a_file_that_is_no_table_is_refused(desk: Any, data: bytes, says: str) -> None:
    desk.raw_bars(data)
    assert desk.run() == (2, {})
    assert f"SIM.csv{says}" in desk.errors


@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_both_ends_of_line_are_read(desk: Any, end: str) -> None:
    desk.raw_bars(end.join((desk.header, BAR, NEXT, "")).encode())
    assert desk.run()[1]["bars"] == 2


def _no_file(kind: str, folder: Path) -> Path:
    path = folder / f"{kind}.csv"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "endless":
        with path.open("wb") as stream:
            stream.truncate(1 << 40)
    return path


@pytest.mark.parametrize("option", ["--bars", "--signals", "--state"])
@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("pipe", "no regular file"),
        ("folder", "no regular file"),
        ("missing", "No such file or directory"),
        ("endless", "1099511627776 bytes, "),
    ],
)
def test_what_is_no_file_is_never_waited_for(
    desk: Any, tmp_path: Path, option: str, kind: str, says: str
) -> None:
    path = _no_file(kind, tmp_path)
    assert desk.run(option, str(path)) == (2, {})
    assert f"{path}: {says}" in desk.errors


GOOD = '{"received_at": "2026-01-05T10:00:01Z", "signal": {}}'


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", "2:2: Expecting value"),
        ("[]", "2:1: wanted '{'"),
        ('{"signal": {}}', "2:1: wanted exactly the keys"),
        (GOOD[:-1] + ', "x": 1}', "2:1: wanted exactly the keys"),
        (GOOD[:-1] + ', "signal": {}}', "2:55: the key is no text, or stands there twice"),
        ('{"received_at": 5, "signal": {}}', "2:17: `received_at` is no RFC 3339 instant"),
        (GOOD.replace("10:00:01", "23:59:60"), "2:17: `received_at` is no RFC 3339 instant"),
        (GOOD.replace("01-05", "02-30"), "2:17: `received_at` is no day of the calendar"),
        (GOOD + " x", "2:55: something follows the object"),
        ("[" * 200_000, "2:1: wanted '{'"),
        ('{"signal": ' + "[" * 200_000, "2:1: nested too deeply"),
        (" " * 300_000 + "{}", "2:1: 300002 bytes, 262144 at most"),
    ],
)
def test_malformed_signal_lines_stop_before_anything_runs(desk: Any, line: str, says: str) -> None:
    desk.raw_signals(f"{GOOD}\n{line}\n".encode())
    assert desk.run() == (2, {})
    assert f"signals.jsonl:{says}" in desk.errors


SIGNALS = [
    ({"entry": "100.005"}, ["OFF_TICK"]),
    ({"entry": "9" * 400}, ["TOO_MANY_DIGITS"]),
    ({"entry": "1e400"}, ["NOT_A_DECIMAL"]),
    ({"entry": "NaN"}, ["NOT_FINITE"]),
    ({"entry": "-1.00"}, ["NOT_POSITIVE"]),
    ({"entry": "0"}, ["NOT_POSITIVE"]),
    ({"entry": 100}, ["WRONG_TYPE"]),
    ({"quantity": "0"}, ["NOT_POSITIVE"]),
    ({"symbol": "NOPE"}, ["UNKNOWN_SYMBOL"]),
    ({"mode": "live"}, ["MODE"]),
    ({"mode": "production"}, ["UNKNOWN_WORD"]),
    ({"account_id": "SOMEBODY"}, ["WRONG_ACCOUNT"]),
    ({"schema": 2}, ["SCHEMA_VERSION"]),
    ({"created_at": "2016-12-31T23:59:60Z"}, ["NOT_AN_INSTANT"]),
    ({"stop_loss": "101.00", "take_profit_1": "99.00"}, ["STOP_WRONG_SIDE", "TARGET_WRONG_SIDE"]),
    ({"more": 1}, ["UNKNOWN_KEY"]),
]


@pytest.mark.parametrize(("change", "codes"), SIGNALS)
def test_a_bad_signal_is_denied_and_the_rest_runs(
    desk: Any, change: dict[str, Any], codes: list[str]
) -> None:
    desk.signals({**desk.signal, **change}, {**desk.signal, "id": "good"})
    code, facts = desk.run()
    assert code == 0
    assert [row["codes"] for row in facts["denied"]] == [codes]
    assert [trade["signal_id"] for trade in facts["trades"]] == ["good"]


def _record(signal: str) -> bytes:
    return f'{{"received_at": "2026-01-05T10:00:01Z", "signal": {signal}}}\n'.encode()


def test_signals_that_are_denied_by_their_bytes(desk: Any) -> None:
    good = json.dumps(desk.signal)
    room = 64 * 1024 - len(good)
    for signal, codes in (
        (good[:-1] + " " * room + "}", []),
        (good[:-1] + " " * (room + 1) + "}", ["TOO_LARGE"]),
        (good[:-1] + ', "side": "LONG"}', ["DUPLICATE_KEY"]),
        (good.replace('"100.00"', "NaN"), ["NOT_FINITE"]),
        (good.replace('"100.00"', "1e400"), ["WRONG_TYPE"]),
        (good.replace('"100.00"', "9" * 5000), ["WRONG_TYPE"]),
        ("[]", ["NOT_AN_OBJECT"]),
    ):
        desk.raw_signals(_record(signal))
        code, facts = desk.run()
        assert (code, [row["codes"] for row in facts["denied"]]) == (0, [codes] if codes else [])


HELD = (
    '{"symbol": "SIM", "quantity": "10", "entry": "100.00", "stop_loss": "98.00", "take_profit_1": "104.00"}'
)


def _held(old: str, new: str) -> str:
    return f'{{"positions": [{HELD.replace(old, new)}]}}'


STATES = [
    ("", "1:1: start state: Expecting value"),
    ("[]", "1:1: start state: wanted an object with the keys cash, "),
    ("{}x", "1:3: start state: Extra data"),
    ("[" * 200_000, "1:1: start state: nested too deeply"),
    ('{"cash": 1.5}', "1:10: start state: cash: 1.5 is a float; decimals are texts"),
    ('{"cash": NaN}', "1:10: start state: cash: NaN is a float"),
    ('{"cash": "1e400"}', "1:10: start state: cash: not a plain decimal: '1e400'"),
    ('{"cash": "1.123456789"}', "1:10: start state: cash: finer than 1e-8"),
    ('{"cash": true}', "1:10: start state: cash: wanted a decimal as text"),
    ('{"cash": "-5"}', "1:10: start state: cash: -5.00 and the positions are worth nothing together"),
    ('{"start_equity": "0"}', "1:18: start state: start_equity: 0.00 is not above zero"),
    (
        '{"cash": "5", "realised_today": "9"}',
        "1:33: start state: realised_today: leaves a start_equity of -4.00",
    ),
    ('{"money": "1"}', "1:11: start state: money: unknown key"),
    ('{"cash": "1",\n "cash": "2"}', "2:10: start state: cash: a key stands there twice"),
    ('{"losing_streak": -1}', "1:19: start state: losing_streak: losing_streak is a whole number from 0"),
    ('{"positions": {}}', "1:15: start state: positions: wanted a list"),
    ('{"positions": [{"symbol": "SIM"}]}', "1:16: start state: positions.0: missing key quantity"),
    ('{"positions": [1]}', "1:16: start state: positions.0: wanted an object"),
    (_held('"SIM"', '"NOPE"'), "1:27: start state: positions.0.symbol: 'NOPE' is not in instruments.yaml"),
    (_held('"SIM"', "[]"), "1:27: start state: positions.0.symbol: '[]' is not in instruments.yaml"),
    (_held('"10"', '"0"'), "1:46: start state: positions.0.quantity: quantity 0 is no whole number but 0"),
    (_held('"10"', "1.0"), "1:46: start state: positions.0.quantity: 1.0 is a float"),
    (_held('"100.00"', '"100.005"'), "1:61: start state: positions.0.entry: SIM: 100.005 is not on tick"),
    (_held('"100.00"', '"-1.00"'), "1:61: start state: positions.0.entry: -1.00 is not above zero"),
    (_held('"98.00"', "null"), "1:16: start state: positions.0: stop_loss and take_profit_1 stand together"),
    (_held('"98.00"', '"105.00"'), "1:84: start state: positions.0.stop_loss: the stop is not on the losing"),
    (
        '{"cash": "9", "start_equity": "9", "realised_today": "-1"}',
        "1:10: start state: cash: start_equity and realised_today make 8.00, and nothing is held",
    ),
]


@pytest.mark.parametrize(("state", "says"), STATES)
def test_a_malformed_start_state_is_refused_at_its_place(desk: Any, state: str, says: str) -> None:
    assert desk.run("--state", desk.state(state)) == (2, {})
    assert f"state.json:{says}" in desk.errors


def test_positions_off_the_lot_or_on_both_sides_are_refused(desk: Any) -> None:
    desk.edit_file("instruments.yaml", "lot: 1", "lot: 5")
    assert desk.run("--state", desk.state(_held('"10"', '"7"'))) == (2, {})
    assert (
        "state.json:1:46: start state: positions.0.quantity: 7 is not a multiple of the lot 5" in desk.errors
    )
    other = HELD.replace('"10"', '"-10"').replace("98.00", "102.00").replace("104.00", "96.00")
    assert desk.run("--state", desk.state(f'{{"positions": [{HELD}, {other}]}}')) == (2, {})
    assert "start state: positions.0: SIM is held on both sides" in desk.errors


def test_a_malformed_config_is_told_with_its_places_and_runs_nothing(desk: Any) -> None:
    desk.edit("tier: dev", "tier: moon")
    code, facts = desk.run()
    assert (code, facts) == (2, {})
    assert [(finding["path"], finding["line"], finding["column"]) for finding in desk.findings] == [
        ("tier", 4, 7)
    ]


@pytest.mark.parametrize("name", ["generator:0", "generator:1000001", "generator:x"])
def test_a_generator_of_no_or_too_many_bars_is_refused(desk: Any, name: str) -> None:
    assert desk.run("--bars", name) == (2, {})
    assert f"{name}: the generator makes 1 to 1000000 bars" in desk.errors
