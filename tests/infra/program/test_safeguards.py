"""Safeguards that are words, not switches: boundaries, breakers, keys that alerts need, copies that are taken."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from infra.permissions import READ

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("program")]
Built = Callable[..., list[dict[str, Any]]]
CLOUDS = ("staging", "production")


def _of(made: list[dict[str, Any]], type_: str) -> list[dict[str, Any]]:
    return [one for one in made if one["type"] == type_]


@pytest.mark.parametrize("name", ["dev", *CLOUDS])
def test_every_ci_role_stays_within_its_boundary(built: Built, name: str) -> None:
    roles = [one for one in _of(built(name), "aws:iam/role:Role") if "-ci-" in one["name"]]
    assert [one["name"] for one in roles] == [f"interlock-{name}-ci-preview", f"interlock-{name}-ci-deploy"]
    bounds = {one["inputs"].get("permissionsBoundary") for one in roles}
    (bound,) = bounds
    assert bound.endswith(f":policy/interlock-{name}-ci-boundary")


def test_a_release_that_fails_is_rolled_back_by_ecs(built: Built) -> None:
    (service,) = _of(built("production", "ecs"), "aws:ecs/service:Service")
    assert service["inputs"]["deploymentCircuitBreaker"] == {"enable": True, "rollback": True}


@pytest.mark.parametrize("name", CLOUDS)
def test_a_failed_backup_job_is_told_to_the_critical_topic(built: Built, name: str) -> None:
    made = built(name)
    (rule,) = [one for one in _of(made, "aws:cloudwatch/eventRule:EventRule") if "backup" in one["name"]]
    pattern = json.loads(rule["inputs"]["eventPattern"])
    assert pattern["source"] == ["aws.backup"]
    assert {"ABORTED", "EXPIRED", "FAILED"} <= set(pattern["detail"]["state"])
    (target,) = [
        one for one in _of(made, "aws:cloudwatch/eventTarget:EventTarget") if "backup" in one["name"]
    ]
    assert target["inputs"]["rule"] == rule["name"]
    assert "critical" in target["inputs"]["arn"]


@pytest.mark.parametrize("name", CLOUDS)
def test_the_daily_selection_takes_the_database(built: Built, name: str) -> None:
    made = built(name)
    (selection,) = _of(made, "aws:backup/selection:Selection")
    (tag,) = selection["inputs"]["selectionTags"]
    assert tag["type"] == "STRINGEQUALS"
    chosen = {one["type"] for one in made if one["inputs"].get("tags", {}).get(tag["key"]) == tag["value"]}
    assert "aws:rds/instance:Instance" in chosen


@pytest.mark.parametrize("name", CLOUDS)
def test_alerts_have_a_key_their_senders_may_use(built: Built, name: str) -> None:
    made = built(name)
    topics = _of(made, "aws:sns/topic:Topic")
    keys = {one["inputs"]["kmsMasterKeyId"] for one in topics}
    assert topics
    assert len(keys) == 1
    (policy,) = [
        json.loads(one["inputs"]["policy"])
        for one in _of(made, "aws:kms/key:Key")
        if one["inputs"].get("policy") and "cloudwatch.amazonaws.com" in one["inputs"]["policy"]
    ]
    senders = json.dumps(policy)
    assert "cloudwatch.amazonaws.com" in senders
    assert "events.amazonaws.com" in senders


PREFIXES = {
    "cloudwatch/event": "events",
    "cloudwatch/log": "logs",
    "efs": "elasticfilesystem",
    "lb": "elasticloadbalancing",
    "serverlessrepository": "serverlessrepo",
    "vpc": "ec2",
}


def _prefix(type_: str) -> str:
    """The IAM name of the service that answers for a type."""
    module, kind = type_.removeprefix("aws:").split("/", 1)
    return next((name for part, name in PREFIXES.items() if f"{module}/{kind}".startswith(part)), module)


@pytest.mark.parametrize("name", CLOUDS)
def test_the_preview_role_may_read_every_service_there_is(built: Built, name: str) -> None:
    types = {one["type"] for one in built(name) if one["type"].startswith("aws:")}
    readable = {action.split(":")[0] for action in READ}
    assert {_prefix(type_) for type_ in types} - readable == set()
    assert {"iam:ListRolePolicies", "kms:GetKeyPolicy", "rds:ListTagsForResource"} <= set(READ)
