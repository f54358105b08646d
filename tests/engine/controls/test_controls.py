"""Every control at its limit: one step below passes, the limit passes or trips as 8.7 says, one step above does not."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine import gate
from engine.clock import DAY, SECOND, parse_stamp
from engine.control import BY_LEG, CONTROLS
from engine.denials import DenialCode, Denied
from engine.limits import RiskLimits
from engine.money import Ratio, percent
from engine.orders import Intent, Leg, OrderType
from engine.protocols import StandingDecision
from engine.trading_state import TradingState
from engine.view import View

MONEY = 10**8
ENTRY = Intent(Leg.E, "ACME", 1, 10, OrderType.MARKET, 10000, 9800, 10400, "s-1", "manual", "backtest")
ON = StandingDecision("paper_trading_enabled", True, "TARGETING_MATCH", "c" * 40)


class Flags:
    def __init__(self, decision: StandingDecision = ON) -> None:
        self._decision = decision

    def decide(self, flag_key: str, account: str) -> StandingDecision:
        return self._decision


@pytest.fixture
def view(stage: Callable[..., Any]) -> View:
    engine = stage().engine()
    made: View = engine.books.view
    made.now = DAY
    made.state = TradingState.ACTIVE
    line = made.lines["ACME"]
    line.mark, line.marked_at = 10000, made.now
    return made


def _limit(view: View, **limits: Any) -> None:
    view.limits = dataclasses.replace(view.limits, **limits)


def codes(view: View, intent: Intent = ENTRY, decision: StandingDecision = ON) -> list[str]:
    answer = gate.review(intent, "BDEV-X", view, Flags(decision))
    if isinstance(answer, Denied):
        assert answer.code is answer.codes[0]
        assert answer.decision is decision
        return [code.value for code in answer.codes]
    return []


def test_a_plain_entry_is_approved(view: View) -> None:
    assert codes(view) == []


@pytest.mark.parametrize(
    ("state", "leg", "wanted"),
    [
        (TradingState.REDUCING, Leg.E, ["STATE"]),
        (TradingState.HALTED, Leg.E, ["STATE"]),
        (TradingState.KILLED, Leg.E, ["STATE"]),
        (TradingState.REDUCING, Leg.X, []),
        (TradingState.HALTED, Leg.X, ["STATE"]),
        (TradingState.KILLED, Leg.SL, []),
        (TradingState.KILLED, Leg.TP, []),
        (TradingState.KILLED, Leg.F, []),
    ],
)
def test_state_lets_out_less_and_less(view: View, state: TradingState, leg: Leg, wanted: list[str]) -> None:
    view.state = state
    intent = ENTRY
    if leg is not Leg.E:
        view.lines["ACME"].quantity = 10
        intent = Intent(leg, "ACME", -1, 10, OrderType.STOP, 9800, 0, 0, "s-1", "manual", "backtest")
    assert codes(view, intent) == wanted


def test_mode_must_be_the_signal_s_and_git_s(view: View) -> None:
    assert codes(view, ENTRY._replace(mode="live")) == ["MODE"]
    view.mode = type(view.mode)("paper")
    assert codes(view, ENTRY._replace(mode="paper")) == []
    view.venue_mode = "shadow"
    assert codes(view, ENTRY._replace(mode="paper")) == ["MODE"]


def test_flag_off_denies_and_unknown_is_off(view: View) -> None:
    for value in (False, None, "true", 1):
        decision = StandingDecision("paper_trading_enabled", value, "DISABLED")  # type: ignore[arg-type]
        assert codes(view, decision=decision) == ["FLAG_OFF"]


def test_drift_and_reconciling_and_open_broker_deny(view: View) -> None:
    view.drift, view.reconciling, view.broker_open = "a foreign head", True, True
    assert codes(view) == ["CONFIG_DRIFT", "RECONCILING", "BROKER_OPEN"]


def test_unknown_quantity_blocks_its_symbol(view: View) -> None:
    view.lines["ACME"].unknown = 1
    assert codes(view) == ["UNKNOWN_ON_SYMBOL"]
    view.lines["ACME"].unknown, view.lines["ACME"].blocked = 0, "position differs"
    assert codes(view) == ["UNKNOWN_ON_SYMBOL"]


def test_an_entry_never_turns_a_position(view: View) -> None:
    line = view.lines["ACME"]
    for quantity, pending in ((-1, 0), (0, -1)):
        line.quantity, line.pending = quantity, pending
        assert codes(view) == ["OPPOSITE_POSITION"]


def test_the_allow_list_is_the_catalogue(view: View) -> None:
    assert codes(view, ENTRY._replace(symbol="OTHER")) == ["ALLOWLIST", "DATA_STALE", "PRICE_COLLAR"]
    _limit(view, allow_short=False)
    assert codes(view, ENTRY._replace(side=-1, stop=10200, target=9600)) == ["ALLOWLIST"]
    view.currency = "INR"
    assert codes(view) == ["ALLOWLIST"]


def test_an_unexplained_jump_stops_entries(view: View) -> None:
    view.lines["ACME"].jumped = True
    assert codes(view) == ["UNEXPLAINED_JUMP"]


@pytest.mark.parametrize(("left", "wanted"), [(300, ["SESSION"]), (301, []), (0, ["SESSION"]), (-1, [])])
def test_no_entry_in_the_last_five_minutes(view: View, left: int, wanted: list[str]) -> None:
    view.session_left = left * SECOND if left >= 0 else -1
    assert codes(view) == wanted
    view.session_closed = True
    assert codes(view) == ["SESSION"]


@pytest.mark.parametrize(("age", "wanted"), [(2, []), (3, ["DATA_STALE"])])
def test_a_price_two_bars_old_is_the_oldest(view: View, age: int, wanted: list[str]) -> None:
    _limit(view, mark_bars=2)
    view.lines["ACME"].marked_at = view.now - age * view.span
    assert codes(view) == wanted
    view.lines["ACME"].mark = 0
    assert codes(view) == ["DATA_STALE", "PRICE_COLLAR"]


def test_a_live_price_is_five_seconds_old_at_most(view: View) -> None:
    view.mode, view.venue_mode = type(view.mode)("live"), "live"
    for seconds, wanted in ((5, []), (6, ["DATA_STALE"])):
        view.lines["ACME"].marked_at = view.now - seconds * SECOND
        assert codes(view, ENTRY._replace(mode="live")) == wanted


def test_a_signal_acts_once(view: View) -> None:
    view.seen.add("s-1")
    assert codes(view) == ["DUP_SIGNAL"]


@pytest.mark.parametrize(
    ("now", "wanted"),
    [("2026-01-05T23:59:59Z", []), ("2026-01-06T00:00:00Z", []), ("2026-01-06T00:00:01Z", ["ALLOWLIST"])],
)
def test_an_instrument_is_entered_until_its_last_day_is_over(view: View, now: str, wanted: list[str]) -> None:
    line = view.lines["ACME"]
    line.instrument = dataclasses.replace(line.instrument, expires_on="2026-01-05")
    view.now = line.marked_at = parse_stamp(now)
    assert codes(view) == wanted


@pytest.mark.parametrize(("apart", "wanted"), [(10 * SECOND, ["DUP_SIGNAL"]), (10 * SECOND + 1, [])])
def test_the_same_symbol_and_side_rest_ten_seconds(view: View, apart: int, wanted: list[str]) -> None:
    _limit(view, duplicate_window=10 * SECOND)
    view.recent[("ACME", 1)] = view.now - apart
    assert codes(view) == wanted
    assert codes(view, ENTRY._replace(side=-1, stop=10200, target=9600)) == []


def test_nothing_left_is_quantity_zero_and_why(view: View) -> None:
    assert codes(view, ENTRY._replace(quantity=0)) == ["QTY_ZERO"]
    _limit(view, max_order_value=99 * MONEY)
    assert codes(view, ENTRY._replace(quantity=0)) == ["QTY_ZERO", "MAX_ORDER_VALUE"]


def test_broken_lots_and_missing_prices(view: View) -> None:
    view.lines["ACME"].instrument = dataclasses.replace(view.lines["ACME"].instrument, lot=3)
    assert codes(view) == ["LOT"]
    assert codes(view, ENTRY._replace(quantity=9, target=0)) == ["TICK"]


@pytest.mark.parametrize(
    ("price", "wanted"), [(10200, []), (10201, ["PRICE_COLLAR"]), (9799, ["PRICE_COLLAR"])]
)
def test_an_entry_stays_within_two_percent(view: View, price: int, wanted: list[str]) -> None:
    _limit(view, collar_share=percent(2))
    assert codes(view, ENTRY._replace(price=price)) == wanted


@pytest.mark.parametrize(("stop", "wanted"), [(9500, []), (9499, ["PRICE_COLLAR"])])
def test_a_stop_stays_within_five_percent(view: View, stop: int, wanted: list[str]) -> None:
    _limit(view, stop_collar_share=percent(5))
    assert codes(view, ENTRY._replace(stop=stop)) == wanted


LIMITS: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({"max_order_value": 1000 * MONEY}, {"max_order_value": 1000 * MONEY - 1}, "MAX_ORDER_VALUE"),
    ({"max_order_quantity": 10}, {"max_order_quantity": 9}, "MAX_ORDER_QTY"),
    ({"position_share": Ratio(1, 100)}, {"position_share": Ratio(999_999, 10**8)}, "MAX_POSITION_PCT"),
    ({"gross_share": Ratio(1, 100)}, {"gross_share": Ratio(999_999, 10**8)}, "MAX_GROSS"),
    ({"open_positions": 1}, {"open_positions": 0}, "MAX_OPEN_POSITIONS"),
]


@pytest.mark.parametrize(("equal", "above", "code"), LIMITS, ids=[row[2] for row in LIMITS])
def test_caps_allow_equality(view: View, equal: dict[str, Any], above: dict[str, Any], code: str) -> None:
    _limit(view, **equal)
    assert codes(view) == []
    _limit(view, **above)
    assert codes(view) == [code]


def test_pending_and_unknown_count_as_position(view: View) -> None:
    _limit(view, position_share=Ratio(2, 100), gross_share=Ratio(2, 100))
    line = view.lines["ACME"]
    line.quantity, line.pending = 5, 5
    assert codes(view) == []
    line.unknown = 1
    assert codes(view) == ["UNKNOWN_ON_SYMBOL", "MAX_POSITION_PCT", "MAX_GROSS"]


def test_buying_power_counts_fees_slippage_and_what_is_on_its_way(view: View) -> None:
    line = view.lines["ACME"]
    line.instrument = dataclasses.replace(line.instrument, slip_ticks=1, fee_share=percent(1))
    needed = 10 * 10001 * 10**6 + 1000 * 10**6  # 1000.10 and a fee of 10.00
    view.cash = needed
    assert codes(view) == []
    view.cash = needed - 1
    assert "BUYING_POWER" in codes(view)
    view.cash, line.pending = needed + 1000 * MONEY, 10
    assert "BUYING_POWER" not in codes(view)


def test_rate_per_second_and_per_session(view: View) -> None:
    _limit(view, orders_per_second=2, orders_per_day=3)
    view.sent.extend([view.now - SECOND, view.now - 1, view.now])
    assert codes(view) == ["RATE"]
    view.sent.popleft()
    view.sent.popleft()
    assert codes(view) == []
    view.sent_in_session = 3
    assert codes(view) == ["RATE"]


def test_a_signal_has_one_entry_and_few_orders(view: View) -> None:
    _limit(view, orders_per_signal=4)
    view.fanout["s-1"] = (3, 0)
    assert codes(view) == []
    view.fanout["s-1"] = (4, 0)
    assert codes(view) == ["FANOUT"]
    view.fanout["s-1"] = (1, 10)
    assert codes(view) == ["FANOUT"]


def test_loss_limits_trip_on_equality(view: View) -> None:
    _limit(view, daily_loss_share=percent(3), drawdown_share=percent(10), losses_in_a_row=3)
    start = view.start_equity = 100_000 * MONEY
    view.peak_equity = 100_000 * MONEY
    view.cash = start - 3000 * MONEY + 1
    assert codes(view) == []
    view.cash -= 1
    assert codes(view) == ["DAILY_LOSS"]
    view.start_equity, view.cash, view.losing_streak = 99_000 * MONEY, 99_000 * MONEY, 3
    view.peak_equity = 110_000 * MONEY
    assert codes(view) == ["CONSEC_LOSS", "DRAWDOWN"]


def test_exits_never_exceed_the_position(view: View) -> None:
    line = view.lines["ACME"]
    line.quantity = 10
    stop = Intent(Leg.SL, "ACME", -1, 10, OrderType.STOP, 9800, 0, 0, "s-1", "manual", "backtest")
    assert codes(view, stop) == []
    assert codes(view, stop._replace(quantity=11)) == ["REDUCE_ONLY"]
    assert codes(view, stop._replace(side=1)) == ["REDUCE_ONLY"]
    line.covered["s-2"] = 1
    assert codes(view, stop) == ["REDUCE_ONLY"]


def test_every_code_has_one_control_in_the_published_order() -> None:
    order = list(DenialCode)
    places = [order.index(control.CODE) for control in CONTROLS]
    assert places == sorted(places)
    assert len(set(places)) == len(places)
    assert {code for code in DenialCode if code not in {c.CODE for c in CONTROLS}} == {
        DenialCode.WAIT_EXPIRED,
        DenialCode.ENTRY_GAPPED,
    }


def test_every_control_file_stands_in_the_registry() -> None:
    folder = Path(gate.__file__).with_name("controls")
    files = {file.stem.upper() for file in folder.glob("*.py")} - {"__INIT__", "REGISTRY"}
    assert files == {control.CODE.value for control in CONTROLS}


def test_exits_are_asked_little() -> None:
    asked = {leg: [code.value for code, _ in BY_LEG[leg]] for leg in (Leg.SL, Leg.X, Leg.F)}
    assert asked == {
        Leg.SL: ["MODE", "LOT", "TICK", "REDUCE_ONLY"],
        Leg.X: ["STATE", "MODE", "LOT", "TICK", "REDUCE_ONLY"],
        Leg.F: ["MODE", "LOT", "TICK", "REDUCE_ONLY"],
    }


def test_every_limit_named_exists_in_the_config(view: View) -> None:
    from config.models.environment import Environment
    from config.models.limits import Limits

    known = {f"limits.{field.name}" for field in dataclasses.fields(Limits)}
    named = {control.LIMIT for control in CONTROLS if control.LIMIT and control.LIMIT.startswith("limits.")}
    assert named <= known
    top = {field.name for field in dataclasses.fields(Environment)} | {"instruments"}
    assert {str(control.LIMIT).split(".")[0] for control in CONTROLS if control.LIMIT} <= top
    assert dataclasses.fields(RiskLimits)


def test_the_page_has_a_row_and_a_source_for_every_control() -> None:
    from engine.denial_page import page

    rows = [line for line in page().splitlines() if line.startswith("| `")]
    assert [row.split("`")[1] for row in rows] == [control.CODE.value for control in CONTROLS]
    for row in rows:
        assert all(cell.strip() for cell in row.strip("|").split("|")), row
