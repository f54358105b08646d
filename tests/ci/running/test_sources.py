"""What the engine believes comes from Git and a ledger that proves itself; each row and each file is read once."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import psycopg
import pytest

from ci.git import Repository
from ci.running.git_bundles import UNJUDGED, GitBundles
from ci.running.ledger_reader import LedgerReader, Proof
from ci.running.place import Place
from ci.running.warming import Warming
from config.bundle import PolicyRecord
from config.document import Document
from config.findings import Refused
from config.reading.load import Language
from config.tree import Blob
from engine.flags.adoption import Intent, Unreachable
from engine.stores import postgres


def reader(town: Any) -> LedgerReader:
    def connect() -> psycopg.Connection:
        password = (town.local.secrets / "ledger_dev_reader").read_text().strip()
        return postgres(town.database, user="ledger_dev_reader", password=password)

    return LedgerReader("dev", connect)


def messages(answer: object) -> list[str]:
    assert isinstance(answer, Refused)
    return [finding.message for finding in answer.findings]


def test_reader_knows_intents_and_what_replaced_them(town: Any) -> None:
    town.apply()
    asked = reader(town)
    first = town.head()
    assert asked.intent(1) == Intent(first.digest, superseded=False)
    assert asked.intent(2) is None
    town.set_flag("dev", "paper_trading_enabled", False, "0.0")
    town.apply()
    assert asked.intent(1) == Intent(first.digest, superseded=True)
    assert asked.intent(town.head().generation) == Intent(town.head().digest, superseded=False)
    asked.close()


@pytest.mark.parametrize("before", [False, True])
def test_changed_row_makes_the_ledger_silent(town: Any, before: bool) -> None:
    town.apply()
    asked = reader(town)
    if before:
        assert isinstance(asked.intent(1), Intent)
    with town.admin() as admin:
        admin.execute("ALTER TABLE ledger.entries DISABLE TRIGGER ALL")
        last = "(SELECT max(seq) FROM ledger.entries)"
        admin.execute(f"UPDATE ledger.entries SET hash = repeat('0', 64) WHERE seq = {last}")  # noqa: S608
    answer = asked.intent(1)
    assert isinstance(answer, Unreachable)
    assert answer.why.startswith("it does not prove itself: row ")


def test_lost_connection_is_said_then_made_anew(town: Any) -> None:
    town.apply()
    asked = reader(town)
    assert isinstance(asked.intent(1), Intent)
    with psycopg.connect(town.local.admin_dsn(), autocommit=True) as admin:
        ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'ledger_dev_reader'"
        admin.execute(ended)
    assert isinstance(asked.intent(1), Unreachable)
    assert isinstance(asked.intent(1), Intent)


def test_proof_of_a_commit_is_kept(town: Any) -> None:
    town.apply()
    asked = reader(town)
    assert asked.proof(town.first) is None
    asked.intent(1)
    proof = asked.proof(town.first)
    assert proof is not None
    assert proof.policy.rules == ("TST001",)
    source = GitBundles(Repository(town.root), "dev", asked.proof)
    found = source.bundles([town.first])
    assert not isinstance(found, Refused)
    assert found[0].digest == proof.bundle


def test_bundle_that_is_not_the_ledgers_is_refused(town: Any) -> None:
    proof = Proof(PolicyRecord(("TST001",), "0" * 64, 0, 0), "f" * 64)
    source = GitBundles(Repository(town.root), "dev", lambda commit: proof)
    (message,) = messages(source.bundles([town.first]))
    assert message.startswith(f"commit {town.first[:12]} compiles to bundle ")
    assert message.endswith("the ledger says ffffffffffff")


def test_commits_are_read_once_and_only_changed_files_again(
    town: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    plain = Language.read

    def counted(self: Language, file: str, blob: Blob, cls: type[Any]) -> Document[Any] | Refused:
        read.append(file)
        return plain(self, file, blob, cls)

    monkeypatch.setattr(Language, "read", counted)
    source = GitBundles(Repository(town.root), "dev", lambda commit: None)
    assert not isinstance(source.bundles([town.first]), Refused)
    assert len(read) > 5
    read.clear()
    assert not isinstance(source.bundles([town.first]), Refused)
    assert read == []
    second = town.set_flag("dev", "paper_trading_enabled", False, "0.0")
    assert not isinstance(source.bundles([town.first, second]), Refused)
    assert read == ["config/environments/dev.yaml"]


def test_unjudged_bundle_is_the_fallback(town: Any) -> None:
    source = GitBundles(Repository(town.root), "dev", lambda commit: None)
    found = source.accepted([town.first])
    assert not isinstance(found, Refused)
    assert found[0].bundle.policy["rules"] == list(UNJUDGED.rules)


def test_unknown_and_unreadable_commits_are_refused(town: Any) -> None:
    source = GitBundles(Repository(town.root), "dev", lambda commit: None)
    assert messages(source.bundles(["0" * 40])) == [
        f"`{'0' * 40}` names no commit here; fetch it into the engine's clone"
    ]
    (town.root / "config" / "flags.yaml").write_text("schema: 1\n")
    broken = town.commit("break")
    assert messages(source.bundles([town.first, broken]))
    other = GitBundles(Repository(town.root), "nowhere", lambda commit: None)
    assert messages(other.bundles([town.first])) == [f"commit {town.first[:12]} has no environment `nowhere`"]


def test_live_mode_never_becomes_a_bundle(town: Any) -> None:
    file = town.root / "config" / "environments" / "dev.yaml"
    file.write_text(file.read_text().replace("  mode: paper\n", "  mode: live\n"))
    commit = town.commit("go live")
    source = GitBundles(Repository(town.root), "dev", lambda commit: None)
    assert any(message.startswith("live needs: ") for message in messages(source.bundles([commit])))


def test_merged_commit_is_read_before_anybody_asks(town: Any) -> None:
    warmed: list[str] = []

    class Source(GitBundles):
        def warm(self, commit: str) -> None:
            super().warm(commit)
            warmed.append(commit)

    source = Source(Repository(town.root), "dev", lambda commit: None)
    warming = Warming(Repository(town.root), "main", source)
    warming.start()
    commit = town.set_flag("dev", "paper_trading_enabled", False, "0.0")
    deadline = time.monotonic() + 10
    while commit not in warmed:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    warming.stop()


@pytest.mark.parametrize("content", [None, "", "{", '{"source": "other", "at": 9}', '{"source": "mine"}'])
def test_feed_begins_at_its_beginning(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "feed.json").write_text(content)
    assert Place(tmp_path, "mine", "generated", ()).last == -1


def test_feed_goes_on_where_it_stopped(tmp_path: Path) -> None:
    place = Place(tmp_path, "mine", "generated", ())
    place.keep(7)
    place.keep(5)
    assert Place(tmp_path, "mine", "generated", ()).last == 7
    assert Place(tmp_path, "other", "generated", ()).last == -1
