"""Stop and restart reconciling one environment: two rows in the ledger, in force from the moment they stand there.

Never changes what runs: trading goes on as published until somebody kills it.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from ci.delivery import ledger_head, record
from ci.delivery.backends import connected
from ci.delivery.ledger import Entry, Ledger
from ci.delivery.reading import environment_at
from ci.errors import UsageError
from ci.git import Repository


def change(
    repository: Repository, state: Path, environment: str, kind: str, person: str, reason: str, at: datetime
) -> Entry:
    """Write the row; UsageError when it would change nothing."""
    if not reason.strip():
        raise UsageError(f"`{kind}` needs a reason", 'say why: --reason "incident 42"')
    with connected(environment_at(repository, "HEAD", environment), state) as backends:
        ledger = Ledger(backends.ledger, environment)
        suspended = record.read(ledger.entries(), environment).suspended
        if (kind == record.SUSPEND) is bool(suspended):
            standing = f"suspended by {suspended}" if suspended else "not suspended"
            raise UsageError(f"`{environment}` is {standing}", "nothing was written")
        entry = ledger.append(kind, {"person": person, "reason": reason.strip()}, at)
        ledger_head.keep(state, environment, ledger.head())
    return entry
