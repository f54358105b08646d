"""`interlock check` on real repositories: what it judges, where it points, how it ends."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

Run = Callable[..., tuple[int, str]]
Answer = Callable[..., dict[str, Any]]

DEV = "config/environments/dev.yaml"
PRODUCTION = "config/environments/production.yaml"
QA_FILE = "config/environments/qa.yaml"
LIVE = ("  live_trading_enabled:\n    enabled: false", "  live_trading_enabled:\n    enabled: true")
AT = ("--as-of", "2026-11-17T16:00:00Z")


def found(answer: dict[str, Any]) -> list[tuple[str, str, int, int]]:
    return [(one["rule"], one["file"], one["line"], one["column"]) for one in answer["findings"]]


def test_a_clean_tree_passes_with_its_account(interlock: Run) -> None:
    code, text = interlock("check", *AT)
    assert code == 0, text
    last = text.strip().splitlines()[-1]
    assert " rules: " in last
    assert "3 environments" in last
    assert last.endswith("0 violations, 0 waived")


def test_live_trading_in_dev_is_refused_with_two_findings(workshop: Any, answer: Answer) -> None:
    workshop.edit(DEV, *LIVE)
    line = workshop.text(DEV).split("  live_trading_enabled:")[0].count("\n") + 2
    said = answer(*AT)
    assert found(said) == [("FLG004", DEV, line, 14), ("VEN001", DEV, line, 14)]
    assert said["exit_code"] == 1
    assert said["findings"][1]["end_column"] == 18


def test_staged_bad_and_worktree_good_is_refused(workshop: Any, interlock: Run) -> None:
    workshop.edit(DEV, *LIVE)
    workshop.git("add", DEV)
    workshop.edit(DEV, *reversed(LIVE))
    assert interlock("check", "--staged", *AT)[0] == 1
    assert interlock("check", *AT)[0] == 0


def test_staged_good_and_worktree_bad_passes(workshop: Any, interlock: Run) -> None:
    workshop.edit(DEV, *LIVE)
    assert interlock("check", "--staged", *AT)[0] == 0
    code, text = interlock("check", *AT)
    assert code == 1
    assert f"{DEV} differs from the last commit" in text


def test_a_commit_is_judged_by_its_own_bytes(workshop: Any, interlock: Run) -> None:
    workshop.branch("feature")
    workshop.edit(DEV, *LIVE)
    bad = workshop.commit()
    workshop.git("checkout", "-q", "main")
    assert interlock("check", bad, *AT)[0] == 1
    assert interlock("check", "main", *AT)[0] == 0


def test_a_change_shows_keys_with_their_direction(workshop: Any, answer: Answer) -> None:
    workshop.branch("feature")
    workshop.edit(PRODUCTION, "max_orders_per_day: 100", "max_orders_per_day: 50")
    workshop.edit("config/environments/staging.yaml", "max_orders_per_day: 100", "max_orders_per_day: 50")
    workshop.edit(DEV, "max_orders_per_day: 100", "max_orders_per_day: 50")
    workshop.commit()
    said = answer("feature", "--base", "main", *AT)
    assert said["exit_code"] == 0, said["findings"]
    assert said["facts"]["direction"] == "tighten"
    rows = next(table for table in said["tables"] if table["name"] == "changes")["rows"]
    assert rows[0] == {
        "where": "dev",
        "key": "limits.max_orders_per_day",
        "before": "100",
        "after": "50",
        "direction": "tighten",
    }


def test_a_limit_raised_too_fast_names_both_sides(workshop: Any, answer: Answer) -> None:
    workshop.branch("feature")
    workshop.edit(PRODUCTION, "max_order_value: 10000.0", "max_order_value: 25000.0")
    workshop.commit()
    said = answer("feature", "--base", "main", *AT)
    raised = next(one for one in said["findings"] if one["rule"] == "LIM001")
    assert raised["message"] == "`max_order_value` raised 2.5x, the limit is 1.5x per change"
    assert raised["severity"] == "guarded"
    assert raised["related"][0]["label"] == "was 10000.0 in base"
    assert said["facts"]["direction"] == "loosen"


def test_a_stale_branch_neither_hides_nor_invents_a_change(workshop: Any, answer: Answer) -> None:
    workshop.branch("feature")
    workshop.edit(
        DEV, 'url: "https://dev.trading.internal"', 'url: "https://dev.trading.internal"  # the one'
    )
    workshop.commit()
    workshop.git("checkout", "-q", "main")
    workshop.edit(PRODUCTION, "max_orders_per_day: 100", "max_orders_per_day: 50")
    workshop.edit("config/environments/staging.yaml", "max_orders_per_day: 100", "max_orders_per_day: 50")
    workshop.edit(DEV, "max_orders_per_day: 100", "max_orders_per_day: 50")
    workshop.commit("main moves on")
    said = answer("feature", "--base", "main", *AT)
    assert said["exit_code"] == 0, said["findings"]
    assert not [table for table in said["tables"] if table["name"] == "changes"]
    assert any(DEV in line for line in said["facts"]["form_only"])


def test_a_conflict_with_base_is_a_refusal(workshop: Any, answer: Answer) -> None:
    workshop.branch("feature")
    workshop.edit(DEV, "max_orders_per_day: 100", "max_orders_per_day: 90")
    workshop.commit()
    workshop.git("checkout", "-q", "main")
    workshop.edit(DEV, "max_orders_per_day: 100", "max_orders_per_day: 80")
    workshop.commit()
    said = answer("feature", "--base", "main", *AT)
    assert found(said) == [("GIT001", DEV, 1, 1)]
    assert said["exit_code"] == 1


def test_loosening_outside_the_window_warns(workshop: Any, answer: Answer) -> None:
    workshop.branch("feature")
    for name in ("dev", "staging", "production"):
        workshop.edit(f"config/environments/{name}.yaml", "max_open_positions: 5", "max_open_positions: 6")
    workshop.commit()
    open_now = answer("feature", "--base", "main", *AT)
    assert [one["rule"] for one in open_now["findings"]] == []
    closed = answer("feature", "--base", "main", "--as-of", "2026-11-21T16:00:00Z")
    assert {one["rule"] for one in closed["findings"]} == {"CAL001"}
    assert {one["severity"] for one in closed["findings"]} == {"warning"}
    assert closed["exit_code"] == 0


def test_base_equal_to_head_has_nothing_to_say(workshop: Any, answer: Answer) -> None:
    said = answer("main", "--base", "main", *AT)
    assert said["exit_code"] == 0
    assert said["facts"]["direction"] == "neutral"


def test_a_merge_commit_may_be_the_base(workshop: Any, interlock: Run) -> None:
    workshop.branch("side")
    workshop.edit(DEV, "max_orders_per_day: 100", "max_orders_per_day: 99  # x")
    workshop.edit(DEV, "99  # x", "100  # x")
    workshop.commit()
    workshop.git("checkout", "-q", "main")
    workshop.git(
        "-c", "user.name=a", "-c", "user.email=a@b.c", "merge", "-q", "--no-ff", "-m", "merge", "side"
    )
    assert interlock("check", "HEAD", "--base", "HEAD", *AT)[0] == 0
    assert interlock("check", "HEAD", "--base", "HEAD~1", *AT)[0] == 0


def test_a_base_without_config_makes_everything_new(workshop: Any, interlock: Run) -> None:
    workshop.git("checkout", "-q", "--orphan", "empty")
    workshop.git("rm", "-rfq", ".")
    (workshop.root / "README").write_text("nothing\n")
    workshop.commit("empty")
    workshop.git("checkout", "-q", "main")
    code, text = interlock("check", "--base", "empty", *AT)
    assert code == 0, text


def test_a_removed_environment_is_said_aloud(workshop: Any, answer: Answer) -> None:
    workshop.branch("feature")
    workshop.git("rm", "-q", "config/environments/staging.yaml")
    workshop.commit()
    said = answer("feature", "--base", "main", *AT)
    assert ("VEN019", "config/environments/staging.yaml") in {
        (one["rule"], one["file"]) for one in said["findings"]
    }
    assert said["exit_code"] == 1


def test_an_unreadable_file_is_shown_with_its_place(workshop: Any, interlock: Run) -> None:
    workshop.edit(DEV, "phase: 1", "phase: one")
    code, text = interlock("check", *AT)
    assert code == 1
    assert f"{DEV}:5:8: error[CFG003]" in text
    assert "    5 | phase: one" in text
    assert "refused before any rule ran: 1 reason" in text


def test_an_unknown_environment_judges_nothing_and_fails(interlock: Run) -> None:
    code, text = interlock("check", "--env", "qa", *AT)
    assert code == 1
    assert "environment `qa` is not in this tree, so nothing was judged" in text


def test_one_environment_alone_can_be_asked_for(workshop: Any, answer: Answer) -> None:
    workshop.edit(DEV, *LIVE)
    assert answer("--env", "production", *AT)["exit_code"] == 0
    assert answer("--env", "dev", *AT)["exit_code"] == 1


def test_an_empty_tree_is_no_green_tick(workshop: Any, interlock: Run) -> None:
    workshop.git("rm", "-rfq", "config")
    code, text = interlock("check", "--staged", *AT)
    assert code == 1
    assert "file `config/flags.yaml` is missing" in text


def test_usage_mistakes_end_with_two(interlock: Run) -> None:
    assert interlock("check", "no-such-ref", *AT)[0] == 2
    assert interlock("check", "--base", "no-such-ref", *AT)[0] == 2
    assert interlock("check", "--as-of", "yesterday")[0] == 2
    assert interlock("check", "--as-of", "2026-11-17T16:00:00")[0] == 2
    assert interlock("check", "--staged", "--worktree")[0] == 2


def test_there_is_no_force_and_no_ignore(interlock: Run, workshop: Any) -> None:
    assert interlock("check", "--force")[0] == 2
    workshop.edit(
        DEV,
        "  live_trading_enabled:\n    enabled: false",
        "  live_trading_enabled:\n    enabled: true  # interlock: ignore VEN001",
    )
    assert interlock("check", *AT)[0] == 1


def test_mutants_and_reasons_are_shown_when_asked(answer: Answer) -> None:
    said = answer("--mutate", "--uncovered", *AT)
    tables = {table["name"]: table["rows"] for table in said["tables"]}
    assert all(row["refused by"] != "NOTHING" for row in tables["mutants"])
    total = tables["mutation score"][-1]
    assert int(total["mutants"]) == int(total["refused"]) + int(total["reasoned"])
    assert int(total["mutants"]) > 1000
    assert {row["score"] for row in tables["mutation score"]} == {"100 %"}
    assert tables["guarded by reason"]


def test_hidden_characters_are_refused_and_shown(workshop: Any, interlock: Run) -> None:
    path = workshop.root / DEV
    path.write_bytes(path.read_bytes().replace(b"phase: 1\n", b"phase: 1  # all is well\xc2\x85live: true\n"))
    code, text = interlock("check", *AT)
    assert code == 1
    assert "YAML003" in text
    assert "\x85" not in text
    assert "<U+0085>" in text


def test_a_new_environment_is_added_without_a_change_of_any_rule(workshop: Any, answer: Answer) -> None:
    workshop.branch("feature")
    workshop.add_qa()
    workshop.commit()
    said = answer("feature", "--base", "main", *AT)
    assert said["exit_code"] == 0, said["findings"]
    assert said["findings"] == []
    assert "; 4 environments, " in said["summary"]


@pytest.mark.parametrize("tier", ["dev", "staging", "production"])
def test_a_new_environment_is_bitten_by_the_rules_of_its_tier(
    workshop: Any, answer: Answer, tier: str
) -> None:
    workshop.branch("feature")
    workshop.add_qa(tier)
    text = workshop.text(QA_FILE)
    flag = re.compile(r"(  live_trading_enabled:[^\n]*\n    enabled: )false")
    (workshop.root / QA_FILE).write_text(flag.sub(r"\1true", text))
    workshop.edit(QA_FILE, "debug_mode: false", "debug_mode: true")
    workshop.commit()
    said = answer("feature", "--base", "main", *AT)
    found = {one["rule"] for one in said["findings"] if one["file"] == QA_FILE and one["severity"] == "error"}
    bites = {
        "dev": {"VEN001", "FLG004", "VEN002"},
        "staging": {"VEN014", "VEN015"},
        "production": {"VEN006", "VEN014", "VEN015", "ALR002"},
    }
    assert bites[tier] <= found


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2026-11-17", "has no zone"),
        ("2026-11-17T15:00:00", "has no zone"),
        ("", "is no instant"),
        ("now", "is no instant"),
        ("2026-11-17 15:00:00Z", "is no instant"),
        ("20261117T150000Z", "is no instant"),
        ("2026-W47-2T15:00:00Z", "is no instant"),
        ("2026-06-30T23:59:60Z", "is no instant"),
        ("2026-02-30T10:00:00Z", "is no instant"),
        ("2026-11-17T15:00:00+25:00", "is no instant"),
        ("2026-11-17T15:00:00+00:00:01", "is no instant"),
        ("\uff12\uff10\uff12\uff16-11-17T15:00:00Z", "is no instant"),
        (" 2026-11-17T15:00:00Z", "is no instant"),
        ("0001-01-01T00:00:00Z", "no calendar knows the year 1"),
        ("9999-12-31T23:59:59Z", "no calendar knows the year 9999"),
    ],
)
def test_an_instant_says_its_zone_and_lies_in_our_time(interlock: Run, text: str, told: str) -> None:
    code, said = interlock("check", "--as-of", text)
    assert code == 2
    assert told in said
    assert "write" in said


@pytest.mark.parametrize(
    ("instant", "closed"),
    [
        ("2026-11-17T14:59:59.999999Z", "09:59 in America/New_York is outside 10:00 to 14:00"),
        ("2026-11-17T15:00:00Z", ""),
        ("2026-11-17T10:00:00-05:00", ""),
        ("2026-11-17T18:59:59.999999Z", ""),
        ("2026-11-17T19:00:00Z", "14:00 in America/New_York is outside 10:00 to 14:00"),
        ("2026-11-20T18:59:59Z", ""),
        ("2026-11-20T19:00:00Z", "14:00 in America/New_York is outside 10:00 to 14:00"),
        ("2026-12-20T04:59:59Z", "2026-12-19 is a weekend"),
        ("2026-12-21T16:00:00Z", "2026-12-21 is frozen: holidays, low liquidity"),
        ("2028-01-02T16:00:00Z", "2028-01-02 is frozen: holidays, low liquidity"),
        ("2028-01-03T16:00:00Z", ""),
        ("1999-01-05T16:00:00Z", ""),
        ("2099-06-02T16:00:00Z", ""),
    ],
)
def test_a_loosening_change_is_warned_of_outside_the_window(
    workshop: Any, answer: Answer, instant: str, closed: str
) -> None:
    workshop.branch("feature")
    workshop.edit(PRODUCTION, "max_order_value: 10000.0", "max_order_value: 15000.0")
    workshop.commit()
    said = answer("feature", "--base", "main", "--as-of", instant)
    assert said["exit_code"] == 0, said["findings"]
    told = [one["message"] for one in said["findings"] if one["rule"] == "CAL001"]
    assert told == ([f"`limits.max_order_value` loosens while {closed}"] if closed else [])


def test_tightening_is_never_warned_of(workshop: Any, answer: Answer) -> None:
    workshop.branch("feature")
    workshop.edit(PRODUCTION, "max_order_value: 10000.0", "max_order_value: 9000.0")
    workshop.commit()
    said = answer("feature", "--base", "main", "--as-of", "2026-12-25T03:00:00Z")
    assert [one["rule"] for one in said["findings"]] == ["CAL006"]
    assert said["facts"]["direction"] == "tighten"


def test_a_change_that_lifts_a_freeze_does_not_lift_it_for_itself(workshop: Any, answer: Answer) -> None:
    workshop.branch("feature")
    workshop.edit(PRODUCTION, "max_order_value: 10000.0", "max_order_value: 15000.0")
    workshop.edit("config/calendar.yaml", '"2026-12-07"', '"2026-12-08"')
    workshop.commit()
    said = answer("feature", "--base", "main", "--as-of", "2026-12-07T16:00:00Z")
    told = {(one["rule"], one["path"]) for one in said["findings"]}
    assert ("CAL001", "limits.max_order_value") in told


def test_a_base_without_configuration_makes_every_environment_new(workshop: Any, answer: Answer) -> None:
    workshop.git("checkout", "-q", "--orphan", "bare")
    workshop.git("rm", "-rqf", ".")
    (workshop.root / "README").write_text("nothing yet\n")
    workshop.commit("first")
    workshop.branch("feature")
    workshop.git("checkout", "-q", "main", "--", "config", ".gitattributes")
    workshop.commit("all of it")
    said = answer("feature", "--base", "bare", *AT)
    assert said["exit_code"] == 0, said["findings"]
    assert said["facts"]["direction"] == "loosen"
    rows = next(table for table in said["tables"] if table["name"] == "changes")["rows"]
    assert {row["where"] for row in rows} == {"dev", "staging", "production"}
    assert {row["before"] for row in rows} == {"(none)"}


def test_a_merge_commit_is_a_base_as_any_other(workshop: Any, answer: Answer) -> None:
    workshop.branch("side")
    for name in ("dev", "staging", "production"):
        workshop.edit(f"config/environments/{name}.yaml", "max_open_positions: 5", "max_open_positions: 4")
    workshop.commit()
    workshop.git("checkout", "-q", "main")
    (workshop.root / "NOTE").write_text("x")
    workshop.commit()
    words = ("-c", "user.name=Ann", "-c", "user.email=ann@example.com")
    workshop.git(*words, "merge", "-q", "--no-ff", "-m", "a merge", "side")
    workshop.branch("feature")
    workshop.edit(DEV, *LIVE)
    workshop.commit()
    said = answer("feature", "--base", "main", *AT)
    assert [one["rule"] for one in said["findings"]] == ["FLG004", "VEN001"]
    rows = next(table for table in said["tables"] if table["name"] == "changes")["rows"]
    assert [row["key"] for row in rows] == ["flags.live_trading_enabled.enabled"]
