"""Refused signals are kept once, counted, survive crashes, and are redriven under today's checks (seed 004, FIX 11)."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from engine.clock import SECOND
from engine.intake.dead_letter_files import DeadLettersFailedError, DeadLettersFullError
from engine.intake.dead_letters import DeadLetter, DeadLetters, UnknownLetterError
from engine.intake.redrive import NotRedrivableError
from engine.intake.signal_form import LARGEST_SIGNAL
from engine.intake.signal_reasons import Reason, Rejected, SignalReason
from engine.journal.disk import Disk
from engine.journal.errors import JournalRefusedError

AT = 1_763_649_060 * SECOND
BAD = b'{"id": "sig-1", "entry": "NaN"}'
REASONS = (Reason(SignalReason.NOT_FINITE, "entry", "NaN"), Reason(SignalReason.MISSING_KEY, "mode", "..."))


def rejected(payload: bytes = BAD) -> Rejected:
    return Rejected(REASONS, sha256(payload).hexdigest(), "sig-1")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[DeadLetters]:
    opened = DeadLetters.open(tmp_path / "dead")
    yield opened
    opened.close()


def add(store: DeadLetters, payload: bytes = BAD, offset: str = "1", at: int = AT) -> DeadLetter:
    return store.add(
        payload, rejected(payload), at=at, source="signals.jsonl", offset=offset, commit="c0ffee"
    )


def reopened(store: DeadLetters, **options: int) -> DeadLetters:
    store.close()
    return DeadLetters.open(store.folder, **options)


def test_a_letter_tells_what_why_when_and_whence(store: DeadLetters) -> None:
    letter = add(store)
    assert letter == DeadLetter(
        key=sha256(BAD).hexdigest(),
        payload=BAD,
        length=len(BAD),
        reasons=REASONS,
        first_seen=AT,
        last_seen=AT,
        count=1,
        source="signals.jsonl",
        offset="1",
        commit="c0ffee",
    )
    assert store.letters() == (letter,)


def test_letters_survive_a_restart(store: DeadLetters) -> None:
    add(store)
    add(store, b"\xff\x00 not even text")
    before = store.letters()
    again = reopened(store)
    assert again.letters() == before
    again.close()


def test_the_same_payload_elsewhere_raises_the_count(store: DeadLetters) -> None:
    add(store)
    letter = add(store, offset="2", at=AT + SECOND)
    assert (letter.count, letter.first_seen, letter.last_seen) == (2, AT, AT + SECOND)
    assert len(store.letters()) == 1
    again = reopened(store)
    assert again.letters() == (letter,)
    again.close()


def test_the_same_delivery_again_changes_nothing(store: DeadLetters) -> None:
    add(store)
    size = sum(path.stat().st_size for path in store.folder.iterdir())
    assert add(store, at=AT + SECOND).count == 1
    assert sum(path.stat().st_size for path in store.folder.iterdir()) == size


def test_a_giant_is_kept_by_its_head_and_digest(store: DeadLetters) -> None:
    giant = b"x" * (LARGEST_SIGNAL + 1)
    letter = add(store, giant)
    assert (letter.length, len(letter.payload), letter.is_whole) == (LARGEST_SIGNAL + 1, 1024, False)
    assert letter.key == sha256(giant).hexdigest()


def test_redriving_renews_the_id_and_nothing_else(store: DeadLetters) -> None:
    key = add(store).key
    first = store.redrive(key[:8], operator="ann", reason="feed was broken", at=AT)
    second = store.redrive(key, operator="bob", reason="once more", at=AT)
    assert json.loads(first) == {"id": "sig-1.r1", "entry": "NaN"}
    assert json.loads(second)["id"] == "sig-1.r2"
    again = reopened(store)
    assert again.letter(key).redriven == ("sig-1.r1", "sig-1.r2")
    again.close()


@pytest.mark.parametrize("old", ["x" * 128, "not an id", 7, None])
def test_an_unusable_id_is_replaced_by_one_of_the_key(store: DeadLetters, old: object) -> None:
    key = add(store, json.dumps({"id": old}).encode()).key
    renewed = json.loads(store.redrive(key, operator="ann", reason="test", at=AT))["id"]
    assert renewed == f"redrive-{key[:16]}.r1"


@pytest.mark.parametrize(
    "payload", [b"", b"[]", b"{", b'{"entry": 1}', b'{"id": "a", "id": "b"}', b"\xff", b"[" * 9000]
)
def test_what_has_no_id_is_not_redriven(store: DeadLetters, payload: bytes) -> None:
    key = add(store, payload).key
    with pytest.raises(NotRedrivableError, match="ask its sender"):
        store.redrive(key, operator="ann", reason="test", at=AT)
    assert store.letter(key).redriven == ()


@pytest.mark.parametrize(("operator", "reason"), [("", "why"), ("ann", " ")])
def test_redriving_needs_a_person_and_a_reason(store: DeadLetters, operator: str, reason: str) -> None:
    key = add(store).key
    with pytest.raises(ValueError, match="names its operator and a reason"):
        store.redrive(key, operator=operator, reason=reason, at=AT)


def test_a_key_must_name_exactly_one_letter(store: DeadLetters) -> None:
    add(store)
    for key in ("", "zz"):
        with pytest.raises(UnknownLetterError, match="wanted one"):
            store.letter(key)


def test_another_process_may_redrive_beside_the_engine(store: DeadLetters) -> None:
    key = add(store).key
    operator = DeadLetters.open(store.folder)
    operator.redrive(key, operator="ann", reason="test", at=AT)
    operator.close()
    add(store, b"next", offset="2")
    assert store.letter(key).redriven == ("sig-1.r1",)
    again = reopened(store)
    assert [letter.payload for letter in again.letters()] == [BAD, b"next"]
    again.close()


def fill(store: DeadLetters) -> tuple[int, str]:
    """How many letters found room, and how the next one was refused."""
    for number in range(100):
        try:
            add(store, b"%d" % number, offset=str(number))
        except DeadLettersFullError as full:
            return number, str(full)
    return 100, ""


def test_files_rotate_and_the_last_one_refuses(tmp_path: Path) -> None:
    store = DeadLetters.open(tmp_path, segment_bytes=1500, segments=2)
    kept, says = fill(store)
    assert 2 <= kept < 100
    assert "2 files of dead letters are full" in says
    assert sorted(path.name for path in tmp_path.glob("dead-*")) == [
        "dead-letters-0001.journal",
        "dead-letters-0002.journal",
    ]
    again = reopened(store, segment_bytes=1500, segments=2)
    assert [letter.payload for letter in again.letters()] == [b"%d" % number for number in range(kept)]
    again.close()


def test_archiving_the_oldest_file_makes_room(tmp_path: Path) -> None:
    store = DeadLetters.open(tmp_path, segment_bytes=1500, segments=2)
    fill(store)
    store.close()
    (tmp_path / "dead-letters-0001.journal").rename(tmp_path / "archived")
    store = DeadLetters.open(tmp_path, segment_bytes=1500, segments=2)
    add(store, b"0", offset="again")
    assert store.letters()[-1].payload == b"0"
    store.close()


def test_an_archived_letter_is_forgotten_and_kept_anew(tmp_path: Path) -> None:
    store = DeadLetters.open(tmp_path, segment_bytes=900, segments=9)
    add(store, b"old")
    for number in range(4):
        add(store, b"%d" % number, offset=str(number))
    add(store, b"old", offset="seen again")
    store.close()
    (tmp_path / "dead-letters-0001.journal").rename(tmp_path / "archived")
    store = DeadLetters.open(tmp_path, segment_bytes=900, segments=9)
    assert b"old" not in [letter.payload for letter in store.letters()]
    assert add(store, b"old", offset="and again").count == 1
    store.close()


def test_a_torn_tail_is_cut_at_every_byte(tmp_path: Path) -> None:
    store = DeadLetters.open(tmp_path / "whole")
    add(store)
    path = tmp_path / "whole" / "dead-letters-0001.journal"
    one = path.stat().st_size
    add(store, b"second", offset="2")
    store.close()
    content = path.read_bytes()
    for cut in range(len(content)):
        folder = tmp_path / f"cut-{cut}"
        folder.mkdir()
        (folder / path.name).write_bytes(content[:cut])
        torn = DeadLetters.open(folder)
        wanted = [BAD] if cut >= one else []
        assert [letter.payload for letter in torn.letters()] == wanted
        add(torn, b"after", offset="3")
        torn.close()
        final = DeadLetters.open(folder)
        assert [letter.payload for letter in final.letters()] == [*wanted, b"after"]
        final.close()


def test_damage_in_the_middle_refuses(store: DeadLetters) -> None:
    add(store)
    add(store, b"second", offset="2")
    store.close()
    path = store.folder / "dead-letters-0001.journal"
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 1
    path.write_bytes(content)
    with pytest.raises(JournalRefusedError, match="damaged"):
        DeadLetters.open(store.folder)


def _three_files(folder: Path) -> None:
    store = DeadLetters.open(folder, segment_bytes=900, segments=9)
    for number in range(6):
        add(store, b"%d" % number, offset=str(number))
    store.close()
    assert len(list(folder.glob("dead-*"))) >= 3


def test_a_missing_middle_file_refuses(tmp_path: Path) -> None:
    _three_files(tmp_path)
    (tmp_path / "dead-letters-0002.journal").unlink()
    with pytest.raises(JournalRefusedError, match="archive the oldest files only"):
        DeadLetters.open(tmp_path)


def test_a_file_of_another_folder_refuses(tmp_path: Path) -> None:
    _three_files(tmp_path / "a")
    _three_files(tmp_path / "b")
    store = DeadLetters.open(tmp_path / "c", segment_bytes=900, segments=9)
    for number in range(6):
        add(store, b"c%d" % number, offset=str(number))
    store.close()
    os.replace(tmp_path / "c" / "dead-letters-0002.journal", tmp_path / "a" / "dead-letters-0002.journal")
    with pytest.raises(JournalRefusedError, match="does not follow the file before it"):
        DeadLetters.open(tmp_path / "a")


def test_a_cut_file_before_another_refuses(tmp_path: Path) -> None:
    _three_files(tmp_path)
    first = tmp_path / "dead-letters-0001.journal"
    first.write_bytes(first.read_bytes()[:-1])
    with pytest.raises(JournalRefusedError, match="cut short"):
        DeadLetters.open(tmp_path)


class FullDisk(Disk):
    """A disk that has no room beyond 600 bytes."""

    def write(self, chunk: bytes) -> None:
        if os.fstat(self.fd).st_size + len(chunk) > 600:
            super().write(chunk[:10])
            raise OSError(28, "No space left on device")
        super().write(chunk)


def test_a_full_disk_refuses_from_then_on_and_loses_nothing(tmp_path: Path) -> None:
    store = DeadLetters.open(tmp_path, disk=FullDisk)
    add(store)
    for _ in range(2):
        with pytest.raises(DeadLettersFailedError, match="No space left on device"):
            add(store, b"second", offset="2")
    assert len(store.letters()) == 1
    again = reopened(store)
    assert again.torn == 10
    assert [letter.payload for letter in again.letters()] == [BAD]
    again.close()


def test_files_are_for_their_owner_only(store: DeadLetters) -> None:
    add(store)
    assert store.folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in store.folder.iterdir()} == {0o600}
