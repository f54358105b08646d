"""Values read before, by the bytes they were read from; saves time and can never change a verdict.

Sealed with a key of this machine that stands apart from the cache: what was not written here by this very code is not
believed, and whatever goes wrong with the cache means reading the file itself.  Refusals are never kept.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from config.document import Document
from config.findings import Refused
from config.reading.ahead import WORTH_IT, Ahead
from config.reading.load import Case, Language
from config.reading.places import NodePlaces
from config.reading.revive import flat, reviver_of
from config.tree import FILE, Blob

if TYPE_CHECKING:
    import hmac

MOST_BYTES: Final = 64 * 1024 * 1024
_KEY_BYTES: Final = 32
_SEAL: Final = 64


class ParseCache(Language):
    """Reads a file anew only when its bytes, its type or the reading code are new."""

    def __init__(self, file: Path, key: bytes | None, code: str) -> None:
        """key: None means that nothing is believed and nothing kept (two cores still share the work).

        code: digest of reader and models.
        """
        self._file = file
        self._key = key
        self._code = code
        self._known = self._opened()
        self._used: dict[str, str] = {}
        self._ahead: Ahead | None = None
        self._awaited: set[str] = set()
        self.hits = 0

    def prepare(self, cases: Sequence[Case]) -> None:
        """Start on the last half of what is not known, where that is worth a process of its own."""
        fresh = [
            (name, file, blob, cls)
            for file, cls, blob in cases
            if blob is not None and blob.mode == FILE and (name := _name(cls, blob)) not in self._known
        ]
        if len(fresh) >= WORTH_IT and (os.cpu_count() or 1) > 1:
            share = fresh[len(fresh) // 2 :]
            self._ahead = Ahead(share)
            self._awaited = {name for name, *_ in share}

    def read(self, file: str, blob: Blob, cls: type[Any]) -> Document[Any] | Refused:
        name = _name(cls, blob)
        if self._ahead is not None and name in self._awaited:
            self._known |= self._ahead.answers()
            self._ahead = None
        kept = self._known.get(name)
        document = None if kept is None else _revived(file, blob, cls, kept)
        if document is not None:
            self.hits += 1
            self._used[name] = kept or ""
            return document
        answer = super().read(file, blob, cls)
        if isinstance(answer, Document) and self._key is not None:
            self._used[name] = json.dumps(flat(answer.value), separators=(",", ":"))
        return answer

    def save(self) -> None:
        """Keep what this run used, and nothing else; a cache that cannot be written is no error."""
        if self._key is None or self._used == self._known:
            return
        fresh = self._file.with_name(f"{self._file.name}.{os.getpid()}")
        try:
            handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
            with os.fdopen(handle, "wb") as stream:
                self._write(stream)
            fresh.replace(self._file)
        except OSError:
            fresh.unlink(missing_ok=True)

    def _write(self, stream: BinaryIO) -> None:
        """Line by line, so that a large tree is not held twice; the seal comes last."""
        seal = self._sealer()
        for name, value in self._used.items():
            line = f"{name} {value}\n".encode()
            seal.update(line)
            stream.write(line)
        stream.write(seal.hexdigest().encode())

    def _opened(self) -> dict[str, str]:
        try:
            data = b"" if self._key is None else _bytes(self._file)
        except OSError:
            return {}
        body = data[: max(0, len(data) - _SEAL)]
        sealer = self._sealer()
        sealer.update(body)
        if self._key is None or not _same(data[len(body) :], sealer.hexdigest().encode()):
            return {}
        lines = body.decode().split("\n")[:-1]
        return dict(line.split(" ", 1) for line in lines)

    def _sealer(self) -> hmac.HMAC:
        import hmac

        return hmac.new(self._key or b"", f"{self._code}\n".encode(), "sha256")


def _name(cls: type[Any], blob: Blob) -> str:
    return hashlib.sha256(f"{cls.__module__}.{cls.__qualname__}\0".encode() + blob.data).hexdigest()


def machine_key(file: Path) -> bytes | None:
    """The key in `file`, made when there is none; None when others could have read or put it there."""
    try:
        if not file.exists():
            handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
            with os.fdopen(handle, "wb") as stream:
                stream.write(os.urandom(_KEY_BYTES))
        with os.fdopen(os.open(file, os.O_RDONLY | os.O_NOFOLLOW), "rb") as stream:
            status = os.fstat(stream.fileno())
            is_ours = status.st_uid == os.geteuid() and not stat.S_IMODE(status.st_mode) & 0o077
            key = stream.read(_KEY_BYTES + 1)
    except OSError:
        return None
    return key if is_ours and len(key) == _KEY_BYTES else None


def _bytes(file: Path) -> bytes:
    with os.fdopen(os.open(file, os.O_RDONLY | os.O_NOFOLLOW), "rb") as stream:
        status = os.fstat(stream.fileno())
        return stream.read() if stat.S_ISREG(status.st_mode) and status.st_size <= MOST_BYTES else b""


def _same(one: bytes, other: bytes) -> bool:
    from hmac import compare_digest

    return compare_digest(one, other)


def _revived(file: str, blob: Blob, cls: type[Any], kept: str) -> Document[Any] | None:
    try:
        value = reviver_of(cls)(json.loads(kept))
        text = blob.data.decode("utf-8")
    except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError):
        return None
    return Document(file, value, NodePlaces(file, text, None), blob.id, text)
