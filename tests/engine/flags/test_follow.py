"""The follower adopts what was published, within milliseconds, and only grows more careful when Redis misbehaves."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import redis

from config.models.environment import Redis
from engine.durable import Floor
from engine.flags.adoption import Unreachable
from engine.flags.follow import Follower
from engine.flags.store import FlagStore, Published
from engine.flags.view import LEASE_SECONDS, STALE_SECONDS, LiveFlags
from engine.stores import redis_client

HEAD = "ff:{dev}:head"
LIVE = "live_trading_enabled"
AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


class Clock:
    """Real time that can be pushed forward."""

    pushed = 0.0

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic() + self.pushed


class Scene:
    """One follower on a real Redis, with Git and the ledger as dictionaries."""

    def __init__(self, place: Redis, world: Any, folder: Path) -> None:
        self.client = redis_client(place)
        self.store = FlagStore(self.client, "dev")
        self.world = world
        self.folder = folder
        self.clock = Clock()
        self.lines: list[tuple[str, Mapping[str, Any]]] = []
        self.kills_at: float | None = None
        self.restart(place)

    def restart(self, place: Redis) -> None:
        self.floor = Floor(self.folder / "generation")
        self.follower = Follower(
            FlagStore(redis_client(place), "dev"),
            self.world,
            self.world,
            self.floor,
            self.clock,
            lambda event, facts: self.lines.append((event, facts)),
        )
        self.flags = LiveFlags(
            self.follower,
            lambda: (),
            lambda: self.clock.monotonic() if self.kills_at is None else self.kills_at,
            self.clock,
            venue_kind="live",
            strategy="cross",
        )

    def publish(self, generation: int, names: str, *, healing: bool = False) -> None:
        self.world.intend(generation, names)
        answer = self.store.publish(
            self.world.snapshot(names),
            generation=generation,
            observed=self.store.observe(),
            by="test",
            at=AT,
            healing=healing,
        )
        assert isinstance(answer, Published)

    def forge(self, generation: int, names: str) -> None:
        """Write a head and a blob as reconcile would, without the ledger's intent."""
        client, snapshot = self.client, self.world.snapshot(names)
        client.set(f"ff:{{dev}}:snap:{snapshot.digest}", snapshot.payload())
        fields: dict[Any, Any] = {
            "generation": f"{generation:020d}",
            "commits": snapshot.commit,
            "digest": snapshot.digest,
        }
        client.hset(
            HEAD, mapping={**fields, "digest": snapshot.digest, "prev_digest": "", "by": "eve", "at": "now"}
        )

    def live(self) -> tuple[bool, str]:
        answer = self.flags.decide(LIVE, "ACCT-1")
        return answer.value, answer.reason

    def reasons(self, event: str) -> list[Any]:
        return [facts["reason"] for name, facts in self.lines if name == event]

    def until(self, holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 10
        while not holds():
            assert time.monotonic() < deadline, self.lines
            time.sleep(0.005)


@pytest.fixture
def scene(redis_section: Redis, git_and_ledger: Callable[[], Any], tmp_path: Path) -> Iterator[Scene]:
    made = Scene(redis_section, git_and_ledger(), tmp_path)
    yield made
    made.follower.stop()


def test_nothing_adopted_means_fail_safe(scene: Scene) -> None:
    assert scene.live() == (False, "FAIL_SAFE")
    scene.follower.look()
    assert scene.live() == (False, "FAIL_SAFE")
    assert scene.reasons("head_waiting") == ["no head is published"]


def test_answer_names_everything_an_order_needs(scene: Scene) -> None:
    scene.publish(4, "f")
    scene.follower.look()
    answer = scene.flags.decide(LIVE, "ACCT-1")
    bundle = scene.world.git["f" * 40]
    assert (answer.value, answer.reason, answer.commit, answer.generation) == (True, "SPLIT", "f" * 40, 4)
    assert (answer.bundle_digest, answer.snapshot_digest) == (bundle.digest, scene.world.snapshot("f").digest)
    assert scene.lines[0] == (
        "snapshot_adopted",
        {
            "generation": 4,
            "commit": "f" * 40,
            "commits": ["f" * 40],
            "digest": answer.snapshot_digest,
            "published_at": "2026-11-20T09:30:00.000000Z",
        },
    )


def test_running_follower_adopts_each_change(scene: Scene) -> None:
    scene.publish(1, "a")
    scene.follower.start()
    for generation, names, value in ((2, "f", True), (3, "fa", False), (4, "a", False), (5, "f", True)):
        scene.publish(generation, names)
        scene.until(lambda g=generation: scene.flags.decide(LIVE, "ACCT-1").generation == g)  # type: ignore[misc]
        assert scene.live()[0] is value
    scene.until(lambda: scene.floor.value == 5)


def test_forged_head_passes_no_order_and_heals(scene: Scene) -> None:
    scene.publish(1, "a")
    scene.follower.start()
    scene.until(lambda: scene.live() == (False, "DISABLED"))
    scene.forge(9 * 10**18, "f")
    scene.until(lambda: scene.live() == (False, "FAIL_SAFE"))
    scene.until(lambda: bool(scene.reasons("head_refused")))
    assert scene.reasons("head_refused") == ["the ledger knows no generation 9000000000000000000"]
    scene.publish(1, "a", healing=True)
    scene.until(lambda: scene.live() == (False, "DISABLED"))
    scene.publish(2, "f")
    scene.until(lambda: scene.live() == (True, "SPLIT"))
    scene.until(lambda: scene.floor.value == 2)


def test_forged_head_of_an_older_riskier_commit_is_refused(scene: Scene) -> None:
    scene.publish(1, "f")
    scene.publish(2, "a")
    scene.follower.look()
    scene.forge(3, "f")
    scene.follower.look()
    assert scene.live() == (False, "FAIL_SAFE")
    scene.world.intend(3, "b")
    scene.follower.look()
    assert scene.live() == (False, "FAIL_SAFE")
    assert scene.reasons("head_refused") == [
        "the ledger knows no generation 3",
        "the ledger intended another snapshot under generation 3",
    ]


def test_old_head_put_back_keeps_what_is_in_force(scene: Scene) -> None:
    scene.publish(1, "f")
    old = scene.client.hgetall(HEAD)
    scene.publish(2, "a")
    scene.follower.look()
    scene.client.delete(HEAD)
    scene.client.hset(HEAD, mapping=dict(old))  # type: ignore[arg-type]
    scene.follower.look()
    assert scene.live() == (False, "DISABLED")
    assert scene.reasons("head_waiting") == ["generation 1 is older than 2, which was in force here"]


def test_foreign_head_is_reported_once(scene: Scene) -> None:
    scene.publish(1, "a")
    scene.forge(7, "f")
    for _ in range(3):
        scene.follower.look()
    scene.forge(8, "f")
    scene.follower.look()
    assert scene.reasons("head_refused") == [
        "the ledger knows no generation 7",
        "the ledger knows no generation 8",
    ]


def test_wiped_redis_serves_until_the_lease_ends(scene: Scene) -> None:
    scene.publish(1, "f")
    scene.follower.look()
    scene.client.flushall()
    scene.follower.look()
    assert scene.live() == (True, "SPLIT")
    scene.clock.pushed += LEASE_SECONDS + 1
    assert scene.live() == (False, "STALE_LEASE")
    scene.publish(2, "f", healing=False)
    scene.follower.look()
    assert scene.live() == (True, "SPLIT")


@pytest.mark.parametrize(
    ("seconds", "value", "is_stale"),
    [
        (STALE_SECONDS - 0.5, True, False),
        (STALE_SECONDS + 0.5, True, True),
        (LEASE_SECONDS + 0.5, False, True),
    ],
)
def test_silence_first_shows_then_closes(scene: Scene, seconds: float, value: bool, is_stale: bool) -> None:
    scene.publish(1, "f")
    scene.follower.look()
    scene.clock.pushed += seconds
    answer = scene.flags.decide(LIVE, "ACCT-1")
    assert (answer.value, answer.is_stale) == (value, is_stale)


def test_unread_kills_end_the_lease_too(scene: Scene) -> None:
    scene.publish(1, "f")
    scene.follower.look()
    scene.kills_at = scene.clock.monotonic() - LEASE_SECONDS - 1
    assert scene.live() == (False, "STALE_LEASE")


def test_silent_ledger_keeps_the_snapshot_in_force(scene: Scene) -> None:
    scene.publish(1, "a")
    scene.follower.look()
    scene.publish(2, "f")
    known, scene.world.ledger = scene.world.ledger, Unreachable("timeout")
    scene.follower.look()
    assert scene.live() == (False, "DISABLED")
    scene.world.ledger = known
    scene.follower.look()
    assert scene.live() == (True, "SPLIT")


def test_restart_refuses_a_generation_below_its_own(scene: Scene, redis_section: Redis) -> None:
    scene.publish(1, "f")
    scene.publish(5, "a")
    scene.follower.look()
    scene.client.flushall()
    scene.publish(1, "f")
    scene.restart(redis_section)
    scene.follower.look()
    assert scene.live() == (False, "FAIL_SAFE")
    assert scene.reasons("head_waiting") == ["generation 1 is older than 5, which was in force here"]


def test_poisoned_blob_under_a_right_head_is_noticed(scene: Scene) -> None:
    scene.publish(1, "f")
    scene.follower.look()
    key = f"ff:{{dev}}:snap:{scene.world.snapshot('f').digest}"
    scene.client.set(key, "{}")
    scene.follower.look()
    assert scene.live() == (False, "FAIL_SAFE")
    assert scene.reasons("head_refused") == ["the stored snapshot is not what Git gives"]


def test_crash_inside_is_loud_and_safe(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(generation: int) -> None:
        raise RuntimeError("boom")

    scene.publish(1, "f")
    scene.follower.start()
    scene.until(lambda: scene.live() == (True, "SPLIT"))
    monkeypatch.setattr(scene.world, "intent", crash)
    scene.publish(2, "a")
    scene.until(lambda: scene.live() == (False, "FAIL_SAFE"))
    scene.until(lambda: bool(scene.reasons("follower_crashed")))
    assert scene.reasons("follower_crashed") == ["RuntimeError: boom"]
    monkeypatch.undo()
    scene.until(lambda: scene.live() == (False, "DISABLED"))


def test_generation_that_cannot_be_stored_is_not_trusted(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, content: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("engine.durable.write_durably", full)
    scene.publish(1, "f")
    scene.follower.start()
    scene.until(lambda: "follower_crashed" in [event for event, _ in scene.lines])
    assert scene.live() == (False, "FAIL_SAFE")


def test_lost_log_entries_are_caught_by_the_poll(scene: Scene) -> None:
    scene.publish(1, "a")
    scene.follower.start()
    scene.until(lambda: scene.live() == (False, "DISABLED"))
    scene.world.intend(2, "f")
    scene.forge(2, "f")
    scene.client.delete("ff:{dev}:log")
    scene.until(lambda: scene.live() == (True, "SPLIT"))


def test_cut_connections_come_back(scene: Scene) -> None:
    scene.publish(1, "a")
    scene.follower.start()
    scene.until(lambda: scene.live() == (False, "DISABLED"))
    for generation in range(2, 8):
        scene.client.client_kill_filter(_type="normal", skipme=True)
        scene.publish(generation, "fa"[generation % 2])
    scene.until(lambda: scene.flags.decide(LIVE, "ACCT-1").generation == 7)


def test_forked_child_has_no_lease(scene: Scene) -> None:
    scene.publish(1, "f")
    scene.follower.look()
    child = os.fork()
    if child == 0:
        os._exit(0 if scene.live() == (False, "STALE_LEASE") else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert scene.live() == (True, "SPLIT")


def test_foreign_type_of_the_log_does_not_stop_following(scene: Scene, redis_section: Redis) -> None:
    scene.client.set("ff:{dev}:log", "x")
    scene.follower.start()
    scene.publish(1, "f")
    scene.until(lambda: scene.live() == (True, "SPLIT"))


def test_redis_that_is_down_is_said_once(git_and_ledger: Callable[[], Any], tmp_path: Path) -> None:
    scene = Scene(Redis(host="localhost", port=1, tls=False), git_and_ledger(), tmp_path)
    with pytest.raises(redis.ConnectionError):
        scene.follower.look()
    scene.follower.start()
    scene.until(lambda: bool(scene.lines))
    time.sleep(0.5)
    scene.follower.stop()
    assert [event for event, _ in scene.lines] == ["store_unreachable"]
    assert scene.live() == (False, "FAIL_SAFE")
