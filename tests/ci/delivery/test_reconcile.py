"""Git and the world agree after a run, tightening first, and nothing is written unasked."""

from __future__ import annotations

import json
import subprocess
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from ci.delivery import ledger_head
from ci.delivery.errors import GateFailedError, OvertakenError
from ci.delivery.ledger import verify
from ci.delivery.source import Source
from ci.errors import UnreachableError, UsageError
from ci.git import Repository
from config.bundle import PolicyRecord
from config.findings import Refused
from engine.flags.heads import Published

UX, PAPER = "advanced_ux_features", "paper_trading_enabled"


def rules(answer: Any) -> list[str]:
    assert isinstance(answer, Refused)
    return [finding.rule for finding in answer.findings]


def published(answer: Any) -> list[tuple[int, tuple[str, ...]]]:
    return [(each.generation, each.commits) for each in answer.done.published]


def test_first_run_makes_everything_and_a_second_finds_nothing(empty_desk: Any) -> None:
    before = empty_desk.deliver()
    assert not before.plan.is_empty
    assert before.done is None
    assert empty_desk.redis.keys() == []
    done = empty_desk.apply()
    assert published(done) == [(1, (empty_desk.first,))]
    assert (empty_desk.head().generation, empty_desk.head().commits) == (1, (empty_desk.first,))
    again = empty_desk.deliver()
    assert again.plan.is_empty
    assert again.plan.held == ""
    assert empty_desk.apply().done is None
    assert [row.kind for row in empty_desk.rows()] == ["intent", "receipt"]


def test_looking_writes_nothing_anywhere(desk: Any) -> None:
    desk.apply()
    desk.set_flag("dev", UX, True, "50.0")
    head, rows = desk.head(), desk.rows()
    answer = desk.deliver()
    assert answer.plan.target is not None
    assert (desk.head(), desk.rows()) == (head, rows)


def test_loosening_needs_one_snapshot_of_the_target(desk: Any) -> None:
    desk.apply()
    wide = desk.set_flag("dev", UX, True, "50.0")
    answer = desk.apply()
    assert published(answer) == [(2, (wide,))]
    assert [(".".join(map(str, c.path)), c.before, str(c.after), c.direction) for c in answer.changes] == [
        (f"flags.{UX}.enabled", False, "True", "loosen"),
        (f"flags.{UX}.percent", answer.changes[1].before, "50.0", "loosen"),
    ]


def test_tightening_goes_out_before_migrations_and_smoke_tests(desk: Any) -> None:
    desk.apply()
    tight = desk.set_flag("dev", PAPER, False, "0.0")
    reached: list[str] = []
    answer = desk.apply(observer=reached.append)
    assert published(answer) == [(2, (desk.first, tight)), (3, (tight,))]
    assert reached == [
        "ledger ready",
        "lease taken",
        "world observed",
        "first intent written",
        "first snapshot published",
        "foreign keys removed",
        "schemas migrated",
        "cloud converged",
        "smoke tests passed",
        "target intent written",
        "target snapshot published",
        "receipt written",
    ]


def test_mixed_change_closes_first_and_opens_last(desk: Any) -> None:
    desk.apply()
    desk.set_flag("dev", PAPER, False, "0.0")
    mixed = desk.set_flag("dev", UX, True, "50.0")
    seen: list[Any] = []

    def look(point: str) -> None:
        if point.endswith("snapshot published"):
            flags = json.loads(desk.redis.get(f"ff:{{dev}}:snap:{desk.head().digest}"))["flags"]
            seen.append((flags[PAPER]["enabled"], flags[UX]["enabled"]))

    assert published(desk.apply(observer=look)) == [(2, (desk.first, mixed)), (3, (mixed,))]
    assert seen == [(False, False), (False, True)]


def test_lowered_limit_is_listed_at_once(desk: Any) -> None:
    """The engine runs the safest of the listed commits, so listing the target is what tightens."""
    desk.apply()
    desk.edit("dev", "max_order_value: 5000.0", "max_order_value: 4000.0")
    lower = desk.commit("lower")
    answer = desk.apply()
    assert published(answer) == [(2, (desk.first, lower)), (3, (lower,))]
    assert [(c.path, c.direction) for c in answer.changes] == [(("limits", "max_order_value"), "tighten")]


def test_neutral_change_still_moves_the_head(desk: Any) -> None:
    desk.apply()
    desk.edit("dev", "fast: 10", "fast: 11")
    tuned = desk.commit("tune")
    assert published(desk.apply()) == [(2, (tuned,))]


def test_commit_that_changes_nothing_still_gets_its_receipt(desk: Any) -> None:
    desk.apply()
    (desk.root / "README").write_text("words")
    words = desk.commit("words")
    assert published(desk.apply()) == [(2, (words,))]
    assert desk.rows()[-1].content["target"] == words


def test_receipt_names_what_was_proven_and_published(desk: Any) -> None:
    desk.apply()
    intent, receipt = desk.rows()
    assert intent.content["target"] == receipt.content["target"] == desk.first
    assert (receipt.content["generation"], receipt.content["digest"]) == (1, desk.head().digest)
    assert receipt.content["rules"] == ["TST001"]
    assert verify(desk.rows()) is None


def test_intent_alone_carries_what_the_engine_needs_to_prove_the_bundle(desk: Any) -> None:
    desk.apply()
    tight = desk.set_flag("dev", PAPER, False, "0.0")

    def die(point: str) -> None:
        if point == "first intent written":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        desk.apply(observer=die)
    row = desk.rows()[-1]
    assert (row.kind, row.content["target"]) == ("intent", tight)
    facts = row.content
    policy = PolicyRecord(tuple(facts["rules"]), facts["policy"], facts["findings"], facts["waived"])
    bundle = Source(Repository(desk.root), "dev").bundle(tight, policy)
    assert (bundle.digest, bundle.semantic_digest) == (facts["bundle"], facts["semantic"])
    assert bundle.tree_id == facts["tree"]


# -- who may be reconciled ------------------------------------------------------------------------------------------


def test_failing_commit_is_refused_before_anything_is_written(desk: Any) -> None:
    desk.apply()
    bad = desk.set_flag("dev", UX, True, "50.0")
    desk.refusing.add(bad)
    head, rows = desk.head(), desk.rows()
    assert rules(desk.apply()) == ["TST001"]
    assert (desk.head(), desk.rows()) == (head, rows)
    assert desk.judged[-1] == (bad, desk.first)


def test_failing_first_commit_makes_no_ledger(empty_desk: Any) -> None:
    empty_desk.refusing.add(empty_desk.first)
    assert rules(empty_desk.apply()) == ["TST001"]
    assert not empty_desk.redis.keys()
    empty_desk.refusing.clear()
    assert any("ledger" in step for step in empty_desk.deliver().plan.migrations)


def test_feature_branch_is_refused(desk: Any) -> None:
    desk.apply()
    desk.git("switch", "-q", "-c", "feature")
    desk.set_flag("dev", UX, True, "50.0")
    answer = desk.apply()
    assert rules(answer) == ["GIT104"]
    place = answer.findings[0].span
    assert (place.file, place.line, place.column) == ("config/keyring.yaml", 3, 19)


def test_branch_that_calls_itself_protected_is_refused(desk: Any) -> None:
    desk.apply()
    desk.git("switch", "-q", "-c", "feature")
    keyring = desk.root / "config" / "keyring.yaml"
    keyring.write_text(keyring.read_text().replace("protected_branch: main", "protected_branch: feature"))
    desk.commit("protect myself")
    assert rules(desk.apply()) == ["GIT104"]


def test_older_commit_is_refused(desk: Any) -> None:
    newer = desk.set_flag("dev", UX, True, "50.0")
    desk.apply()
    assert rules(desk.apply(commit=desk.first)) == ["GIT106"]
    assert desk.head().commits == (newer,)


def test_branch_name_instead_of_a_commit_is_a_usage_error(desk: Any) -> None:
    with pytest.raises(UsageError, match="`main` can move"):
        desk.apply(commit="main")
    with pytest.raises(UsageError, match="`nowhere` names no commit here"):
        desk.apply(commit="nowhere")


def test_unknown_environment_is_a_usage_error(desk: Any) -> None:
    with pytest.raises(UsageError, match="has no environment `qa`") as refused:
        desk.deliver("qa")
    assert refused.value.help == "one of: dev, production, staging"


def test_unreadable_commit_is_refused_with_its_place(desk: Any) -> None:
    desk.edit("dev", "phase: 1", "phase: yes")
    desk.commit("break")
    answer = desk.apply()
    assert [(f.rule[:3], f.span.file, f.span.line) for f in answer.findings] == [
        ("CFG", "config/environments/dev.yaml", 5)
    ]


def test_dirty_tree_is_ignored_and_said(desk: Any) -> None:
    desk.apply()
    desk.edit("dev", "max_order_value: 5000.0", "max_order_value: 4000.0")
    answer = desk.deliver()
    assert answer.plan.is_empty
    assert answer.notes == (
        f"1 path(s) of the working tree differ from HEAD; only commit {desk.first[:12]} is read",
    )


def test_shallow_clone_is_refused(desk: Any, tmp_path: Path) -> None:
    desk.set_flag("dev", UX, True, "50.0")
    shallow = tmp_path / "shallow"
    subprocess.run(["git", "clone", "-q", "--depth=1", desk.root.as_uri(), str(shallow)], check=True)
    desk.root = shallow
    assert rules(desk.apply()) == ["GIT101"]
    assert desk.redis.keys() == []


def test_two_jobs_finishing_in_reverse_order_end_at_the_newer(desk: Any) -> None:
    desk.apply()
    older = desk.set_flag("dev", UX, True, "10.0")
    newer = desk.set_flag("dev", UX, True, "50.0")
    desk.apply(commit=newer)
    assert rules(desk.apply(commit=older)) == ["GIT106"]
    assert desk.head().commits == (newer,)


def test_run_overtaken_between_look_and_write_changes_nothing(desk: Any) -> None:
    desk.apply()
    wide = desk.set_flag("dev", UX, True, "50.0")

    def overtake(point: str) -> None:
        if point == "target intent written":
            store = desk.store()
            snapshot = desk.snapshot((wide,))
            answer = store.publish(
                snapshot, generation=9, observed=store.observe(), by="other", at=desk.now()
            )
            assert isinstance(answer, Published)

    with pytest.raises(
        OvertakenError,
        match="Redis refused generation 2: somebody wrote since we looked, generation 9 of other stands there now",
    ):
        desk.apply(observer=overtake)
    assert desk.head().generation == 9
    assert [row.kind for row in desk.rows()] == ["intent", "receipt", "intent"]


def test_second_run_waits_for_the_lease_and_names_its_holder(desk: Any) -> None:
    desk.apply()
    desk.set_flag("dev", UX, True, "50.0")
    waits: list[float] = []

    def second(point: str) -> None:
        if point == "lease taken":
            with pytest.raises(
                OvertakenError,
                match=r"another reconcile of `dev` is running: reconcile dev [0-9]+@.* lease taken",
            ):
                desk.apply(wait=waits.append)

    desk.apply(observer=second)
    assert len(waits) == 100


# -- what hands did -------------------------------------------------------------------------------------------------


def test_forged_head_with_a_huge_generation_is_healed(desk: Any) -> None:
    desk.apply()
    wide = desk.set_flag("dev", UX, True, "50.0")
    store = desk.store()
    forged = store.publish(
        desk.snapshot((wide,)), generation=10**15, observed=store.observe(), by="thief", at=desk.now()
    )
    assert isinstance(forged, Published)
    answer = desk.apply(commit=desk.first)
    assert answer.plan.distrust.startswith("the ledger never meant generation 1000000000000000")
    assert published(answer) == [(2, (desk.first,))]
    assert (desk.head().generation, desk.head().commits) == (2, (desk.first,))
    assert desk.deliver(commit=desk.first).plan.is_empty


def test_replayed_older_head_is_healed(desk: Any) -> None:
    desk.apply()
    fields = desk.redis.hgetall("ff:{dev}:head")
    tight = desk.set_flag("dev", PAPER, False, "0.0")
    desk.apply()
    desk.redis.delete("ff:{dev}:head")
    desk.redis.hset("ff:{dev}:head", mapping=fields)
    answer = desk.apply()
    assert published(answer) == [(4, (tight,))]
    assert desk.deliver().plan.is_empty


@pytest.mark.parametrize(
    ("damage", "distrust"),
    [
        (lambda redis, head: redis.delete("ff:{dev}:head"), "the head is missing"),
        (lambda redis, head: redis.flushall(), "the head is missing"),
        (lambda redis, head: redis.delete(f"ff:{{dev}}:snap:{head.digest}"), "snapshot {} is missing"),
        (
            lambda redis, head: redis.set(f"ff:{{dev}}:snap:{head.digest}", "{}"),
            "snapshot {} is not what Git says it is",
        ),
        (
            lambda redis, head: redis.hset("ff:{dev}:head", "note", "mine"),
            "the head has other fields than ours",
        ),
        (
            lambda redis, head: redis.hset("ff:{dev}:head", "generation", "7"),
            "the head's generation is not twenty digits",
        ),
        (
            lambda redis, head: (redis.delete("ff:{dev}:head"), redis.set("ff:{dev}:head", "x")),
            "the head is a string, not a hash",
        ),
    ],
)
def test_hand_edit_is_found_and_healed(desk: Any, damage: Any, distrust: str) -> None:
    desk.apply()
    head = desk.head()
    damage(desk.redis, head)
    assert desk.deliver().plan.distrust == distrust.format(head.digest[:12])
    answer = desk.apply()
    assert published(answer) == [(2, (desk.first,))]
    assert desk.deliver().plan.is_empty
    assert desk.head().digest == head.digest


def test_foreign_keys_are_found_and_removed(desk: Any) -> None:
    desk.apply()
    forged = "a" * 64
    desk.redis.set("ff:{dev}:flag:live_trading_enabled", "true")
    desk.redis.set(f"ff:{{dev}}:snap:{forged}", "{}")
    desk.redis.set("ff:{production}:mine", "left alone")
    answer = desk.apply()
    assert [(each.key, each.why) for each in answer.plan.foreign] == [
        ("ff:{dev}:flag:live_trading_enabled", "no part of ours writes this key"),
        (f"ff:{{dev}}:snap:{forged}", "the ledger names no such snapshot"),
    ]
    assert sorted(desk.redis.keys("ff:{dev}:*")) == [
        b"ff:{dev}:head",
        b"ff:{dev}:log",
        f"ff:{{dev}}:snap:{desk.head().digest}".encode(),
    ]
    assert desk.redis.get("ff:{production}:mine") == b"left alone"


def test_kills_and_latches_are_never_written_or_undone(desk: Any) -> None:
    desk.apply()
    store = desk.store()
    store.raise_kill("global", floor=0, by="Ann", reason="drill")
    desk.redis.hset("ff:{dev}:latch:advanced_ux_features", mapping={"bad_commit": desk.first})
    kill, latch = desk.redis.dump("ff:{dev}:kill"), desk.redis.dump("ff:{dev}:latch:advanced_ux_features")
    desk.redis.delete("ff:{dev}:head")
    desk.set_flag("dev", UX, True, "50.0")
    desk.apply()
    assert desk.redis.dump("ff:{dev}:kill") == kill
    assert desk.redis.dump("ff:{dev}:latch:advanced_ux_features") == latch
    assert desk.deliver().plan.is_empty


def test_changed_ledger_row_stops_every_run(desk: Any) -> None:
    desk.apply()
    with desk.admin() as admin:
        admin.execute("ALTER TABLE ledger.entries DISABLE TRIGGER ALL")
        admin.execute("UPDATE ledger.entries SET body = replace(body, 'dev', 'dev ') WHERE seq = 1")
        admin.execute("""UPDATE ledger.entries SET body = '{"generation":1}' WHERE seq = 1""")
    answer = desk.apply()
    assert rules(answer) == ["GIT107"]
    assert answer.findings[0].message == (
        "the ledger does not prove itself: row 1 was changed after it was written"
    )


def test_cut_ledger_is_found_by_the_kept_head(desk: Any) -> None:
    desk.apply()
    with desk.admin() as admin:
        admin.execute("ALTER TABLE ledger.entries DISABLE TRIGGER ALL")
        admin.execute("DELETE FROM ledger.entries WHERE seq = 2")
    answer = desk.apply()
    assert answer.findings[0].message == (
        "the ledger does not prove itself: the record ends at row 1, row 2 was seen here before"
    )


def test_dropped_ledger_is_no_first_run(desk: Any) -> None:
    desk.apply()
    with desk.admin() as admin:
        admin.execute("DROP SCHEMA ledger CASCADE")
    for answer in (desk.deliver(), desk.apply()):
        assert answer.findings[0].message == (
            "the ledger does not prove itself: the record ends at row 0, row 2 was seen here before"
        )


def test_lost_password_of_the_writer_is_no_broken_ledger(desk: Any) -> None:
    desk.apply()
    file = desk.local.secrets / "ledger_dev_writer"
    away = file.rename(file.with_suffix(".away"))
    try:
        for run in (desk.deliver, desk.apply):
            with pytest.raises(
                UnreachableError, match=r"^no password of role `ledger_dev_writer` in "
            ) as told:
                run()
            assert told.value.help == "put the file back from its backup; the ledger was not looked at"
    finally:
        away.rename(file)
    assert desk.deliver().plan.is_empty


def test_table_of_the_app_missing_rights_is_migrated_back(desk: Any) -> None:
    desk.apply()
    with desk.admin() as admin:
        admin.execute("GRANT SELECT ON paper_trading_dev.orders TO PUBLIC")
    answer = desk.deliver()
    (step,) = answer.plan.migrations
    assert step.endswith("of PUBLIC on table paper_trading_dev.orders")
    assert desk.apply().done.migrated == answer.plan.migrations
    assert desk.deliver().plan.is_empty


# -- waiting for the calendar ---------------------------------------------------------------------------------------


def test_loosening_is_held_outside_the_window(desk: Any) -> None:
    desk.apply("staging")
    wide = desk.set_flag("staging", UX, True, "50.0")
    desk.clock = datetime.fromisoformat("2026-11-20T20:00:00+00:00")
    answer = desk.apply("staging")
    assert answer.plan.held == "held until Mon 2026-11-23 10:00 America/New_York"
    assert published(answer) == []
    assert desk.head("staging").commits == (desk.first,)
    rows = desk.rows("staging")
    waiting = desk.apply("staging")
    assert (waiting.plan.is_empty, waiting.plan.held, desk.rows("staging")) == (True, answer.plan.held, rows)
    desk.clock = datetime.fromisoformat("2026-11-23T15:00:00+00:00")
    assert published(desk.apply("staging")) == [(2, (wide,))]
    assert desk.deliver("staging").plan.held == ""


def test_tightening_part_goes_out_while_loosening_is_held(desk: Any) -> None:
    desk.apply("staging")
    desk.set_flag("staging", PAPER, False, "0.0")
    mixed = desk.set_flag("staging", UX, True, "50.0")
    desk.clock = datetime.fromisoformat("2026-11-20T20:00:00+00:00")
    answer = desk.apply("staging")
    assert published(answer) == [(2, (desk.first, mixed))]
    assert answer.plan.held != ""
    third = desk.set_flag("staging", "mode_switching_enabled", False, "0.0")
    assert published(desk.apply("staging")) == []
    desk.clock = datetime.fromisoformat("2026-11-23T15:00:00+00:00")
    assert published(desk.apply("staging")) == [(3, (third,))]


def test_loosened_limit_is_held_too(desk: Any) -> None:
    desk.apply("staging")
    text = (desk.root / "config/environments/staging.yaml").read_text()
    value = next(line for line in text.splitlines() if "max_order_value" in line)
    desk.edit("staging", value, "  max_order_value: 20000.0")
    desk.commit("raise")
    desk.clock = datetime.fromisoformat("2026-11-20T20:00:00+00:00")
    answer = desk.apply("staging")
    assert [change.direction for change in answer.changes] == ["loosen"]
    assert answer.plan.held != ""
    assert desk.head("staging").commits == (desk.first,)


def test_lowered_limit_goes_out_while_a_flag_is_held(desk: Any) -> None:
    desk.apply("staging")
    desk.edit("staging", "max_open_positions: 5", "max_open_positions: 4")
    both = desk.set_flag("staging", UX, True, "50.0")
    desk.clock = datetime.fromisoformat("2026-11-20T20:00:00+00:00")
    answer = desk.apply("staging")
    assert published(answer) == [(2, (desk.first, both))]
    assert answer.plan.held != ""
    assert desk.apply("staging").done is None


def test_long_hold_never_outgrows_a_head(desk: Any) -> None:
    """Twenty tightenings during one freeze: those that later ones contain are no longer listed."""
    desk.apply("staging")
    desk.set_flag("staging", UX, True, "50.0")
    desk.clock = datetime.fromisoformat("2026-12-20T20:00:00+00:00")
    before = "max_order_value: 10000.0"
    for number in range(20):
        after = f"max_order_value: {9999 - number}.0"
        desk.edit("staging", before, after)
        before, tight = after, desk.commit("lower")
        answer = desk.apply("staging")
        assert answer.done.published[-1].commits[-1] == tight
    listed = desk.head("staging").commits
    assert (len(listed), listed[0], listed[-1]) == (16, desk.first, tight)
    assert answer.plan.held == "held until Mon 2027-01-04 10:00 America/New_York"


def test_loosened_catalogue_is_held(desk: Any) -> None:
    desk.apply("staging")
    alerts = desk.root / "config" / "alerts.yaml"
    line = next(
        line
        for line in alerts.read_text().splitlines()
        if "for_seconds" in line and line.strip()[-2:] != " 0"
    )
    alerts.write_text(alerts.read_text().replace(line, "    for_seconds: 1700", 1))
    desk.commit("slower alert")
    desk.clock = datetime.fromisoformat("2026-11-20T20:00:00+00:00")
    answer = desk.apply("staging")
    assert [change.direction for change in answer.changes] == ["loosen"]
    assert answer.plan.held != ""


def test_calendar_cannot_be_opened_by_the_commit_it_holds(desk: Any) -> None:
    desk.apply("staging")
    calendar = desk.root / "config" / "calendar.yaml"
    calendar.write_text(calendar.read_text().replace("tiers: [staging, production]", "tiers: [production]"))
    desk.set_flag("staging", PAPER, False, "0.0")
    own = desk.set_flag("staging", UX, True, "50.0")
    desk.clock = datetime.fromisoformat("2026-11-20T20:00:00+00:00")
    for _ in range(3):
        assert desk.apply("staging").plan.held == "held until Mon 2026-11-23 10:00 America/New_York"
        assert desk.head("staging").commits == (desk.first, own)
    desk.clock = datetime.fromisoformat("2026-11-23T15:00:00+00:00")
    desk.apply("staging")
    assert desk.head("staging").commits == (own,)


# -- a world that fails ---------------------------------------------------------------------------------------------


def test_unfit_redis_keeps_the_target_back(desk: Any) -> None:
    desk.apply()
    tight = desk.set_flag("dev", PAPER, False, "0.0")
    desk.redis.config_set("maxmemory-policy", "allkeys-lru")
    try:
        with pytest.raises(GateFailedError, match="smoke test failed: maxmemory-policy is allkeys-lru"):
            desk.apply()
    finally:
        desk.redis.config_set("maxmemory-policy", "noeviction")
    assert desk.head().commits == (desk.first, tight)
    assert published(desk.apply()) == [(3, (tight,))]


def test_redis_down_is_named(desk: Any) -> None:
    desk.apply()
    desk.edit("dev", f"port: {desk.section.port}", "port: 1")
    desk.commit("elsewhere")
    with pytest.raises(UnreachableError, match="Redis at localhost:1 did not answer"):
        desk.apply()


def test_postgres_down_is_named(desk: Any) -> None:
    desk.edit("dev", f"port: {desk.database.port}", "port: 1")
    desk.commit("elsewhere")
    with pytest.raises(UnreachableError, match="Postgres at localhost:1 did not answer"):
        desk.deliver()


def test_state_without_local_parts_is_named(desk: Any, tmp_path: Path) -> None:
    with pytest.raises(UnreachableError, match="no administrator of Postgres at localhost"):
        desk.deliver(state=tmp_path / "nothing")
    assert not (tmp_path / "nothing").exists()


def test_kept_head_is_written_by_apply_alone(desk: Any) -> None:
    desk.deliver()
    assert ledger_head.load(desk.local.state, "dev") is None
    desk.apply()
    assert ledger_head.load(desk.local.state, "dev").seq == 2


def test_replace_ref_is_refused(desk: Any) -> None:
    tip = desk.set_flag("dev", UX, True, "50.0")
    desk.git("replace", tip, desk.first)
    assert rules(desk.deliver()) == ["GIT102"]
    assert Repository(desk.root).resolve("HEAD") == tip
