"""One journal record as bytes: len|crc32|seq|prev_hash|ts|type|json, each chained to the one before.

Never repairs: a record is whole or it is not.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, NamedTuple
from zlib import crc32

from engine.compact_json import encode_json

HEAD = struct.Struct(">II")
FACTS = struct.Struct(">Q32sqB")
_pack = FACTS.pack
LARGEST = 1 << 20
GENESIS = bytes(32)
TYPES = (
    "cfg",
    "signal",
    "dlq",
    "intent",
    "deny",
    "sending",
    "ack",
    "fill",
    "cancel",
    "state",
    "breaker",
    "kill",
    "reconcile",
    "shutdown",
    "would_send",
    "wait",
    "session",
    "action",
    "flatten",
)
NUMBER = {name: number for number, name in enumerate(TYPES)}


class Record(NamedTuple):
    """A record as it was read back."""

    seq: int
    at: int
    type: str
    body: dict[str, Any]


class BrokenRecordError(ValueError):
    """Bytes that are no whole record."""


def payload(seq: int, previous: bytes, at: int, type: str, body: Mapping[str, Any] | str) -> bytes:
    """What crc and hash cover; a body may come as JSON text already."""
    text = body if isinstance(body, str) else encode_json(body)
    return _pack(seq, previous, at, NUMBER[type]) + text.encode()


def frame(covered: bytes) -> bytes:
    """The payload with its length and crc in front."""
    return HEAD.pack(len(covered), crc32(covered)) + covered


def digest(covered: bytes) -> bytes:
    """What the next record names as its predecessor."""
    return sha256(covered).digest()


def unframe(buffer: bytes, offset: int) -> bytes:
    """The payload at `offset`, or BrokenRecordError."""
    if len(buffer) - offset < HEAD.size:
        raise BrokenRecordError("no room for a head")
    length, crc = HEAD.unpack_from(buffer, offset)
    covered = buffer[offset + HEAD.size : offset + HEAD.size + length]
    if not FACTS.size <= length <= LARGEST or len(covered) != length:
        raise BrokenRecordError("length is not the record's")
    if crc32(covered) != crc:
        raise BrokenRecordError("crc is not the record's")
    return covered


def is_unfinished(buffer: bytes) -> bool:
    """Whether this can be the beginning of one record whose end was never written."""
    if len(buffer) < HEAD.size:
        return buffer[:1] == b"\0"
    length: int = HEAD.unpack_from(buffer)[0]
    return FACTS.size <= length <= LARGEST and length > len(buffer) - HEAD.size


def parse(covered: bytes) -> tuple[Record, bytes]:
    """The record of a payload and the hash it names as its predecessor's."""
    seq, previous, at, number = FACTS.unpack_from(covered)
    if number >= len(TYPES):
        raise BrokenRecordError(f"record type {number} is newer than this engine")
    try:
        body = json.loads(covered[FACTS.size :])
    except (ValueError, RecursionError) as error:
        raise BrokenRecordError(f"its body is no JSON: {error}"[:120]) from None
    if not isinstance(body, dict):
        raise BrokenRecordError("its body is no JSON object")
    return Record(seq, at, TYPES[number], body), previous
