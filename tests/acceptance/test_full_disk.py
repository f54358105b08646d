"""A disk that is full under a running engine halts entries and is said; the process stays to guard what is open."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import pytest

from ci.running.place import Place


def test_bookmark_on_a_full_disk_never_ends_the_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place(tmp_path, "generator", "generator:10", ("ACME",))
    place.keep(1)

    def full(self: Path, text: str, **_: Any) -> int:
        self.touch()
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_text", full)
        place.keep(2)
    assert [file.name for file in tmp_path.iterdir()] == ["feed.json"]
    assert (place.last, Place(tmp_path, "generator", "generator:10", ("ACME",)).last) == (2, 1)
    place.keep(3)
    assert Place(tmp_path, "generator", "generator:10", ("ACME",)).last == 3
