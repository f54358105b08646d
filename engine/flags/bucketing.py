"""Which bucket of 100,000 a unit falls into: flagd's third algorithm, the same in every process and language.

bytes = canonical CBOR of [salt, unit]; h = MurmurHash3 x86-32 with seed 0; bucket = (h * 100000) >> 32.
Never uses Python's hash(), a float or a modulo. `mmh3` only makes it faster: the answers are equal without it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import cbor2

BUCKETS = 100_000
MAX_UNIT_BYTES = 256

_PAIR = b"\x82"  # CBOR head of an array of two
_MASK = 0xFFFFFFFF
_C1, _C2 = 0xCC9E2D51, 0x1B873593


def is_unit(unit: str | None) -> bool:
    """Whether `unit` can be bucketed: not empty, NFC, at most 256 bytes; compared byte for byte, never folded."""
    if not unit:
        return False
    if unit.isascii():
        return len(unit) <= MAX_UNIT_BYTES
    try:
        size = len(unit.encode())
    except UnicodeEncodeError:
        return False
    return size <= MAX_UNIT_BYTES and unicodedata.is_normalized("NFC", unit)


def pair_bytes(salt: str, unit: str) -> bytes:
    """Canonical CBOR (RFC 8949 4.2.1) of the array [salt, unit]: what is hashed."""
    return cbor2.dumps([salt, unit], canonical=True)


def murmur3_pure(data: bytes) -> int:
    """MurmurHash3 x86-32 with seed 0, unsigned, in plain Python."""
    h = 0
    blocks = len(data) & ~3
    for at in range(0, blocks, 4):
        h ^= _scrambled(int.from_bytes(data[at : at + 4], "little"))
        h = (_rotated(h, 13) * 5 + 0xE6546B64) & _MASK
    if len(data) > blocks:
        h ^= _scrambled(int.from_bytes(data[blocks:], "little"))
    h ^= len(data)
    h = ((h ^ (h >> 16)) * 0x85EBCA6B) & _MASK
    h = ((h ^ (h >> 13)) * 0xC2B2AE35) & _MASK
    return h ^ (h >> 16)


def _scrambled(k: int) -> int:
    return (_rotated((k * _C1) & _MASK, 15) * _C2) & _MASK


def _rotated(value: int, by: int) -> int:
    return ((value << by) | (value >> (32 - by))) & _MASK


def _fastest() -> Callable[[bytes], int]:
    try:
        from mmh3 import mmh3_32_uintdigest
    except ImportError:
        return murmur3_pure
    return mmh3_32_uintdigest


murmur3 = _fastest()


def bucket(salt: str, unit: str) -> int:
    """The bucket of `unit`, 0 to 99,999; a flag at `milli_percent` m lets in the buckets below m."""
    return (murmur3(pair_bytes(salt, unit)) * BUCKETS) >> 32


def bucketer(salt: str) -> Callable[[str], int]:
    """`bucket` for one salt, with the salt's bytes made once."""
    prefix = _PAIR + cbor2.dumps(salt)
    hashed, encoded = murmur3, cbor2.dumps

    def of(unit: str) -> int:
        return (hashed(prefix + encoded(unit)) * BUCKETS) >> 32

    return of
