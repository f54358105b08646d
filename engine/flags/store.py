"""Flags in Redis: immutable snapshots by digest, one head, kills that only rise, a log, heartbeats.

Never decides whether a head may be believed (`follow.py` does), never clears a kill. Every change is one script, so
nothing is half-written. A Redis that does not answer is `redis.RedisError`, and the caller's to judge.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from importlib import resources
from typing import Any, cast

import redis

from engine.flags.compile import Snapshot
from engine.flags.heads import (
    Conflict,
    Head,
    Observation,
    PublishAnswer,
    Published,
    Shrunk,
    StaleGeneration,
    UnsoundHead,
    at_text,
    epoch_number,
    epoch_text,
    read_head,
)

__all__ = [
    "Conflict",
    "FlagStore",
    "Head",
    "Observation",
    "PublishAnswer",
    "Published",
    "Shrunk",
    "StaleGeneration",
    "UnsoundHead",
]

LOG_LENGTH = 10_000
HEARTBEAT_SECONDS = 60
KEPT_SNAPSHOTS = 50


def _script(client: redis.Redis, name: str) -> Any:
    folder = resources.files("engine.flags") / "lua"
    text = "".join((folder / f"{part}.lua").read_text(encoding="utf-8") for part in ("observe", name))
    return client.register_script(text)


class FlagStore:
    """The keys of one environment; all share the hash tag `{environment}`, hence one cluster slot."""

    def __init__(self, client: redis.Redis, environment: str) -> None:
        self._client = client
        self._prefix = f"ff:{{{environment}}}:"
        self._environment = environment
        self._read = _script(client, "read_head")
        self._publish = _script(client, "publish")
        self._raise = _script(client, "raise_kill")
        self._beat = _script(client, "heartbeat")

    def key(self, name: str) -> str:
        """The full key of `head`, `kill`, `log`, `engines`, `hint` or `snap:<digest>`."""
        return self._prefix + name

    def complaints(self) -> tuple[str, ...]:
        """Why this server must not carry flags; empty when it may."""
        facts: dict[str, Any] = {}
        for section in ("memory", "persistence", "replication"):
            facts |= self._client.info(section)
        found = []
        if facts["maxmemory_policy"] != "noeviction":
            found.append(
                f"maxmemory-policy is {facts['maxmemory_policy']}, which deletes flags silently; it must be noeviction"
            )
        if facts["aof_enabled"] != 1:
            found.append("appendonly is off: kills would not survive a restart of the server")
        if facts["role"] != "master":
            found.append(f"this server is a {facts['role']}; flags are read and written at the master")
        return tuple(found)

    def observe(self) -> Observation:
        """What stands at the head now."""
        token, flat = cast(tuple[bytes, list[bytes]], self._read(keys=[self.key("head")]))
        return read_head(token, dict(zip(flat[::2], flat[1::2], strict=True)))

    def read_blob(self, digest: str) -> bytes | None:
        """The bytes kept under this digest, unchecked, or None when there are none."""
        try:
            return cast(bytes | None, self._client.get(self.key(f"snap:{digest}")))
        except redis.ResponseError:  # another type stands there
            return b""

    def publish(
        self,
        snapshot: Snapshot,
        *,
        generation: int,
        observed: Observation,
        by: str,
        at: datetime,
        healing: bool = False,
    ) -> PublishAnswer:
        """Make `snapshot` the head if `observed` still stands there.

        healing: the observed head is none the ledger knows; `generation` is one it knows, and may be lower.
        """
        if snapshot.environment != self._environment:
            raise ValueError(f"a snapshot of {snapshot.environment} in the store of {self._environment}")
        if not healing and (refusal := self._refusal(snapshot, generation, observed)) is not None:
            return refusal
        before = "" if healing or observed.head is None else _before(observed.head, snapshot.digest)
        head = Head(generation, snapshot.commits, snapshot.digest, before, by, at_text(at))
        done, _ = cast(
            tuple[int, bytes],
            self._publish(
                keys=[self.key("head"), self.key(f"snap:{snapshot.digest}"), self.key("log")],
                args=[
                    observed.token,
                    snapshot.payload(),
                    self.key("hint"),
                    LOG_LENGTH,
                    *_flat(head.fields()),
                ],
            ),
        )
        if not done:
            return Conflict(self.observe())
        with contextlib.suppress(redis.RedisError):  # the head stands, and tidying can wait
            self.forget_old()
        return Published(head, changed=True)

    def forget_old(self, keep: int = KEPT_SNAPSHOTS) -> int:
        """Delete snapshots but the newest, the head's and whatever an engine still reports; how many went."""
        needed = {str(facts.get("digest", "")) for facts in self.engines().values()}
        head = self.observe().head
        needed |= {head.digest, head.prev_digest} if head else set()
        for _, entry in cast(list[tuple[bytes, dict[bytes, bytes]]], self._client.xrevrange(self.key("log"))):
            if entry.get(b"event") == b"head" and keep > 0:
                needed.add(entry.get(b"digest", b"").decode(errors="replace"))
                keep -= 1
        kept = {self.key(f"snap:{digest}").encode() for digest in needed}
        pattern = self.key("snap:*")
        old = [key for key in self._client.scan_iter(match=pattern, count=1000) if key not in kept]
        return int(self._client.unlink(*old)) if old else 0

    def _refusal(self, snapshot: Snapshot, generation: int, observed: Observation) -> PublishAnswer | None:
        if observed.fault:
            return UnsoundHead(observed.fault)
        head = observed.head
        if head is None:
            return None
        if generation == head.generation and snapshot.digest == head.digest:
            whole = self.read_blob(head.digest) == snapshot.payload()
            return Published(head, changed=False) if whole else None
        if generation <= head.generation:
            return StaleGeneration(head.generation)
        missing = self._vanished(snapshot, head.digest)
        return Shrunk(missing) if missing else None

    def _vanished(self, snapshot: Snapshot, before: str) -> tuple[str, ...]:
        """Flags of the snapshot before that are neither in this one nor retired; a damaged blob tells nothing."""
        blob = self.read_blob(before)
        if blob is None or hashlib.sha256(blob).hexdigest() != before:
            return ()
        return tuple(sorted(set(json.loads(blob)["flags"]) - set(snapshot.flags) - set(snapshot.retired)))

    def kills(self) -> Mapping[str, int | None]:
        """Every kill by scope; an epoch nobody can read is None, and still a kill."""
        try:
            found = cast(dict[bytes, bytes], self._client.hgetall(self.key("kill")))
        except redis.ResponseError:  # another type stands where kills belong
            return {"global": None}
        return {scope.decode(errors="replace"): epoch_number(epoch) for scope, epoch in found.items()}

    def raise_kill(self, scope: str, *, floor: int, by: str, reason: str) -> int:
        """Kill `scope` under an epoch above every known one and above `floor`; answers that epoch."""
        args = [scope, epoch_text(floor), self.key("hint"), LOG_LENGTH, by, reason]
        return int(cast(bytes, self._raise(keys=[self.key("kill"), self.key("log")], args=args)))

    def heartbeat(self, engine: str, facts: Mapping[str, str | int]) -> None:
        """Say that `engine` lives and on what; forgotten after a minute of silence."""
        self._beat(
            keys=[self.key("engines")], args=[engine, json.dumps(facts, sort_keys=True), HEARTBEAT_SECONDS]
        )

    def engines(self) -> Mapping[str, Mapping[str, str | int]]:
        """Engines heard of within the last minute, with what they said and the server's second of it as `beat`."""
        now = int(cast(list[int], self._client.time())[0])
        beats = cast(dict[bytes, bytes], self._client.hgetall(self.key("engines")))
        heard = {name.decode(errors="replace"): _beat(beat, now) for name, beat in beats.items()}
        return {name: facts for name, facts in heard.items() if facts}

    def newest(self) -> str:
        """The id of the newest log entry, to wait from."""
        try:
            found = cast(list[tuple[bytes, Any]], self._client.xrevrange(self.key("log"), count=1))
        except redis.ResponseError:
            return "0"
        return found[0][0].decode() if found else "0"

    def wait(self, last: str, milliseconds: int) -> str | None:
        """Block until the log grows beyond entry `last`; answers the newest id seen, or None."""
        answer = cast(
            list[tuple[bytes, list[tuple[bytes, Any]]]],
            self._client.xread({self.key("log"): last}, count=100, block=milliseconds),
        )
        return answer[0][1][-1][0].decode() if answer else None


def _before(head: Head, digest: str) -> str:
    return head.prev_digest if head.digest == digest else head.digest


def _beat(beat: bytes, now: int) -> dict[str, str | int]:
    """What one engine said, or nothing when it is silent for too long or not in our words."""
    try:
        second, facts = beat.decode().split(" ", 1)
        said: dict[str, str | int] = json.loads(facts) | {"beat": int(second)}
    except (ValueError, TypeError):
        return {}
    return said if now - int(second) < HEARTBEAT_SECONDS else {}


def _flat(fields: Mapping[str, str]) -> list[str]:
    return [text for pair in fields.items() for text in pair]
