"""Lines of a signal file are split without touching the signal's bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.clock import parse_stamp
from engine.intake.signal_records import MalformedRecordError, Record, read_records, split_record

AT = parse_stamp("2026-11-20T14:31:00Z")
GOOD = b'{"received_at": "2026-11-20T14:31:00Z", "signal": {"a": 1}}'


def test_the_signal_keeps_its_own_bytes() -> None:
    signal = '{ "a":1,  "a":2, "b":"ü", "c": 1e400 }'
    line = f' {{"signal": {signal} , "received_at" : "2026-11-20T14:31:00Z"}}\n'.encode()
    assert split_record(line) == Record(AT, signal.encode())


def test_a_signal_of_another_type_is_kept_for_the_parser() -> None:
    assert split_record(b'{"received_at": "2026-11-20T14:31:00Z", "signal": [1]}').payload == b"[1]"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b"[]", "wanted '{'"),
        (b"{}", "Expecting value"),
        (b'{"received_at": "2026-11-20T14:31:00Z"}', "exactly the keys"),
        (GOOD[:-1], "wanted '}'"),
        (GOOD + b"x", "something follows"),
        (GOOD[:-1] + b', "more": 1}', "exactly the keys"),
        (GOOD[:-1] + b', "signal": 1}', "no text, or stands there"),
        (b'{"received_at": 5, "signal": {}}', "no RFC 3339 instant"),
        (b'{"received_at": "2026-11-20T14:31:60Z", "signal": {}}', "no RFC 3339 instant"),
        (b'{"received_at": "2026-02-30T14:31:00Z", "signal": {}}', "no day of the calendar"),
        (b'{"received_at": "2026-11-20T14:31:00Z", "signal": ' + b"[" * 100_000, "nested too deeply"),
        (b"\xff", "not UTF-8"),
        (b" " * 300_000, "at most"),
    ],
)
def test_a_line_of_another_shape_is_malformed(line: bytes, says: str) -> None:
    with pytest.raises(MalformedRecordError, match=says):
        split_record(line)


def test_a_file_is_read_whole_or_not_at_all() -> None:
    assert len(read_records([GOOD, b"\n", GOOD])) == 2
    with pytest.raises(MalformedRecordError) as malformed:
        read_records([GOOD, b"", b'{"received_at": }'])
    assert (malformed.value.line, malformed.value.column) == (3, 17)


@given(st.binary(max_size=200) | st.binary(max_size=60).map(lambda tail: GOOD[:-1] + tail))
def test_any_line_is_split_or_malformed(line: bytes) -> None:
    try:
        record = split_record(line)
    except MalformedRecordError:
        return
    assert line.strip().startswith(b"{")
    assert record.payload in line
