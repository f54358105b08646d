"""Reading a journal back: every record checked, a torn tail told apart from damage in the middle.

Never writes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from engine.journal.errors import JournalRefusedError
from engine.journal.record import GENESIS, HEAD, BrokenRecordError, Record, digest, parse, unframe


class Scanned(NamedTuple):
    """What a file holds: records, where the good part ends, and the hash to go on from."""

    records: list[Record]
    good: int
    last: bytes
    torn: int


def scan(content: bytes, where: str) -> Scanned:
    """Verify the chain; a torn tail is reported, anything worse refuses."""
    records: list[Record] = []
    offset, last = 0, GENESIS
    while offset < len(content):
        try:
            covered = unframe(content, offset)
            record, previous = parse(covered)
        except BrokenRecordError as broken:
            _refuse_unless_torn(content, offset, len(records), where, str(broken))
            break
        if previous != last or record.seq != len(records):
            raise JournalRefusedError(
                f"{where}: record {len(records)} at byte {offset} does not follow the one before it; "
                "restore the file from its backup, do not edit it"
            )
        records.append(record)
        last = digest(covered)
        offset += HEAD.size + len(covered)
    return Scanned(records, offset, last, len(content) - offset)


def read(content: bytes) -> Iterator[Record]:
    """Records of the good part, for readers beside a running writer."""
    offset = 0
    while offset < len(content):
        try:
            covered = unframe(content, offset)
        except BrokenRecordError:
            return
        yield parse(covered)[0]
        offset += HEAD.size + len(covered)


def _refuse_unless_torn(content: bytes, offset: int, seq: int, where: str, why: str) -> None:
    """A whole record anywhere after the damage proves that the damage is no torn tail."""
    for start in range(offset + 1, len(content) - HEAD.size):
        try:
            covered = unframe(content, start)
            later = parse(covered)[0]
        except (BrokenRecordError, ValueError):
            continue
        if later.seq > seq:
            raise JournalRefusedError(
                f"{where}: record {seq} at byte {offset} is damaged ({why}) and record {later.seq} follows it; "
                "restore the file from its backup, do not edit it"
            )
