"""The documents the program writes: containers, first boot, permissions; plain values, no engine."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

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
from infra.permissions import DEPLOY, MADE, NEVER, READ, boundary, may_deploy, may_read
from infra.program import MissingFactError, Settings, check_facts
from policies.aws_actions import NO_RESOURCE

ROOT = Path(__file__).resolve().parents[3]
NAMES = Names("production", "333333333333", "us-east-1")


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


def _health(environments: dict[str, Environment], state: Path) -> int:
    """The container's own health check, run by a shell on a folder in place of its disk."""
    health = _engine(environments["production"])["healthCheck"]
    assert isinstance(health, dict)
    kind, command = health["command"]
    assert (kind, health["interval"], health["retries"]) == ("CMD-SHELL", 15, 2)
    done = subprocess.run(
        ["/bin/sh", "-c", command.replace("/state", str(state))], capture_output=True, check=False, timeout=10
    )
    return done.returncode


@pytest.mark.parametrize(
    ("age", "healthy"), [(0, True), (14, True), (17, False), (3600, False), (-600, False)]
)
def test_the_health_check_fails_after_three_missed_beats(
    environments: dict[str, Environment], tmp_path: Path, age: int, healthy: bool
) -> None:
    beat = tmp_path / "heartbeat"
    beat.touch()
    at = beat.stat().st_mtime - age
    os.utime(beat, (at, at))
    assert (_health(environments, tmp_path) == 0) is healthy


def test_the_health_check_fails_without_a_heartbeat(
    environments: dict[str, Environment], tmp_path: Path
) -> None:
    assert _health(environments, tmp_path) != 0


def test_an_unbuilt_image_is_a_marked_placeholder(environments: dict[str, Environment]) -> None:
    assert container.image_of(environments["production"]).startswith(
        "registry.invalid/interlock-not-built@sha256:0000"
    )


@pytest.mark.parametrize(
    "milli, size", [(1, 256), (250, 256), (251, 512), (1000, 1024), (2000, 2048), (99000, 16384)]
)
def test_fargate_gives_at_least_what_is_asked(milli: int, size: int) -> None:
    assert _fargate_cpu(milli) == size


def _boot(environments: dict[str, Environment]) -> dict[str, Any]:
    head, _, body = first_boot(environments["staging"]).partition("\n")
    assert head == "#cloud-config"
    return dict(json.loads(body))


def _file(environments: dict[str, Environment], name: str) -> str:
    (found,) = [one for one in _boot(environments)["write_files"] if one["path"].endswith(name)]
    return str(found["content"])


def test_first_boot_shuts_every_door(environments: dict[str, Environment]) -> None:
    boot = _boot(environments)
    steps = boot["runcmd"]
    assert {"fail2ban", "ufw", "unattended-upgrades", "logrotate"} == set(boot["packages"])
    deny, wall = ["ufw", "default", "deny", "incoming"], ["ufw", "--force", "enable"]
    assert steps.index(deny) < steps.index(wall)
    assert ["systemctl", "mask", "--now", "ssh.service", "ssh.socket"] in steps
    assert (boot["ssh_pwauth"], boot["disable_root"]) == (False, True)
    assert all(one["lock_passwd"] and "ssh_authorized_keys" not in one for one in boot["users"])


def test_first_boot_starts_what_it_installs(environments: dict[str, Environment]) -> None:
    started = {
        word for step in _boot(environments)["runcmd"] if step[:2] == ["systemctl", "enable"] for word in step
    }
    wanted = {"fail2ban.service", "unattended-upgrades.service", "logrotate.timer", "interlock.service"}
    assert wanted <= started
    assert "backend = systemd" in _file(environments, "jail.d/interlock.conf")
    assert 'Unattended-Upgrade "1"' in _file(environments, "20auto-upgrades")


def test_the_log_that_is_written_is_the_one_that_is_rotated(environments: dict[str, Environment]) -> None:
    unit, rotation = _file(environments, "interlock.service"), _file(environments, "logrotate.d/interlock")
    assert "StandardOutput=append:/var/log/interlock/engine.log" in unit
    assert "LogsDirectory=interlock" in unit
    assert rotation.startswith("/var/log/interlock/*.log {")
    assert {"copytruncate", "rotate 30", "maxsize 100M"} <= {line.strip() for line in rotation.splitlines()}


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_takes_the_unit(environments: dict[str, Environment], tmp_path: Path) -> None:
    unit = tmp_path / "interlock.service"
    unit.write_text(
        _file(environments, "interlock.service").replace("/opt/interlock/bin/interlock", "/bin/true")
    )
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


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


def _roles(name: str) -> tuple[list[iam.Statement], list[iam.Statement]]:
    names = Names(name, "333333333333", "us-east-1")
    read, change = may_read(names), may_deploy(names, "ami-0a1b2c3d4e5f60718")
    return list(read), list(change)


def test_permissions_name_every_action() -> None:
    assert not [one for one in (*READ, *DEPLOY, *NEVER) if "*" in one]
    assert not set(NEVER) & {*READ, *DEPLOY, *MADE}
    given = {action for statements in _roles("production") for one in statements for action in one["Action"]}
    assert given == {*READ, *DEPLOY, *MADE, "ec2:CreateTags"}


def test_everything_is_allowed_only_where_aws_knows_no_resource() -> None:
    read, change = _roles("production")
    free = [one for one in (*read, *change) if one["Resource"] == ["*"]]
    assert {action for one in free for action in one["Action"]} == {*READ, *DEPLOY} & NO_RESOURCE
    assert all(one["Condition"] == {"StringEquals": {"aws:RequestedRegion": ["us-east-1"]}} for one in free)


def test_what_is_named_is_this_environments_alone() -> None:
    for one in itertools.chain(*_roles("production")):
        for resource in one["Resource"]:
            told_apart = "production" in resource or "production" in json.dumps(one.get("Condition", {}))
            elsewhere = (
                resource == "*" or resource.startswith("arn:aws:serverlessrepo:") or "oidc" in resource
            )
            made_untagged = resource.split(":")[-1].split("/")[0] in ("volume", "network-interface", "image")
            chosen_by_aws = "secret:rds!db-" in resource or "targetgroup/il-" in resource
            assert told_apart or elsewhere or made_untagged or chosen_by_aws, (one["Action"], resource)


@pytest.mark.parametrize("name", ["dev", "production", "a-very-long-environment-name-31"])
def test_policies_fit_into_what_aws_takes(name: str) -> None:
    names = Names(name, "333333333333", "us-east-1")
    assert len(iam.document(*boundary(names))) < iam.MOST_LETTERS - 700  # and the state's bucket and key
    for statements in _roles(name):
        packed = iam.packed(statements)
        assert [one for part in packed for one in part] == statements
        assert all(len(iam.document(*part)) <= iam.MOST_LETTERS for part in packed)


def test_the_boundary_allows_what_the_roles_are_given() -> None:
    allowed = {action for one in boundary(NAMES) if one["Effect"] == "Allow" for action in one["Action"]}
    assert {*READ, *DEPLOY, *MADE} <= allowed


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
