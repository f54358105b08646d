"""A file's name decides its format; a replay goes through the same reports as trading."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.reports.facts import ClosedTrade, Run
from engine.reports.writing import UnknownFormatError, write_run


def test_the_name_decides_the_format(
    trade: Callable[..., ClosedTrade], run: Callable[..., Run], tmp_path: Path
) -> None:
    pytest.importorskip("matplotlib")
    made = run(trade())
    write_run(made, tmp_path / "a.html")
    write_run(made, tmp_path / "a.png")
    assert (tmp_path / "a.html").read_text().startswith("<!doctype html>")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}


@pytest.mark.parametrize("name", ["a.pdf", "a", "png"])
def test_another_name_is_refused(run: Callable[..., Run], tmp_path: Path, name: str) -> None:
    with pytest.raises(UnknownFormatError, match=r"\.png or \.html"):
        write_run(run(), tmp_path / name)
    assert list(tmp_path.iterdir()) == []
