"""A stage for the engine: one instrument with round numbers, wide limits, bars written as tuples of prices."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from config.findings import Refused
from config.models import catalogue
from config.models.catalogue import Catalogue
from config.models.environment import Environment
from config.models.limits import Limits
from config.models.nature import Safe
from config.reading.load import load
from config.schema_walk import fields_of
from config.tree import FolderTree
from engine.backtest import Result, build, replay
from engine.clock import SECOND, parse_stamp, stamp
from engine.feeds.feed import Feed
from engine.instruments import Instrument, instruments
from engine.intake.receiving import Received
from engine.journal.memory import MemoryJournal
from engine.loop import Engine
from engine.market.bars import Bar
from engine.money import to_units
from engine.protocols import StandingDecision
from engine.replaying.state_text import parse_state

ROOT = Path(__file__).parents[2]
MINUTE = 60 * SECOND
START = parse_stamp("2026-01-05T10:00:00Z")
SYMBOL = "ACME"


@dataclass(frozen=True)
class FakeBundle:
    commit: str = "c0ffee" * 6 + "abcd"
    digest: str = "d1" * 32
    releases: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class FakeAccepted:
    environment: Environment
    catalogue: Catalogue
    bundle: FakeBundle = field(default_factory=FakeBundle)


@cache
def _desired() -> Any:
    desired = load(FolderTree(ROOT))
    assert not isinstance(desired, Refused), desired.findings
    return desired


def decimals(**values: str | int) -> dict[str, Any]:
    return {key: Decimal(value) if isinstance(value, str) else value for key, value in values.items()}


def widest() -> dict[str, Any]:
    """Every limit on money or counts, so wide that it never bites; a limit of tomorrow too."""
    limits = [each for each in fields_of(Limits) if each.nature.unit != "seconds"]
    lower = [each for each in limits if each.nature.safe is Safe.LOWER]
    return {each.name: 10_000_000 if each.type is int else Decimal("1000000000.0") for each in lower}


WIDE = widest() | decimals(
    max_order_value="1000000000.0",
    max_order_quantity=10_000_000,
    max_position_percent="1000000.0",
    max_gross_percent="1000000.0",
    max_open_positions=100,
    max_orders_per_second=1000,
    max_orders_per_day=100_000,
    max_orders_per_signal=100,
    max_daily_loss_percent="100.0",
    max_consecutive_losses=1000,
    max_drawdown_percent="100.0",
    price_collar_percent="50.0",
    stop_collar_percent="50.0",
    max_stop_distance_percent="50.0",
    min_stop_distance_percent="0.001",
    min_reward_risk="0.1",
    max_mark_age_bars=10,
    unexplained_jump_percent="90.0",
    duplicate_window_seconds=0,
)


def make_instrument(
    *,
    tick: str = "0.01",
    lot: int = 1,
    multiplier: int = 1,
    currency: str = "USD",
    calendar: str = "24/7",
    fee: str = "0.0",
    fee_minimum: str = "0.0",
    slip_ticks: int = 0,
    slip_bps: str = "0.0",
) -> catalogue.Instrument:
    return catalogue.Instrument(
        kind="equity",
        currency=currency,
        tick=Decimal(tick),
        lot=lot,
        multiplier=multiplier,
        calendar=calendar,
        expires_on=None,
        fee=catalogue.Fee(percent_per_side=Decimal(fee), minimum=Decimal(fee_minimum)),
        slippage=catalogue.Slippage(ticks=slip_ticks, bps=Decimal(slip_bps)),
    )


def make_accepted(
    *,
    traded: Mapping[str, catalogue.Instrument] | None = None,
    limits: Mapping[str, Any] | None = None,
    cash: str = "100000.0",
    allow_short: bool = True,
    risk: str = "100.0",
    fixed: int | None = None,
    strategy: str = "idle",
    parameters: Mapping[str, Any] | None = None,
    actions: Sequence[catalogue.CorporateAction] = (),
    mode: Any = "paper",
    rests: bool = False,
    gap: Any = "limit",
    touch: bool = False,
    **environment: Any,
) -> FakeAccepted:
    desired = _desired()
    base: Environment = desired.environments["dev"]
    changed = dataclasses.replace(
        base,
        limits=dataclasses.replace(base.limits, **{**WIDE, **(limits or {})}),
        account=dataclasses.replace(base.account, start_cash=Decimal(cash), allow_short=allow_short),
        sizing=dataclasses.replace(base.sizing, risk_percent=Decimal(risk), fixed_quantity=fixed),
        strategy=dataclasses.replace(base.strategy, name=strategy, parameters=parameters or {}),
        venue=dataclasses.replace(
            base.venue, mode=mode, rest_at_venue=rests, limit_gap=gap, touch_fills=touch
        ),
        **environment,
    )
    things = dataclasses.replace(
        desired.catalogue,
        instruments=catalogue.Instruments(schema=1, instruments=dict(traded or {SYMBOL: make_instrument()})),
        corporate_actions=catalogue.CorporateActions(schema=1, actions=tuple(actions)),
    )
    return FakeAccepted(changed, things)


def make_signal(instrument: Instrument | None = None, **changes: Any) -> dict[str, Any]:
    signal = {
        "schema": 1,
        "id": "s-1",
        "account_id": "ACCT-DEV-1",
        "strategy": "manual",
        "mode": "backtest",
        "symbol": SYMBOL,
        "side": "LONG",
        "entry_type": "market",
        "entry": "100.00",
        "stop_loss": "98.00",
        "take_profit_1": "104.00",
        "take_profit_2": None,
        "quantity": "10",
        "confidence": "0.85",
        "created_at": stamp(START),
        "expires_at": stamp(START + 600 * MINUTE),
    }
    return {**signal, **changes}


@dataclass
class Stage:
    """Bars as `(open, high, low, close[, volume])`, one minute apart; signals as dicts, received in the first bar."""

    accepted: FakeAccepted
    flag: bool = True
    journal: MemoryJournal = field(default_factory=lambda: MemoryJournal(keep=True))

    def bars(self, rows: Sequence[tuple[Any, ...]], symbol: str = SYMBOL, first: int = 0) -> list[Bar]:
        known = instruments(self.accepted.catalogue.instruments)[symbol]
        return [
            Bar(
                symbol,
                START + (first + number) * MINUTE,
                *(known.ticks(Decimal(str(price))) for price in row[:4]),
                int(row[4]) if len(row) > 4 else 1_000_000,
            )
            for number, row in enumerate(rows)
        ]

    def feed(self, rows: Sequence[tuple[Any, ...]] | list[Bar]) -> Feed:
        bars = list(rows) if rows and isinstance(rows[0], Bar) else self.bars(rows)
        return Feed("rows", MINUTE, sorted(bars, key=lambda bar: (bar.at, bar.symbol)))

    @property
    def decision(self) -> StandingDecision:
        reason = "TARGETING_MATCH" if self.flag else "DISABLED"
        return StandingDecision("paper_trading_enabled", self.flag, reason, "c" * 40, "d" * 64)

    def run(
        self,
        rows: Sequence[tuple[Any, ...]] | list[Bar],
        *signals: Mapping[str, Any] | tuple[int, Mapping[str, Any]],
        state: Mapping[str, Any] | None = None,
    ) -> Result:
        timed = [entry if isinstance(entry, tuple) else (START + SECOND, entry) for entry in signals]
        received = [Received(at, json.dumps(signal).encode()) for at, signal in timed]
        known = instruments(self.accepted.catalogue.instruments)
        start = None
        if state is not None:
            start = parse_state(
                json.dumps(state), known, to_units(self.accepted.environment.account.start_cash)
            )
        feed = self.feed(rows)
        return replay(self.accepted, feed, self.decision, signals=received, start=start, journal=self.journal)

    def engine(self, rows: Sequence[tuple[Any, ...]] = ((100, 100, 100, 100),)) -> Engine:
        return build(self.accepted, self.feed(rows), self.decision, self.journal)

    def types(self) -> list[str]:
        return [record.type for record in self.journal.records()]


@pytest.fixture
def stage() -> Callable[..., Stage]:
    def make(*, flag: bool = True, **changes: Any) -> Stage:
        return Stage(make_accepted(**changes), flag=flag)

    return make


@pytest.fixture(name="make_signal")
def _make_signal() -> Callable[..., dict[str, Any]]:
    return make_signal


@pytest.fixture(name="make_instrument")
def _make_instrument() -> Callable[..., catalogue.Instrument]:
    return make_instrument


@pytest.fixture(name="make_accepted")
def _make_accepted() -> Callable[..., FakeAccepted]:
    return make_accepted
