"""A venue that misbehaves on purpose: it answers by a script, and what it knows can outlive this process in a file.

Never used for trading; it is what recovery, the kill matrix and the fault tests are proven against.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from engine.gate import Approved
from engine.instruments import Instrument
from engine.market.bars import Bar
from engine.orders import Intent, Leg, OrderType
from engine.venues.desk import Working
from engine.venues.paper import PaperVenue
from engine.venues.protocol import ACCEPTED, Answer, Answered, Fill, Happening


class Act(str, Enum):
    """What the venue does with a submitted order."""

    ACCEPT = "accept"
    REJECT = "reject"
    LOSE = "lose"
    ACCEPT_THEN_FAIL = "accept then fail"
    DUPLICATE = "duplicate, but not found"
    RAISE = "raise"
    FILL_NOW = "fill at once"
    FILL_HALF = "fill half at once"
    FILL_THEN_FAIL = "fill, then fail"


class Mangle(str, Enum):
    """What it does with the reports it owes us."""

    NOTHING = "nothing"
    DROP = "drop"
    DOUBLE = "double"
    REVERSE = "reverse"
    STALL = "stall"


@dataclass
class Script:
    """One act per leg, accepting where nothing is said; consumed acts first."""

    acts: dict[Leg, list[Act]] = field(default_factory=dict)
    mangle: Mangle = Mangle.NOTHING

    def next(self, leg: Leg) -> Act:
        """The act for the next order of this leg."""
        waiting = self.acts.get(leg)
        return waiting.pop(0) if waiting else Act.ACCEPT


class ScriptedVenue(PaperVenue):
    """A paper venue that can fail; "not found" proves nothing here."""

    is_authoritative = False

    def __init__(
        self,
        account_id: str,
        instruments: Mapping[str, Instrument],
        cash: int,
        script: Script | None = None,
        truth: Path | None = None,
    ) -> None:
        super().__init__(account_id, instruments, cash)
        self.script = script or Script()
        self.submissions: list[str] = []
        self._truth = truth
        self._stalled: list[Happening] = []
        if truth is not None and truth.exists():
            self._remember(truth)

    def submit(self, order: Approved) -> Answer:
        """Act by the script."""
        act = self.script.next(order.intent.leg)
        self._log({"submission": order.order_id, "act": act.value})
        self.submissions.append(order.order_id)
        if act is Act.RAISE:
            raise TimeoutError("no answer within 2 s")
        if act is Act.LOSE:
            return Answer(Answered.UNKNOWN, "connection reset before it was written")
        if act is Act.REJECT:
            return Answer(Answered.REJECTED, "422 insufficient buying power")
        if act is Act.DUPLICATE or order.order_id in self._open or order.order_id in self._ended:
            return Answer(Answered.DUPLICATE, "client order id was used")
        self._log({"order": order.order_id, "intent": list(order.intent)})
        self._place(Working(order.order_id, order.intent))
        if act in (Act.FILL_NOW, Act.FILL_HALF, Act.FILL_THEN_FAIL):
            self._fill_at_once(order.order_id, 2 if act is Act.FILL_HALF else 1)
        return (
            Answer(Answered.UNKNOWN, "504") if act in (Act.ACCEPT_THEN_FAIL, Act.FILL_THEN_FAIL) else ACCEPTED
        )

    def cancel(self, order_id: str) -> Answer:
        """Cancel, and remember it."""
        self._log({"cancel": order_id})
        return super().cancel(order_id)

    def drain(self) -> Sequence[Happening]:
        """Reports, mangled by the script."""
        return self._mangled(super().drain())

    def at_open(self, bar: Bar) -> Sequence[Happening]:
        """Reports of the open, mangled by the script."""
        self._log({"at_open": list(bar)})
        return self._mangled(super().at_open(bar))

    def inside(self, bar: Bar) -> Sequence[Happening]:
        """Reports of the bar, mangled by the script."""
        self._log({"inside": list(bar)})
        return self._mangled(super().inside(bar))

    def is_quiet(self, bar: Bar) -> bool:
        """Never quiet: every bar is part of its memory."""
        return False

    def _fill_at_once(self, order_id: str, divisor: int) -> None:
        working = self._open[order_id]
        units = working.left // divisor
        working.filled += units
        working.parts += 1
        price = working.intent.price or 1
        fill = Fill(order_id, f"{order_id}-{working.parts}", units, price, self._now)
        desk = self._desks[working.intent.symbol]
        happened: list[Happening] = [fill]
        group = desk.groups.get(working.intent.signal_id)
        if group is not None and working.intent.leg is not Leg.E:
            group.left -= units
            if not group.left:  # one cancels the other here as well
                desk._close(group, working, Bar("", self._now, 1, 1, 1, 1, 0), happened)
        if not working.left:
            desk.remove(working)
        self._happened += self._book(desk, happened)
        self._log({"fill_at_once": order_id, "divisor": divisor})

    def _mangled(self, happenings: Sequence[Happening]) -> Sequence[Happening]:
        match self.script.mangle:
            case Mangle.DROP:
                return ()
            case Mangle.DOUBLE:
                return [twice for happening in happenings for twice in (happening, happening)]
            case Mangle.REVERSE:
                return list(reversed(happenings))
            case Mangle.STALL:
                self._stalled += happenings
                return ()
        late, self._stalled = self._stalled, []
        return [*late, *happenings]

    def _log(self, entry: Mapping[str, object]) -> None:
        if self._truth is not None:
            with self._truth.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps(entry) + "\n")

    def _remember(self, truth: Path) -> None:
        """Live through everything once more, silently."""
        self._truth = None
        for line in truth.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            if "submission" in entry:
                self.submissions.append(entry["submission"])
            elif "order" in entry:
                leg, symbol, side, quantity, kind, *rest = entry["intent"]
                self._place(
                    Working(entry["order"], Intent(Leg(leg), symbol, side, quantity, OrderType(kind), *rest))
                )
            elif "cancel" in entry:
                super().cancel(entry["cancel"])
            elif "fill_at_once" in entry:
                self._fill_at_once(entry["fill_at_once"], entry["divisor"])
            else:
                ((moment, bar),) = entry.items()
                getattr(PaperVenue, moment)(self, Bar(*bar))
        self._happened = []
        self._truth = truth
