"""Bundles built by hand, so that a test says only what it is about."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from config.bundle import Bundle
from config.findings import Finding, Refused, Severity, whole_file
from engine.flags.adoption import Intent, Unreachable
from engine.flags.compile import Snapshot, compile_snapshot

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


SAFE: Flags = {"live_trading_enabled": {"enabled": False}}
RISKY: Flags = {"live_trading_enabled": {"enabled": True}}


class World:
    """Git as commits by first letter (`f` is the risky one), and a ledger as digests by generation."""

    def __init__(self) -> None:
        self.git = {name * 40: build_bundle(name, RISKY if name == "f" else SAFE) for name in "abf"}
        self.ledger: dict[int, Intent] | Unreachable = {}

    def bundles(self, commits: Sequence[str]) -> Sequence[Bundle] | Refused:
        missing = [commit for commit in commits if commit not in self.git]
        if missing:
            return Refused(
                (Finding("GIT003", Severity.ERROR, whole_file("config"), f"no commit {missing[0][:4]}", ""),)
            )
        return [self.git[commit] for commit in commits]

    def intent(self, generation: int) -> Intent | Unreachable | None:
        return self.ledger if isinstance(self.ledger, Unreachable) else self.ledger.get(generation)

    def snapshot(self, names: str) -> Snapshot:
        return compile_snapshot([self.git[name * 40] for name in names])

    def intend(self, generation: int, names: str, *, superseded: bool = False) -> None:
        assert not isinstance(self.ledger, Unreachable)
        self.ledger[generation] = Intent(self.snapshot(names).digest, superseded)


@pytest.fixture
def git_and_ledger() -> type[World]:
    """A world of three commits and an empty ledger."""
    return World
