"""A journal is a plain file of this user under one name, and one that began is never begun anew."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.clock import SECOND
from engine.journal.errors import JournalRefusedError
from engine.journal.file import FileJournal, Identity
from engine.journal.record import frame, payload

DEV = Identity("dev", "paper", "ACCT-DEV-1")
IS_ROOT = os.geteuid() == 0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "paper" / "journal"


def written(path: Path, at: int = 0) -> bytes:
    journal = FileJournal.open(path, DEV, at)
    journal.append(at, "signal", {"id": "s-1"})
    journal.close()
    return path.read_bytes()


def symlink(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to(path.with_name("elsewhere"))


def hard_link(path: Path) -> None:
    os.link(path, path.with_name("second"))


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def open_to_all(path: Path) -> None:
    path.chmod(0o666)


@pytest.mark.parametrize("name", ["journal", "lock", "kill"])
@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (symlink, "is a symbolic link"),
        (hard_link, r"has 2 names \(hard links\)"),
        (pipe, "is no plain file"),
        (folder, "Is a directory"),
        (open_to_all, r"may be written by others \(mode 666\)"),
    ],
)
def test_an_odd_file_is_refused_and_left_alone(
    path: Path, name: str, spoil: Callable[[Path], None], says: str
) -> None:
    before = written(path)
    spoil(path.with_name(name))
    with pytest.raises(JournalRefusedError, match=says):
        FileJournal.open(path, DEV, 0)
    if name != "journal":
        assert path.read_bytes() == before


@pytest.mark.skipif(not IS_ROOT, reason="only root gives files away")
@pytest.mark.parametrize("name", ["journal", "lock", "kill"])
def test_another_user_s_file_is_refused(path: Path, name: str) -> None:
    written(path)
    os.chown(path.with_name(name), 65534, 65534)
    with pytest.raises(JournalRefusedError, match="belongs to user 65534, this engine runs as user 0"):
        FileJournal.open(path, DEV, 0)


@pytest.mark.parametrize("mode", [0o500, 0o000])
def test_a_folder_nobody_may_write_is_refused(path: Path, mode: int) -> None:
    """As an engine that does not run as root meets it: root, who may write anywhere, becomes nobody for it."""
    path.parent.mkdir()
    for above in path.parents[1:-1]:
        above.chmod(above.stat().st_mode | 0o055)
    if IS_ROOT:
        os.chown(path.parent, 65534, 65534)
    path.parent.chmod(mode)
    code = (
        "import os; from pathlib import Path; from engine.journal.file import *\n"
        "if os.geteuid() == 0: os.setuid(65534)\n"
        f"try: FileJournal.open(Path({str(path)!r}), Identity(*{tuple(DEV)!r}), 0)\n"
        "except Exception as refused: print(type(refused).__name__, refused)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == (
        f"JournalRefusedError {path}: Permission denied; the journal must be writable by its owner\n"
    )


@pytest.mark.parametrize("left", [b"", None], ids=["emptied", "deleted"])
def test_a_journal_that_is_gone_is_not_begun_anew(path: Path, left: bytes | None) -> None:
    written(path)
    path.unlink() if left is None else path.write_bytes(left)
    with pytest.raises(JournalRefusedError, match="is empty or gone, but an engine has written it"):
        FileJournal.open(path, DEV, 0)


def test_a_cut_first_record_is_no_beginning_either(path: Path) -> None:
    whole = written(path)
    for size in (1, 7, 8, 60):
        path.write_bytes(whole[:size])
        with pytest.raises(JournalRefusedError, match="is empty or gone"):
            FileJournal.open(path, DEV, 0)


def test_a_crash_in_the_very_first_record_begins_again(path: Path) -> None:
    whole = written(path)
    first = len(frame(payload(0, bytes(32), 0, "cfg", {"schema": 1, **DEV._asdict()})))
    path.with_name("kill").unlink()
    for content in [whole[:size] for size in range(first)] + [bytes(300)]:
        path.write_bytes(content)
        FileJournal.open(path, DEV, 0).close()
        path.with_name("kill").unlink()


@pytest.mark.parametrize("content", [b"hello, world\n", b"SQLite format 3\0", b"\x7fELF", b"{}"])
def test_another_file_is_refused_and_not_cut(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(JournalRefusedError, match="is no journal; move it away"):
        FileJournal.open(path, DEV, 0)
    assert path.read_bytes() == content


def test_a_clock_behind_the_last_record_is_refused(path: Path) -> None:
    before = written(path, at=3600 * SECOND)
    with pytest.raises(
        JournalRefusedError,
        match="its last record is of 1970-01-01T01:00:00Z, this machine's clock says 1970-01-01T00:59:54Z",
    ):
        FileJournal.open(path, DEV, 3594 * SECOND)
    assert path.read_bytes() == before
    FileJournal.open(path, DEV, 3595 * SECOND).close()


@pytest.mark.parametrize("body", ["{", "[]", "1", '"x"', "[" * 5000])
def test_a_record_whose_body_is_no_object_is_damage(path: Path, body: str) -> None:
    journal = FileJournal.open(path, DEV, 0)
    journal.append(0, "signal", body)
    journal.append(0, "signal", {"id": "s-2"})
    journal.close()
    with pytest.raises(JournalRefusedError, match=r"record 1 .* is damaged \(its body is no JSON"):
        FileJournal.open(path, DEV, 0)


def test_a_journal_that_loses_its_place_is_noticed(path: Path) -> None:
    journal = FileJournal.open(path, DEV, 0)
    journal.append(0, "signal", {"id": "s-1"})
    journal.sync()
    assert journal.misplaced() == ""
    whole = path.read_bytes()
    os.truncate(path, 20)
    assert journal.misplaced() == f"{path} was cut from {len(whole)} to 20 bytes while it was written"
    path.rename(path.with_name("aside"))
    assert "No such file or directory; what is written now is lost" in journal.misplaced()
    path.write_bytes(whole)
    assert "was replaced while it was written" in journal.misplaced()
    journal.close()


def test_a_new_lock_file_does_not_let_a_second_writer_in(path: Path) -> None:
    first = FileJournal.open(path, DEV, 0)
    path.with_name("lock").unlink()
    with pytest.raises(JournalRefusedError, match="another engine holds this journal"):
        FileJournal.open(path, DEV, 0)
    first.close()
