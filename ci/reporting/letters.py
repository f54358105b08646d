"""Dead letters as documents: what was refused, why, how often, and what a redrive came to.

Never opens the store: a command does.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ci.errors import CLEAN, REFUSED
from ci.output.document import Document, Table
from ci.reporting.journals import shown_instant
from engine.clock import stamp
from engine.intake.dead_letters import DeadLetter
from engine.intake.signal_reasons import Reason, Rejected
from engine.signals import Signal

SCHEMA = "interlock.dead-letters/1"
_COLUMNS = ("key", "seen", "last", "count", "source", "offset", "reasons", "redriven")
_QUIET = frozenset({"tool_root", "judged_root", "letters"})


def listed(letters: tuple[DeadLetter, ...], environment: str, roots: Mapping[str, str]) -> Document:
    """Every letter, oldest first."""
    rows = tuple(_row(letter) for letter in letters)
    return Document(
        schema=SCHEMA,
        title=f"dead letters of {environment}",
        exit_code=CLEAN,
        summary=f"{len(letters)} refused signal(s), {sum(letter.count for letter in letters)} time(s)",
        facts={**roots, "letters": [_facts(letter) for letter in letters]},
        tables=(Table("dead letters", _COLUMNS, rows),) if rows else (),
        quiet_facts=_QUIET,
    )


def redriven(
    letter: DeadLetter, signal: Signal, record: str, to: Path | None, roots: Mapping[str, str]
) -> Document:
    """A letter that goes out again."""
    return Document(
        schema=SCHEMA,
        title="redrive",
        exit_code=CLEAN,
        summary=f"{letter.key[:12]} goes out again as {signal.id}"
        + (f", appended to {to}" if to is not None else "; give the record below to the intake"),
        facts={**roots, "key": letter.key, "id": signal.id, "record": record},
        quiet_facts=_QUIET,
    )


def still_refused(letter: DeadLetter, judged: Rejected, roots: Mapping[str, str]) -> Document:
    """A letter that fails today as well."""
    rows = tuple((reason.code.value, reason.key, reason.detail) for reason in judged.reasons)
    return Document(
        schema=SCHEMA,
        title="redrive",
        exit_code=REFUSED,
        summary=f"{letter.key[:12]} is refused today as well; nothing was redriven",
        facts={**roots, "key": letter.key, "reasons": [_reason(reason) for reason in judged.reasons]},
        tables=(Table("reasons", ("code", "key", "detail"), rows),),
        quiet_facts=_QUIET | {"reasons"},
    )


def _row(letter: DeadLetter) -> tuple[str, ...]:
    return (
        letter.key[:12],
        shown_instant(letter.first_seen),
        shown_instant(letter.last_seen),
        str(letter.count),
        letter.source,
        letter.offset,
        ", ".join(dict.fromkeys(reason.code.value for reason in letter.reasons)),
        ", ".join(letter.redriven) or "-",
    )


def _facts(letter: DeadLetter) -> dict[str, object]:
    return {
        "key": letter.key,
        "first_seen": stamp(letter.first_seen),
        "last_seen": stamp(letter.last_seen),
        "count": letter.count,
        "length": letter.length,
        "source": letter.source,
        "offset": letter.offset,
        "commit": letter.commit,
        "reasons": [_reason(reason) for reason in letter.reasons],
        "redriven": list(letter.redriven),
    }


def _reason(reason: Reason) -> dict[str, str]:
    return {"code": reason.code.value, "key": reason.key, "detail": reason.detail}
