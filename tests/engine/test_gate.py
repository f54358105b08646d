"""The gate: the only maker of an `Approved`, a crash is a refusal, and a protective exit gets out."""

from __future__ import annotations

import ast
import dataclasses
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import gate
from engine.denials import DenialCode, Denied
from engine.gate import Approved
from engine.orders import Intent, Leg, OrderType
from engine.protocols import StandingDecision
from engine.trading_state import TradingState

ROOT = Path(__file__).parents[2]
STOP = Intent(Leg.SL, "ACME", -1, 10, OrderType.STOP, 9800, 0, 0, "s-1", "manual", "backtest")
ENTRY = Intent(Leg.E, "ACME", 1, 10, OrderType.MARKET, 10000, 9800, 10400, "s-1", "manual", "backtest")
ON = StandingDecision("paper_trading_enabled", True, "TARGETING_MATCH")


class Flags:
    def decide(self, flag_key: str, account: str) -> StandingDecision:
        return ON


class BrokenFlags:
    def decide(self, flag_key: str, account: str) -> StandingDecision:
        raise RuntimeError("redis is gone")


def test_only_the_gate_makes_an_approved() -> None:
    makers = []
    for path in sorted((ROOT / "engine").rglob("*.py")) + sorted((ROOT / "ci").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and getattr(node.func, "id", getattr(node.func, "attr", "")) == "Approved"
            ):
                makers.append(path.relative_to(ROOT).as_posix())
    assert makers == ["engine/gate.py"]


def test_nobody_else_has_the_key_to_the_door() -> None:
    with pytest.raises(TypeError, match=r"only engine\.gate"):
        Approved(object(), "PDEV-X", ENTRY, ON, 0)


def test_what_was_approved_stays_what_it_was(stage: Callable[..., Any]) -> None:
    view = stage().engine().books.view
    view.lines["ACME"].quantity = 10
    approved = gate.review(STOP, "BDEV-X", view, Flags())
    assert isinstance(approved, Approved)
    with pytest.raises(dataclasses.FrozenInstanceError):
        approved.intent = STOP._replace(quantity=1000)  # type: ignore[misc]
    with pytest.raises(ValueError, match="door"):
        dataclasses.replace(approved, intent=STOP._replace(quantity=1000))  # type: ignore[call-arg]
    with pytest.raises(TypeError, match=r"only engine\.gate"):
        dataclasses.replace(approved, door=object(), intent=STOP)


FORGER = """
from engine.gate import Approved
from engine.orders import Intent
from engine.venues.protocol import Venue

def forge(venue: Venue, intent: Intent, approved: Approved) -> None:
    venue.submit(intent)
    approved.intent = intent
    Approved("BDEV-X", intent, approved.decision, 0)
"""


@pytest.mark.slow
def test_mypy_refuses_whoever_goes_around_the_gate(tmp_path: Path) -> None:
    forger = tmp_path / "forger.py"
    forger.write_text(FORGER, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--no-error-summary", str(forger)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert [line.partition(": error: ")[2] for line in done.stdout.splitlines() if ": error: " in line] == [
        'Argument 1 to "submit" of "Venue" has incompatible type "Intent"; expected "Approved"  [arg-type]',
        'Property "intent" defined in "Approved" is read-only  [misc]',
        'Missing positional argument "order_id" in call to "Approved"  [call-arg]',
    ]


def test_venues_declare_that_they_take_only_approved() -> None:
    for path in sorted((ROOT / "engine" / "venues").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name == "submit":
                assert [ast.unparse(arg.annotation) for arg in node.args.args[1:] if arg.annotation] == [
                    "Approved"
                ]


def test_a_failing_flag_view_denies_entries_and_lets_stops_out(stage: Callable[..., Any]) -> None:
    view = stage().engine().books.view
    view.lines["ACME"].quantity = 10
    answer = gate.review(ENTRY, "BDEV-X", view, BrokenFlags())
    assert isinstance(answer, Denied)
    assert DenialCode.FLAG_OFF in answer.codes
    assert isinstance(gate.review(STOP, "BDEV-Y", view, BrokenFlags()), Approved)


def test_a_crashing_control_denies_an_entry(stage: Callable[..., Any]) -> None:
    view = stage().engine().books.view
    view.lines["ACME"].mark = view.lines["ACME"].marked_at = 10000
    view.sent = None  # what RATE looks at
    answer = gate.review(ENTRY, "BDEV-X", view, Flags())
    assert isinstance(answer, Denied)
    assert answer.crashed
    assert DenialCode.RATE in answer.codes
    assert "crashed" in answer.detail or answer.code is not DenialCode.RATE


def test_a_crashing_control_never_keeps_a_stop_in(stage: Callable[..., Any]) -> None:
    view = stage().engine().books.view
    view.lines = None  # everything crashes
    assert isinstance(gate.review(STOP, "BDEV-X", view, Flags()), Approved)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(
    state=st.sampled_from(list(TradingState)),
    leg=st.sampled_from([Leg.SL, Leg.TP, Leg.F]),
    now=st.integers(0, 10**18),
    marked=st.integers(0, 10**18),
    mark=st.integers(0, 10**9),
    cash=st.integers(-(10**18), 10**18),
    sent=st.integers(0, 10**6),
    flags=st.booleans(),
    words=st.tuples(st.booleans(), st.booleans(), st.booleans(), st.booleans()),
)
def test_no_state_limit_or_clock_keeps_a_protective_exit_in(
    stage: Callable[..., Any],
    state: TradingState,
    leg: Leg,
    now: int,
    marked: int,
    mark: int,
    cash: int,
    sent: int,
    flags: bool,
    words: tuple[bool, bool, bool, bool],
) -> None:
    view = stage(limits={"max_orders_per_day": 1}).engine().books.view
    view.state, view.now, view.cash, view.sent_in_session, view.losing_streak = state, now, cash, sent, sent
    view.session_closed, view.reconciling, view.broker_open, jumped = words
    view.drift = "drift" if jumped else ""
    line = view.lines["ACME"]
    line.mark, line.marked_at, line.jumped, line.quantity = mark, marked, jumped, 10
    answer = gate.review(STOP._replace(leg=leg), "BDEV-X", view, Flags() if flags else BrokenFlags())
    assert isinstance(answer, Approved)
