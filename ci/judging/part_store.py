"""Parts known before, by what they were made of; kept between runs they save time and can never change a verdict.

Sealed with a key of this user that stands apart from the file: what was not written here, by this very code, is not
believed, and whatever goes wrong with the file means judging anew.  Only environments the reader took are kept.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from ci.judging.code import settled_digest
from policies.columns import Shape
from policies.parts import Part, flat, revived

MOST_BYTES: Final = 64 * 1024 * 1024
_KEY_BYTES: Final = 32
_SEAL: Final = 32


class PartStore:
    """Parts by the digest of all that they depend on; forgotten with the run."""

    def __init__(self) -> None:
        self._parts: dict[str, Part] = {}

    def __contains__(self, key: str) -> bool:
        return key in self._parts

    def part(self, key: str) -> Part | None:
        """The part of this key, if it is known."""
        return self._parts.get(key)

    def update(self, parts: Mapping[str, Part]) -> None:
        """Know these parts too."""
        self._parts.update(parts)

    def save(self) -> None:
        """Nothing outlasts the run here."""


class KeptParts(PartStore):
    """Parts that outlast the run, in one sealed file."""

    def __init__(self, file: Path, key: bytes, code: str) -> None:
        """code: digest of everything that makes a part: reader, models, rules, interpreter."""
        super().__init__()
        self._file = file
        self._key = key
        self._code = code.encode()
        self._parts = self._opened()
        self._before = self._parts.keys() | set()
        self._used: dict[str, Part] = {}

    @property
    def hits(self) -> int:
        """How many parts of this run were known before it."""
        return len(self._used.keys() & self._before)

    def part(self, key: str) -> Part | None:
        found = super().part(key)
        if found is not None:
            self._used[key] = found
        return found

    def save(self) -> None:
        """Keep what this run used and nothing else; a file that cannot be written is no error."""
        if not self._used or self._used.keys() == self._before:
            return
        data = packed(self._used)
        if len(data) + _SEAL > MOST_BYTES:
            return
        fresh = self._file.with_name(f"{self._file.name}.{os.getpid()}")
        try:
            handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
            with os.fdopen(handle, "wb") as stream:
                stream.write(self._seal(data))
                stream.write(data)
            fresh.replace(self._file)
        except OSError:
            _remove(fresh)

    def _opened(self) -> dict[str, Part]:
        import hmac

        try:
            data = _own_bytes(self._file, MOST_BYTES)
        except OSError:
            return {}
        body = data[_SEAL:]
        if len(data) < _SEAL or not hmac.compare_digest(data[:_SEAL], self._seal(body)):
            return {}
        return unpacked(body) or {}

    def _seal(self, body: bytes) -> bytes:
        import hmac

        return hmac.digest(self._key, b"%s\n%s" % (self._code, body), "sha256")


def packed(parts: Mapping[str, Part]) -> bytes:
    """Parts as bytes: each shape once, with the cells of its first part; of the others what differs from those."""
    import json

    shapes: dict[int, tuple[int, Part]] = {}
    told: dict[str, Any] = {}
    for key, part in parts.items():
        number, first = shapes.setdefault(id(part.shape), (len(shapes), part))
        both = enumerate(zip(first.cells, part.cells, strict=True))
        other = [item for at, (one, two) in both if one != two for item in (at, two)]
        told[key] = [number, other, flat(part.hits), part.left]
    table = [
        [first.shape.paths, first.shape.patterns, first.shape.kinds, first.cells]
        for _, first in shapes.values()
    ]
    return json.dumps([table, told], separators=(",", ":")).encode()


def unpacked(data: bytes) -> dict[str, Part] | None:
    """The parts again; None for what `packed` did not make."""
    import json

    try:
        table, told = json.loads(data)
        shapes = [
            (Shape(_paths(paths), _paths(patterns), kinds), list(_tuple(cells)))
            for paths, patterns, kinds, cells in table
        ]
        return {key: _part(*shapes[number], *rest) for key, (number, *rest) in told.items()}
    except (ValueError, TypeError, LookupError, AttributeError):
        return None


def _paths(told: list[list[Any]]) -> tuple[tuple[Any, ...], ...]:
    return tuple(map(tuple, told))


def _tuple(cell: list[Any]) -> tuple[Any, ...]:
    return tuple([_tuple(one) if type(one) is list else one for one in cell])


def _part(shape: Shape, first: list[Any], other: list[Any], hits: dict[str, Any], left: list[str]) -> Part:
    cells = first.copy()
    for at in range(0, len(other), 2):
        value = other[at + 1]
        cells[other[at]] = _tuple(value) if type(value) is list else value
    return Part(shape, cells, revived(hits) if hits else {}, tuple(left))


def kept_parts(state: Path, judged_root: Path, tool_root: Path, now: datetime) -> PartStore:
    """The parts kept in a folder of local state; only of this run where the folder or the code cannot be trusted."""
    folder = state / "check"
    try:
        is_apart = not folder.resolve().is_relative_to(judged_root.resolve())
        code = settled_digest(tool_root, now) if is_apart and own_folder(folder) else None
    except (OSError, RuntimeError):  # a loop of links
        code = None
    key = machine_key(folder / "key") if code is not None else None
    return PartStore() if key is None or code is None else KeptParts(folder / "parts", key, code)


def machine_key(file: Path) -> bytes | None:
    """The key in `file`, made when there is none; None when others could have read or put it there."""
    try:
        if not file.exists():
            _make_key(file)
        key = _own_bytes(file, _KEY_BYTES)
    except OSError:
        return None
    return key if len(key) == _KEY_BYTES else None


def _make_key(file: Path) -> None:
    """Whole or not at all, and never in place of another."""
    fresh = file.with_name(f"{file.name}.{os.getpid()}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(os.urandom(_KEY_BYTES))
        os.link(fresh, file)
    except FileExistsError:
        pass
    finally:
        _remove(fresh)


def own_folder(folder: Path) -> bool:
    """Whether the folder is there (made when missing) and nobody else may write or look into it."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid() and not status.st_mode & 0o077


def _own_bytes(file: Path, most: int) -> bytes:
    """The bytes of a regular file of ours that nobody else may read or write; nothing when it is another or larger."""
    with os.fdopen(os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as stream:
        status = os.fstat(stream.fileno())
        is_ours = status.st_uid == os.geteuid() and not stat.S_IMODE(status.st_mode) & 0o077
        if not stat.S_ISREG(status.st_mode) or not is_ours or status.st_size > most:
            return b""
        return stream.read(most)


def _remove(file: Path) -> None:
    try:
        file.unlink(missing_ok=True)
    except OSError:
        return
