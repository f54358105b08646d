"""What the engine may ask the ledger: what was meant under a generation; read-only, bounded, never guessed.

A record that does not prove itself answers nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg

from ci.delivery import record
from ci.delivery.ledger import Ledger, verify
from engine.flags.adoption import Intent, Unreachable


class LedgerWindow:
    """The engine's `LedgerView` through the reader's role; reconnects when the last connection broke."""

    def __init__(self, connect: Callable[[], psycopg.Connection[Any]], environment: str) -> None:
        self._connect = connect
        self._environment = environment
        self._connection: psycopg.Connection[Any] | None = None

    def intent(self, generation: int) -> Intent | Unreachable | None:
        """What was intended under this generation; None: the ledger knows none."""
        try:
            if self._connection is None or self._connection.closed:
                self._connection = self._connect()
            rows = Ledger(self._connection, self._environment).entries()
        except psycopg.Error as error:
            self._connection = None
            return Unreachable(str(error).strip().partition("\n")[0])
        if broken := verify(rows):
            return Unreachable(f"it does not prove itself: {broken.reason}")
        meant = record.find_intent(rows, self._environment, generation)
        if meant is None:
            return None
        receipt = record.read(rows, self._environment).receipt
        newest = receipt.published.generation if receipt and receipt.published else 0
        return Intent(meant.digest, superseded=newest > generation)
