"""Bundles built by hand, so that a test says only what it is about."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from config.bundle import Bundle

Flags = dict[str, dict[str, Any]]

IDENTITY: dict[str, Any] = {
    "risk": "live_money",
    "safe": False,
    "ceiling": {"dev": "on", "staging": "on", "production": "on"},
    "prerequisites": [],
    "unit": "account_id",
    "bucketing": "flagd-v3",
}
STATE: dict[str, Any] = {"enabled": True, "accounts": [], "percent": "100.0"}


@pytest.fixture(scope="session")
def build() -> Callable[..., Bundle]:
    """`build(commit, flags={key: what differs from an open flag})`."""
    return build_bundle


def build_bundle(
    commit: str = "a",
    flags: Flags | None = None,
    *,
    environment: str = "dev",
    halted: bool = False,
    retired: tuple[str, ...] = (),
) -> Bundle:
    flags = flags if flags is not None else {"paper_trading_enabled": {}}
    identities = {key: _identity(key, said) for key, said in flags.items()}
    states = {
        key: STATE | {name: said[name] for name in STATE if name in said} for key, said in flags.items()
    }
    return Bundle(
        environment=environment,
        commit=(commit * 40)[:40],
        tree_id="t" * 40,
        config={
            "environment": environment,
            "tier": "dev",
            "trading_halted": halted,
            "flags": copy.deepcopy(states),
        },
        catalogue={"flags": {"schema": 1, "flags": identities, "retired": {name: {} for name in retired}}},
        releases=[],
        policy={},
    )


def _identity(key: str, said: dict[str, Any]) -> dict[str, Any]:
    chosen = {name: said[name] for name in IDENTITY if name in said and name != "ceiling"}
    ceiling = {"ceiling": IDENTITY["ceiling"] | {"dev": said.get("ceiling", "on")}}
    return IDENTITY | chosen | ceiling | {"salt": said.get("salt", key)}
