"""The real engine process obeys Git within milliseconds, and a forged, stalled or wiped Redis never."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from ci.commands.engine import SystemClock
from ci.errors import InterlockError, UnreachableError
from ci.git import Repository
from ci.main import main
from ci.running.assembly import Order, Parts
from config.findings import Refused
from engine.acceptance import LIVE_PROOFS
from engine.journal.scan import scan
from engine.stores import postgres

pytestmark = pytest.mark.slow
FLAG = "paper_trading_enabled"
RELEASE = """  - environment: dev
    epoch: {epoch}
    person: ann
    approver: null
    reason: "looked at and understood"
    scope: global
    day: "2026-11-20"
"""


def refused(town: Any, *words: str) -> tuple[int, str]:
    """Exit code and reason of an engine that must not start."""
    running = town.engine(*words)
    code = running.process._process.wait(30)
    for reader in running.process._readers:
        reader.join(5)
    lines = [line for line in running.lines() if line["event"] == "refused"]
    return code, lines[-1]["reason"] if lines else running.process.last_words()


def test_every_order_names_what_allowed_it(town: Any) -> None:
    town.apply()
    engine = town.engine("--bars", "300")
    stopped = engine.await_line("stopped")
    order = engine.await_line("order", leg="E")
    head = town.head()
    assert (order["commit"], order["snapshot_digest"]) == (head.commits[-1], head.digest)
    assert (order["flag"], order["reason"], order["generation"]) == (FLAG, "TARGETING_MATCH", 1)
    assert len(order["bundle_digest"]) == 64
    assert (stopped["exit_code"], stopped["reason"], stopped["bars"]) == (0, "300 bars were asked for", 300)


def test_orders_are_copied_into_postgres(town: Any) -> None:
    town.apply()
    engine = town.engine("--bars", "300")
    engine.await_line("stopped")
    told = {line["order_id"]: line["snapshot_digest"] for line in engine.lines() if line["event"] == "order"}
    password = (town.local.secrets / "paper_trading_dev_app").read_text().strip()
    with postgres(town.database, user="paper_trading_dev_app", password=password) as connection:
        rows = connection.execute("SELECT order_id, snapshot_digest FROM paper_trading_dev.orders").fetchall()
    assert told
    assert told.items() <= dict(rows).items()


def test_merged_change_reaches_the_gate(town: Any) -> None:
    town.apply()
    engine = town.engine()
    engine.await_line("order", leg="E")
    commit = town.set_flag("dev", FLAG, False, "0.0")
    since = engine.since()
    town.apply()
    adopted = engine.await_line("snapshot_adopted", since, commit=commit, digest=town.head().digest)
    denied = engine.await_line("denied", engine.since())
    assert (denied["code"], denied["reason"], denied["commit"]) == ("FLAG_OFF", "DISABLED", commit)
    assert adopted["generation"] == town.head().generation
    later = [line for line in engine.lines()[engine.lines().index(denied) :] if line["event"] == "order"]
    assert [line for line in later if line["leg"] == "E"] == []


def forge(town: Any, generation: int, commits: str | None = None, **changes: Any) -> None:
    """What an attacker with full rights on Redis can write."""
    head = town.redis.hgetall("ff:{dev}:head")
    if commits is not None:
        snapshot = town.snapshot((commits,))
        digest, payload = snapshot.digest, snapshot.payload()
    else:
        import hashlib

        from config.digest import canonical

        blob = json.loads(town.redis.get(b"ff:{dev}:snap:" + head[b"digest"]))
        blob["flags"]["live_trading_enabled"].update(changes)
        payload = canonical(blob)
        digest = hashlib.sha256(payload).hexdigest()
    town.redis.set(f"ff:{{dev}}:snap:{digest}", payload)
    fields = {"digest": digest, "generation": f"{generation:020d}"}
    town.redis.hset("ff:{dev}:head", mapping=fields | ({"commits": commits} if commits else {}))
    town.redis.xadd("ff:{dev}:log", {"event": "head"})


@pytest.mark.parametrize("which", ["huge generation", "older commit"])
def test_forged_head_passes_no_order_until_healed(town: Any, which: str) -> None:
    riskier = town.first
    town.apply()
    town.set_flag("dev", "advanced_ux_features", True, "0.0")
    town.apply()
    engine = town.engine()
    engine.await_line("order", leg="E")
    since = engine.since()
    if which == "older commit":
        forge(town, town.head().generation + 1, commits=riskier)
    else:
        forge(town, 9 * 10**18, enabled=True, milli_percent=100000)
    told = engine.await_line("head_refused", since)
    assert told["reason"].startswith("the ledger knows no generation")
    for _ in range(3):
        denied = engine.await_line("denied", engine.since())
        assert (denied["code"], denied["reason"]) == ("FLAG_OFF", "FAIL_SAFE")
    entries = [line for line in engine.lines()[engine.lines().index(told) :] if line["event"] == "order"]
    assert [line for line in entries if line["leg"] == "E"] == []
    since = engine.since()
    town.apply()
    engine.await_line("order", since, leg="E")


def test_wiped_redis_changes_nothing_and_is_reseeded(town: Any) -> None:
    town.apply()
    engine = town.engine()
    engine.await_line("order", leg="E")
    since = engine.since()
    town.redis.flushall()
    engine.await_line("head_waiting", since, reason="no head is published")
    engine.await_line("order", engine.since(), leg="E")
    town.apply()
    healed = town.head()
    engine.await_line("heartbeat", engine.since(), generation=healed.generation, digest=healed.digest)
    assert town.redis.exists(f"ff:{{dev}}:snap:{healed.digest}")


def test_stalled_redis_never_delays_the_trip_file(town: Any) -> None:
    town.apply()
    engine = town.engine()
    engine.await_line("order", leg="E")
    server = int(town.redis.info("server")["process_id"])
    os.kill(server, signal.SIGSTOP)
    try:
        engine.await_line("kill_store_unreachable", 0)
        (town.folder / "trip").touch()
        closed = engine.await_line("latch_closed")
        denied = engine.await_line("denied", engine.since())
    finally:
        os.kill(server, signal.SIGCONT)
    assert closed["by"] == "file"
    assert closed["latency_ms"] < 100
    assert denied["code"] == "STATE"


def test_kill_survives_restart_and_ends_by_a_merged_release(town: Any) -> None:
    town.apply()
    engine = town.engine()
    engine.await_line("order", leg="E")
    epoch = town.store().raise_kill("global", floor=0, by="ann", reason="drill")
    engine.await_line("latch_closed", by="redis", epoch=epoch)
    assert engine.process.stop() == 1
    assert engine.await_line("stopped")["stands"] == f"KILLED: by redis, epoch {epoch}"
    town.redis.delete("ff:{dev}:kill")
    engine = town.engine()
    engine.await_line("latch_closed", epoch=epoch)
    assert engine.await_line("started")["state"] == "KILLED"
    engine.await_line("denied", code="STATE")
    file = town.root / "config" / "records" / "releases.yaml"
    file.write_text(file.read_text().replace("releases: []\n", "releases:\n" + RELEASE.format(epoch=epoch)))
    town.commit("release the kill")
    since = engine.since()
    answer = town.apply()
    assert not isinstance(answer, Refused), answer.findings
    engine.await_line("latch_opened", since)
    engine.await_line("order", engine.since(), leg="E")


def test_stop_is_clean_and_resumes(town: Any) -> None:
    town.apply()
    engine = town.engine()
    engine.await_line("order", leg="E")
    assert engine.process.stop() == 0
    stopped = engine.await_line("stopped")
    assert (stopped["reason"], stopped["exit_code"]) == ("asked to stop", 0)
    again = town.engine()
    recovered = again.await_line("recovered")
    assert recovered["differences"] == []
    order = again.await_line("order", leg="E")
    assert order["order_id"] not in {line.get("order_id") for line in engine.lines()}


def nothing(town: Any) -> None:
    """Nothing was ever published."""


def no_head(town: Any) -> None:
    town.apply()
    town.redis.flushall()


def foreign_head(town: Any) -> None:
    town.apply()
    forge(town, 9 * 10**18, enabled=True)


def foreign_blob(town: Any) -> None:
    town.apply()
    town.redis.set(f"ff:{{dev}}:snap:{town.head().digest}", "{}")


def older_than_ours(town: Any) -> None:
    town.apply()
    town.folder.mkdir(parents=True, exist_ok=True)
    (town.folder / "generation").write_text("7\n")


def damaged_generation(town: Any) -> None:
    older_than_ours(town)
    (town.folder / "generation").write_text("seven")


def damaged_kill_record(town: Any) -> None:
    older_than_ours(town)
    (town.folder / "generation").unlink()
    (town.folder / "kill.json").write_text("{}")


def damaged_copy(town: Any) -> None:
    older_than_ours(town)
    (town.folder / "generation").unlink()
    (town.folder / "adopted.json").write_text("{}")


def evicting_redis(town: Any) -> None:
    town.apply()
    town.redis.config_set("maxmemory-policy", "allkeys-lru")


@pytest.mark.parametrize(
    ("arrange", "code", "reason"),
    [
        (no_head, 78, "the head of dev cannot be adopted: no head is published"),
        (
            foreign_head,
            78,
            "the head of dev cannot be adopted: the ledger knows no generation 9000000000000000000",
        ),
        (foreign_blob, 78, "the head of dev cannot be adopted: the stored snapshot is not what Git gives"),
        (older_than_ours, 78, "the head of dev cannot be adopted: generation 1 is older than 7"),
        (damaged_generation, 78, "generation is damaged"),
        (damaged_kill_record, 78, "kill.json is damaged"),
        (damaged_copy, 78, "adopted.json is damaged"),
        (evicting_redis, 78, "this Redis may lose flags: maxmemory-policy is allkeys-lru"),
        (nothing, 5, "the ledger at localhost"),
    ],
)
def test_doubtful_start_is_refused(town: Any, arrange: Callable[[Any], None], code: int, reason: str) -> None:
    arrange(town)
    order = Order("dev", Repository(town.root), town.local.state, SystemClock(), lambda event, facts: None)
    try:
        with pytest.raises(InterlockError) as caught:
            Parts(order).read_all()
    finally:
        town.redis.config_set("maxmemory-policy", "noeviction")
    assert (caught.value.exit_code, reason in caught.value.message) == (code, True), caught.value.message


@pytest.mark.parametrize("has_copy", [False, True])
def test_live_is_refused_with_the_list_of_what_it_lacks(town: Any, has_copy: bool) -> None:
    if has_copy:
        town.apply()
        town.engine("--bars", "5").await_line("stopped")
    town.edit("dev", "  mode: paper\n", "  mode: live\n")
    town.commit("go live")
    town.apply()
    engine = town.engine()
    code = engine.process._process.wait(30)
    for reader in engine.process._readers:
        reader.join(5)
    told = "\n".join(str(line) for line in engine.lines())
    assert code == 78
    assert all(proof in told for proof in LIVE_PROOFS)
    assert [line for line in engine.lines() if line["event"] in ("started", "order")] == []


def test_shadow_tells_what_it_would_send_and_keeps_its_own_journal(town: Any) -> None:
    town.edit("dev", "  mode: paper\n", "  mode: shadow\n")
    town.commit("watch only")
    town.apply()
    engine = town.engine("--bars", "100")
    stopped = engine.await_line("stopped")
    order = engine.await_line("order", leg="E")
    assert order["order_id"].startswith("SDEV-")
    assert stopped["exit_code"] == 0
    journal = town.folder / "shadow" / "journal"
    would = [each.body["id"] for each in scan(journal.read_bytes(), "").records if each.type == "would_send"]
    assert order["order_id"] in would
    assert not (town.folder / "paper").exists()


def test_another_mode_than_head_s_is_never_run(town: Any) -> None:
    town.apply()
    town.edit("dev", "  mode: paper\n", "  mode: shadow\n")
    town.commit("not published")
    code, reason = refused(town)
    assert (code, reason) == (
        78,
        "HEAD says venue.mode shadow, what is in force says paper; neither stands in for the other",
    )


def test_damaged_journal_is_refused(town: Any) -> None:
    town.apply()
    town.engine("--bars", "200").await_line("stopped")
    journal = town.folder / "paper" / "journal"
    data = bytearray(journal.read_bytes())
    data[len(data) // 2] ^= 1
    journal.write_bytes(data)
    code, reason = refused(town)
    assert (code, "journal" in reason) == (78, True)


def test_second_engine_on_one_journal_is_refused(town: Any) -> None:
    town.apply()
    town.engine().await_line("started")
    code, reason = refused(town)
    assert (code, "another engine holds this journal" in reason) == (78, True)


def test_feed_that_cannot_be_read_is_refused(town: Any) -> None:
    town.apply()
    code, reason = refused(town, "--feed", "/nowhere/bars.csv")
    assert (code, "the feed cannot be traded on" in reason) == (78, True)


def test_a_crash_in_the_loop_is_no_clean_end(
    town: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def crash(*_: Any) -> str:
        raise RuntimeError("a defect")

    town.apply()
    monkeypatch.chdir(town.root)
    monkeypatch.setattr("ci.running.session.Driver.run", crash)
    code = main(["engine", "--env", "dev", "--state", str(town.local.state), "--feed", "generated"])
    said = capsys.readouterr()
    assert (code, "Traceback" in said.err + said.out) == (3, False)
    assert said.err.startswith("interlock: internal error\nhelp: please report it with ")
    last = scan((town.folder / "paper" / "journal").read_bytes(), "").records[-1]
    assert (last.type, last.body["clean"]) == ("shutdown", False)
    assert not (town.folder / "heartbeat").exists()
    monkeypatch.undo()
    notes = town.engine("--bars", "1").await_line("recovered")["notes"]
    assert notes == ["the last run did not end cleanly"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--pace", "0"), "--pace 0.0 is no pace"),
        (("--pace", "nan"), "--pace nan is no pace"),
        (("--pace", "-3"), "--pace -3.0 is no pace"),
        (("--bars", "0"), "--bars 0 is no number of bars"),
        (("--bars", "-1"), "--bars -1 is no number of bars"),
    ],
)
def test_a_course_that_is_none_is_a_usage_error(
    words: tuple[str, ...], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["engine", "--env", "dev", *words]) == 2
    assert says in capsys.readouterr().err


def test_silent_redis_at_start_is_unreachable(town: Any) -> None:
    town.apply()
    order = Order("dev", Repository(town.root), town.local.state, SystemClock(), lambda event, facts: None)
    server = int(town.redis.info("server")["process_id"])
    os.kill(server, signal.SIGSTOP)
    try:
        with pytest.raises(UnreachableError, match=r"Redis at localhost:\d+ did not answer"):
            Parts(order).read_all()
    finally:
        os.kill(server, signal.SIGCONT)


def test_restart_without_redis_opens_nothing_until_it_is_back(town: Any) -> None:
    town.apply()
    town.engine("--bars", "200").await_line("stopped")
    server = int(town.redis.info("server")["process_id"])
    os.kill(server, signal.SIGSTOP)
    try:
        engine = town.engine("--pace", "100", "--until-stopped")
        engine.await_line("snapshot_restored")
        engine.await_line("started_without_redis")
        assert engine.await_line("started")["state"] == "ACTIVE"
        denied = engine.await_line("denied")
        assert (denied["code"], denied["reason"]) == ("FLAG_OFF", "KILLED")
        before = [line for line in engine.lines() if line["event"] == "order" and line["leg"] == "E"]
        assert before == []
    finally:
        os.kill(server, signal.SIGCONT)
    engine.await_line("order", engine.since(), leg="E")


def test_restart_on_a_wiped_redis_opens_nothing(town: Any) -> None:
    town.apply()
    town.engine("--bars", "200").await_line("stopped")
    town.redis.flushall()
    engine = town.engine("--pace", "200", "--until-stopped")
    denied = engine.await_line("denied")
    assert (denied["code"], denied["reason"]) == ("FLAG_OFF", "STALE_LEASE")


def test_lost_postgres_does_not_stop_trading(town: Any) -> None:
    town.apply()
    engine = town.engine()
    engine.await_line("order", leg="E")
    with psycopg.connect(town.local.admin_dsn(), autocommit=True) as admin:
        ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
        admin.execute(ended, (town.database.name,))
    engine.await_line("order", engine.since(), leg="E")
