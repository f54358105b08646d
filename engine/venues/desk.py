"""One symbol's working orders at the paper venue and the rule by which a bar fills them (04-engine 8.11, 8.12).

Never fills more than a tenth of a bar's volume, and nothing at all on no volume.
"""

from __future__ import annotations

from engine import exits
from engine.instruments import Instrument
from engine.market.bars import Bar
from engine.orders import Intent, Leg, OrderState, OrderType
from engine.venues.protocol import Ended, Fill, Happening, VenueOrder

PARTICIPATION = 10
NEVER_BELOW, NEVER_ABOVE = -1, 1 << 62
_E, _SL, _CANCELED = Leg.E, Leg.SL, OrderState.CANCELED
_LIMIT, _MARKET = OrderType.LIMIT, OrderType.MARKET
_SLOTS = {Leg.SL: "stop", Leg.TP: "target", Leg.X: "exit", Leg.F: "exit"}


class Working:
    """An order at the venue; `at_market` once it works at the next open, `other` what an ambiguous bar left open."""

    __slots__ = ("at_market", "filled", "intent", "order_id", "other", "parts")

    def __init__(self, order_id: str, intent: Intent, filled: int = 0) -> None:
        self.order_id = order_id
        self.intent = intent
        self.filled = filled
        self.parts = 0
        self.other = 0
        self.at_market = intent.type is _MARKET or (intent.type is not _LIMIT and filled > 0)

    @property
    def left(self) -> int:
        """Units that may still fill."""
        return self.intent.quantity - self.filled

    def as_venue_order(self, state: OrderState) -> VenueOrder:
        """How the venue tells of it."""
        intent = self.intent
        return VenueOrder(self.order_id, intent.symbol, intent.side, intent.quantity, self.filled, state)


class Group:
    """The exits of one trade: one cancels the other, and together they never fill more than `left`."""

    __slots__ = ("exit", "left", "side", "stop", "target")

    def __init__(self, side: int, left: int) -> None:
        self.side = side
        self.left = left
        self.stop: Working | None = None
        self.target: Working | None = None
        self.exit: Working | None = None

    @property
    def is_due(self) -> bool:
        """Whether something of it works at the next open."""
        return self.exit is not None or (self.stop is not None and self.stop.at_market)


class Desk:
    """What waits for the next bar of one symbol."""

    __slots__ = (
        "born",
        "entries",
        "groups",
        "instrument",
        "is_due",
        "lower",
        "model",
        "pool",
        "pooled_at",
        "seen_at",
        "upper",
    )

    def __init__(self, instrument: Instrument, model: exits.FillModel = exits.STRICT) -> None:
        self.instrument = instrument
        self.model = model
        self.entries: list[Working] = []
        self.groups: dict[str, Group] = {}
        self.is_due = False
        self.lower, self.upper = NEVER_BELOW, NEVER_ABOVE
        self.pool = 0
        self.pooled_at = -1
        self.seen_at = -1
        self.born: list[str] = []

    def add(self, working: Working) -> None:
        """Put an order to work."""
        intent = working.intent
        if intent.leg is _E:
            self.entries.append(working)
            self.is_due = True
            return
        group = self.groups.get(intent.signal_id)
        if group is None:
            group = self.groups[intent.signal_id] = Group(-intent.side, working.left)
        group.left = max(group.left, working.left)
        setattr(group, _SLOTS[intent.leg], working)
        self._settle()

    def remove(self, working: Working) -> None:
        """Take an order out of work."""
        if working in self.entries:
            self.entries.remove(working)
        group = self.groups.get(working.intent.signal_id)
        if group is not None:
            for slot in ("stop", "target", "exit"):
                if getattr(group, slot) is working:
                    setattr(group, slot, None)
            if not (group.stop or group.target or group.exit):
                del self.groups[working.intent.signal_id]
        self._settle()

    def at_open(self, bar: Bar) -> list[Happening]:
        """Exits at market, then gaps, then entries."""
        self._open_pool(bar)
        out: list[Happening] = []
        for group in list(self.groups.values()):
            self._exit_at_open(group, bar, out)
        for entry in list(self.entries):
            self._enter(entry, bar, out)
        self._settle()
        return out

    def inside(self, bar: Bar) -> list[Happening]:
        """Stops and targets the bar reached after its open, then entries; asked again, the stops of those entries."""
        self._open_pool(bar)
        out: list[Happening] = []
        is_again, self.seen_at = self.seen_at == bar.at, bar.at
        names = self.born if is_again else list(self.groups)
        self.born = []
        for group in [self.groups[name] for name in names if name in self.groups]:
            stop, target = _levels(group)
            found = exits.inside(group.side, bar.high, bar.low, stop, target, self.model)
            if found is not None and not (is_again and found.leg is not _SL):
                self._take(group, found, bar, out)
                self._settle()
        if self.entries and not is_again:
            self._enter_inside(bar, out)
        return out

    def _open_pool(self, bar: Bar) -> None:
        if self.pooled_at != bar.at:
            self.pooled_at = bar.at
            self.pool = self.instrument.floor_lot(bar.volume // PARTICIPATION)

    def _exit_at_open(self, group: Group, bar: Bar, out: list[Happening]) -> None:
        due = group.exit or (group.stop if group.stop and group.stop.at_market else None)
        if due is not None:
            self._enter_no_more(due.intent.signal_id, bar, out)
            self._fill(due, group, bar.open, bar, out)
            return
        stop, target = _levels(group)
        found = exits.at_open(group.side, bar.open, stop, target, self.model)
        if found is not None:
            self._take(group, found, bar, out)

    def _take(self, group: Group, found: exits.Exit, bar: Bar, out: list[Happening]) -> None:
        working = group.stop if found.leg is _SL else group.target
        if working is None:
            return
        working.at_market = found.leg is _SL
        working.other = found.alternative
        self._enter_no_more(working.intent.signal_id, bar, out)
        self._fill(working, group, found.price, bar, out)

    def _enter_no_more(self, signal_id: str, bar: Bar, out: list[Happening]) -> None:
        """What a small volume left of an entry is withdrawn once its trade is on the way out."""
        for entry in [entry for entry in self.entries if entry.intent.signal_id == signal_id]:
            self.entries.remove(entry)
            out.append(Ended(entry.order_id, _CANCELED, "the trade is leaving", bar.at))

    def _enter_inside(self, bar: Bar, out: list[Happening]) -> None:
        """Resting entries whose price the bar reached: at that price; then only their stop may follow in this bar."""
        for entry in list(self.entries):
            intent = entry.intent
            if entry.at_market or not exits.is_entered_inside(
                intent.side, intent.type, intent.price, bar.high, bar.low, self.model
            ):
                continue
            entry.at_market, before = intent.type is not _LIMIT, entry.filled
            self._fill(entry, None, intent.price, bar, out)
            if entry.filled > before:
                self.born.append(intent.signal_id)
            if not entry.left:
                self.entries.remove(entry)
        self._settle()

    def _enter(self, entry: Working, bar: Bar, out: list[Happening]) -> None:
        intent = entry.intent
        if 0 < intent.until <= bar.at and not entry.at_market:
            self.entries.remove(entry)
            out.append(Ended(entry.order_id, OrderState.EXPIRED, "WAIT_EXPIRED", bar.at))
            return
        if not entry.at_market:
            if not exits.is_entered_at_open(intent.side, intent.type, intent.price, bar.open, self.model):
                return
            entry.at_market = intent.type is not _LIMIT
        if exits.is_gapped(intent.side, bar.open, intent.stop, intent.target):
            self.entries.remove(entry)
            out.append(Ended(entry.order_id, OrderState.CANCELED, "ENTRY_GAPPED", bar.at))
            return
        self._fill(entry, None, bar.open, bar, out)
        if not entry.left:
            self.entries.remove(entry)

    def _fill(
        self, working: Working, group: Group | None, price: int, bar: Bar, out: list[Happening]
    ) -> None:
        units = min(self.pool, working.left if group is None else min(group.left, working.left))
        if units <= 0:
            return
        self.pool -= units
        working.filled += units
        working.parts += 1
        slip = 0 if working.intent.type is _LIMIT else self.instrument.adverse(price)
        paid = max(1, price + working.intent.side * slip)
        name = f"{working.order_id}-{working.parts}"
        out.append(Fill(working.order_id, name, units, paid, bar.at, abs(paid - price), working.other))
        if group is not None:
            group.left -= units
            if not group.left:
                self._close(group, working, bar, out)

    def _close(self, group: Group, last: Working, bar: Bar, out: list[Happening]) -> None:
        del self.groups[last.intent.signal_id]
        for other in (group.stop, group.target, group.exit):
            if other is not None and (other is not last or other.left):
                out.append(Ended(other.order_id, _CANCELED, "the trade is closed", bar.at))

    def _settle(self) -> None:
        self.is_due = bool(self.entries)
        lower, upper, beyond = NEVER_BELOW, NEVER_ABOVE, self.model.beyond
        for group in self.groups.values():
            stop, target = _levels(group)
            below, above = (stop, target + beyond) if group.side > 0 else (target - beyond, stop)
            lower, upper = max(lower, below), min(upper, above)
            self.is_due = self.is_due or group.is_due
        self.lower, self.upper = lower, upper


def _levels(group: Group) -> tuple[int, int]:
    far = NEVER_ABOVE if group.side > 0 else -NEVER_ABOVE
    stop, target = group.stop, group.target
    return (
        -far if stop is None or stop.at_market else stop.intent.price,
        far if target is None else target.intent.price,
    )
