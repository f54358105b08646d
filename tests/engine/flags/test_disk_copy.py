"""What was in force comes back after a restart only if Git still gives the same, and opens nothing by itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.durable import DamagedStateError, Floor, write_durably
from engine.flags.adoption import Adopted
from engine.flags.disk_copy import DiskCopy


@pytest.fixture
def world(git_and_ledger: Callable[[], Any]) -> Any:
    return git_and_ledger()


def adopted(world: Any, names: str) -> Adopted:
    bundles = tuple(world.git[name * 40] for name in names)
    return Adopted(world.snapshot(names), 5, bundles, "2026-11-20T09:30:00.000000Z", bundles[-1].digest)


def test_copy_gives_back_what_was_in_force(world: Any, tmp_path: Path) -> None:
    before = adopted(world, "ab")
    DiskCopy(tmp_path).keep(before)
    assert DiskCopy(tmp_path).restore(world) == before


def test_nothing_kept_gives_nothing(world: Any, tmp_path: Path) -> None:
    assert DiskCopy(tmp_path).restore(world) is None


def test_git_that_changed_or_forgot_gives_nothing(world: Any, tmp_path: Path) -> None:
    DiskCopy(tmp_path).keep(adopted(world, "a"))
    world.git["a" * 40], kept = world.git["f" * 40], world.git["a" * 40]
    assert DiskCopy(tmp_path).restore(world) is None
    del world.git["a" * 40]
    assert DiskCopy(tmp_path).restore(world) is None
    world.git["a" * 40] = kept
    assert DiskCopy(tmp_path).restore(world) is not None


@pytest.mark.parametrize(
    "content", ["", "{}", "[]", '{"schema":2}', '{"schema":1,"commits":[],"generation":"x"}']
)
def test_damaged_copy_is_no_start(world: Any, tmp_path: Path, content: str) -> None:
    (tmp_path / "adopted.json").write_text(content)
    with pytest.raises(DamagedStateError, match=r"adopted\.json: it is no copy of a head"):
        DiskCopy(tmp_path).restore(world)


def test_floor_only_rises_and_survives(tmp_path: Path) -> None:
    floor = Floor(tmp_path / "generation")
    for number in (3, 2**53 + 1, 4):
        floor.raise_to(number)
    assert floor.value == Floor(tmp_path / "generation").value == 2**53 + 1


@pytest.mark.parametrize("content", ["", "seven", "-1", "1 2", "9" * 21])
def test_damaged_floor_is_no_start(tmp_path: Path, content: str) -> None:
    (tmp_path / "generation").write_text(content)
    with pytest.raises(DamagedStateError, match="generation: it holds no number"):
        Floor(tmp_path / "generation")


def test_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    path = tmp_path / "fact"
    write_durably(path, b"old")
    monkeypatch.setattr("engine.durable.os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_durably(path, b"new")
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["fact"]
