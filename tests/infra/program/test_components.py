"""Components under mocks, each program in a process of its own: what is registered, with which inputs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("program")]


def _of(made: list[dict[str, Any]], type_: str) -> list[dict[str, Any]]:
    return [one["inputs"] for one in made if one["type"] == type_]


def test_dev_holds_nothing_but_ci_identity(built: Callable[..., list[dict[str, Any]]]) -> None:
    types = {one["type"] for one in built("dev")}
    assert {one for one in types if one.startswith("interlock:")} == {"interlock:ci:CiIdentity"}


def test_every_alert_has_one_alarm_that_tells_both_ways(built: Callable[..., list[dict[str, Any]]]) -> None:
    made = built("production")
    alarms = _of(made, "aws:cloudwatch/metricAlarm:MetricAlarm")
    assert len(alarms) == 12
    assert all(one["alarmActions"] == one["okActions"] != [] for one in alarms)


def test_silence_of_the_heart_trips_its_alarm(built: Callable[..., list[dict[str, Any]]]) -> None:
    (heart,) = [
        one
        for one in _of(built("production"), "aws:cloudwatch/metricAlarm:MetricAlarm")
        if one["metricName"] == "heartbeat_age_seconds"
    ]
    assert (heart["treatMissingData"], heart["threshold"], heart["evaluationPeriods"]) == ("breaching", 15, 1)


def test_the_composite_alarm_names_real_alarms(built: Callable[..., list[dict[str, Any]]]) -> None:
    (whole,) = _of(built("production"), "aws:cloudwatch/compositeAlarm:CompositeAlarm")
    assert "None" not in whole["alarmRule"]
    assert 'ALARM("interlock-production-heartbeat-missing")' in whole["alarmRule"]


def test_ecs_stops_the_old_engine_before_the_new_one_starts(
    built: Callable[..., list[dict[str, Any]]],
) -> None:
    (service,) = _of(built("staging", "ecs"), "aws:ecs/service:Service")
    assert (service["deploymentMinimumHealthyPercent"], service["deploymentMaximumPercent"]) == (0, 100)
    assert service["desiredCount"] == 1
    assert service["deploymentCircuitBreaker"] == {"enable": True, "rollback": True}
    assert service["deploymentConfiguration"]["strategy"] == "ROLLING"


def test_blue_green_has_two_colours_and_leaves_weights_to_ecs(
    built: Callable[..., list[dict[str, Any]]],
) -> None:
    made = built("production")
    (service,) = _of(made, "aws:ecs/service:Service")
    assert service["deploymentConfiguration"] == {"strategy": "BLUE_GREEN", "bakeTimeInMinutes": "15"}
    assert len(_of(made, "aws:lb/targetGroup:TargetGroup")) == 2
    (rule,) = _of(made, "aws:lb/listenerRule:ListenerRule")
    assert [one["weight"] for one in rule["actions"][0]["forward"]["targetGroups"]] == [100, 0]


def test_the_database_is_private_encrypted_and_restorable(built: Callable[..., list[dict[str, Any]]]) -> None:
    (server,) = _of(built("production"), "aws:rds/instance:Instance")
    wanted = {
        "publiclyAccessible": False,
        "storageEncrypted": True,
        "manageMasterUserPassword": True,
        "backupRetentionPeriod": 35,
        "skipFinalSnapshot": False,
        "finalSnapshotIdentifier": "interlock-production-postgres-final",
        "deleteAutomatedBackups": False,
        "multiAz": True,
    }
    assert {key: server[key] for key in wanted} == wanted
    assert "password" not in server


def test_only_the_balancer_is_open_to_the_world(built: Callable[..., list[dict[str, Any]]]) -> None:
    rules = _of(built("production"), "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    open_ = [one for one in rules if one.get("cidrIpv4") == "0.0.0.0/0"]
    assert [(one["fromPort"], one["toPort"], one["ipProtocol"]) for one in open_] == [(443, 443, "tcp")]
    assert _of(built("staging"), "aws:lb/loadBalancer:LoadBalancer") == []


def test_the_cache_never_evicts(built: Callable[..., list[dict[str, Any]]]) -> None:
    (group,) = _of(built("staging"), "aws:elasticache/parameterGroup:ParameterGroup")
    assert group["parameters"] == [{"name": "maxmemory-policy", "value": "noeviction"}]


def test_a_vps_takes_no_ssh_and_no_public_address(built: Callable[..., list[dict[str, Any]]]) -> None:
    (machine,) = _of(built("staging"), "aws:ec2/instance:Instance")
    assert "keyName" not in machine
    assert machine["associatePublicIpAddress"] is False
    assert machine["metadataOptions"]["httpTokens"] == "required"
    assert machine["disableApiTermination"] is True
