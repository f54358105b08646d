"""Whether the ledger and Git still tell the same story: each receipt recomputed from its commit, in the line's order.

Never trusts a digest that was not computed anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ci.delivery import ledger, record
from ci.delivery.ledger import Entry, Head
from ci.delivery.source import Source
from ci.errors import InterlockError
from config.bundle import PolicyRecord


def discrepancies(
    source: Source, line: Sequence[str], rows: Sequence[Entry], outside: Head | None
) -> list[str]:
    """Every place where ledger and Git disagree; empty when the story holds."""
    broken = ledger.verify(rows, outside)
    if broken is not None:
        return [f"ledger: {broken.reason}"]
    return list(_receipts(source, line, rows))


def _receipts(source: Source, line: Sequence[str], rows: Sequence[Entry]) -> Iterator[str]:
    place = {commit: position for position, commit in enumerate(line)}
    newest = len(line)
    for row in rows:
        if row.environment != source.environment or row.kind != record.RECEIPT:
            continue
        target = str(row.content["target"])
        if target not in place:
            yield f"receipt {row.seq}: commit {target[:12]} is not on this first-parent line"
            continue
        if place[target] > newest:
            yield f"receipt {row.seq}: commit {target[:12]} is older than the receipt before it"
        newest = min(newest, place[target])
        yield from _recomputed(source, row.seq, row.content)


def _recomputed(source: Source, seq: int, body: Any) -> Iterator[str]:
    try:
        policy = PolicyRecord(tuple(body["rules"]), body["policy"], body["findings"], body["waived"])
        if source.bundle(body["target"], policy).digest != body["bundle"]:
            yield f"receipt {seq}: the bundle of {body['target'][:12]} is not {body['bundle'][:12]}"
        if body["commits"] and source.snapshot(body["commits"]).digest != body["digest"]:
            yield f"receipt {seq}: the snapshot of its commits is not {body['digest'][:12]}"
    except (KeyError, InterlockError) as error:
        yield f"receipt {seq}: cannot be recomputed: {error}"
