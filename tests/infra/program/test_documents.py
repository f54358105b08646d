"""The documents the program writes: containers, first boot, permissions; plain values, no engine."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from config.findings import Refused
from config.models.environment import Environment
from config.reading import load
from config.tree import FolderTree
from infra import iam
from infra.components import container
from infra.components.compute_ecs import _fargate_cpu
from infra.components.machine import first_boot
from infra.naming import Names, tags
from infra.permissions import DEPLOY, NEVER, READ
from infra.program import MissingFactError, Settings, check_facts

ROOT = Path(__file__).resolve().parents[3]
NAMES = Names("production", "333333333333", "us-east-1")
MANAGED_POLICY_BYTES = 6144


@pytest.fixture(scope="module")
def environments() -> dict[str, Environment]:
    desired = load(FolderTree(ROOT))
    assert not isinstance(desired, Refused)
    return dict(desired.environments)


def _engine(environment: Environment) -> dict[str, object]:
    (found,) = json.loads(container.definition(environment, NAMES, "/interlock/production/engine"))
    return dict(found)


def test_the_container_is_sealed(environments: dict[str, Environment]) -> None:
    engine = _engine(environments["production"])
    assert engine["readonlyRootFilesystem"] is True
    assert engine["privileged"] is False
    assert engine["user"] == "10001:10001"
    assert engine["linuxParameters"] == {"initProcessEnabled": True, "capabilities": {"drop": ["ALL"]}}
    assert "environment" not in engine


def test_secrets_come_by_reference_only(environments: dict[str, Environment]) -> None:
    assert _engine(environments["production"])["secrets"] == [
        {
            "name": "INTERLOCK_SECRET_PAPER_DATABASE",
            "valueFrom": "arn:aws:secretsmanager:us-east-1:333333333333:secret:interlock/production/paper-database",
        }
    ]


def test_the_health_check_fails_after_three_missed_beats(environments: dict[str, Environment]) -> None:
    health = _engine(environments["production"])["healthCheck"]
    assert isinstance(health, dict)
    assert health["command"] == [
        "CMD-SHELL",
        "test $(( $(date +%s) - $(stat -c %Y /state/heartbeat) )) -le 15",
    ]


def test_an_unbuilt_image_is_a_marked_placeholder(environments: dict[str, Environment]) -> None:
    assert container.image_of(environments["production"]).startswith(
        "registry.invalid/interlock-not-built@sha256:0000"
    )


@pytest.mark.parametrize(
    "milli, size", [(1, 256), (250, 256), (251, 512), (1000, 1024), (2000, 2048), (99000, 16384)]
)
def test_fargate_gives_at_least_what_is_asked(milli: int, size: int) -> None:
    assert _fargate_cpu(milli) == size


def test_first_boot_shuts_every_door(environments: dict[str, Environment]) -> None:
    head, _, body = first_boot(environments["staging"]).partition("\n")
    boot = json.loads(body)
    assert head == "#cloud-config"
    assert {"fail2ban", "ufw", "unattended-upgrades", "logrotate"} == set(boot["packages"])
    assert boot["runcmd"][0] == ["ufw", "default", "deny", "incoming"]
    assert ["systemctl", "disable", "--now", "ssh"] in boot["runcmd"]
    assert boot["ssh_pwauth"] is False


def test_the_service_stays_down_when_it_refuses_its_configuration(
    environments: dict[str, Environment],
) -> None:
    boot = json.loads(first_boot(environments["staging"]).partition("\n")[2])
    unit = next(file["content"] for file in boot["write_files"] if file["path"].endswith("interlock.service"))
    assert "RestartPreventExitStatus=78" in unit
    assert "StartLimitBurst=5" in unit
    assert "MemoryMax=1024M" in unit


def test_a_ci_job_is_trusted_by_exact_subject_and_audience() -> None:
    trust = json.loads(iam.trust_job(NAMES, "example/interlock", "environment:production"))
    assert trust["Statement"][0]["Condition"] == {
        "StringEquals": {
            "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
            "token.actions.githubusercontent.com:sub": "repo:example/interlock:environment:production",
        }
    }


def test_permissions_name_every_action_and_fit_into_a_policy() -> None:
    assert not [one for one in (*READ, *DEPLOY, *NEVER) if "*" in one]
    assert not set(NEVER) & {*READ, *DEPLOY}
    whole = iam.document(iam.allow(READ, ["*"]), iam.allow(DEPLOY, ["*"]), iam.deny(NEVER, ["*"]))
    assert len(whole) < MANAGED_POLICY_BYTES - 1200


def test_tags_are_those_every_environment_requires(environments: dict[str, Environment]) -> None:
    for environment in environments.values():
        assert set(tags(environment)) == set(environment.infrastructure.required_tags)


def _settings(*, is_offline: bool = True, region: str = "us-east-1") -> Settings:
    return Settings(region=region, is_offline=is_offline, auth_token=None, pagerduty=None)


@pytest.mark.parametrize("name", ["dev", "staging", "production"])
def test_this_trees_facts_are_complete(environments: dict[str, Environment], name: str) -> None:
    check_facts(environments[name], _settings())


def _broken(environment: Environment, section: str, **facts: object) -> Environment:
    held = environment.infrastructure
    part = replace(getattr(held, section), **facts)
    return replace(environment, infrastructure=replace(held, **{section: part}))


@pytest.mark.parametrize(
    "name, section, facts, key",
    [
        ("staging", "network", {"availability_zones": ()}, "infrastructure.network.availability_zones"),
        (
            "staging",
            "network",
            {"public_subnets": ("10.20.0.0/24",)},
            "infrastructure.network.public_subnets",
        ),
        ("staging", "host", {"image_id": None}, "infrastructure.host.image_id"),
        ("staging", "host", {"instance_type": None}, "infrastructure.host.instance_type"),
        ("production", "host", {"certificate": None}, "infrastructure.host.certificate"),
    ],
)
def test_a_missing_fact_is_named(
    environments: dict[str, Environment], name: str, section: str, facts: dict[str, object], key: str
) -> None:
    with pytest.raises(MissingFactError) as missing:
        check_facts(_broken(environments[name], section, **facts), _settings())
    assert str(missing.value).startswith(f"{key} needs ")


def test_zones_of_another_region_are_refused(environments: dict[str, Environment]) -> None:
    with pytest.raises(MissingFactError, match="zones of region eu-west-1"):
        check_facts(environments["staging"], _settings(region="eu-west-1"))


def test_real_aws_is_never_shown_a_placeholder(environments: dict[str, Environment]) -> None:
    with pytest.raises(MissingFactError, match=r"service\.image needs an image by digest"):
        check_facts(environments["production"], _settings(is_offline=False))
    with pytest.raises(MissingFactError, match="interlock:cacheAuthToken needs a secret value"):
        check_facts(environments["staging"], _settings(is_offline=False))
