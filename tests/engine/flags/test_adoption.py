"""Only what Git recomputes and the ledger intended is adopted; everything else is named and kept out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from config.bundle import Bundle
from engine.flags.adoption import Adopted, Answer, Foreign, Intent, Unchanged, Unreachable, Waiting, weigh
from engine.flags.compile import Snapshot, compile_snapshot
from engine.flags.heads import Head, Observation

Build = Callable[..., Bundle]
RISKY: dict[str, Any] = {"live_trading_enabled": {"enabled": True}}


@pytest.fixture
def world(git_and_ledger: Callable[[], Any]) -> Any:
    return git_and_ledger()


def seen(snapshot: Snapshot, generation: int) -> Observation:
    head = Head(generation, snapshot.commits, snapshot.digest, "", "test", "2026-11-20T09:30:00.000000Z")
    return Observation(b"hash:...", head)


def ask(
    world: Any,
    names: str,
    generation: int,
    in_force: Adopted | None = None,
    floor: int = 0,
    blob: bytes | str | None = "whole",
) -> Answer:
    snapshot = world.snapshot(names)
    data = snapshot.payload() if isinstance(blob, str) else blob
    return weigh(seen(snapshot, generation), data, in_force, floor, world, world)


def adopted(world: Any, names: str, generation: int) -> Adopted:
    world.intend(generation, names)
    answer = ask(world, names, generation)
    assert isinstance(answer, Adopted)
    return answer


def test_intended_head_is_adopted_as_recomputed(world: Any) -> None:
    answer = adopted(world, "ab", 3)
    assert answer.generation == 3
    assert answer.snapshot.payload() == world.snapshot("ab").payload()
    assert answer.bundle_digest == world.git["b" * 40].digest


def test_absent_head_is_waited_for(world: Any) -> None:
    assert weigh(Observation(b"", None), None, None, 0, world, world) == Waiting("no head is published")


def test_malformed_head_is_foreign(world: Any) -> None:
    observation = Observation(b"string:live", None, "the head is a string, not a hash")
    assert weigh(observation, None, None, 0, world, world) == Foreign("the head is a string, not a hash")


def test_forged_head_with_huge_generation_is_foreign(world: Any) -> None:
    in_force = adopted(world, "a", 1)
    assert ask(world, "f", 9 * 10**18, in_force, 1) == Foreign(
        "the ledger knows no generation 9000000000000000000"
    )


def test_forged_blob_proves_nothing_by_its_digest(world: Any, build: Build) -> None:
    in_force = adopted(world, "a", 1)
    forged = compile_snapshot([build("a", RISKY)])
    world.ledger = {1: Intent(world.snapshot("a").digest), 2: Intent(forged.digest)}
    answer = weigh(seen(forged, 2), forged.payload(), in_force, 1, world, world)
    assert answer == Foreign("Git gives another snapshot for these commits")


def test_head_naming_an_older_riskier_commit_is_foreign(world: Any) -> None:
    world.intend(1, "f")
    in_force = adopted(world, "a", 2)
    world.intend(3, "b")
    assert ask(world, "f", 3, in_force, 2) == Foreign(
        "the ledger intended another snapshot under generation 3"
    )
    assert ask(world, "f", 2, in_force, 2) == Foreign("generation 2 names another snapshot than before")


def test_older_generation_is_never_adopted(world: Any) -> None:
    world.intend(1, "f")
    in_force = adopted(world, "a", 2)
    assert ask(world, "f", 1, in_force, 2) == Waiting("generation 1 is older than 2, which was in force here")
    assert ask(world, "f", 1, None, 2) == Waiting("generation 1 is older than 2, which was in force here")


def test_replaced_generation_is_no_fresh_start(world: Any) -> None:
    world.intend(1, "f", superseded=True)
    assert ask(world, "f", 1) == Waiting("generation 1 was replaced by a later one")


def test_silent_ledger_keeps_what_is_in_force(world: Any) -> None:
    in_force = adopted(world, "a", 1)
    world.ledger = Unreachable("timeout")
    assert ask(world, "b", 2, in_force, 1) == Waiting("the ledger does not answer: timeout")
    assert ask(world, "a", 1, in_force, 1) == Unchanged()


def test_commit_this_clone_lacks_is_waited_for(world: Any) -> None:
    snapshot = world.snapshot("b")
    world.intend(2, "b")
    del world.git["b" * 40]
    answer = weigh(seen(snapshot, 2), snapshot.payload(), None, 0, world, world)
    assert answer == Waiting("this engine has no bundle for it: no commit bbbb")


@pytest.mark.parametrize(
    ("blob", "expected"),
    [
        (None, Waiting("the snapshot named by the head is gone from the store")),
        (b"", Foreign("the stored snapshot is not what Git gives")),
        (b"{}", Foreign("the stored snapshot is not what Git gives")),
    ],
)
def test_damaged_blob_is_noticed_before_and_after(world: Any, blob: bytes | None, expected: Answer) -> None:
    world.intend(1, "a")
    assert ask(world, "a", 1, blob=blob) == expected
    assert ask(world, "a", 1, adopted(world, "a", 1), 1, blob=blob) == expected


def test_right_digest_with_other_commits_is_foreign(world: Any) -> None:
    in_force = adopted(world, "a", 1)
    observation = seen(world.snapshot("a"), 1)
    assert observation.head is not None
    lying = Observation(b"x", replace(observation.head, commits=("f" * 40,)))
    blob = world.snapshot("a").payload()
    assert weigh(lying, blob, in_force, 1, world, world) == Foreign(
        "generation 1 names another snapshot than before"
    )
    assert weigh(lying, blob, None, 0, world, world) == Foreign(
        "Git gives another snapshot for these commits"
    )


def test_forged_commit_that_is_no_commit_is_foreign(world: Any) -> None:
    world.intend(2, "a")
    observation = seen(world.snapshot("a"), 2)
    assert observation.head is not None
    lying = Observation(b"x", replace(observation.head, digest="0" * 64))
    assert isinstance(weigh(lying, b"", None, 0, world, world), Foreign)
