"""What the head says and what publishing answers: typed facts, no exception for an expected refusal."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

GENERATION_DIGITS = 20
_NUMBER = re.compile(rb"[0-9]{20}")
_COMMITS = re.compile(rb"(?:[0-9a-f]{40}|[0-9a-f]{64})(?: (?:[0-9a-f]{40}|[0-9a-f]{64})){0,15}")
_DIGEST = re.compile(rb"[0-9a-f]{64}")
_FIELDS = {b"generation", b"commits", b"digest", b"prev_digest", b"by", b"at"}


@dataclass(frozen=True, slots=True)
class Head:
    """Which snapshot stands: its generation, its commits (oldest first), its digest and the one before it."""

    generation: int
    commits: tuple[str, ...]
    digest: str
    prev_digest: str
    by: str
    at: str

    def fields(self) -> dict[str, str]:
        """The head as its hash holds it; numbers are text of equal length, so that text order is number order."""
        return {
            "generation": epoch_text(self.generation),
            "commits": " ".join(self.commits),
            "digest": self.digest,
            "prev_digest": self.prev_digest,
            "by": self.by,
            "at": self.at,
        }


@dataclass(frozen=True, slots=True)
class Observation:
    """What stands at the head: opaque bytes to compare against, and the head, or why there is none.

    fault: empty when the head is sound or absent (`head` is None and `token` empty).
    """

    token: bytes
    head: Head | None
    fault: str = ""

    @property
    def is_absent(self) -> bool:
        return not self.token


@dataclass(frozen=True, slots=True)
class Published:
    """The head stands now; `changed` is False when it stood already, byte for byte."""

    head: Head
    changed: bool


@dataclass(frozen=True, slots=True)
class Conflict:
    """Somebody else wrote since the head was observed; nothing changed."""

    seen: Observation


@dataclass(frozen=True, slots=True)
class StaleGeneration:
    """The head is at this generation already, and generations only rise."""

    current: int


@dataclass(frozen=True, slots=True)
class Shrunk:
    """These flags would vanish without a tombstone in the catalogue."""

    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnsoundHead:
    """The head is not one of ours; only healing may replace it."""

    fault: str


PublishAnswer = Published | Conflict | StaleGeneration | Shrunk | UnsoundHead


def epoch_text(number: int) -> str:
    """A generation or epoch as text of equal length; what does not fit is a mistake of the caller."""
    if not 0 <= number < 10**GENERATION_DIGITS:
        raise ValueError(f"{number} is no generation or epoch")
    return f"{number:0{GENERATION_DIGITS}d}"


def epoch_number(text: bytes) -> int | None:
    """The number of an `epoch_text`, or None for anything else."""
    return int(text) if _NUMBER.fullmatch(text) else None


def read_head(token: bytes, fields: Mapping[bytes, bytes]) -> Observation:
    """The observation of these hash fields; whatever we would not have written is a fault."""
    if not token:
        return Observation(token, None)
    fault = _fault(token, fields)
    if fault:
        return Observation(token, None, fault)
    text = {name.decode(): value.decode() for name, value in fields.items()}
    head = Head(
        generation=int(text["generation"]),
        commits=tuple(text["commits"].split(" ")),
        digest=text["digest"],
        prev_digest=text["prev_digest"],
        by=text["by"],
        at=text["at"],
    )
    return Observation(token, head)


def _fault(token: bytes, fields: Mapping[bytes, bytes]) -> str:
    if not token.startswith(b"hash:"):
        return f"the head is a {token.split(b':', 1)[0].decode(errors='replace')}, not a hash"
    if set(fields) != _FIELDS:
        return "the head has other fields than ours"
    if epoch_number(fields[b"generation"]) is None:
        return "the head's generation is not twenty digits"
    if not _COMMITS.fullmatch(fields[b"commits"]):
        return "the head names no commits, or too many"
    if not _DIGEST.fullmatch(fields[b"digest"]):
        return "the head's digest is not a SHA-256"
    return "" if _is_text(fields) else "the head is not UTF-8"


def _is_text(fields: Mapping[bytes, bytes]) -> bool:
    try:
        for value in fields.values():
            value.decode()
    except UnicodeDecodeError:
        return False
    return True


def at_text(at: datetime) -> str:
    """An aware instant as RFC 3339 in UTC."""
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")
