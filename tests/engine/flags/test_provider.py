"""Through OpenFeature no caller, hook or failure opens a flag that Git keeps closed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from openfeature import api
from openfeature.client import OpenFeatureClient
from openfeature.evaluation_context import EvaluationContext
from openfeature.event import EventDetails, ProviderEvent
from openfeature.hook import Hook

from config.bundle import Bundle
from engine.flags import keys
from engine.flags.bucketing import bucket
from engine.flags.compile import Snapshot, compile_snapshot
from engine.flags.decide import decide
from engine.flags.provider import InterlockProvider
from engine.flags.view import Answer

Build = Callable[..., Bundle]
FLAG, LIVE, STOP = keys.PAPER_TRADING_ENABLED, keys.LIVE_TRADING_ENABLED, keys.EMERGENCY_STOP_ENABLED
ANN = EvaluationContext(targeting_key="ACCT-1")


class Fixed:
    """Flags of one snapshot, or a failure."""

    def __init__(self, snapshot: Snapshot | None) -> None:
        self.snapshot = snapshot
        self.failure: Exception | None = None
        self.is_stale = False

    def decide(self, flag_key: str, account: str | None) -> Answer:
        if self.failure is not None:
            raise self.failure
        found = decide(self.snapshot, flag_key, account, kills=(), venue_kind="paper", lease_ok=True)
        said = (found.value, found.reason.value, flag_key, found.bucket, found.digest, found.commit)
        return Answer(*said, "b" * 64, 7, self.is_stale)


@pytest.fixture
def flags(build: Build) -> Fixed:
    return Fixed(compile_snapshot([build("a", {FLAG: {}, LIVE: {"enabled": False}, STOP: {"safe": True}})]))


@pytest.fixture
def client(flags: Fixed) -> Iterator[OpenFeatureClient]:
    api.set_provider_and_wait(InterlockProvider(flags), "interlock-test")
    yield api.get_client("interlock-test")
    api.clear_providers()


def test_value_comes_with_reason_commit_and_bucket(client: OpenFeatureClient, flags: Fixed) -> None:
    details = client.get_boolean_details(FLAG, False, ANN)
    assert (details.value, details.reason, details.variant, details.error_code) == (True, "SPLIT", "on", None)
    assert flags.snapshot is not None
    assert details.flag_metadata == {
        "rule": "SPLIT",
        "commit": "a" * 40,
        "digest": flags.snapshot.digest,
        "generation": 7,
        "bucket": bucket(FLAG, "ACCT-1"),
    }


@pytest.mark.parametrize("default", [True, False])
@pytest.mark.parametrize(
    ("flag", "context", "value"),
    [
        (LIVE, ANN, False),
        (FLAG, None, False),
        (FLAG, EvaluationContext(targeting_key=""), False),
        ("never_heard_of", ANN, False),
        (STOP, None, True),
    ],
)
def test_default_of_the_caller_is_ignored(
    client: OpenFeatureClient, default: bool, flag: str, context: EvaluationContext | None, value: bool
) -> None:
    assert client.get_boolean_value(flag, default, context) is value


@pytest.mark.parametrize("default", [True, False])
def test_failure_gives_the_safe_value_of_the_flag(
    client: OpenFeatureClient, flags: Fixed, default: bool
) -> None:
    flags.failure = RuntimeError("boom")
    details = client.get_boolean_details(LIVE, default, ANN)
    assert (details.value, details.reason) == (False, "FAIL_SAFE")
    assert details.flag_metadata == {"failure": "RuntimeError: boom"}
    assert client.get_boolean_value(STOP, default, ANN) is True


def test_no_snapshot_gives_safe_values(client: OpenFeatureClient, flags: Fixed) -> None:
    flags.snapshot = None
    assert {key: client.get_boolean_value(key, not safe, ANN) for key, safe in keys.SAFE.items()} == keys.SAFE


def test_hook_cannot_open_what_git_closed(client: OpenFeatureClient) -> None:
    class Opening(Hook):
        def before(self, hook_context: Any, hints: Any) -> EvaluationContext:
            return EvaluationContext(targeting_key="ACCT-1", attributes={LIVE: True, "enabled": True})

    client.add_hooks([Opening()])
    assert client.get_boolean_value(LIVE, True, ANN) is False


def test_staleness_is_shown_as_reason(client: OpenFeatureClient, flags: Fixed) -> None:
    flags.is_stale = True
    details = client.get_boolean_details(FLAG, False, ANN)
    assert (details.value, details.reason, details.flag_metadata["rule"]) == (True, "STALE", "SPLIT")


@pytest.mark.parametrize(
    "ask", ["get_string_details", "get_integer_details", "get_float_details", "get_object_details"]
)
def test_other_types_have_no_flags(client: OpenFeatureClient, ask: str) -> None:
    defaults = {
        "get_string_details": "",
        "get_integer_details": 0,
        "get_float_details": 0.0,
        "get_object_details": {},
    }
    details = getattr(client, ask)(LIVE, defaults[ask], ANN)
    assert (details.value, str(details.error_code)) == (defaults[ask], "TYPE_MISMATCH")


def test_listeners_hear_which_flags_changed(client: OpenFeatureClient, flags: Fixed, build: Build) -> None:
    heard: list[list[str] | None] = []

    def listen(details: EventDetails) -> None:
        heard.append(details.flags_changed)

    client.add_handler(ProviderEvent.PROVIDER_CONFIGURATION_CHANGED, listen)
    provider = client.provider
    assert isinstance(provider, InterlockProvider)
    assert flags.snapshot is not None
    provider.changed(flags.snapshot)
    provider.changed(flags.snapshot)
    provider.changed(compile_snapshot([build("b", {FLAG: {}, LIVE: {}, STOP: {"safe": True}})]))
    pause, expected = threading.Event(), [sorted([FLAG, LIVE, STOP]), [LIVE]]
    for _ in range(500):
        if len(heard) == len(expected):
            break
        pause.wait(0.01)
    assert heard == expected
