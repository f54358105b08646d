"""What is known at the moment of a decision: one line per symbol, one account, one session; controls only read it.

Never computes a decision and never forgets what is unknown: UNKNOWN quantity counts on both sides.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from engine.instruments import Instrument
from engine.limits import RiskLimits
from engine.trading_state import Mode, TradingState


class Line:
    """One symbol: what is held, on its way or unknown, and the last price."""

    __slots__ = (
        "blocked",
        "covered",
        "instrument",
        "jumped",
        "mark",
        "marked_at",
        "pending",
        "quantity",
        "unknown",
        "value",
    )

    def __init__(self, instrument: Instrument) -> None:
        self.instrument = instrument
        self.quantity = 0
        self.pending = 0
        self.unknown = 0
        self.covered: dict[str, int] = {}
        self.mark = 0
        self.marked_at = 0
        self.value = 0
        self.jumped = False
        self.blocked = ""

    @property
    def held(self) -> int:
        """Units that count against limits: position, entries on their way, and whatever is unknown."""
        return abs(self.quantity) + abs(self.pending) + self.unknown

    @property
    def exposure(self) -> int:
        """Value of `held` at the last price."""
        return self.instrument.value(self.mark, self.held)


class View:
    """Everything a control may look at."""

    __slots__ = (
        "account",
        "broker_open",
        "cash",
        "currency",
        "drift",
        "fanout",
        "limits",
        "lines",
        "losing_streak",
        "mode",
        "now",
        "peak_equity",
        "recent",
        "reconciling",
        "seen",
        "sent",
        "sent_in_session",
        "session_closed",
        "session_left",
        "span",
        "start_equity",
        "state",
        "streak_tripped",
        "total_value",
        "venue_mode",
    )

    def __init__(
        self,
        *,
        mode: Mode,
        venue_mode: str,
        account: str,
        currency: str,
        limits: RiskLimits,
        instruments: Mapping[str, Instrument],
        cash: int,
        span: int,
    ) -> None:
        self.mode = mode
        self.venue_mode = venue_mode
        self.account = account
        self.currency = currency
        self.limits = limits
        self.lines = {symbol: Line(entry) for symbol, entry in instruments.items()}
        self.cash = cash
        self.span = span
        self.total_value = 0
        self.start_equity = cash
        self.peak_equity = cash
        self.losing_streak = 0
        self.streak_tripped = False
        self.state = TradingState.REDUCING
        self.now = 0
        self.session_closed = False
        self.session_left = -1
        self.reconciling = False
        self.broker_open = False
        self.drift = ""
        self.seen: set[str] = set()
        self.recent: dict[tuple[str, int], int] = {}
        self.sent: deque[int] = deque()
        self.sent_in_session = 0
        self.fanout: dict[str, tuple[int, int]] = {}

    def begin_session(self) -> None:
        """Forget what counts per session."""
        self.sent_in_session = 0
        for line in self.lines.values():
            line.jumped = False

    @property
    def equity(self) -> int:
        """Cash net of fees plus positions at their last price."""
        return self.cash + self.total_value

    @property
    def gross(self) -> int:
        """Value of everything held, on its way or unknown."""
        held = [line for line in self.lines.values() if line.quantity or line.pending or line.unknown]
        return sum([line.exposure for line in held]) if held else 0

    @property
    def total_unknown(self) -> int:
        """Units of unknown fate."""
        return sum(line.unknown for line in self.lines.values())

    @property
    def free_cash(self) -> int:
        """Cash that entries on their way and short positions leave over."""
        tied = 0
        for line in self.lines.values():
            if line.quantity < 0 or line.pending or line.unknown:
                units = 2 * max(0, -line.quantity) + abs(line.pending) + line.unknown
                tied += line.instrument.value(line.mark, units)
        return self.cash - tied
