"""What the engine asks the ledger, with a role that can only read: what was intended, and under which proof.

Walks the hash chain itself, each row once; a record that does not prove itself answers nothing. A silent ledger is
an answer, not an exception.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psycopg

from ci.delivery.ledger import GENESIS, Entry, Head, row_hash
from ci.delivery.record import INTENT, RECEIPT, publication
from config.bundle import PolicyRecord
from engine.flags.adoption import Intent, Unreachable

_ROWS = "SELECT seq, at, environment, kind, body, prev, hash FROM ledger.entries WHERE seq >= %s ORDER BY seq"


@dataclass(frozen=True, slots=True)
class Proof:
    """What reconcile proved of a commit, and the bundle it compiled from that."""

    policy: PolicyRecord
    bundle: str


class LedgerReader:
    """The ledger of one environment; connects when first asked and again after a failure."""

    def __init__(self, environment: str, connect: Callable[[], psycopg.Connection[Any]]) -> None:
        self._environment = environment
        self._connect = connect
        self._connection: psycopg.Connection[Any] | None = None
        self._lock = threading.Lock()
        self._head = Head(0, GENESIS)
        self._digests: dict[int, str] = {}
        self._proofs: dict[str, Proof] = {}
        self._completed = 0

    def intent(self, generation: int) -> Intent | Unreachable | None:
        """What was intended under this generation."""
        with self._lock:
            trouble = self._catch_up()
            if trouble:
                return Unreachable(trouble)
            digest = self._digests.get(generation)
            return Intent(digest, superseded=self._completed > generation) if digest else None

    def proof(self, commit: str) -> Proof | None:
        """What is on record of a commit as a target, as far as was read; None when nothing is."""
        with self._lock:
            return self._proofs.get(commit)

    def close(self) -> None:
        """Give the connection back."""
        with self._lock:
            self._drop()

    def _catch_up(self) -> str:
        """Read and verify what was appended; answers what stands in the way, empty when nothing does."""
        try:
            if self._connection is None:
                self._connection = self._connect()
            rows = [Entry(*row) for row in self._connection.execute(_ROWS, (self._head.seq,))]
        except psycopg.Error as error:
            self._drop()
            return str(error).strip().partition("\n")[0] or type(error).__name__
        if self._head.seq:
            if not rows or rows[0].hash != self._head.hash:
                return f"it does not prove itself: row {self._head.seq} is not the one that was read before"
            rows = rows[1:]
        for row in rows:
            if not self._follows(row):
                return f"it does not prove itself: row {row.seq} does not follow the one before"
            self._head = Head(row.seq, row.hash)
            self._learn(row)
        return ""

    def _follows(self, row: Entry) -> bool:
        expected = row_hash(row.prev, row.seq, row.at, row.environment, row.kind, row.body)
        return (row.seq, row.prev, row.hash) == (self._head.seq + 1, self._head.hash, expected)

    def _learn(self, row: Entry) -> None:
        if row.environment != self._environment or row.kind not in (INTENT, RECEIPT):
            return
        body, meant = row.content, publication(row.content)
        if meant is not None and row.kind == INTENT:
            self._digests.setdefault(meant.generation, meant.digest)
        if meant is not None and row.kind == RECEIPT:
            self._completed = max(self._completed, meant.generation)
        if "rules" in body:
            rules = tuple(str(rule) for rule in body["rules"])
            policy = PolicyRecord(rules, str(body["policy"]), int(body["findings"]), int(body["waived"]))
            self._proofs[str(body["target"])] = Proof(policy, str(body["bundle"]))

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
