"""The second half of the story: leaving a kill by a merged record, a forged Redis, an auditor's question."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from ci.demo.story import Stage, StepError
from ci.demo.workshop import DEV, RISK
from config.digest import canonical
from config.models.environment import Redis
from engine.stores import redis_client

RELEASES = "config/records/releases.yaml"
FORGED_GENERATION = 999_999_999


def merged_record_ends_the_kill(stage: Stage) -> None:
    """Leaving KILLED needs Git: a record that names the kill's epoch."""
    closed = stage.running().lines("latch_closed")[-1]
    text = stage.workshop.text(RELEASES).replace("releases: []\n", _release(int(closed["epoch"])))
    stage.workshop.propose("release-the-kill", "dev: release the kill of the demo", RELEASES, text)
    stage.type(["check", "release-the-kill", "--base", "main"], expect=0)
    commit = stage.workshop.merge("release-the-kill")
    since = stage.running().count()
    stage.type(["reconcile", "--env", "dev", "--apply"], expect=0)
    stage.await_event("latch_opened", since, 10)
    order = stage.await_event("order", since, 20)
    stage.voice.fact(
        f"only a merged record ends it: after {commit[:12]} orders flow again ({order['order_id']})"
    )


def _release(epoch: int) -> str:
    return (
        "releases:\n"
        "  - environment: dev\n"
        f"    epoch: {epoch}\n"
        "    scope: global\n"
        "    person: rob\n"
        "    approver: null\n"
        '    reason: "the demo\'s kill, looked at and understood"\n'
        '    day: "2026-11-20"\n'
    )


def forged_redis_moves_nothing(stage: Stage) -> None:
    """(e) someone writes a head and a blob of his own into Redis."""
    stage.voice.chapter("e", "Somebody forges Redis: live trading on, a huge generation")
    since = stage.running().count()
    forged = _forge(stage)
    refused = stage.await_event("head_refused", since, 10)
    stage.voice.fact(f"the engine refuses the head: {refused['reason']}")
    since = stage.running().count()
    denied = stage.await_event("denied", since, 20)
    stage.voice.fact(
        f"and lets no entry pass until it is healed ({denied['symbol']} denied: {denied['code']})"
    )
    found = stage.type(["reconcile", "--env", "dev"], expect=4)
    stage.voice.quote(found.out, most=12)
    under = [line for line in stage.running().lines("order") if line["snapshot_digest"] == forged]
    if under:
        raise StepError(f"{len(under)} orders passed under the forged snapshot")
    since = stage.running().count()
    stage.type(["reconcile", "--env", "dev", "--apply"], expect=0)
    order = stage.await_event("order", since, 20)
    stage.type(["reconcile", "--env", "dev"], expect=0, show=False)
    stage.voice.fact(
        f"found (exit code 4), healed, nothing left to do; orders flow again ({order['order_id']})"
    )
    stage.voice.fact(f"orders under the forged snapshot {forged[:12]}: 0")


def _forge(stage: Stage) -> str:
    port = next(
        int(line.split(":")[1]) for line in _section(stage.workshop.text(DEV), "redis") if "port:" in line
    )
    client: Any = redis_client(Redis(host="localhost", port=port, tls=False))
    head = client.hgetall("ff:{dev}:head")
    blob = json.loads(client.get("ff:{dev}:snap:" + head[b"digest"].decode()) or b"")
    blob["flags"]["live_trading_enabled"].update(enabled=True, percent="100.0")
    payload = canonical(blob)
    digest = hashlib.sha256(payload).hexdigest()
    client.set(f"ff:{{dev}}:snap:{digest}", payload)
    client.hset(
        "ff:{dev}:head",
        mapping={"digest": digest, "generation": str(FORGED_GENERATION).zfill(len(head[b"generation"]))},
    )
    client.close()
    return digest


def _section(text: str, name: str) -> list[str]:
    body = text.split(f"\n{name}:\n", 1)[1]
    return body.split("\n\n", 1)[0].splitlines()


def auditor_gets_an_answer(stage: Stage) -> None:
    """(f) which commit and which rules allowed order X?"""
    stage.voice.chapter("f", "An auditor asks: which commit and which rules allowed this order?")
    answer = stage.type(["explain", str(stage.measured["order_id"]), "--env", "dev"], expect=0)
    stage.voice.quote(answer.out, most=24)
    if str(stage.measured["commit"]) not in answer.out:
        raise StepError("the answer does not name the commit that allowed the order")
    stage.type(["ledger", "verify", "--env", "dev"], expect=0)
    stage.voice.fact(f"re-evaluated from Git, merged by {RISK.split(' <')[0]}; the ledger's chain verifies")
