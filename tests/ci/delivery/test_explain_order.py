"""An order is decided anew from Git; what differs from the journal is told."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ci.delivery.explain_order import explain_order
from ci.delivery.source import UNJUDGED, Source
from ci.errors import UsageError
from ci.git import Repository
from engine.flags.decide import decide
from engine.journal.file import FileJournal, Identity

PAPER = "paper_trading_enabled"
ORDER = "PDEV-EABCDEFGHIJ"


def recorded(desk: Any, **changed: Any) -> dict[str, Any]:
    """What an engine would write for an order under what is published now."""
    head = desk.head()
    source = Source(Repository(desk.root), "dev")
    snapshot = source.snapshot(head.commits)
    decided = decide(snapshot, PAPER, "ACCT-DEV-1", kills=(), venue_kind="paper", lease_ok=True)
    assert decided.value
    body = {
        "id": ORDER,
        "leg": "E",
        "symbol": "AAPL",
        "side": "BUY",
        "quantity": 10,
        "type": "market",
        "price": None,
        "signal_id": "s-1",
        "commit": decided.commit,
        "bundle_digest": source.bundle(decided.commit, UNJUDGED).digest,
        "snapshot_digest": decided.digest,
        "flag": PAPER,
        "reason": decided.reason.value,
        "bucket": decided.bucket,
        "generation": head.generation,
    }
    return body | changed


@pytest.fixture
def state(desk: Any, tmp_path: Path) -> Path:
    desk.apply()
    return tmp_path / "engine-state"


def write(state: Path, kind: str, body: dict[str, Any]) -> None:
    path = state / "dev" / "engine" / "paper" / "journal"
    journal = FileJournal.open(path, Identity("dev", "paper", "ACCT-DEV-1"), 1)
    journal.append(2, kind, body)
    journal.close()


def explain(desk: Any, state: Path, order: str = ORDER) -> Any:
    return explain_order(order, Repository(desk.root), "dev", state, desk.rows())


def test_allowed_order_matches_byte_for_byte(desk: Any, state: Path) -> None:
    write(state, "intent", recorded(desk))
    explained = explain(desk, state)
    assert explained.holds
    assert [proof.fact for proof in explained.proofs] == [
        "snapshot the ledger intended",
        "snapshot from Git",
        "commit",
        "bundle from Git",
        "reason",
        "bucket",
    ]
    assert (explained.rules, explained.receipt) == (("TST001",), 2)
    assert explained.row.found_in == "journal record 1"


def test_order_stays_explained_after_later_releases(desk: Any, state: Path) -> None:
    write(state, "intent", recorded(desk))
    desk.set_flag("dev", PAPER, False, "0.0")
    desk.apply()
    assert explain(desk, state).holds


@pytest.mark.parametrize(
    ("fact", "changed"),
    [
        ("snapshot from Git", {"snapshot_digest": "a" * 64}),
        ("bundle from Git", {"bundle_digest": "b" * 64}),
        ("reason", {"reason": "SPLIT"}),
        ("bucket", {"bucket": 99_999}),
    ],
)
def test_forged_fact_is_told(desk: Any, state: Path, fact: str, changed: dict[str, Any]) -> None:
    write(state, "intent", recorded(desk, **changed))
    explained = explain(desk, state)
    assert not explained.holds
    assert fact in [proof.fact for proof in explained.proofs if proof.verdict == "differs"]


def test_denial_by_a_kill_is_a_matter_of_run_time(desk: Any, state: Path) -> None:
    write(state, "deny", recorded(desk, reason="KILLED", bucket=None, code="FLAG_OFF"))
    explained = explain(desk, state)
    assert explained.row.is_denied
    assert explained.note.startswith("KILLED is a matter of run time")
    assert {proof.fact: proof.verdict for proof in explained.proofs}["reason"] == "not known"


def test_order_is_found_in_postgres_without_a_journal(desk: Any) -> None:
    desk.apply()
    body = recorded(desk)
    with desk.admin() as admin:
        admin.execute(
            "INSERT INTO paper_trading_dev.orders (order_id, seq, at, account_id, symbol, side, quantity, state,"
            " commit, bundle_digest, snapshot_digest, flag, reason, body)"
            " VALUES (%s, 1, %s, 'ACCT-DEV-1', 'AAPL', 'buy', 10, 'FILLED', %s, %s, %s, %s, %s, %s)",
            (
                ORDER,
                datetime(2026, 11, 18, tzinfo=UTC),
                *(body[key] for key in ("commit", "bundle_digest", "snapshot_digest", "flag", "reason")),
                json.dumps(body),
            ),
        )
    explained = explain(desk, desk.local.state)
    assert explained.row.found_in == "table paper_trading_dev.orders"
    assert explained.holds


def test_unknown_order_is_a_usage_error(desk: Any) -> None:
    desk.apply()
    with pytest.raises(UsageError, match="no order `PDEV-NOTHING` in dev"):
        explain(desk, desk.local.state, "PDEV-NOTHING")
