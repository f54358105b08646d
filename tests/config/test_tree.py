"""A folder shows its files as Git would: modes and ids, links never followed."""

from __future__ import annotations

import os
import socket
import subprocess
from pathlib import Path

import pytest

from config.reading.names import judge_names
from config.tree import EXECUTABLE, FILE, LINK, SPECIAL, Entry, FolderTree, blob_id


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "config" / "sub").mkdir(parents=True)
    (tmp_path / "config" / "a.yaml").write_text("a: 1\n")
    (tmp_path / "config" / "sub" / "b.yaml").write_text("b: 1\n")
    return tmp_path


def test_entries_are_sorted_files_with_modes_and_sizes(folder: Path) -> None:
    (folder / "config" / "sub" / "b.yaml").chmod(0o755)
    (folder / "config" / "__pycache__").mkdir()
    (folder / "config" / "__pycache__" / "x.pyc").write_bytes(b"")
    (folder / "config" / "z").symlink_to("a.yaml")
    assert FolderTree(folder).entries("config/") == (
        Entry("config/a.yaml", FILE, 5),
        Entry("config/sub/b.yaml", EXECUTABLE, 5),
        Entry("config/z", LINK, 6),
    )


def test_folder_that_is_a_link_is_one_refused_entry(folder: Path, tmp_path: Path) -> None:
    (folder / "config").rename(tmp_path / "elsewhere")
    (folder / "config").symlink_to(tmp_path / "elsewhere")
    entries = FolderTree(folder).entries("config")
    assert entries == (Entry("config", LINK),)
    assert "CFG008" in [found.rule for found in judge_names(entries)]
    assert FolderTree(folder).entries("missing") == ()
    assert [entry.path for entry in FolderTree(folder).entries("")] == [
        "config",
        "elsewhere/a.yaml",
        "elsewhere/sub/b.yaml",
    ]


def test_index_modes_win_over_the_file_system(folder: Path) -> None:
    tree = FolderTree(folder, "worktree", {"config/a.yaml": EXECUTABLE})
    blob = tree.read("config/a.yaml")
    assert blob is not None
    assert (tree.label, tree.entries("config")[0].mode, blob.mode) == ("worktree", EXECUTABLE, EXECUTABLE)


def test_blob_has_the_id_git_gives(folder: Path) -> None:
    blob = FolderTree(folder).read("config/a.yaml")
    assert blob is not None
    said = subprocess.run(
        ["git", "hash-object", str(folder / "config" / "a.yaml")], capture_output=True, text=True, check=True
    )
    assert blob.id == blob_id(b"a: 1\n") == said.stdout.strip()


@pytest.mark.parametrize("path", ["config/none.yaml", "config/a.yaml/x", "config/sub"])
def test_what_is_no_file_reads_as_none(folder: Path, path: str) -> None:
    assert FolderTree(folder).read(path) is None


def test_link_and_pipe_are_seen_but_not_read(folder: Path) -> None:
    (folder / "config" / "link.yaml").symlink_to("a.yaml")
    os.mkfifo(folder / "config" / "pipe.yaml")
    tree = FolderTree(folder)
    for name, mode in (("link", LINK), ("pipe", SPECIAL)):
        blob = tree.read(f"config/{name}.yaml")
        assert blob is not None
        assert (blob.data, blob.mode) == (b"", mode)


def test_socket_is_seen_but_not_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)  # a socket's name is short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("config/s.yaml")
        blob = FolderTree(folder).read("config/s.yaml")
    assert blob is not None
    assert (blob.data, blob.mode) == (b"", SPECIAL)


def test_file_without_permission_is_an_error_not_an_empty_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("config.tree.os.open", refuse)
    with pytest.raises(PermissionError):
        FolderTree(folder).read("config/a.yaml")
