"""The journal on disk: durable before the effect, cut or refused after damage, one engine, one environment."""

from __future__ import annotations

import errno
import os
import resource
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from engine.journal import file as journal_file
from engine.journal.disk import Disk
from engine.journal.errors import JournalFailedError, JournalRefusedError
from engine.journal.file import FileJournal, Identity
from engine.journal.record import GENESIS, HEAD, TYPES, frame, payload

DEV = Identity("dev", "paper", "ACCT-DEV-1")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "paper" / "journal"


def _written(path: Path, count: int = 3) -> list[int]:
    """Offsets at which records end."""
    journal = FileJournal.open(path, DEV, 0)
    ends = [path.stat().st_size]
    for number in range(count):
        journal.append(number, "signal", {"id": f"s-{number}"})
        journal.sync()
        ends.append(path.stat().st_size)
    journal.close()
    return ends


def test_what_was_synced_is_read_back(path: Path) -> None:
    _written(path)
    journal = FileJournal.open(path, DEV, 9)
    assert [(r.seq, r.type) for r in journal.records()] == [
        (0, "cfg"),
        (1, "signal"),
        (2, "signal"),
        (3, "signal"),
    ]
    assert journal.append(9, "state", {"state": "HALTED"}) == 4
    journal.close()


def test_files_are_for_their_owner_alone(path: Path) -> None:
    _written(path)
    modes = {entry.name: entry.stat().st_mode & 0o777 for entry in path.parent.iterdir()}
    assert modes == {"journal": 0o600, "lock": 0o600, "kill": 0o600}
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_every_torn_tail_is_cut_to_the_last_whole_record(path: Path) -> None:
    ends = _written(path)
    whole = path.read_bytes()
    for size in range(ends[2] + 1, ends[3]):
        path.write_bytes(whole[:size])
        journal = FileJournal.open(path, DEV, 0)
        assert (len(journal.recovered), journal.torn) == (3, size - ends[2])
        journal.close()
        assert path.read_bytes() == whole[: ends[2]]


def test_a_tail_of_zeros_or_noise_is_torn_too(path: Path) -> None:
    _written(path)
    whole = path.read_bytes()
    for tail in (bytes(100), os.urandom(100), b"\xff" * 7):
        path.write_bytes(whole + tail)
        journal = FileJournal.open(path, DEV, 0)
        assert len(journal.recovered) == 4
        journal.close()


def test_damage_in_the_middle_refuses_and_names_the_place(path: Path) -> None:
    ends = _written(path)
    whole = bytearray(path.read_bytes())
    for place in range(ends[0], ends[2]):
        broken = whole.copy()
        broken[place] ^= 0x01
        path.write_bytes(broken)
        with pytest.raises(JournalRefusedError, match=r"record [12] .*restore the file from its backup"):
            FileJournal.open(path, DEV, 0)
        assert path.read_bytes() == broken, "a refused journal is left as it was"


def test_a_record_taken_out_breaks_the_chain(path: Path) -> None:
    ends = _written(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: ends[0]] + whole[ends[1] :])
    with pytest.raises(JournalRefusedError, match=r"record 1 at byte .* does not follow the one before it"):
        FileJournal.open(path, DEV, 0)


@pytest.mark.parametrize(
    ("identity", "reason"),
    [
        (Identity("production", "paper", "ACCT-DEV-1"), "belongs to environment 'dev', not 'production'"),
        (Identity("dev", "live", "ACCT-DEV-1"), "belongs to mode 'paper', not 'live'"),
        (Identity("dev", "paper", "OTHER"), "belongs to account 'ACCT-DEV-1', not 'OTHER'"),
    ],
)
def test_another_owner_s_journal_is_refused(path: Path, identity: Identity, reason: str) -> None:
    _written(path)
    with pytest.raises(JournalRefusedError, match=reason):
        FileJournal.open(path, identity, 0)


def test_a_newer_journal_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_file, "SCHEMA", 2)
    FileJournal.open(path, DEV, 0).close()
    monkeypatch.setattr(journal_file, "SCHEMA", 1)
    with pytest.raises(JournalRefusedError, match="written by a newer engine"):
        FileJournal.open(path, DEV, 0)


def test_a_record_type_of_the_future_is_refused(path: Path) -> None:
    ends = _written(path)
    covered = bytearray(payload(2, GENESIS, 0, "cfg", {}))
    covered[48] = len(TYPES)
    whole = path.read_bytes()
    path.write_bytes(whole[: ends[1]] + frame(bytes(covered)) + whole[ends[1] :])
    with pytest.raises(JournalRefusedError, match="newer than this engine"):
        FileJournal.open(path, DEV, 0)


def test_two_engines_never_share_a_journal(path: Path) -> None:
    first = FileJournal.open(path, DEV, 0)
    with pytest.raises(JournalRefusedError, match="another engine holds this journal"):
        FileJournal.open(path, DEV, 0)
    first.close()
    FileJournal.open(path, DEV, 0).close()


def test_the_lock_of_a_dead_engine_is_no_obstacle(path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from engine.journal.file import *;"
        f"FileJournal.open(Path({str(path)!r}), Identity(*{tuple(DEV)!r}), 0); os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    FileJournal.open(path, DEV, 0).close()


class FullDisk(Disk):
    def write(self, chunk: bytes) -> None:
        super().write(chunk[:5])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


class DeadDisk(Disk):
    def sync(self) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))


@pytest.mark.parametrize(("disk", "word"), [(FullDisk, "No space left"), (DeadDisk, "Input/output error")])
def test_a_failed_disk_is_never_tried_again(path: Path, disk: type[Disk], word: str) -> None:
    _written(path)
    before = path.stat().st_size
    journal = FileJournal.open(path, DEV, 0, disk)
    journal.append(0, "signal", {"id": "x"})
    for _ in range(2):
        with pytest.raises(JournalFailedError, match=word):
            journal.sync()
    with pytest.raises(JournalFailedError, match=word):
        journal.append(0, "signal", {"id": "y"})
    assert journal.failure is not None
    journal.close()
    again = FileJournal.open(path, DEV, 0)
    assert len(again.recovered) in (4, 5)
    assert path.stat().st_size >= before
    again.close()


def test_a_really_full_disk_halts(path: Path) -> None:
    """A file size limit is the full disk every user can have."""
    _written(path)
    code = f"""
import resource, signal
from pathlib import Path
from engine.journal.file import *
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
journal = FileJournal.open(Path({str(path)!r}), Identity(*{tuple(DEV)!r}), 0)
resource.setrlimit(resource.RLIMIT_FSIZE, ({path.stat().st_size + 10},) * 2)
journal.append(0, "signal", {{"id": "x" * 100}})
try:
    journal.sync()
except Exception as failure:
    print(type(failure).__name__)
"""
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout == "JournalFailedError\n"
    journal = FileJournal.open(path, DEV, 0)
    assert (len(journal.recovered), journal.torn) == (4, 10)
    journal.close()


def test_a_kill_is_written_when_nothing_else_can_be(path: Path) -> None:
    journal = FileJournal.open(path, DEV, 0, FullDisk) if path.exists() else None
    assert journal is None
    _written(path)
    journal = FileJournal.open(path, DEV, 0, FullDisk)
    assert journal.write_kill(5, {"epoch": 3, "cause": "file"})
    journal.append(0, "signal", {})
    with pytest.raises(JournalFailedError):
        journal.sync()
    journal.close()
    again = FileJournal.open(path, DEV, 0)
    killed = again.killed()
    assert killed is not None
    assert killed.body == {"epoch": 3, "cause": "file"}
    again.clear_kill()
    assert again.killed() is None
    again.close()


def test_a_folder_in_the_way_is_refused(tmp_path: Path) -> None:
    (tmp_path / "journal").mkdir()
    with pytest.raises(JournalRefusedError, match="Is a directory"):
        FileJournal.open(tmp_path / "journal", DEV, 0)


def test_one_sync_serves_all_who_wait(path: Path) -> None:
    counted: list[int] = []

    class Counting(Disk):
        def sync(self) -> None:
            counted.append(1)
            super().sync()

    journal = FileJournal.open(path, DEV, 0, Counting)
    gate = threading.Barrier(8)

    def one(number: int) -> None:
        gate.wait()
        for turn in range(20):
            journal.append(turn, "signal", {"id": f"{number}-{turn}"})
            journal.sync()

    threads = [threading.Thread(target=one, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    journal.close()
    again = FileJournal.open(path, DEV, 0)
    assert len(again.recovered) == 161
    assert len(counted) < 161
    again.close()


def test_power_loss_at_any_synced_prefix_recovers(path: Path) -> None:
    ends = _written(path, 5)
    whole = path.read_bytes()
    for number, end in enumerate(ends):
        path.write_bytes(whole[:end])
        journal = FileJournal.open(path, DEV, 0)
        assert (len(journal.recovered), journal.torn) == (number + 1, 0)
        journal.close()


def test_a_slow_disk_is_reported(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter([10.0, 11.5])
    monkeypatch.setattr(journal_file, "monotonic", lambda: next(ticks))
    journal = FileJournal.open(path, DEV, 0)
    assert not journal.is_stalled
    journal.append(0, "signal", {})
    journal.sync()
    assert journal.is_stalled
    journal.close()


def test_a_head_is_eight_bytes() -> None:
    assert HEAD.size == 8
    assert resource.RLIM_INFINITY == -1
