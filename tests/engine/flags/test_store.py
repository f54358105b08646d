"""Publishing is one compare-and-set; whatever stands in Redis is read as a fact, never as an exception."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import redis

from config.bundle import Bundle
from config.models.environment import Redis
from engine.flags.compile import Snapshot, compile_snapshot
from engine.flags.store import (
    Conflict,
    FlagStore,
    Head,
    Observation,
    PublishAnswer,
    Published,
    Shrunk,
    StaleGeneration,
    UnsoundHead,
)
from engine.stores import redis_client

Build = Callable[..., Bundle]
AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
HEAD, KILL, LOG = "ff:{dev}:head", "ff:{dev}:kill", "ff:{dev}:log"


@pytest.fixture
def client(redis_section: Redis) -> redis.Redis:
    return redis_client(redis_section)


@pytest.fixture
def store(client: redis.Redis) -> FlagStore:
    return FlagStore(client, "dev")


@pytest.fixture
def snapshot(build: Build) -> Snapshot:
    return compile_snapshot([build("a")])


def publish(
    store: FlagStore,
    snapshot: Snapshot,
    generation: int,
    observed: Observation | None = None,
    *,
    healing: bool = False,
) -> PublishAnswer:
    seen = observed if observed is not None else store.observe()
    return store.publish(snapshot, generation=generation, observed=seen, by="test", at=AT, healing=healing)


def test_first_publish_stands_whole(store: FlagStore, client: redis.Redis, snapshot: Snapshot) -> None:
    assert store.observe().is_absent
    head = Head(1, ("a" * 40,), snapshot.digest, "", "test", "2026-11-20T09:30:00.000000Z")
    assert publish(store, snapshot, 1) == Published(head, changed=True)
    assert store.observe().head == head
    assert store.read_blob(snapshot.digest) == snapshot.payload()
    assert client.hget(HEAD, "generation") == b"00000000000000000001"
    assert client.ttl(HEAD) == client.ttl(f"ff:{{dev}}:snap:{snapshot.digest}") == -1


def test_second_head_names_the_one_before(store: FlagStore, build: Build, snapshot: Snapshot) -> None:
    publish(store, snapshot, 1)
    later = compile_snapshot([build("a"), build("b")])
    answer = publish(store, later, 2)
    assert isinstance(answer, Published)
    assert (answer.head.prev_digest, answer.head.commits) == (snapshot.digest, ("a" * 40, "b" * 40))
    assert store.observe().head == answer.head


def test_same_head_again_changes_nothing(store: FlagStore, client: redis.Redis, snapshot: Snapshot) -> None:
    publish(store, snapshot, 1)
    before, length = store.observe(), client.xlen(LOG)
    answer = publish(store, snapshot, 1)
    assert isinstance(answer, Published)
    assert not answer.changed
    assert (store.observe(), client.xlen(LOG)) == (before, length)


def test_damaged_blob_is_written_again(store: FlagStore, client: redis.Redis, snapshot: Snapshot) -> None:
    publish(store, snapshot, 1)
    client.lpush("elsewhere", "x")
    client.rename("elsewhere", f"ff:{{dev}}:snap:{snapshot.digest}")
    assert store.read_blob(snapshot.digest) == b""
    answer = publish(store, snapshot, 1)
    assert isinstance(answer, Published)
    assert (answer.changed, answer.head.prev_digest) == (True, "")
    assert store.read_blob(snapshot.digest) == snapshot.payload()


def test_older_or_equal_generation_is_refused(store: FlagStore, build: Build, snapshot: Snapshot) -> None:
    publish(store, snapshot, 7)
    other = compile_snapshot([build("b")])
    before = store.observe()
    assert publish(store, other, 7) == StaleGeneration(7)
    assert publish(store, other, 6) == StaleGeneration(7)
    assert store.observe() == before


def test_generations_beyond_doubles_stay_apart(store: FlagStore, build: Build, snapshot: Snapshot) -> None:
    publish(store, snapshot, 2**53)
    assert publish(store, compile_snapshot([build("b")]), 2**53 + 1) != StaleGeneration(2**53)
    head = store.observe().head
    assert head is not None
    assert head.generation == 2**53 + 1
    assert publish(store, compile_snapshot([build("c")]), 2**53) == StaleGeneration(2**53 + 1)


def test_write_since_observation_is_a_conflict(store: FlagStore, build: Build, snapshot: Snapshot) -> None:
    seen = store.observe()
    publish(store, snapshot, 1)
    standing = store.observe()
    assert publish(store, compile_snapshot([build("b")]), 2, seen) == Conflict(standing)
    assert store.observe() == standing


def test_one_of_many_publishers_wins(redis_section: Redis, store: FlagStore, build: Build) -> None:
    seen, answers = store.observe(), []
    snapshots = [compile_snapshot([build(name)]) for name in "abcdef"]

    def race(snapshot: Snapshot) -> None:
        answers.append(publish(FlagStore(redis_client(redis_section), "dev"), snapshot, 1, seen))

    threads = [threading.Thread(target=race, args=(snapshot,)) for snapshot in snapshots]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    winners = [answer for answer in answers if isinstance(answer, Published)]
    assert len(answers) == 6
    assert [winner.head for winner in winners] == [store.observe().head]


def test_vanished_flag_needs_a_tombstone(store: FlagStore, build: Build) -> None:
    publish(store, compile_snapshot([build("a", {"one": {}, "two": {}})]), 1)
    assert publish(store, compile_snapshot([build("b", {"one": {}})]), 2) == Shrunk(("two",))
    assert publish(store, compile_snapshot([build("b", {})]), 2) == Shrunk(("one", "two"))
    assert isinstance(
        publish(store, compile_snapshot([build("b", {"one": {}}, retired=("two",))]), 2), Published
    )


@pytest.mark.parametrize(
    ("forge", "fault"),
    [
        (lambda c: c.hset(HEAD, "generation", "9" * 19), "the head's generation is not twenty digits"),
        (lambda c: c.hset(HEAD, "live", "on"), "the head has other fields than ours"),
        (lambda c: c.hdel(HEAD, "by"), "the head has other fields than ours"),
        (lambda c: c.hset(HEAD, "digest", "0" * 63), "the head's digest is not a SHA-256"),
        (lambda c: c.hset(HEAD, "commits", "HEAD"), "the head names no commits, or too many"),
        (lambda c: c.hset(HEAD, "by", b"\xff"), "the head is not UTF-8"),
        (lambda c: c.set(HEAD, "live"), "the head is a string, not a hash"),
        (lambda c: (c.delete(HEAD), c.lpush(HEAD, "live")), "the head is a list, not a hash"),
    ],
)
def test_forged_head_is_seen_and_healed(
    store: FlagStore,
    client: redis.Redis,
    build: Build,
    snapshot: Snapshot,
    forge: Callable[[redis.Redis], object],
    fault: str,
) -> None:
    publish(store, snapshot, 1)
    forge(client)
    seen = store.observe()
    assert (seen.head, seen.fault, seen.is_absent) == (None, fault, False)
    assert publish(store, compile_snapshot([build("b")]), 2) == UnsoundHead(fault)
    assert isinstance(publish(store, snapshot, 1, healing=True), Published)
    head = store.observe().head
    assert head is not None
    assert (head.generation, head.digest) == (1, snapshot.digest)


def test_huge_forged_generation_is_healed_downward(
    store: FlagStore, client: redis.Redis, snapshot: Snapshot
) -> None:
    publish(store, snapshot, 1)
    client.hset(HEAD, "generation", "9" * 20)
    assert publish(store, snapshot, 2) == StaleGeneration(int("9" * 20))
    assert isinstance(publish(store, snapshot, 1, healing=True), Published)


def test_healing_loses_to_a_newer_write(store: FlagStore, client: redis.Redis, snapshot: Snapshot) -> None:
    client.set(HEAD, "forged")
    seen = store.observe()
    client.set(HEAD, "forged again")
    answer = publish(store, snapshot, 1, seen, healing=True)
    assert isinstance(answer, Conflict)
    assert client.get(HEAD) == b"forged again"


def test_foreign_types_leave_nothing_half_written(
    store: FlagStore, client: redis.Redis, snapshot: Snapshot
) -> None:
    client.set(LOG, "not a stream")
    client.lpush(f"ff:{{dev}}:snap:{snapshot.digest}", "not a text")
    assert store.newest() == "0"
    assert isinstance(publish(store, snapshot, 1), Published)
    assert store.read_blob(snapshot.digest) == snapshot.payload()
    assert client.xlen(LOG) == 1


def test_publish_survives_forgotten_scripts(
    store: FlagStore, client: redis.Redis, snapshot: Snapshot
) -> None:
    publish(store, snapshot, 1)
    client.script_flush()
    assert store.observe().head is not None
    assert store.raise_kill("global", floor=0, by="test", reason="drill") == 1


def test_store_of_another_environment_is_a_mistake(client: redis.Redis, snapshot: Snapshot) -> None:
    with pytest.raises(ValueError, match="a snapshot of dev in the store of staging"):
        publish(FlagStore(client, "staging"), snapshot, 1)


def test_kill_epochs_only_rise(store: FlagStore, client: redis.Redis) -> None:
    assert store.kills() == {}
    assert store.raise_kill("global", floor=0, by="ann", reason="drill") == 1
    assert store.raise_kill("account:A", floor=0, by="ann", reason="drill") == 2
    assert store.raise_kill("global", floor=41, by="ann", reason="drill") == 42
    assert store.raise_kill("global", floor=3, by="ann", reason="drill") == 43
    assert store.kills() == {"global": 43, "account:A": 2}
    assert client.hget(KILL, "global") == b"00000000000000000043"


def test_kill_epoch_beyond_doubles_is_exact(store: FlagStore) -> None:
    assert store.raise_kill("global", floor=2**53, by="ann", reason="drill") == 2**53 + 1
    assert store.raise_kill("global", floor=0, by="ann", reason="drill") == 2**53 + 2
    assert store.raise_kill("global", floor=10**19 - 1, by="ann", reason="drill") == 10**19


def test_unreadable_kill_is_still_a_kill(store: FlagStore, client: redis.Redis) -> None:
    client.hset(KILL, "account:A", "soon")
    assert store.kills() == {"account:A": None}
    assert store.raise_kill("flag:x", floor=0, by="ann", reason="drill") == 1
    assert store.kills() == {"account:A": None, "flag:x": 1}


def test_kill_key_of_another_type_is_global(store: FlagStore, client: redis.Redis) -> None:
    client.set(KILL, "stop")
    assert store.kills() == {"global": None}
    assert store.raise_kill("flag:x", floor=0, by="ann", reason="drill") == 1
    assert store.kills() == {"global": 1, "flag:x": 1}


def test_publishing_never_touches_a_kill(store: FlagStore, snapshot: Snapshot) -> None:
    store.raise_kill("global", floor=8, by="ann", reason="drill")
    publish(store, snapshot, 1)
    publish(store, snapshot, 1, healing=True)
    assert store.kills() == {"global": 9}


def test_waiting_sees_every_entry_since(store: FlagStore, build: Build, snapshot: Snapshot) -> None:
    start = store.newest()
    assert store.wait(start, 1) is None
    publish(store, snapshot, 1)
    seen = store.wait(start, 100)
    assert seen == store.newest()
    store.raise_kill("global", floor=0, by="ann", reason="drill")
    publish(store, compile_snapshot([build("b")]), 2)
    assert seen is not None
    assert store.wait(seen, 100) == store.newest()


def test_old_snapshots_go_but_what_somebody_needs_stays(
    store: FlagStore, client: redis.Redis, build: Build
) -> None:
    snapshots = [compile_snapshot([build(f"{number:02x}")]) for number in range(8)]
    store.heartbeat("host-1", {"digest": snapshots[0].digest})
    for generation, snapshot in enumerate(snapshots, 1):
        publish(store, snapshot, generation)
    assert store.forget_old(keep=3) == 4
    held = {key.decode().rsplit(":", 1)[1] for key in client.scan_iter(match="ff:{dev}:snap:*")}
    assert held == {snapshots[number].digest for number in (0, 5, 6, 7)}
    client.delete(LOG)
    assert store.forget_old() == 1
    assert client.exists(f"ff:{{dev}}:snap:{snapshots[7].digest}")


def test_engines_are_heard_while_they_beat(store: FlagStore, client: redis.Redis) -> None:
    store.heartbeat("host-1", {"generation": 3, "digest": "d", "kill_epoch": 0})
    (facts,) = store.engines().values()
    assert facts == {"generation": 3, "digest": "d", "kill_epoch": 0, "beat": facts["beat"]}
    assert 0 < client.ttl("ff:{dev}:engines") <= 60
    second = int(facts["beat"])
    client.hset(
        "ff:{dev}:engines", mapping={"old": f"{second - 60} {json.dumps({})}", "odd": "x", "bad": b"\xff"}
    )
    assert list(store.engines()) == ["host-1"]


def test_server_that_may_lose_flags_is_refused(store: FlagStore, client: redis.Redis) -> None:
    saved = {name: str(client.config_get(name)[name]) for name in ("maxmemory-policy", "appendonly")}
    try:
        client.config_set("maxmemory-policy", "allkeys-lru")
        client.config_set("appendonly", "no")
        assert store.complaints() == (
            "maxmemory-policy is allkeys-lru, which deletes flags silently; it must be noeviction",
            "appendonly is off: kills would not survive a restart of the server",
        )
        client.config_set("maxmemory-policy", "noeviction")
        client.config_set("appendonly", "yes")
        assert store.complaints() == ()
    finally:
        for name, value in saved.items():
            client.config_set(name, value)


def test_readers_never_see_two_commits_at_once(redis_section: Redis, store: FlagStore, build: Build) -> None:
    snapshots = [compile_snapshot([build(name)]) for name in "ab"]
    publish(store, snapshots[0], 1)
    stop, torn = threading.Event(), []

    def read() -> None:
        reader = FlagStore(redis_client(redis_section), "dev")
        while not stop.is_set():
            head = reader.observe().head
            blob = reader.read_blob(head.digest) if head else None
            if head is None or blob is None or json.loads(blob)["commits"] != list(head.commits):
                torn.append((head, blob))

    thread = threading.Thread(target=read)
    thread.start()
    for generation in range(2, 200):
        publish(store, snapshots[generation % 2], generation)
    stop.set()
    thread.join(10)
    assert torn == []
