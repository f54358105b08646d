"""A connection that leaves the machine is not encrypted.

Passwords, orders and kills would cross a network in the clear.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.findings import Severity
from policies.inputs import Also, Hit, State
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="INF001",
    slug="tls_off_outside_loopback",
    severity=Severity.ERROR,
    scope=Scope.STATE,
    title="connection without TLS",
    fix="set `tls: true`; only a server on this very machine may go without",
    reads=("database", "redis"),
    source="paper 02 5 (encryption in transit), seed 001 (validate_encryption)",
)
VALID = (
    Sample(says="loopback without TLS", tier="dev"),
    Sample(says="encrypted"),
)
INVALID = (
    Sample(says="the database in the clear", edits={"database.tls": False}),
    Sample(says="dev reaches out", tier="dev", edits={"redis.host": "cache.example.com"}),
)


_LOOPBACK = ("localhost", "127.0.0.1")


def judge(state: State) -> Iterator[Hit]:
    for part in ("database", "redis"):
        server = getattr(state.environment, part)
        if not server.tls and server.host not in _LOOPBACK:
            host = (Also((part, "host"), "not this machine"),)
            yield Hit(
                (part, "tls"), f"`{part}.tls` is false and `{server.host}` is another machine", related=host
            )
