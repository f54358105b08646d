"""Signals that were refused, kept: append-only, synced, each once with its count, its reasons and where it came from.

Never drops one and never retries one by itself: when there is no room left it refuses, and the engine halts.
"""

from __future__ import annotations

import fcntl
import os
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from engine.intake.dead_letter_files import Segments
from engine.intake.redrive import readdressed
from engine.intake.signal_form import LARGEST_SIGNAL
from engine.intake.signal_reasons import Reason, Rejected, SignalReason
from engine.journal.disk import Disk
from engine.journal.record import Record

KEPT_OF_A_GIANT = 1024


class UnknownLetterError(LookupError):
    """No dead letter has this key."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One refused payload; `payload` is cut where the whole was larger than any signal may be."""

    key: str
    payload: bytes
    length: int
    reasons: tuple[Reason, ...]
    first_seen: int
    last_seen: int
    count: int
    source: str
    offset: str
    commit: str
    redriven: tuple[str, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether all its bytes were kept."""
        return len(self.payload) == self.length


class DeadLetters:
    """The store of one engine; other processes of the same user may read it and redrive from it."""

    def __init__(self, folder: Path, segments: Segments, lock: int) -> None:
        self.folder = folder
        self._segments = segments
        self._lock = lock
        self._letters: dict[str, DeadLetter] = {}
        self._take_in()

    @classmethod
    def open(
        cls, folder: Path, *, segment_bytes: int = 8 << 20, segments: int = 8, disk: type[Disk] = Disk
    ) -> DeadLetters:
        """Verify what is there, cut a torn tail, and continue."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            return cls(folder, Segments(folder, segment_bytes, segments, disk), lock)
        except BaseException:
            os.close(lock)
            raise
        finally:
            _release(lock)

    @property
    def torn(self) -> int:
        """Bytes of an unfinished record that were cut on opening."""
        return self._segments.torn

    def letters(self) -> tuple[DeadLetter, ...]:
        """Every letter, oldest first."""
        return tuple(self._letters.values())

    def letter(self, key: str) -> DeadLetter:
        """The letter whose key is, or alone starts with, `key`."""
        found = [letter for known, letter in self._letters.items() if known.startswith(key)]
        if len(found) != 1 or not key:
            raise UnknownLetterError(
                f"{len(found)} dead letters have a key that starts with `{key}`, wanted one"
            )
        return found[0]

    def add(
        self, payload: bytes, rejected: Rejected, *, at: int, source: str, offset: str, commit: str
    ) -> DeadLetter:
        """Keep a refused payload; when this returns it is durable and its message may be acknowledged.

        The same delivery once more changes nothing, the same payload in another delivery raises the count.
        """
        key = sha256(payload).hexdigest()
        with self._alone():
            known = self._letters.get(key)
            if known is not None and (known.source, known.offset) == (source, offset):
                return known
            place = {"key": key, "source": source, "offset": offset}
            if known is not None:
                self._write(at, {"what": "again", **place})
            else:
                self._write(at, {"what": "dead", **place, "commit": commit, **_content(payload, rejected)})
            return self._letters[key]

    def renewed(self, key: str) -> bytes:
        """The payload as `redrive` would give it, for looking first; nothing is noted."""
        letter = self.letter(key)
        return readdressed(letter.payload, letter.key, len(letter.redriven) + 1)[0]

    def redrive(self, key: str, *, operator: str, reason: str, at: int) -> bytes:
        """The payload under a new signal id, for the intake to judge by today's clock and limits; noted who asked."""
        if not operator.strip() or not reason.strip():
            raise ValueError("a redrive names its operator and a reason")
        with self._alone():
            letter = self.letter(key)
            payload, new_id = readdressed(letter.payload, letter.key, len(letter.redriven) + 1)
            note = {
                "what": "redriven",
                "key": letter.key,
                "operator": operator,
                "reason": reason,
                "id": new_id,
            }
            self._write(at, note)
            return payload

    def close(self) -> None:
        """Let go of the files."""
        self._segments.close()
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def _write(self, at: int, body: dict[str, Any]) -> None:
        self._segments.append(at, body)
        self._take_in()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        try:
            self._segments.catch_up()
            self._take_in()
            yield
        finally:
            _release(self._lock)

    def _take_in(self) -> None:
        for record in self._segments.fresh():
            self._apply(record)

    def _apply(self, record: Record) -> None:
        body = record.body
        if body["what"] == "dead":
            self._letters[body["key"]] = _letter(record)
            return
        known = self._letters.get(body["key"])
        if known is None:
            return  # its first record lies in a segment that was archived
        if body["what"] == "again":
            known = replace(
                known,
                count=known.count + 1,
                last_seen=record.at,
                source=body["source"],
                offset=body["offset"],
            )
        else:
            known = replace(known, redriven=(*known.redriven, body["id"]))
        self._letters[known.key] = known


def _content(payload: bytes, rejected: Rejected) -> dict[str, Any]:
    kept = payload if len(payload) <= LARGEST_SIGNAL else payload[:KEPT_OF_A_GIANT]
    return {
        "length": len(payload),
        "payload": b64encode(kept).decode(),
        "reasons": [[reason.code.value, reason.key, reason.detail] for reason in rejected.reasons],
    }


def _letter(record: Record) -> DeadLetter:
    body = record.body
    return DeadLetter(
        key=body["key"],
        payload=b64decode(body["payload"]),
        length=body["length"],
        reasons=tuple(Reason(SignalReason(code), key, detail) for code, key, detail in body["reasons"]),
        first_seen=record.at,
        last_seen=record.at,
        count=1,
        source=body["source"],
        offset=body["offset"],
        commit=body["commit"],
    )


def _release(lock: int) -> None:
    with suppress(OSError):  # closed already: the lock went with it
        fcntl.flock(lock, fcntl.LOCK_UN)
