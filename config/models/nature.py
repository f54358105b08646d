"""What a field says of itself, once: sentence, unit, safe direction, cap; everything else derives from it.

Direction of a change, mutants, caps, JSON Schemas and documentation all read this; nobody repeats it.
"""

from __future__ import annotations

from decimal import Decimal
from enum import Enum

from config.record import record


class Safe(Enum):
    """The direction in which a key becomes safer."""

    LOWER = "lower"
    HIGHER = "higher"
    TRUE = "true"
    FALSE = "false"
    SHRINK = "shrink"
    GROW = "grow"
    NONE = "none"


@record
class Nature:
    """The nature of one field.

    says: one sentence for people.  unit: what the number counts.  cap: the riskiest value anyone may set.
    order: for a choice, its words from safest to riskiest (then `safe` is LOWER).
    why: for `Safe.NONE`, why the key has no direction.  grammar: full-match pattern of a text.
    free_text: people's words, NFC of any script; all other text is printable ASCII.
    """

    says: str
    safe: Safe
    unit: str = ""
    cap: Decimal | int | None = None
    order: tuple[str, ...] = ()
    why: str = ""
    grammar: str = ""
    free_text: bool = False

    def __post_init__(self) -> None:
        if self.safe is Safe.NONE and not self.why:
            raise ValueError(f"a key without direction needs a reason: {self.says}")


def at_most(says: str, *, unit: str, cap: str | int) -> Nature:
    """A limit whose safe direction is down, never above `cap` (a decimal as text, or an int)."""
    return Nature(says, Safe.LOWER, unit=unit, cap=Decimal(cap) if isinstance(cap, str) else cap)


def at_least(says: str, *, unit: str, cap: str | int) -> Nature:
    """A limit whose safe direction is up, never below `cap`."""
    return Nature(says, Safe.HIGHER, unit=unit, cap=Decimal(cap) if isinstance(cap, str) else cap)


def safe_when(value: bool, says: str) -> Nature:
    """A switch that is safe in one position."""
    return Nature(says, Safe.TRUE if value else Safe.FALSE)


def from_safest(says: str, *order: str) -> Nature:
    """A choice whose words are given from safest to riskiest."""
    return Nature(says, Safe.LOWER, order=order)


def only_shrinks(says: str, *, grammar: str = "") -> Nature:
    """A set of texts that is safer the fewer it holds."""
    return Nature(says, Safe.SHRINK, grammar=grammar)


def only_grows(says: str, *, grammar: str = "") -> Nature:
    """A set of texts that is safer the more it holds."""
    return Nature(says, Safe.GROW, grammar=grammar)


def neutral(says: str, *, why: str, grammar: str = "", unit: str = "", free_text: bool = False) -> Nature:
    """A key without a safe direction, and why that is so."""
    return Nature(says, Safe.NONE, unit=unit, why=why, grammar=grammar, free_text=free_text)
