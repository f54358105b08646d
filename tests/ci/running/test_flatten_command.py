"""`interlock kill --flatten` against the real engine process: running, ended, crashed, frozen, without a market."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from engine.journal.scan import scan

pytestmark = pytest.mark.slow


@pytest.fixture
def flatten(town: Any) -> Callable[..., tuple[int, dict[str, Any]]]:
    def run(*words: str) -> tuple[int, dict[str, Any]]:
        done = subprocess.run(
            town.words("kill", "--flatten", "--reason", "drill", "--format", "json", *words),
            cwd=town.root,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.stdout, done.stderr
        return done.returncode, {**(answer := json.loads(done.stdout))["facts"], "says": answer["summary"]}

    return run


def holding(town: Any) -> Any:
    """An engine that holds 49 SIM and sees a bar twice a second: nothing but a flatten closes them soon."""
    town.apply()
    town.engine("--bars", "56").await_line("stopped", positions={"SIM": 49})
    engine = town.engine("--pace", "2", "--until-stopped")
    engine.await_line("started")
    return engine


def records(town: Any, type_: str) -> list[dict[str, Any]]:
    content = (town.folder / "paper" / "journal").read_bytes()
    return [record.body for record in scan(content, "journal").records if record.type == type_]


def flattening_orders(town: Any) -> list[str]:
    return [body["id"] for body in records(town, "sending") if body.get("leg") == "F"]


def test_a_running_engine_closes_everything_and_proves_it(town: Any, flatten: Any) -> None:
    engine = holding(town)
    code, facts = flatten("--person", "ann")
    assert (code, facts["flat"], facts["residue"], facts["working"]) == (0, True, {}, [])
    engine.await_line("flatten", is_flat=True, epoch=facts["epoch"])
    assert engine.process.stop() == 1
    stopped = engine.await_line("stopped")
    assert (stopped["positions"], stopped["stands"]) == ({}, f"KILLED: by file, epoch {facts['epoch']}")
    asked, proven = records(town, "flatten")
    assert (asked["person"], asked["reason"], proven["is_flat"]) == ("ann", "drill", True)
    assert len(flattening_orders(town)) == 1


def test_the_account_s_own_scope_is_enough(town: Any, flatten: Any) -> None:
    holding(town)
    town.store().raise_kill("flag:x", floor=40, by="ann", reason="Redis counts higher than the file")
    code, facts = flatten("--scope", "account:ACCT-DEV-1")
    assert (code, facts["flat"], len(flattening_orders(town))) == (0, True, 1)


def test_asked_again_it_sends_nothing_again(town: Any, flatten: Any) -> None:
    holding(town)
    assert [flatten()[0] for _ in range(2)] == [0, 0]
    assert len(flattening_orders(town)) == 1


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_without_an_engine_one_is_held_for_it(town: Any, flatten: Any, end: int) -> None:
    engine = holding(town)
    os.kill(engine.process._process.pid, end)
    engine.process._process.wait(20)
    code, facts = flatten()
    assert (code, facts["flat"]) == (0, True)
    assert len(flattening_orders(town)) == 1
    assert records(town, "shutdown")[-1]["positions"] == {}


def test_without_redis_it_is_flat_as_well(town: Any, flatten: Any) -> None:
    town.apply()
    town.engine("--bars", "56").await_line("stopped", positions={"SIM": 49})
    server = int(town.redis.info("server")["process_id"])
    os.kill(server, signal.SIGSTOP)
    try:
        code, facts = flatten()
    finally:
        os.kill(server, signal.SIGCONT)
    assert (code, facts["file"], facts["redis"], facts["flat"]) == (0, True, False, True), facts["says"]


def test_without_a_market_it_is_not_flat_and_says_what_is_left(town: Any, flatten: Any) -> None:
    town.apply()
    feed = ("--feed", "generator:57")
    town.engine(*feed, "--bars", "56").await_line("stopped", positions={"SIM": 49})
    code, facts = flatten()
    assert (code, facts["flat"], facts["residue"]) == (1, False, {"SIM": 49})
    assert "the feed `generator:57` ended before all was closed" in facts["says"]
    assert "still open: SIM 49" in facts["says"]


def test_a_wish_outlives_the_engine_that_heard_it(town: Any, flatten: Any) -> None:
    town.apply()
    town.engine("--feed", "generator:57", "--bars", "56").await_line("stopped", positions={"SIM": 49})
    assert flatten()[0] == 1
    engine = town.engine("--feed", "generated", "--pace", "200", "--until-stopped")
    engine.await_line("flatten", is_flat=True)
    assert len(flattening_orders(town)) == 1


def test_a_frozen_engine_does_not_answer_and_obeys_when_it_wakes(town: Any, flatten: Any) -> None:
    engine = holding(town)
    os.kill(engine.process._process.pid, signal.SIGSTOP)
    try:
        code, facts = flatten("--wait", "0.5")
    finally:
        os.kill(engine.process._process.pid, signal.SIGCONT)
    assert (code, facts["flat"]) == (1, False)
    assert "the engine did not answer within 0.5 s" in facts["says"]
    engine.await_line("flatten", is_flat=True)


def test_a_kill_of_another_account_holds_no_engine_that_could_trade(town: Any, flatten: Any) -> None:
    town.apply()
    town.engine("--bars", "56").await_line("stopped", positions={"SIM": 49})
    code, facts = flatten("--scope", "account:OTHER")
    assert (code, facts["flat"]) == (1, False)
    assert "this kill does not stop this engine" in facts["says"]
    assert records(town, "shutdown")[-1]["positions"] == {"SIM": 49}
    assert town.engine("--bars", "1").await_line("started")["state"] == "ACTIVE"


def test_where_nobody_ever_traded_nothing_is_open(town: Any, flatten: Any) -> None:
    town.apply()
    code, facts = flatten()
    assert (code, facts["flat"], facts["file"]) == (0, True, True)
    assert "FLAT: no engine ever traded here" in facts["says"]
