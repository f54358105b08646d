"""Puts a paper engine together from what was accepted; whatever is missing is a refused start, never another mode.

Never opens a socket.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from engine.books import Books
from engine.clock import DAY, Clock, micros, stamp
from engine.exits import fill_model
from engine.gate import Approved
from engine.instruments import Instrument, instruments
from engine.journal.errors import JournalRefusedError
from engine.journal.file import FileJournal, Identity
from engine.journal.records import approved_text
from engine.limits import risk_limits
from engine.loop import Engine
from engine.market.calendars import CalendarError, TradingCalendar, calendars
from engine.market.corporate_actions import Actions
from engine.money import NotExactError, to_units
from engine.protocols import Accepted, FlagView, Latch
from engine.strategies.registry import strategy
from engine.trading_state import Mode
from engine.venues.paper import PaperVenue
from engine.venues.protocol import Venue
from engine.venues.shadow import ShadowVenue
from engine.view import View


class StartRefusedError(Exception):
    """The engine does not start; the text says why. Exit 78."""


def journal_path(folder: Path, mode: str) -> Path:
    """One journal per mode: what paper wrote no live engine ever opens."""
    return folder / mode / "journal"


def paper_engine(
    accepted: Accepted,
    *,
    flags: FlagView,
    latch: Latch,
    clock: Clock,
    folder: Path,
    span: int = DAY,
    days: tuple[str, str] | None = None,
    venue: Venue | None = None,
) -> Engine:
    """An engine for the paper venue; `span` is the length of a bar, `days` the days its feed covers.

    venue: another one inside this process, for drills and tests.
    """
    environment = accepted.environment
    mode = environment.venue.mode
    if mode not in ("paper", "shadow"):
        raise StartRefusedError(f"venue.mode is {mode}, this is the paper engine")
    try:
        books, known = new_books(accepted, Mode(mode), span)
        rule = strategy(environment.strategy.name, environment.strategy.parameters)
        markets = markets_of(accepted, known, days or _around(clock))
    except (ValueError, NotExactError, CalendarError) as wrong:
        raise StartRefusedError(str(wrong)) from wrong
    identity = Identity(environment.environment, mode, environment.account.id)
    try:
        journal = FileJournal.open(journal_path(folder, mode), identity, micros(clock.now()))
    except JournalRefusedError as refused:
        raise StartRefusedError(str(refused)) from refused
    engine = Engine(
        accepted,
        books=books,
        flags=flags,
        latch=latch,
        journal=journal,
        venue=venue
        or _model(mode)(environment.account.id, known, books.view.cash, fill_model(environment.venue)),
        strategy=rule,
        calendars=markets,
        actions=Actions(accepted.catalogue.corporate_actions.actions),
        time=lambda: micros(clock.now()),
    )
    if isinstance(engine.venue, ShadowVenue):
        _tell_what_would_be_sent(engine, engine.venue)
    return engine


def new_books(accepted: Accepted, mode: Mode, span: int) -> tuple[Books, Mapping[str, Instrument]]:
    """Empty books of the account, and the instruments in integers."""
    environment = accepted.environment
    known = instruments(accepted.catalogue.instruments)
    view = View(
        mode=mode,
        venue_mode=environment.venue.mode,
        account=environment.account.id,
        currency=environment.account.currency,
        limits=risk_limits(environment),
        instruments=known,
        cash=to_units(environment.account.start_cash),
        span=span,
    )
    return Books(view), known


def markets_of(
    accepted: Accepted, known: Mapping[str, Instrument], days: tuple[str, str]
) -> Mapping[str, TradingCalendar]:
    """The calendars of all instruments over these days."""
    return calendars(accepted.catalogue, {entry.calendar for entry in known.values()}, *days)


def _around(clock: Clock) -> tuple[str, str]:
    now = micros(clock.now())
    return stamp(now - 30 * DAY)[:10], stamp(now + 400 * DAY)[:10]


def _model(mode: str) -> type[PaperVenue]:
    return ShadowVenue if mode == "shadow" else PaperVenue


def _tell_what_would_be_sent(engine: Engine, venue: ShadowVenue) -> None:
    def tell(order: Approved) -> None:
        instrument = engine.books.view.lines[order.intent.symbol].instrument
        engine.outgoing.note("would_send", approved_text(order, instrument))

    venue.would_send = tell
