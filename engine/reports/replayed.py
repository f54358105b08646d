"""A replay as the facts of a run, so that backtest and trading are reported by the same code.

Never reads a file: everything stands in the replay's result and its bars.
"""

from __future__ import annotations

from engine.backtest import Result
from engine.clock import parse_stamp
from engine.feeds.feed import Feed
from engine.instruments import instruments
from engine.protocols import Accepted
from engine.reports.closed import closed_trade
from engine.reports.facts import Denial, EquityPoint, Run, Trip

REARMED = "REARMED"


def replayed_run(result: Result, feed: Feed, accepted: Accepted) -> Run:
    """Trades, denials, equity, breakers and bars of a replay."""
    environment, bundle = accepted.environment, accepted.bundle
    known = instruments(accepted.catalogue.instruments)
    return Run(
        environment=environment.environment,
        mode="backtest",
        currency=environment.account.currency,
        commit=bundle.commit,
        bundle_digest=bundle.digest,
        journal_hash=result.journal_hash,
        start_equity=result.start_equity,
        trades=tuple(closed_trade(trade) for trade in result.trades),
        denials=tuple(Denial(*refusal) for refusal in result.denied),
        equity=tuple(map(EquityPoint, result.equity_at, result.equity)),
        trips=tuple(
            Trip(parse_stamp(str(trip["time"])), str(trip["breaker"]))
            for trip in result.trips
            if trip["breaker"] != REARMED
        ),
        waiting=frozenset(result.waiting),
        held=frozenset(trade.signal_id for trade in result.open_trades),
        bars=tuple(feed.bars),
        ticks={symbol: entry.tick for symbol, entry in known.items()},
    )
