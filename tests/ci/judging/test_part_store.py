"""What earlier runs found saves time and changes no verdict: not when it is old, broken, forged, or somebody else's."""

from __future__ import annotations

import hmac
import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from benchmarks.policy.trees import commit, grow
from ci.judging import code, part_store, wide
from ci.judging.part_store import KeptParts, PartStore, kept_parts, machine_key, packed, unpacked
from ci.main import main

NOW = "2026-11-17T15:00:00Z"
LIVE = ("live_trading_enabled: {enabled: false", "live_trading_enabled: {enabled: true")
SIZE = 60
Check = Callable[..., str]


def edit(root: Path, name: str, old: str, new: str) -> None:
    file = root / f"config/environments/{name}.yaml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixty environments, two of them dangerous."""
    root = tmp_path_factory.mktemp("fleet")
    grow(root / "tree", SIZE // 3, faulty=False)
    edit(root / "tree", "dev-7", *LIVE)
    edit(root / "tree", "staging-9", "max_position_percent: 5.0", "max_position_percent: 7.5")
    commit(root / "tree")
    return root / "tree"


@pytest.fixture
def fleet(grown: Path, tmp_path: Path) -> Path:
    subprocess.run(["cp", "-r", str(grown), str(tmp_path / "tree")], check=True)
    return tmp_path / "tree"


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture(autouse=True)
def _settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """However fresh this checkout is, nobody edits its code while these tests run."""
    monkeypatch.setattr(code, "SETTLED_SECONDS", -(10**9))


@pytest.fixture
def say(
    fleet: Path, state: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Check:
    """The whole JSON answer of the real command."""
    monkeypatch.chdir(fleet)

    def run(*words: str) -> str:
        main(["check", "--format", "json", "--as-of", NOW, "--state", str(state), *words])
        return capsys.readouterr().out

    return run


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The environments that were read and judged anew, in this process."""
    names: list[str] = []
    named = wide._named

    def noted(name: str, *rest: Any) -> Any:
        names.append(name)
        return named(name, *rest)

    monkeypatch.setattr(wide, "_named", noted)
    return names


def rules_of(answer: str) -> set[tuple[str, str]]:
    return {(one["rule"], one["file"]) for one in json.loads(answer)["findings"]}


DANGERS = {
    ("VEN001", "config/environments/dev-7.yaml"),
    ("FLG004", "config/environments/dev-7.yaml"),
    ("LIM002", "config/environments/staging-9.yaml"),
}


def test_later_runs_pay_only_for_changed_files(say: Check, fleet: Path, read: list[str]) -> None:
    plain = say("--no-cache")
    assert rules_of(plain) == DANGERS
    read.clear()
    assert say() == plain
    assert len(read) == SIZE
    read.clear()
    assert say() == plain
    assert read == []
    edit(fleet, "dev-3", *LIVE)
    fresh = say("--no-cache")
    read.clear()
    assert say() == fresh
    assert read == ["dev-3"]
    assert ("VEN001", "config/environments/dev-3.yaml") in rules_of(fresh)


def test_a_changed_catalogue_is_paid_for_in_full(say: Check, fleet: Path, read: list[str]) -> None:
    say()
    file = fleet / "config/venues.yaml"
    file.write_text(file.read_text() + "# a word\n")
    read.clear()
    say()
    assert len(read) == SIZE


def test_another_name_for_the_same_bytes_is_judged_anew(say: Check, fleet: Path) -> None:
    """The bytes of dev-3 were sound under their own name only."""
    say()
    text = (fleet / "config/environments/dev-3.yaml").read_text()
    (fleet / "config/environments/dev-4.yaml").write_text(text)
    assert say() == say("--no-cache")
    assert "CFG006" in {rule for rule, _ in rules_of(say())}


def test_index_and_commit_are_judged_with_what_the_worktree_taught(say: Check, read: list[str]) -> None:
    say()
    read.clear()
    assert rules_of(say("--staged")) == DANGERS
    assert rules_of(say("HEAD")) == DANGERS
    assert read == []


def test_a_change_shares_the_parts_of_its_base(say: Check, fleet: Path, read: list[str]) -> None:
    edit(fleet, "dev-3", *LIVE)
    said = say("--base", "HEAD", "--no-cache")
    assert sorted(read) == sorted([*{*read}, "dev-3"]), "each file once, the changed one on both sides"
    assert say("--base", "HEAD") == said
    assert say("--base", "HEAD") == said
    assert json.loads(said)["facts"]["direction"] == "loosen"


def test_a_commit_merged_into_its_base_is_judged_without(
    say: Check, fleet: Path, monkeypatch: pytest.MonkeyPatch, state: Path
) -> None:
    """That is the form of the deciding job."""
    opened: list[Path] = []

    def noted(state: Path, *rest: Any) -> PartStore:
        opened.append(state)
        return PartStore()

    monkeypatch.setattr("ci.commands.check.kept_parts", noted)
    say("HEAD", "--base", "HEAD")
    assert opened == []
    say("HEAD")
    assert opened == [state]


def test_small_trees_keep_nothing(
    say: Check, fleet: Path, monkeypatch: pytest.MonkeyPatch, state: Path
) -> None:
    monkeypatch.setattr(wide, "WIDE", SIZE + 1)
    say()
    assert not state.exists()


def test_nothing_is_kept_when_asked_not_to(say: Check, state: Path) -> None:
    say("--no-cache")
    assert not state.exists()


# what a hostile hand can do to the file


def forged(state: Path) -> bytes:
    """The kept parts without anything that speaks against any environment."""
    parts = unpacked((state / "check/parts").read_bytes()[32:])
    assert parts is not None
    assert len(parts) == SIZE
    assert sum(len(part.hits) for part in parts.values()) == len(DANGERS)
    return packed({key: replace(part, hits={}) for key, part in parts.items()})


def swapped(state: Path) -> bytes:
    """Every environment with the part of another."""
    parts = unpacked((state / "check/parts").read_bytes()[32:])
    assert parts is not None
    keys = list(parts)
    return packed({key: parts[other] for key, other in zip(keys, keys[1:] + keys[:1], strict=True)})


def sealed(body: bytes, key: bytes, made_by: str) -> bytes:
    return hmac.digest(key, f"{made_by}\n".encode() + body, "sha256") + body


def true_seal(state: Path, body: bytes, made_by: str | None = None) -> bytes:
    digest = code.settled_digest(Path(part_store.__file__).parents[2], datetime.now(UTC))
    assert digest is not None
    return sealed(body, (state / "check/key").read_bytes(), digest if made_by is None else made_by)


def _flip(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


ATTACKS: dict[str, Callable[[Path, bytes], bytes]] = {
    "its own seal": lambda state, kept: kept[:32] + forged(state),
    "no seal": lambda state, kept: bytes(32) + forged(state),
    "another key": lambda state, kept: sealed(forged(state), b"k" * 32, "code"),
    "an empty key": lambda state, kept: sealed(forged(state), b"", ""),
    "older code": lambda state, kept: true_seal(state, forged(state), "0" * 64),
    "entries swapped": lambda state, kept: kept[:32] + swapped(state),
    "a bit of the seal": lambda state, kept: _flip(kept, 5),
    "a bit of a shape": lambda state, kept: _flip(kept, 60),
    "a bit at the end": lambda state, kept: _flip(kept, len(kept) - 3),
    "cut off": lambda state, kept: kept[: len(kept) // 2],
    "shorter than a seal": lambda state, kept: kept[:20],
    "empty": lambda state, kept: b"",
    "more behind it": lambda state, kept: kept + b" ",
    "sealed nonsense": lambda state, kept: true_seal(state, b"[[], {"),
    "sealed, but no table": lambda state, kept: true_seal(state, b'[[], {"x": [7, [], {}, []]}]'),
    "sealed numbers": lambda state, kept: true_seal(state, b"[1, 2]"),
    "sealed text that is none": lambda state, kept: true_seal(state, b"\xff\xfe"),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_poisoned_file_changes_no_verdict(say: Check, state: Path, attack: str) -> None:
    plain = say()
    file = state / "check/parts"
    file.write_bytes(ATTACKS[attack](state, file.read_bytes()))
    assert say() == plain
    assert say() == plain, "and it heals"
    assert rules_of(plain) == DANGERS


def test_the_seal_is_what_protects(say: Check, state: Path) -> None:
    """The control of the attacks above: with the user's own key the same forgery is believed."""
    say()
    file = state / "check/parts"
    file.write_bytes(true_seal(state, forged(state)))
    assert not rules_of(say()) & DANGERS


def _as_link(file: Path) -> None:
    other = file.with_name("elsewhere")
    file.rename(other)
    file.symlink_to(other)


def _as_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def _as_pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


REACHABLE: dict[str, Callable[[Path], object]] = {
    "parts that others can read": lambda folder: (folder / "parts").chmod(0o644),
    "parts that others can write": lambda folder: (folder / "parts").chmod(0o602),
    "parts behind a link": lambda folder: _as_link(folder / "parts"),
    "parts in a pipe": lambda folder: _as_pipe(folder / "parts"),
    "a folder for parts": lambda folder: _as_folder(folder / "parts"),
    "a key that others can read": lambda folder: (folder / "key").chmod(0o640),
    "a key behind a link": lambda folder: _as_link(folder / "key"),
    "a key too short": lambda folder: (folder / "key").write_bytes(b"k"),
    "a key too long": lambda folder: (folder / "key").write_bytes(b"k" * 33),
    "a folder that others can enter": lambda folder: folder.chmod(0o755),
    "a folder behind a link": lambda folder: _as_link(folder),
}


@pytest.mark.parametrize("way", REACHABLE)
def test_what_others_can_reach_is_not_believed(say: Check, state: Path, way: str, read: list[str]) -> None:
    """Even the true key's own forgery is not, once it stands where somebody else could have put it."""
    plain = say()
    (state / "check/parts").write_bytes(true_seal(state, forged(state)))
    REACHABLE[way](state / "check")
    read.clear()
    assert say() == plain
    assert len(read) == SIZE


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
@pytest.mark.parametrize("what", ["check", "check/key", "check/parts"])
def test_what_belongs_to_another_user_is_not_believed(say: Check, state: Path, what: str) -> None:
    plain = say()
    (state / "check/parts").write_bytes(true_seal(state, forged(state)))
    os.chown(state / what, 12345, 12345)
    assert say() == plain


def test_state_inside_the_judged_tree_is_not_believed(
    fleet: Path, say: Check, state: Path, tmp_path: Path
) -> None:
    """A change could bring its own key and its own parts along."""
    plain = say()
    (state / "check/parts").write_bytes(true_seal(state, forged(state)))
    subprocess.run(["cp", "-a", str(state), str(fleet / ".state")], check=True)
    link = tmp_path / "link"
    link.symlink_to(fleet / ".state")
    for inside in (fleet / ".state", link, tmp_path / "away" / ".." / "tree" / ".state"):
        assert rules_of(say("--state", str(inside))) == rules_of(plain) == DANGERS


def test_a_place_that_cannot_be_written_is_no_error(say: Check, tmp_path: Path, state: Path) -> None:
    plain = say("--no-cache")
    (tmp_path / "file").write_text("in the way")
    assert say("--state", str(tmp_path / "file" / "state")) == plain
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    assert say("--state", str(loop / "state")) == plain


def test_a_file_that_grows_too_large_is_not_kept(
    say: Check, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(part_store, "MOST_BYTES", 1000)
    plain = say("--no-cache")
    assert say() == plain
    assert [file.name for file in (state / "check").iterdir()] == ["key"]


def test_only_what_the_last_run_used_is_kept(say: Check, fleet: Path, state: Path) -> None:
    say()
    for name in ("dev-3", "dev-4", "dev-5"):
        (fleet / f"config/environments/{name}.yaml").unlink()
    say()
    parts = unpacked((state / "check/parts").read_bytes()[32:])
    assert parts is not None
    assert len(parts) == SIZE - 3


def test_code_that_was_just_written_is_not_kept(
    say: Check, state: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """This process may have imported what stood in the file before."""
    for room in ("config", "policies", "ci/judging"):
        (tmp_path / "tool" / room).mkdir(parents=True)
        (tmp_path / "tool" / room / "one.py").write_text("")
    monkeypatch.setattr(code, "SETTLED_SECONDS", 60)
    now = datetime.now(UTC)
    assert code.settled_digest(tmp_path / "tool", now) is None
    assert type(kept_parts(state, tmp_path / "tree", tmp_path / "tool", now)) is PartStore
    later = now + timedelta(seconds=90)
    assert type(kept_parts(state, tmp_path / "tree", tmp_path / "tool", later)) is KeptParts
    first = code.settled_digest(tmp_path / "tool", later)
    (tmp_path / "tool/ci/judging/one.py").write_text("# changed")
    assert code.settled_digest(tmp_path / "tool", later) not in (first, None)


def test_the_key_is_made_once_and_whole(tmp_path: Path) -> None:
    key = machine_key(tmp_path / "key")
    assert key is not None
    assert len(key) == 32
    assert machine_key(tmp_path / "key") == key
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["key"]
    assert machine_key(tmp_path / "no" / "folder") is None


RUN = """
import sys
import ci.judging.code as code
from ci.main import main
code.SETTLED_SECONDS = -(10**9)
sys.exit(main())
"""


def start(fleet: Path, state: Path, **how: Any) -> subprocess.Popen[bytes]:
    words = ["check", "--format", "json", "--as-of", NOW, "--state", str(state)]
    return subprocess.Popen(
        [sys.executable, "-c", RUN, *words], cwd=fleet, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **how
    )


@pytest.fixture
def many(fleet: Path, state: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    runs = [start(fleet, state) for _ in range(4)]
    yield runs
    for run in runs:
        run.kill()
        run.communicate()


def test_runs_at_the_same_time_do_not_disturb_each_other(
    say: Check, many: list[subprocess.Popen[bytes]], state: Path
) -> None:
    plain = say("--no-cache")
    assert [run.communicate(timeout=60)[0].decode() for run in many] == [plain] * 4
    assert sorted(file.name for file in (state / "check").iterdir()) == ["key", "parts"]
    assert say() == plain


def test_a_full_disk_is_no_error_and_leaves_nothing(say: Check, fleet: Path, state: Path) -> None:
    """The kernel lets this process write 2,000 bytes into a file; that is the key, not the parts."""

    def little() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))

    run = start(fleet, state, preexec_fn=little, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
    out, error = run.communicate(timeout=60)
    assert (out.decode(), error) == (say("--no-cache"), b"")
    assert [file.name for file in (state / "check").iterdir()] == ["key"]
