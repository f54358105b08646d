"""Buckets are the published ones, in every process, with and without mmh3."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.flags import bucketing

VECTORS = json.loads((Path(__file__).parent / "bucketing_vectors.json").read_text(encoding="utf-8"))

PROGRAM = """
import json, sys
if sys.argv[1] == "pure":
    sys.modules["mmh3"] = None
from engine.flags import bucketing
rows = json.loads(sys.stdin.read())["buckets"]
assert (bucketing.murmur3 is bucketing.murmur3_pure) == (sys.argv[1] == "pure")
print([bucketing.bucketer(row["salt"])(row["unit"]) for row in rows])
"""


@pytest.mark.parametrize("row", VECTORS["buckets"], ids=lambda row: row["unit"])
def test_published_rows_give_their_bucket(row: dict[str, object]) -> None:
    salt, unit = str(row["salt"]), str(row["unit"])
    assert bucketing.pair_bytes(salt, unit).hex() == row["cbor_hex"]
    assert bucketing.murmur3(bucketing.pair_bytes(salt, unit)) == row["h"]
    assert bucketing.bucket(salt, unit) == bucketing.bucketer(salt)(unit) == row["bucket_100000"]


@pytest.mark.parametrize("row", VECTORS["hashes"], ids=lambda row: row["text"] or "empty")
def test_boundary_hashes_agree_with_testbed(row: dict[str, object]) -> None:
    data = str(row["text"]).encode()
    assert bucketing.murmur3(data) == bucketing.murmur3_pure(data) == row["h"]


@pytest.mark.parametrize("variant", ["mmh3", "pure"])
@pytest.mark.parametrize("seed", ["0", "1", "4294967295"])
def test_buckets_do_not_depend_on_process(variant: str, seed: str) -> None:
    answer = subprocess.run(
        [sys.executable, "-c", PROGRAM, variant],
        input=json.dumps(VECTORS),
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert json.loads(answer.stdout) == [row["bucket_100000"] for row in VECTORS["buckets"]]


@given(st.binary(max_size=300))
def test_pure_hash_equals_library(data: bytes) -> None:
    assert bucketing.murmur3_pure(data) == bucketing.murmur3(data)


@given(st.text(max_size=80), st.text(max_size=300))
def test_split_pair_equals_whole_pair(salt: str, unit: str) -> None:
    assert bucketing.pair_bytes(salt, unit) == cbor2.dumps([salt, unit], canonical=True)
    assert bucketing.bucketer(salt)(unit) == bucketing.bucket(salt, unit)
    assert 0 <= bucketing.bucket(salt, unit) < bucketing.BUCKETS


def test_salt_and_unit_do_not_run_together() -> None:
    assert bucketing.pair_bytes("live", "1a") != bucketing.pair_bytes("live1", "a")


def test_shares_are_near_their_percentage() -> None:
    of = bucketing.bucketer("live_trading_enabled")
    counts = Counter(of(f"acct-{number:06d}") // 10_000 for number in range(20_000))
    assert all(1_800 < counts[tenth] < 2_200 for tenth in range(10))


@pytest.mark.parametrize(
    ("unit", "claim"),
    [
        ("A", True),
        ("a" * 256, True),
        ("账" * 85, True),
        ("Zoë", True),
        ("", False),
        (None, False),
        ("a" * 257, False),
        ("账" * 86, False),
        ("Zoe\u0308", False),
        ("\ud800", False),
    ],
)
def test_only_bounded_normal_text_is_a_unit(unit: str | None, claim: bool) -> None:
    assert bucketing.is_unit(unit) is claim
