"""Our own program in trouble: a hand in its cloud, a destroy of production, secrets that must not be seen."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infra.failures import EngineError, explain

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
DRIFTED = 7
POSTGRES = "interlock-production-postgres"
MakeBench = Callable[..., Any]
Change = Callable[[str, str, str], None]


def _trails(bench: Any) -> tuple[bytes, bytes]:
    return bench.state_file.read_bytes(), bench.cloud_file.read_bytes()


def _exposed(cloud: dict[str, Any]) -> None:
    for held in cloud["resources"].values():
        if held["urn"].endswith(f"::{POSTGRES}"):
            held["properties"]["publiclyAccessible"] = True


def _gone(cloud: dict[str, Any]) -> None:
    for physical_id, held in list(cloud["resources"].items()):
        if held["urn"].endswith(f"::{POSTGRES}"):
            del cloud["resources"][physical_id]


def _widened(cloud: dict[str, Any]) -> None:
    for held in cloud["resources"].values():
        if held["type"] == "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule":
            held["properties"]["toPort"] = 65535
            return


HANDS = [(_exposed, POSTGRES, "publiclyAccessible"), (_gone, POSTGRES, ""), (_widened, "", "toPort")]


@pytest.mark.parametrize(("hand", "name", "key"), HANDS)
def test_hand_in_the_cloud_is_found_and_nothing_written(
    bench: MakeBench, production: Any, hand: Any, name: str, key: str
) -> None:
    copy = bench("production", like=production)
    copy.edit_cloud(hand)
    before = _trails(copy)
    run = copy.driver.drift()
    assert run.exit_code == DRIFTED
    (step,) = [one for one in run.events.steps.values() if one.op in ("update", "delete")]
    assert step.name == name or not name
    assert step.op == ("update" if key else "delete")
    assert key in step.changed or not key
    assert _trails(copy) == before


def test_destroy_works_in_dev_and_never_in_production(bench: MakeBench, production: Any) -> None:
    dev = bench("dev")
    assert dev.driver.up().ok
    assert dev.driver.destroy().ok
    assert dev.cloud()["resources"] == {}
    copy = bench("production", like=production)
    before = _trails(copy)
    with pytest.raises(
        EngineError, match=r"stack `production` holds \d+ protected resource\(s\): interlock-production-"
    ):
        copy.driver.destroy()
    assert _trails(copy) == before, "not even a neighbour was deleted"


CANARY = "c4n4ry-7b1e-never-shown"


def test_secrets_stand_nowhere_in_clear(bench: MakeBench, change: Change) -> None:
    copy = bench("production")
    words = ["config", "set", "--secret", "interlock:cacheAuthToken", CANARY, "--stack", copy.stack]
    copy.driver._plain(words)
    words[3] = "interlock:pagerdutyEndpoint"
    words[4] = f"https://{CANARY}.example.com/"
    copy.driver._plain(words)
    run = copy.driver.up()
    assert run.ok, run.said
    exported = json.dumps(copy.driver.export())
    assert CANARY not in exported
    assert "ciphertext" in exported
    assert CANARY not in run.said
    clear = [
        str(file)
        for file in copy.folder.rglob("*")
        if file.is_file() and CANARY.encode() in file.read_bytes()
    ]
    assert clear == []


def test_refused_environment_is_named_with_its_place(bench: MakeBench, tree: Path, change: Change) -> None:
    change("config/environments/dev.yaml", "  compute: local\n", "  compute: cloud9\n")
    run = bench("dev", tree).driver.preview()
    assert run.exit_code != 0
    told = explain(" \n".join(said for _, said in run.events.errors), tree)
    assert re.match(
        r"infra/entry\.py:\d+: RefusedConfigurationError: config/environments/dev\.yaml:\d+:12: `compute`",
        told,
    ), told
