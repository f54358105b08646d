"""One session of an engine, from the first look at its inputs to its last journal record."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Event
from typing import Any

from ci.errors import ConfigurationRefusedError
from ci.running.assembly import Order, Parts
from ci.running.drive import Course, Driver
from engine.clock import stamp
from engine.feeds.feed import Feed, FeedError
from engine.feeds.opening import open_feed
from engine.flags.adoption import Adopted
from engine.instruments import instruments
from engine.loop import Engine


@dataclass(frozen=True, slots=True)
class Bars:
    """Which bars: `auto`, `bokeh`, `generated` or a file, and which symbols of them (none: all)."""

    feed: str
    symbols: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ended:
    """How it went."""

    reason: str
    facts: dict[str, Any]


def hold(order: Order, bars: Bars, course: Course, stop: Event) -> Ended:
    """Start, drive and stop an engine; a refused start is ConfigurationRefusedError or UnreachableError."""
    parts = Parts(order)
    adopted = parts.read_all()
    feed = _feed(bars, parts)
    engine = parts.engine(feed.span, (stamp(feed.bars[0].at)[:10], stamp(feed.bars[-1].at)[:10]))
    parts.start()
    order.say("started", _started(order, parts, engine, feed, adopted))
    try:
        reason = Driver(parts, engine, order.clock, stop).run(feed, course)
    finally:
        engine.stop()
        parts.stop()
    return Ended(reason, _facts(engine))


def _feed(bars: Bars, parts: Parts) -> Feed:
    known = instruments(parts.adopting.first().catalogue.instruments)
    name = "generator" if bars.feed in ("generated", "generator") else bars.feed
    try:
        return open_feed(name, known, bars.symbols)
    except (FeedError, KeyError, ImportError) as wrong:
        raise ConfigurationRefusedError(f"the feed cannot be traded on: {wrong}", "see --feed") from wrong


def _started(order: Order, parts: Parts, engine: Engine, feed: Feed, adopted: Adopted) -> dict[str, Any]:
    environment = parts.environment
    return {
        "environment": order.environment,
        "account": environment.account.id,
        "mode": environment.venue.mode,
        "venue": environment.venue.name,
        "feed": feed.source,
        "symbols": sorted({bar.symbol for bar in feed.bars}),
        "state": engine.state.name,
        "commit": adopted.snapshot.commit,
        "generation": adopted.generation,
        "folder": str(parts.folder),
    }


def _facts(engine: Engine) -> dict[str, Any]:
    counts = engine.counts
    return {
        "bars": counts.bars,
        "orders": counts.sent,
        "denials": counts.denied,
        "fills": counts.fills,
        "state": engine.state.name,
        "positions": dict(engine.positions()),
    }
