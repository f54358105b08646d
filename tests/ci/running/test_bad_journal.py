"""The real command on a journal it may not continue: exit 78 and a sentence, the files as they were; and full disks."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ci.main import main
from engine.clock import SECOND, micros
from engine.journal import file as journal_file
from engine.journal.file import FileJournal, Identity
from engine.journal.record import frame, payload
from engine.journal.scan import scan

pytestmark = pytest.mark.slow
DEV = Identity("dev", "paper", "ACCT-DEV-1")
IS_ROOT = os.geteuid() == 0


def now() -> int:
    return micros(datetime.now(UTC))


def flipped(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def cut_to(size: int) -> Callable[[Path], None]:
    return lambda path: os.truncate(path, size)


def foreign(path: Path) -> None:
    path.with_name("kill").unlink()
    path.write_bytes(b"time,open,high,low,close,volume\n")


def of(**changes: str) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        shutil.rmtree(path.parent)
        FileJournal.open(path, DEV._replace(**changes), 0).close()

    return write


def newer(path: Path) -> None:
    shutil.rmtree(path.parent)
    journal_file.SCHEMA, old = 2, journal_file.SCHEMA
    try:
        FileJournal.open(path, DEV, 0).close()
    finally:
        journal_file.SCHEMA = old


def ahead(path: Path) -> None:
    journal = FileJournal.open(path, DEV, now())
    journal.append(now() + 3600 * SECOND, "state", {"state": "REDUCING", "cause": "x"})
    journal.close()


def misfit(type_: str, body: str) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        journal = FileJournal.open(path, DEV, now())
        journal.append(0, type_, body)
        journal.close()

    return write


def doubled(path: Path) -> None:
    scanned = scan(path.read_bytes(), "")
    with path.open("ab") as stream:
        stream.write(frame(payload(len(scanned.records) - 1, bytes(32), 0, "state", "{}")) * 2)


def symlink(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to("elsewhere")


def hard_link(path: Path) -> None:
    os.link(path, path.with_name("second"))


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def given_away(path: Path) -> None:
    os.chown(path, 65534, 65534)


CASES: dict[str, tuple[Callable[[Path], None], str]] = {
    "bad crc in the middle": (flipped, "is damaged (crc is not the record's)"),
    "emptied": (cut_to(0), "is empty or gone, but an engine has written it"),
    "deleted": (Path.unlink, "is empty or gone, but an engine has written it"),
    "cut in its first header": (cut_to(7), "is empty or gone, but an engine has written it"),
    "another file": (foreign, "is no journal; move it away"),
    "another environment": (of(environment="staging"), "belongs to environment 'staging', not 'dev'"),
    "another mode": (of(mode="live"), "belongs to mode 'live', not 'paper'"),
    "another account": (of(account="ACCT-PRD-1"), "belongs to account 'ACCT-PRD-1'"),
    "a newer engine": (newer, "written by a newer engine (schema 2, this one reads 1)"),
    "a clock that went back": (ahead, "this machine's clock says"),
    "a record out of its chain": (doubled, "does not follow the one before it"),
    "a fill of no order": (misfit("fill", '{"id":"X"}'), "does not fit what came before"),
    "a state that is none": (
        misfit("state", '{"state":"BRISK","cause":""}'),
        "does not fit what came before",
    ),
    "a body of other types": (
        misfit("session", '{"day":1,"equity":[],"peak":{},"streak":""}'),
        "does not fit",
    ),
    "a symbolic link": (symlink, "is a symbolic link"),
    "a hard link": (hard_link, "has 2 names (hard links)"),
    "a pipe": (pipe, "is no plain file"),
    **({"another user's": (given_away, "belongs to user 65534")} if IS_ROOT else {}),
}


def content(path: Path) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in sorted(path.parent.iterdir()) if each.is_file()}


def test_every_odd_journal_is_refused_with_its_reason_and_left_alone(
    town: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In this process: eighteen starts of Python would cost more than they show."""
    monkeypatch.chdir(town.root)
    town.apply()
    town.engine("--bars", "60").await_line("stopped")
    kept = town.folder.with_name("kept")
    shutil.copytree(town.folder, kept)
    wrong = {}
    for name, (spoil, says) in CASES.items():
        shutil.rmtree(town.folder)
        shutil.copytree(kept, town.folder)
        journal = town.folder / "paper" / "journal"
        spoil(journal)
        before = content(journal)
        words = ["engine", "--env", "dev", "--state", str(town.local.state), "--feed", "generated"]
        code = main(words)
        said = capsys.readouterr().err
        is_kept = (content(journal).get("journal") or b"") == before.get("journal", b"")
        if (code, says in said, is_kept) != (78, True, True):
            wrong[name] = (code, is_kept, said)
    assert wrong == {}


def test_a_torn_tail_is_cut_and_noted(town: Any) -> None:
    town.apply()
    town.engine("--bars", "60").await_line("stopped")
    journal = town.folder / "paper" / "journal"
    os.truncate(journal, journal.stat().st_size - 3)
    recovered = town.engine("--bars", "1").await_line("recovered")
    assert recovered["notes"][0].startswith("cut ")
    assert recovered["notes"][0].endswith(" bytes of a torn tail")


@pytest.mark.parametrize("how", ["deleted", "replaced", "cut"])
def test_a_journal_lost_while_it_is_written_halts(town: Any, how: str) -> None:
    town.apply()
    engine = town.engine()
    engine.await_line("order", leg="E")
    journal = town.folder / "paper" / "journal"
    if how == "cut":
        os.truncate(journal, 100)
    else:
        whole = journal.read_bytes()
        journal.rename(journal.with_name("aside"))
        if how == "replaced":
            journal.write_bytes(whole)
    engine.await_line("heartbeat", state="HALTED")
    assert engine.process.stop() == 1
    stands = engine.await_line("stopped")["stands"]
    assert stands.startswith(f"HALTED: {journal}"), stands


def test_a_disk_that_fills_halts_and_loses_nothing(town: Any) -> None:
    """A limit on the size of files is the full disk every user can have."""
    town.apply()
    town.engine("--bars", "60").await_line("stopped")
    journal = town.folder / "paper" / "journal"
    before = journal.read_bytes()
    limit = (len(before) + 1500) // 512 + 1
    words = [*town.words("engine"), "--feed", "generated", "--bars", "400"]
    limited = (
        f"import os, resource, signal; resource.setrlimit(resource.RLIMIT_FSIZE, ({limit * 512},) * 2);"
        f"signal.signal(signal.SIGXFSZ, signal.SIG_IGN); os.execv({words[0]!r}, {words!r})"
    )
    done = subprocess.run(
        [words[0], "-c", limited], cwd=town.root, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1, done.stderr
    assert '"state":"HALTED"' in done.stdout.splitlines()[-1]
    assert "File too large; trading halts until it can write" in done.stdout
    assert journal.read_bytes().startswith(before)
    again = town.engine("--bars", "1").await_line("stopped")
    assert again["exit_code"] in (0, 1)


def test_a_second_sigterm_does_not_skip_the_journal(town: Any) -> None:
    town.apply()
    engine = town.engine()
    engine.await_line("order", leg="E")
    process = engine.process._process
    for _ in range(20):
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGINT)
    assert process.wait(30) == 0
    records = scan((town.folder / "paper" / "journal").read_bytes(), "journal").records
    assert records[-1].type == "shutdown"
    assert records[-1].body["clean"] is True
    held = records[-1].body["positions"]
    again = town.engine("--bars", "1")
    assert again.await_line("recovered")["notes"] == []
    assert again.await_line("heartbeat")["positions"] == held
