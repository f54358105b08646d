"""Shadow sends nothing and says what it would have sent."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from engine.clock import DAY, SECOND, ManualClock, stamp
from engine.market.bars import Bar
from engine.paper import StartRefusedError, paper_engine
from engine.protocols import OpenLatch, StandingDecision

MINUTE = 60 * SECOND
START = 20_458 * DAY + 10 * 60 * MINUTE


class Flags:
    def decide(self, flag_key: str, account: str) -> StandingDecision:
        return StandingDecision(flag_key, True, "TARGETING_MATCH", "a" * 40)


def _engine(folder: Path, accepted: Any) -> Any:
    clock = ManualClock(datetime(2026, 1, 5, 10, tzinfo=UTC))
    engine = paper_engine(accepted, flags=Flags(), latch=OpenLatch(), clock=clock, folder=folder, span=MINUTE)
    engine.start()
    return engine


def test_shadow_journals_what_it_would_send_and_opens_no_socket(
    tmp_path: Path, make_accepted: Callable[..., Any], make_signal: Callable[..., Any]
) -> None:
    opened: list[str] = []
    watching = [True]

    def hook(event: str, args: Any) -> None:
        if watching[0] and event.startswith("socket."):
            opened.append(event)

    sys.addaudithook(hook)
    try:
        engine = _engine(tmp_path, make_accepted(mode="shadow"))
        signal_ = make_signal(mode="shadow", created_at=stamp(START + SECOND))
        engine.on_signal(json.dumps(signal_).encode(), START + SECOND)
        for number, row in enumerate([(100, 100), (100, 97), (97, 97)]):
            prices = (row[0] * 100, max(row) * 100, min(row) * 100, row[1] * 100)
            engine.on_bar(Bar("ACME", START + number * MINUTE, *prices, 1_000_000))
    finally:
        watching[0] = False
    would = [record.body for record in engine.journal.records() if record.type == "would_send"]
    assert [body["leg"] for body in would] == ["E", "SL", "TP"]
    assert all(body["id"].startswith("SDEV-") for body in would)
    assert [trade.net for trade in engine.books.portfolio.closed] == [-20 * 10**8]
    assert opened == []
    engine.stop()


def test_paper_and_shadow_never_share_a_journal(tmp_path: Path, make_accepted: Callable[..., Any]) -> None:
    _engine(tmp_path, make_accepted(mode="shadow")).stop()
    _engine(tmp_path, make_accepted()).stop()
    assert {path.parent.name for path in tmp_path.rglob("journal")} == {"paper", "shadow"}
    (tmp_path / "paper" / "journal").write_bytes((tmp_path / "shadow" / "journal").read_bytes())
    with pytest.raises(StartRefusedError, match="belongs to mode 'shadow', not 'paper'"):
        _engine(tmp_path, make_accepted())
