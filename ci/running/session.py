"""One session of an engine, from the first look at its inputs to its last journal record."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Event
from typing import Any

from ci.errors import ConfigurationRefusedError
from ci.running.assembly import Order, Parts
from ci.running.checkup import Checkup
from ci.running.drive import Course, Driver
from ci.running.flattening import Flattener
from ci.running.listening import Listening, open_letters
from ci.running.place import Place
from engine.clock import Clock, stamp
from engine.feeds.feed import Feed, FeedError
from engine.feeds.opening import open_feed
from engine.flags.adoption import Adopted
from engine.instruments import instruments
from engine.intake.sources import Source
from engine.loop import Engine
from engine.trading_state import TradingState

IN_FLIGHT_SECONDS = 30.0
IN_FLIGHT_PAUSE = 0.05


@dataclass(frozen=True, slots=True)
class Inputs:
    """Which bars: `auto`, `bokeh`, `generated` or a file, which symbols of them (none: all); and which signals."""

    feed: str
    symbols: tuple[str, ...]
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """How it went; an engine that stands HALTED or KILLED at its end did not end well, and `stands` says why."""

    reason: str
    facts: dict[str, Any]
    stands: str


def hold(order: Order, inputs: Inputs, course: Course, stop: Event, *, until_flat: bool = False) -> Ended:
    """Start, drive and stop an engine; a refused start is ConfigurationRefusedError or UnreachableError.

    until_flat: held for a flatten and for nothing else; it ends when the account is flat.
    """
    parts = Parts(order)
    adopted = parts.read_all()
    feed = _feed(inputs, parts)
    letters = open_letters(parts.folder) if inputs.source is not None else None
    engine = parts.engine(feed.span, (stamp(feed.bars[0].at)[:10], stamp(feed.bars[-1].at)[:10]))
    if until_flat and engine.state is not TradingState.KILLED:
        engine.stop()
        raise ConfigurationRefusedError(
            "this kill does not stop this engine", "give scope global, or its own account"
        )
    listening = Listening(inputs.source, letters, engine, order.clock, order.say)
    checkup = Checkup(parts.folder, engine, order.clock, order.say)
    done = stop if until_flat else None
    flattener = Flattener(parts.folder, engine, parts.latch, order.clock, order.say, done)
    driver = Driver(parts, engine, order.clock, stop, checkup, (listening.step, flattener.step))
    place = Place(parts.folder, feed.source, inputs.feed, inputs.symbols)
    parts.start()
    order.say("started", _started(order, parts, engine, feed, adopted))
    is_whole = False
    try:
        reason = driver.run(feed, course, place)
        is_whole = True
    finally:
        listening.close()
        _wind_down(engine, order.clock)
        engine.stop(clean=is_whole)
        parts.stop()
        if is_whole:  # else silence is what the supervisor shall hear
            checkup.rest()
    return Ended(reason, {**_facts(engine), "signals": listening.taken}, _stands(engine))


def _wind_down(engine: Engine, clock: Clock) -> None:
    """What is in flight gets half a minute to come down; kills are obeyed meanwhile, and no signal hurries it."""
    engine.withdraw()
    deadline, pause = clock.monotonic() + IN_FLIGHT_SECONDS, Event()
    while engine.in_flight() and clock.monotonic() < deadline:
        pause.wait(IN_FLIGHT_PAUSE)
        engine.poll()


def _stands(engine: Engine) -> str:
    """Why nothing more goes out, or nothing."""
    state = engine.state
    if state < TradingState.HALTED:
        return ""
    told = [says for says in engine.books.alerts if says.startswith(f"{state.name}: ")]
    return told[-1] if told else f"{state.name}: the journal says why"


def _feed(inputs: Inputs, parts: Parts) -> Feed:
    known = instruments(parts.adopting.first().catalogue.instruments)
    name = "generator" if inputs.feed in ("generated", "generator") else inputs.feed
    try:
        return open_feed(name, known, inputs.symbols)
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
