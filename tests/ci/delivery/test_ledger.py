"""The record proves itself row by row, and says which row no longer does."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci.delivery import ledger_head
from ci.delivery.ledger import GENESIS, Break, Head, Ledger, instant, row_hash, verify
from config.digest import canonical, chain
from config.models.environment import Database
from infra.local import Local

START = datetime(2026, 11, 18, 15, 0, 0, 123456, tzinfo=UTC)


def three_rows(ledger: Ledger) -> tuple[Ledger, Head]:
    for number in range(3):
        ledger.append("intent", {"generation": number + 1, "text": "Zoë"}, START)
    return ledger, ledger.head()


def test_empty_record_proves_itself(ledger: Ledger) -> None:
    assert ledger.entries() == ()
    assert ledger.head() == Head(0, GENESIS)
    assert verify(()) is None


def test_rows_come_back_as_they_were_written(ledger: Ledger) -> None:
    written = ledger.append("receipt", {"held": "", "commits": ["a", "b"]}, START)
    assert ledger.entries() == (written,)
    assert written.body == '{"commits":["a","b"],"held":""}'
    assert (written.seq, written.prev, written.at) == (1, GENESIS, START)


def test_chain_of_rows_is_whole(ledger: Ledger) -> None:
    ledger, head = three_rows(ledger)
    rows = ledger.entries()
    assert [row.prev for row in rows] == [GENESIS, rows[0].hash, rows[1].hash]
    assert verify(rows, head) is None


@pytest.mark.parametrize(
    ("field", "value"),
    [("body", '{"generation":9}'), ("kind", "receipt"), ("environment", "production"), ("hash", "0" * 64)],
)
def test_changed_row_is_named(ledger: Ledger, field: str, value: str) -> None:
    rows = list(three_rows(ledger)[0].entries())
    rows[1] = replace(rows[1], **{field: value})
    assert verify(rows) == Break(2, "row 2 was changed after it was written")


def test_removed_row_is_named(ledger: Ledger) -> None:
    rows = three_rows(ledger)[0].entries()
    assert verify((rows[0], rows[2])) == Break(3, "row 2 is missing")


def test_row_of_another_chain_is_named(ledger: Ledger) -> None:
    rows = list(three_rows(ledger)[0].entries())
    rows[1] = replace(rows[1], prev="1" * 64)
    assert verify(rows) == Break(2, "row 2 does not follow the row before it")


def test_cut_tail_shows_only_against_an_outside_head(ledger: Ledger) -> None:
    ledger, head = three_rows(ledger)
    cut = ledger.entries()[:2]
    assert verify(cut) is None
    assert verify(cut, head) == Break(3, "the record ends at row 2, row 3 was seen here before")


def test_rewritten_record_shows_against_an_outside_head(ledger: Ledger) -> None:
    ledger, head = three_rows(ledger)
    assert verify(ledger.entries(), replace(head, hash="2" * 64)) == Break(
        3, "row 3 is not the row that was seen here before"
    )


def test_two_writers_never_share_a_row(connect: Callable[[str], psycopg.Connection], ledger: Ledger) -> None:
    writers = [Ledger(connect("ledger_dev_writer"), "dev") for _ in range(4)]

    def write(writer: Ledger) -> None:
        for number in range(20):
            writer.append("intent", {"number": number}, START)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, writers))
    assert [row.seq for row in ledger.entries()] == list(range(1, 81))
    assert verify(ledger.entries()) is None


def test_writer_can_neither_change_nor_remove_rows(
    ledger: Ledger, connect: Callable[[str], psycopg.Connection]
) -> None:
    three_rows(ledger)
    writer = connect("ledger_dev_writer")
    for words in (
        "UPDATE ledger.entries SET body = '{}'",
        "DELETE FROM ledger.entries",
        "TRUNCATE ledger.entries",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            writer.execute(words)


def test_reader_reads_and_never_writes(ledger: Ledger, connect: Callable[[str], psycopg.Connection]) -> None:
    three_rows(ledger)
    reader = Ledger(connect("ledger_dev_reader"), "dev")
    assert len(reader.entries()) == 3
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        reader.append("intent", {}, START)


def test_row_changed_behind_the_servers_back_is_found(
    ledger: Ledger, local: Local, database: Database
) -> None:
    three_rows(ledger)
    with psycopg.connect(local.admin_dsn(database.name), autocommit=True) as admin:
        admin.execute("ALTER TABLE ledger.entries DISABLE TRIGGER ALL")
        admin.execute("UPDATE ledger.entries SET at = at - interval '1 microsecond' WHERE seq = 2")
    assert verify(ledger.entries()) == Break(2, "row 2 was changed after it was written")


def test_kept_head_survives_and_a_damaged_one_is_no_proof(tmp_path: Path) -> None:
    assert ledger_head.load(tmp_path, "dev") is None
    ledger_head.keep(tmp_path, "dev", Head(7, "a" * 64))
    assert ledger_head.load(tmp_path, "dev") == Head(7, "a" * 64)
    ledger_head.file_of(tmp_path, "dev").write_text("{")
    damaged = ledger_head.load(tmp_path, "dev")
    assert verify((), damaged) == Break(0, "row 0 is not the row that was seen here before")


@given(
    st.text(), st.text(), st.integers(min_value=1, max_value=2**53 - 1), st.datetimes(timezones=st.just(UTC))
)
def test_row_bytes_are_the_canonical_ones(body: str, kind: str, seq: int, at: datetime) -> None:
    fields = {"seq": seq, "at": instant(at), "environment": "dev", "kind": kind, "body": body}
    assert row_hash(GENESIS, seq, at, "dev", kind, body) == chain(GENESIS, canonical(fields))
