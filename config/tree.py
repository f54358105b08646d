"""A tree of files as Git sees it: bytes, modes and blob ids, read once.

Never follows a link and never asks Git: commit and index trees live in `ci/git.py`.
"""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path
from typing import Protocol

from config.record import record

FILE = "100644"
EXECUTABLE = "100755"
LINK = "120000"
SUBMODULE = "160000"
SPECIAL = "000000"


@record
class Entry:
    """One name in a tree: its path from the root, its Git mode, its size where known (else -1)."""

    path: str
    mode: str
    size: int = -1


@record
class Blob:
    """The bytes of one file, read once, with the mode and id Git gives them."""

    data: bytes
    mode: str
    id: str


class Tree(Protocol):
    """Where files come from: a folder, the index or a commit."""

    @property
    def label(self) -> str:
        """What a person calls this tree: `worktree`, `staged` or a commit id."""

    def entries(self, prefix: str) -> tuple[Entry, ...]:
        """Every name below `prefix` (a folder), sorted by path; folders themselves are not listed."""

    def read(self, path: str) -> Blob | None:
        """The file at `path`, or None when there is none (links and special files have empty data)."""


def blob_id(data: bytes) -> str:
    """The id Git gives to these bytes (SHA-1 object format)."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def _mode(status: os.stat_result) -> str:
    if stat.S_ISLNK(status.st_mode):
        return LINK
    if not stat.S_ISREG(status.st_mode):
        return SPECIAL
    return EXECUTABLE if status.st_mode & 0o111 else FILE


def _read(handle: int, size: int) -> bytes:
    """Everything up to the end; quicker than a stream when thousands of files are read."""
    data = os.read(handle, size + 1)
    if len(data) == size:
        return data
    parts = [data]
    while data:
        data = os.read(handle, 1 << 20)
        parts.append(data)
    return b"".join(parts)


class FolderTree:
    """A folder on disk, judged by the modes its files would have in Git."""

    def __init__(self, root: Path, label: str = "worktree", modes: dict[str, str] | None = None) -> None:
        """`modes`: what Git's index says of a path; it wins over the file system's executable bit."""
        self._root = root
        self._label = label
        self._modes = modes or {}

    @property
    def label(self) -> str:
        return self._label

    def entries(self, prefix: str) -> tuple[Entry, ...]:
        folder = prefix.rstrip("/")
        if folder and (self._root / folder).is_symlink():
            return (Entry(folder, LINK),)
        found: list[Entry] = []
        self._walk(folder, found)
        return tuple(sorted(found, key=lambda entry: entry.path))

    def _walk(self, folder: str, found: list[Entry]) -> None:
        try:
            names = list(os.scandir(self._root / folder))
        except (FileNotFoundError, NotADirectoryError):
            return
        for name in names:
            path = f"{folder}/{name.name}" if folder else name.name
            if name.is_dir(follow_symlinks=False):
                if name.name not in ("__pycache__", ".git"):
                    self._walk(path, found)
                continue
            status = name.stat(follow_symlinks=False)
            found.append(Entry(path, self._git_mode(path, status), status.st_size))

    def read(self, path: str) -> Blob | None:
        try:
            handle = os.open(self._root / path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None
        except OSError:  # a link (ELOOP) or a socket: present, but no bytes of ours
            mode = _mode(os.lstat(self._root / path))
            if mode in (FILE, EXECUTABLE):
                raise
            return Blob(b"", mode, blob_id(b""))
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            os.close(handle)
            return None if stat.S_ISDIR(status.st_mode) else Blob(b"", SPECIAL, blob_id(b""))
        try:
            data = _read(handle, status.st_size)
        finally:
            os.close(handle)
        return Blob(data, self._git_mode(path, status), blob_id(data))

    def _git_mode(self, path: str, status: os.stat_result) -> str:
        """The index speaks of regular files only: what became a link or a device since is one."""
        mode = _mode(status)
        return self._modes.get(path, mode) if mode in (FILE, EXECUTABLE) else mode
