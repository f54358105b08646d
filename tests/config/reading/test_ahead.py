"""Two cores read what one would have read, whatever becomes of the second."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from config.desired import DesiredState
from config.findings import Refused
from config.reading import ahead, load
from config.reading.ahead import Ahead, Case
from config.reading.cache import ParseCache
from config.reading.load import load as load_by
from config.tree import FILE, Blob, FolderTree, blob_id

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def _two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("config.reading.cache.WORTH_IT", 2)
    monkeypatch.setattr("os.cpu_count", lambda: 2)


def by_two(folder: Path) -> tuple[Any, ParseCache]:
    cache = ParseCache(folder / "parsed", bytes(32), "code")
    return load_by(FolderTree(ROOT), cache), cache


def check_same(found: Any, desired: DesiredState) -> None:
    assert isinstance(found, DesiredState), found.findings
    assert found.environments == desired.environments
    assert found.catalogue == desired.catalogue
    for file, document in desired.documents.items():
        assert found.documents[file].text == document.text
        assert found.documents[file].places.at(("schema",)) == document.places.at(("schema",))


def test_child_takes_the_second_half(tmp_path: Path, desired: DesiredState) -> None:
    found, cache = by_two(tmp_path)
    check_same(found, desired)
    assert cache.hits == 6


@pytest.mark.parametrize("fate", ["killed", "raises", "garbles", "lies about its form"])
def test_lost_child_costs_time_only(
    fate: str, tmp_path: Path, desired: DesiredState, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(cases: list[Case], answers: Any) -> None:
        if fate == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        if fate == "garbles":
            answers.write(b"\xff nonsense\n\n" + cases[0][0].encode() + b" {")
        if fate == "lies about its form":
            answers.write("".join(f"{name} []\n" for name, *_ in cases).encode())
        answers.flush()
        os._exit(1 if fate == "raises" else 0)

    monkeypatch.setattr(ahead, "_work", fail)
    found, cache = by_two(tmp_path)
    check_same(found, desired)
    assert cache.hits == 0


def test_reaped_child_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    started = Ahead([])
    os.waitpid(started._child, 0)
    assert started.answers() == {}


def test_refusals_of_both_halves_are_reported(tmp_path: Path) -> None:
    for source in (ROOT / "config").rglob("*.yaml"):
        target = tmp_path / source.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(source.read_text().replace("schema: 1", "schema: 1\nschema: 1", 1))
    cache = ParseCache(tmp_path / "parsed", None, "code")
    found = load_by(FolderTree(tmp_path), cache)
    assert isinstance(found, Refused)
    assert found == load(FolderTree(tmp_path))


def test_few_files_start_no_child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("config.reading.cache.WORTH_IT", 100)
    monkeypatch.setattr(os, "fork", lambda: pytest.fail("a child was started"))
    assert isinstance(by_two(tmp_path)[0], DesiredState)


def test_known_files_start_no_child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    by_two(tmp_path)[1].save()
    monkeypatch.setattr(os, "fork", lambda: pytest.fail("a child was started"))
    found, cache = by_two(tmp_path)
    assert (isinstance(found, DesiredState), cache.hits) == (True, 12)


def test_file_of_another_mode_is_no_case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fork", lambda: pytest.fail("a child was started"))
    cache = ParseCache(tmp_path / "parsed", None, "code")
    data = b"x"
    cache.prepare(
        [
            ("a", dict, Blob(data, "120000", blob_id(data))),
            ("b", dict, None),
            ("c", dict, Blob(data, FILE, "")),
        ]
    )
