"""A change shows exactly whom it opens and closes; a ramp loses nobody, another salt nearly everybody."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from config.bundle import Bundle
from engine.flags.blast_radius import Blast, blast_radius
from engine.flags.compile import compile_snapshot

Build = Callable[..., Bundle]
FLAG = "paper_trading_enabled"
ACCOUNTS = [f"acct-{number:06d}" for number in range(2_000)]


def radius(build: Build, before: Any, after: Any, accounts: Sequence[str] = ()) -> tuple[Blast, ...]:
    snapshots = [
        compile_snapshot([build(name, {FLAG: said} if said is not None else {})])
        for name, said in (("a", before), ("b", after))
    ]
    return blast_radius(snapshots[0], snapshots[1], accounts, "paper")


def test_equal_flags_have_no_radius(build: Build) -> None:
    assert radius(build, {"percent": "10.0"}, {"percent": "10.0"}, ACCOUNTS) == ()


def test_named_accounts_open_and_close_exactly(build: Build) -> None:
    (blast,) = radius(
        build, {"accounts": ["A", "B"], "percent": "0.0"}, {"accounts": ["B", "C"], "percent": "0.0"}
    )
    assert blast == Blast(FLAG, ("C",), ("A",), 0, 0, 0, is_reshuffled=False)


def test_ramp_opens_its_share_and_loses_nobody(build: Build) -> None:
    (blast,) = radius(build, {"percent": "1.0"}, {"percent": "10.0"}, ACCOUNTS)
    assert (blast.share_before, blast.share_after, blast.lost, blast.closed) == (1_000, 10_000, 0, ())
    assert 120 < len(blast.opened) < 240


def test_lowering_loses_only_the_last_in(build: Build) -> None:
    (blast,) = radius(build, {"percent": "10.0"}, {"percent": "4.0"}, ACCOUNTS)
    assert (blast.lost, blast.opened) == (6_000, ())


def test_other_salt_reshuffles_the_cohort(build: Build) -> None:
    (blast,) = radius(build, {"percent": "10.0"}, {"percent": "10.0", "salt": "other"}, ACCOUNTS)
    assert (blast.is_reshuffled, blast.lost) == (True, 10_000)
    assert len(blast.closed) > 150


@pytest.mark.parametrize(
    ("after", "share"),
    [({"enabled": False}, 0), ({"ceiling": "off"}, 0), ({"prerequisites": ["gone"]}, 0), (None, 0)],
)
def test_closed_flag_has_no_share(build: Build, after: Any, share: int) -> None:
    (blast,) = radius(build, {"percent": "50.0"}, after, ["A"])
    assert (blast.share_before, blast.share_after, blast.lost) == (50_000, share, 50_000)


def test_flag_that_is_safe_when_on_counts_as_everybody(build: Build) -> None:
    (blast,) = radius(build, {"safe": True, "percent": "0.0"}, {"safe": True, "enabled": False}, ["A"])
    assert (blast.share_before, blast.share_after, blast.closed) == (100_000, 0, ("A",))
