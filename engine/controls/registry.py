"""Every reason not to send an order, in the order in which they are reported: one line each.

`MAX_GROSS` is the control `engine/controls/max_gross.py`; `engine/control.py` loads them all, and refuses to start
without one. Never free text: a detail explains a code, it does not replace it.
"""

from __future__ import annotations

from enum import Enum


class DenialCode(str, Enum):
    """Reasons to deny an order, a closed list; denied is ours, rejected is the venue's."""

    STATE = "STATE"
    MODE = "MODE"
    FLAG_OFF = "FLAG_OFF"
    CONFIG_DRIFT = "CONFIG_DRIFT"
    RECONCILING = "RECONCILING"
    BROKER_OPEN = "BROKER_OPEN"
    UNKNOWN_ON_SYMBOL = "UNKNOWN_ON_SYMBOL"
    OPPOSITE_POSITION = "OPPOSITE_POSITION"
    ALLOWLIST = "ALLOWLIST"
    UNEXPLAINED_JUMP = "UNEXPLAINED_JUMP"
    SESSION = "SESSION"
    DATA_STALE = "DATA_STALE"
    DUP_SIGNAL = "DUP_SIGNAL"
    QTY_ZERO = "QTY_ZERO"
    LOT = "LOT"
    TICK = "TICK"
    PRICE_COLLAR = "PRICE_COLLAR"
    MAX_ORDER_VALUE = "MAX_ORDER_VALUE"
    MAX_ORDER_QTY = "MAX_ORDER_QTY"
    MAX_POSITION_PCT = "MAX_POSITION_PCT"
    MAX_GROSS = "MAX_GROSS"
    MAX_OPEN_POSITIONS = "MAX_OPEN_POSITIONS"
    BUYING_POWER = "BUYING_POWER"
    REDUCE_ONLY = "REDUCE_ONLY"
    RATE = "RATE"
    FANOUT = "FANOUT"
    DAILY_LOSS = "DAILY_LOSS"
    CONSEC_LOSS = "CONSEC_LOSS"
    DRAWDOWN = "DRAWDOWN"
    # no control: what became of a signal that waited
    WAIT_EXPIRED = "WAIT_EXPIRED"
    ENTRY_GAPPED = "ENTRY_GAPPED"


UNCONTROLLED = frozenset({DenialCode.WAIT_EXPIRED, DenialCode.ENTRY_GAPPED})
