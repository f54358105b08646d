"""Start is recovery: what the journal says is compared with what the venue says, row by row (04-engine 8.6).

Never sends late, never sends an exit twice, and never trades to make a difference disappear: it halts and reports.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from engine.journal.file import FileJournal
from engine.orders import TERMINAL, Event, Leg, Order, OrderState, order_prefix
from engine.replaying.replay import Replay
from engine.trading_state import TradingState, rightmost
from engine.venues.paper import PaperVenue
from engine.venues.protocol import Ended, VenueOrder

if TYPE_CHECKING:
    from engine.loop import Engine

LOOKUPS = 3
_WORKING = (OrderState.ACCEPTED, OrderState.PARTIAL, OrderState.PENDING_CANCEL)


class Recovered(NamedTuple):
    """How the start went: the state it leaves, what was found, and the highest kill the journal knows."""

    state: TradingState
    notes: tuple[str, ...]
    differences: tuple[str, ...]
    kill_epoch: int


def recover(engine: Engine) -> Recovered:
    """Replay, compare, protect, and settle the state."""
    books, notes = engine.books, list[str]()
    replay = Replay(books)
    if isinstance(engine.journal, FileJournal):
        replay.run(engine.journal.recovered)
        _note_journal(engine.journal, replay, notes)
    engine.sessions.resume(replay.day, tripped=replay.is_tripped)
    _recall_signals(engine, replay)
    books.view.state = rightmost(replay.saved, TradingState.REDUCING)
    if replay.saved >= TradingState.HALTED:
        books.alerts.append(f"{replay.saved.name}: {replay.cause}, before this start")
    engine.kill_epoch = replay.kill_epoch
    if replay.breaker_open:
        engine.outgoing.breaker.open_at(books.view.now)
    if isinstance(engine.venue, PaperVenue) and engine.venue.is_authoritative:
        _restore(engine, engine.venue)
    differences = compare(engine, notes)
    engine.outgoing.note("reconcile", {"differences": differences, "notes": notes})
    if differences:
        engine.outgoing.halt(f"{len(differences)} differences with the venue: {differences[0]}")
    _protect(engine, notes)
    _resume(engine, replay, clean=not differences)
    engine.outgoing.sync()
    return Recovered(engine.state, tuple(notes), tuple(differences), replay.kill_epoch)


def compare(engine: Engine, notes: list[str]) -> list[str]:
    """Every row of the table; what it explains becomes a note, what it cannot a difference."""
    differences: list[str] = []
    notes += [f"{fill.order_id}: adopted fill {fill.execution_id}" for fill in engine.incoming.catch_up()]
    for order in [order for order in engine.books.orders.values() if order.state not in TERMINAL]:
        _settle(engine, order, notes)
    for order in engine.books.orders.values():
        found = engine.venue.order(order.id) if order.state is OrderState.FILLED else None
        if found is not None and found.filled < order.filled:
            differences.append(f"{order.id}: {order.filled} filled here, {found.filled} at the venue")
    _foreign(engine, differences, notes)
    there = engine.venue.positions()
    here = engine.positions()
    for symbol in sorted({*there, *here}):
        if there.get(symbol, 0) != here.get(symbol, 0):
            differences.append(
                f"{symbol}: position {here.get(symbol, 0)} here, {there.get(symbol, 0)} at the venue"
            )
            _block(engine, symbol, "position differs from the venue's")
    return differences


def _note_journal(journal: FileJournal, replay: Replay, notes: list[str]) -> None:
    if journal.torn:
        notes.append(f"cut {journal.torn} bytes of a torn tail")
    if not replay.was_clean and journal.recovered:
        notes.append("the last run did not end cleanly")
    notes += [f"{order_id} was decided and never sent: expired" for order_id in replay.unsent()]
    killed = journal.killed()
    if killed is not None:
        replay.saved, replay.cause = TradingState.KILLED, killed.body["cause"]
        replay.kill_epoch = max(replay.kill_epoch, killed.body["epoch"])


def _recall_signals(engine: Engine, replay: Replay) -> None:
    """Signals that waited wait again; what was decided and not sent is denied now, never sent late."""
    engine.receiving.recall(replay.ids, replay.signals.values())
    engine.receiving.places = replay.places
    for order_id, intent in replay.unsent().items():
        engine.books.view.seen.add(intent.signal_id)
        body = {
            "id": order_id,
            "signal_id": intent.signal_id,
            "symbol": intent.symbol,
            "code": "WAIT_EXPIRED",
        }
        engine.outgoing.note("deny", {**body, "codes": ["WAIT_EXPIRED"], "detail": "decided, never sent"})


def _restore(engine: Engine, venue: PaperVenue) -> None:
    """The paper venue lives in this process: what the journal proves it had accepted stands there again."""
    orders = [order for order in engine.books.orders.values() if order.state in _WORKING]
    venue.restore(orders, engine.positions(), engine.books.view.cash)


def _settle(engine: Engine, order: Order, notes: list[str]) -> None:
    """One open order against the venue's word."""
    found = _look_up(engine, order)
    if found is not None:
        _adopt(engine, order, found, notes)
        return
    if order.state in _WORKING and engine.venue.is_authoritative:
        return
    if order.state is not OrderState.UNKNOWN:
        order.happen(Event.LOSE)
        engine.books.lose(order)
        engine.outgoing.note("ack", {"id": order.id, "unknown": "not found at the venue"})
    if engine.venue.is_authoritative:
        engine.incoming.apply([Ended(order.id, OrderState.REJECTED, "lost", engine.books.view.now)])
        notes.append(f"{order.id}: not at the venue, rejected as lost, not sent again")
        return
    engine.unknowns.count_as_asked(order)
    notes.append(f"{order.id}: UNKNOWN, counts on both sides until the venue proves its fate")


def _look_up(engine: Engine, order: Order) -> VenueOrder | None:
    for _ in range(LOOKUPS):
        found = engine.venue.order(order.id)
        if found is not None:
            return found
    return None


def _adopt(engine: Engine, order: Order, found: VenueOrder, notes: list[str]) -> None:
    was = order.state
    engine.unknowns.adopt(order, found)
    if was in (OrderState.SENDING, OrderState.UNKNOWN):
        notes.append(f"{order.id}: found at the venue, adopted")
    elif order.state in TERMINAL:
        notes.append(f"{order.id}: {order.state.value} at the venue")


def _foreign(engine: Engine, differences: list[str], notes: list[str]) -> None:
    """Orders nobody here sent: ours by their prefix means that the journal is behind."""
    mine = order_prefix(engine.books.view.mode, engine.accepted.environment.environment)
    for order in engine.venue.open_orders():
        if order.order_id in engine.books.orders:
            continue
        _block(engine, order.symbol, f"order {order.order_id} is not ours")
        if order.order_id[:1] in "BPSL" and order.order_id[4:5] == "-":
            whose = (
                "the journal is behind the venue"
                if order.order_id.startswith(mine)
                else "another mode's order"
            )
            differences.append(f"{order.order_id}: {whose}")
        else:
            notes.append(f"{order.order_id}: EXTERNAL, no entries in {order.symbol}")


def _block(engine: Engine, symbol: str, reason: str) -> None:
    line = engine.books.view.lines.get(symbol)
    if line is not None:
        line.blocked = reason


def _protect(engine: Engine, notes: list[str]) -> None:
    """A position without its stop gets one again, in every state."""
    for trade in list(engine.books.portfolio.open.values()):
        legs = engine.books.working.get(trade.signal_id, [])
        has_unknown = any(o.state is OrderState.UNKNOWN and o.intent.leg is not Leg.E for o in legs)
        if trade.quantity and not has_unknown and not engine.books.live(trade.signal_id, Leg.SL):
            engine.incoming.protect(trade)
            notes.append(f"{trade.signal_id}: stop was missing, placed again")


def _resume(engine: Engine, replay: Replay, *, clean: bool) -> None:
    """Leave REDUCING or HALTED only if Git says so and all is clean; KILLED only by a merged release."""
    if engine.books.view.state is TradingState.KILLED:
        if not _is_released(engine, replay.kill_epoch):
            return
        leave_killed(engine, f"release of kill {replay.kill_epoch}")
    if clean:
        resume_if_allowed(engine, "auto_resume_if_clean, clean recovery")


def leave_killed(engine: Engine, cause: str) -> None:
    """KILLED -> REDUCING, durable before the reserve is emptied."""
    engine.outgoing.note("state", {"state": "REDUCING", "cause": cause})
    engine.outgoing.sync()
    if isinstance(engine.journal, FileJournal):
        engine.journal.clear_kill()
    engine.books.view.state = TradingState.REDUCING


def resume_if_allowed(engine: Engine, cause: str) -> None:
    """REDUCING or HALTED -> ACTIVE where the committed environment says so."""
    environment = engine.accepted.environment
    if environment.auto_resume_if_clean and not environment.trading_halted:
        engine.books.view.state = TradingState.ACTIVE
        engine.outgoing.note("state", {"state": "ACTIVE", "cause": cause})


def rearm(engine: Engine) -> None:
    """A breaker tripped in the session before: after a clean comparison Git's word decides, and never over a kill."""
    if engine.books.view.state is TradingState.KILLED:
        return
    notes: list[str] = []
    differences = compare(engine, notes)
    engine.outgoing.note("reconcile", {"differences": differences, "notes": notes})
    if differences:
        engine.outgoing.halt(f"{len(differences)} differences with the venue: {differences[0]}")
    else:
        resume_if_allowed(engine, "next session, clean comparison")


def release(engine: Engine, epoch: int, cause: str) -> bool:
    """A merged record released kill `epoch` while the engine runs: compare with the venue again, then move left."""
    if engine.books.view.state is not TradingState.KILLED:
        return False
    notes: list[str] = []
    differences = compare(engine, notes)
    engine.outgoing.note("reconcile", {"differences": differences, "notes": notes})
    leave_killed(engine, f"release of kill {epoch}: {cause}")
    if differences:
        engine.outgoing.halt(f"{len(differences)} differences with the venue: {differences[0]}")
        return False
    resume_if_allowed(engine, "auto_resume_if_clean, clean after the release")
    engine.outgoing.sync()
    return True


def _is_released(engine: Engine, epoch: int) -> bool:
    """Whether a merged record names this kill, or a later one, of a scope that stops this engine."""
    mine = {
        "global",
        f"account:{engine.books.view.account}",
        f"strategy:{engine.accepted.environment.strategy.name}",
    }
    releases = engine.accepted.bundle.releases
    return any(entry["epoch"] >= epoch and entry["scope"] in mine for entry in releases)
