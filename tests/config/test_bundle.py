"""A bundle is one meaning with one byte form."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from config.bundle import Bundle, PolicyRecord, compile_bundle, parse_bundle
from config.desired import DesiredState
from config.findings import Refused
from config.models.records import Release
from config.schema_walk import replace_at

POLICY = PolicyRecord(rules=("LIM001", "FLG001"), code_digest="0" * 64, findings=0, waived=0)
RELEASE = Release(
    environment="dev",
    epoch=3,
    person="ada",
    approver=None,
    reason="drill is over",
    scope="global",
    day="2026-11-20",
)


def compiled(desired: DesiredState, commit: str = "a" * 40) -> Bundle:
    return compile_bundle(desired, "dev", commit, "b" * 40, POLICY)


def test_bundle_survives_its_own_bytes(desired: DesiredState) -> None:
    bundle = compiled(replace(desired, releases=(RELEASE,)))
    assert parse_bundle(bundle.payload()) == bundle
    assert bundle.releases == [{**bundle.releases[0], "epoch": 3, "approver": None}]


def test_semantic_digest_forgets_the_commit_only(desired: DesiredState) -> None:
    one, other = compiled(desired), compiled(desired, commit="c" * 40)
    assert one.digest != other.digest
    assert one.semantic_digest == other.semantic_digest
    path = ("limits", "max_order_value")
    changed = replace_at(desired.environments["dev"], path, Decimal("5000.5"))
    moved = compiled(replace(desired, environments={"dev": changed}))
    assert moved.semantic_digest != one.semantic_digest


def test_equal_decimals_give_equal_digests(desired: DesiredState) -> None:
    path = ("limits", "max_order_value")
    changed = replace_at(desired.environments["dev"], path, Decimal("5000.000"))
    assert compiled(replace(desired, environments={"dev": changed})).digest == compiled(desired).digest


def test_bundle_holds_releases_of_its_environment_only(desired: DesiredState) -> None:
    both = replace(desired, releases=(RELEASE, replace(RELEASE, environment="staging")))
    assert [release["environment"] for release in compiled(both).releases] == ["dev"]


def edited(payload: bytes, **keys: object) -> bytes:
    return json.dumps({**json.loads(payload), **keys}, separators=(",", ":"), sort_keys=True).encode()


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"format": "interlock.bundle/2"}, "bundle does not have the keys of `interlock.bundle/1`"),
        ({"extra": 1}, "bundle does not have the keys of `interlock.bundle/1`"),
        ({"commit": None}, "bundle does not have the types of `interlock.bundle/1`"),
        ({"releases": [1]}, "bundle does not have the types of `interlock.bundle/1`"),
        ({"policy": {"findings": 0.5}}, "bundle is not what was compiled: `0.5` is not a whole number"),
    ],
)
def test_foreign_bundle_is_refused(desired: DesiredState, keys: dict[str, object], message: str) -> None:
    answer = parse_bundle(edited(compiled(desired).payload(), **keys))
    assert isinstance(answer, Refused)
    assert [(found.rule, found.message) for found in answer.findings] == [("CFG017", message)]


@pytest.mark.parametrize("damage", [b" ", b"\n", b"\xff", b"["])
def test_bytes_around_a_bundle_are_refused(desired: DesiredState, damage: bytes) -> None:
    assert isinstance(parse_bundle(compiled(desired).payload() + damage), Refused)
    assert isinstance(parse_bundle(damage + compiled(desired).payload()), Refused)


@pytest.mark.parametrize("data", [b"", b"null", b"[" * 100_000, b'{"a":NaN}', b"1" * 5_000_000])
def test_nonsense_is_refused_as_a_value(data: bytes) -> None:
    assert isinstance(parse_bundle(data), Refused)
