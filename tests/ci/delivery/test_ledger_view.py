"""The engine learns what was meant under a generation, and nothing from a record that lies."""

from __future__ import annotations

from typing import Any

import psycopg

from ci.delivery.ledger_view import LedgerWindow
from engine.flags.adoption import Intent, Unreachable
from engine.stores import postgres


def window(desk: Any) -> LedgerWindow:
    password = (desk.local.secrets / "ledger_dev_reader").read_text().strip()
    return LedgerWindow(lambda: postgres(desk.database, user="ledger_dev_reader", password=password), "dev")


def test_intent_is_known_until_a_later_receipt(desk: Any) -> None:
    desk.apply()
    view, first = window(desk), desk.head().digest
    assert view.intent(1) == Intent(first, superseded=False)
    assert view.intent(2) is None
    desk.set_flag("dev", "paper_trading_enabled", False, "0.0")
    desk.apply()
    assert view.intent(1) == Intent(first, superseded=True)
    assert view.intent(3) == Intent(desk.head().digest, superseded=False)


def test_record_that_lies_answers_nothing(desk: Any) -> None:
    desk.apply()
    view = window(desk)
    with desk.admin() as admin:
        admin.execute("ALTER TABLE ledger.entries DISABLE TRIGGER ALL")
        admin.execute("UPDATE ledger.entries SET body = replace(body, '1', '2') WHERE seq = 1")
    answer = view.intent(1)
    assert answer == Unreachable("it does not prove itself: row 1 was changed after it was written")


def test_lost_connection_is_said_then_made_anew(desk: Any) -> None:
    desk.apply()
    view = window(desk)
    view.intent(1)
    with desk.admin() as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'ledger_dev_reader'"
        )
    assert isinstance(view.intent(1), Unreachable)
    assert isinstance(view.intent(1), Intent)


def test_ledger_that_cannot_be_reached_is_said() -> None:
    def connect() -> psycopg.Connection:
        raise psycopg.OperationalError("connection refused\nmore")

    assert LedgerWindow(connect, "dev").intent(1) == Unreachable("connection refused")
