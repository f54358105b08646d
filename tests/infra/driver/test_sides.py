"""Both sides of a difference: what the code wants and what stands, never the other way round, never a secret."""

from __future__ import annotations

from typing import Any

import pytest

from infra.drift import Drifted, drift, pending

pytestmark = pytest.mark.slow

TOPIC = "urn:pulumi:dev::interlock::aws:sns/topic:Topic::told"
OTHER = "urn:pulumi:dev::interlock::aws:sns/topic:Topic::other"


def test_a_change_of_code_wants_what_the_code_says(tiny: Any) -> None:
    tiny.program(
        """
        Made(TOPIC, "told", {"name": "t", "displayName": "old"})
        Made(TOPIC, "gone", {"name": "g"})
        """
    )
    assert tiny.driver.up().ok
    tiny.program(
        """
        Made(TOPIC, "told", {"name": "t", "displayName": "new"})
        Made(TOPIC, "other", {"name": "o"})
        """
    )
    gone = TOPIC.replace("told", "gone")
    assert pending(tiny.driver)[0] == (
        Drifted(gone, "delete", "", "not in the code", "still there"),
        Drifted(OTHER, "create", "", "in the code", "not made"),
        Drifted(TOPIC, "update", "displayName", "new", "old"),
    )


def test_a_hand_in_the_cloud_is_told_once_with_the_same_sides(tiny: Any) -> None:
    tiny.program('Made(TOPIC, "told", {"name": "t", "displayName": "ours"})')
    assert tiny.driver.up().ok
    tiny.edit(
        lambda cloud: next(iter(cloud["resources"].values()))["properties"].update(displayName="theirs")
    )
    wanted = (Drifted(TOPIC, "update", "displayName", "ours", "theirs"),)
    assert drift(tiny.driver) == pending(tiny.driver)[0] == wanted


def test_a_secret_changed_outside_is_named_and_masked(tiny: Any) -> None:
    canary = "canary-51c2ab77"
    tiny.program(f'Made(TOPIC, "told", {{"name": "t", "token": Output.secret("{canary}")}})')
    assert tiny.driver.up().ok
    tiny.edit(
        lambda cloud: next(iter(cloud["resources"].values()))["properties"].update(
            token={"secret-sha256": "0" * 64}
        )
    )
    found = drift(tiny.driver)
    assert [(one.key, one.expected, one.found) for one in found] == [("token", "(secret)", "(secret)")]
    logs = "".join(file.read_text() for file in (tiny.folder / "logs").iterdir())
    assert canary not in logs
