"""Offline previews of this very program: what is planned, what is refused and where, what a base changes."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ci.delivery.preview import Answer, ProgramRefusedError
from ci.errors import UsageError
from ci.output import plan

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("preview")]
GOLDEN = Path(__file__).parent / "golden"
ENVIRONMENTS = ("dev", "staging", "production")
STAGING = "config/environments/staging.yaml"
PREFIX = "urn:pulumi:staging::interlock::interlock:data"
DATABASE = f"{PREFIX}:Database$aws:rds/instance:Instance::interlock-staging-postgres"


def _line(root: Path, file: str, text: str) -> int:
    return next(n for n, line in enumerate((root / file).read_text().splitlines(), 1) if text in line)


def _told(answer: Answer) -> list[tuple[str, str, int]]:
    return [(one.rule, one.span.file, one.span.line) for one in answer.judged.findings]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_first_preview_only_creates_what_is_listed(
    previewed: Callable[[str], Answer], environment: str
) -> None:
    events = previewed(environment).previewed.preview.events
    assert set(events.changes) == {"create"}
    found = "".join(sorted(f"{urn}\n" for urn in events.steps))
    golden = GOLDEN / f"{environment}.txt"
    if os.environ.get("INTERLOCK_UPDATE_GOLDEN"):
        golden.write_text(found)
    assert found == golden.read_text()


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_this_program_violates_no_rule(previewed: Callable[[str], Answer], environment: str) -> None:
    judged = previewed(environment).judged
    assert judged.findings == ()
    assert judged.reach.unreached == ()
    assert judged.reach.in_scope == judged.reach.reached == judged.reach.proven


def test_every_rule_of_the_pack_is_reached_somewhere(previewed: Callable[[str], Answer]) -> None:
    reached = {rule for one in ENVIRONMENTS for rule in previewed(one).judged.reach.reached}
    assert sorted(reached) == [f"INF{number}" for number in range(101, 130)]


def test_what_holds_records_is_protected(previewed: Callable[[str], Answer]) -> None:
    steps = previewed("production").previewed.preview.events.steps.values()
    protected = {step.type for step in steps if step.new is not None and step.new.protect}
    assert protected == {
        "aws:backup/vault:Vault",
        "aws:efs/fileSystem:FileSystem",
        "aws:elasticache/replicationGroup:ReplicationGroup",
        "aws:kms/key:Key",
        "aws:rds/instance:Instance",
        "aws:secretsmanager/secret:Secret",
    }


def test_an_image_that_does_not_exist_yet_is_marked(previewed: Callable[[str], Answer]) -> None:
    steps = previewed("production").previewed.preview.events.steps.values()
    task = next(step for step in steps if step.type == "aws:ecs/taskDefinition:TaskDefinition")
    assert task.new is not None
    assert "registry.invalid/interlock-not-built@sha256:" in task.new.inputs["containerDefinitions"]


def test_an_unchanged_tree_changes_nothing_and_is_idempotent(repo: Any) -> None:
    answer = repo.preview("staging", "HEAD", proof=True)
    assert set(answer.previewed.preview.events.changes) == {"same"}
    assert answer.previewed.again.ok
    assert answer.judged.findings == ()
    assert repo.preview("staging", "HEAD").previewed.base_was_cached


def test_a_public_database_is_refused_at_its_line(repo: Any) -> None:
    repo.edit(STAGING, "publicly_accessible: false", "publicly_accessible: true")
    answer = repo.preview("staging", "HEAD")
    assert _told(answer) == [("INF102", STAGING, _line(repo.root, STAGING, "publicly_accessible"))]
    assert answer.judged.findings[0].span.column == 26
    rows = plan.changes_table(answer.previewed.preview.events).rows
    assert rows == (
        (
            "update",
            "rds/instance:Instance",
            "interlock-staging-postgres",
            "publiclyAccessible",
            "false",
            "true",
        ),
    )
    keys = plan.keys_table(answer.changed, "staging").rows
    assert keys == (("infrastructure.database.publicly_accessible", "false", "true", "loosen"),)


def test_its_safe_twin_is_accepted(repo: Any) -> None:
    repo.edit(STAGING, "instance_class: db.t4g.medium", "instance_class: db.t4g.large")
    answer = repo.preview("staging", "HEAD")
    assert answer.judged.findings == ()
    step = answer.previewed.preview.events.steps[DATABASE]
    assert (step.op, dict(step.changed)) == ("update", {"instanceClass": "update"})


def test_a_replaced_store_is_refused_by_rule_and_engine(repo: Any) -> None:
    repo.edit(STAGING, "encrypted: true", "encrypted: false")
    answer = repo.preview("staging", "HEAD")
    line = _line(repo.root, "infra/components/database.py", "aws.rds.Instance(")
    assert _told(answer) == [
        ("INF101", STAGING, _line(repo.root, STAGING, "encrypted:")),
        ("INF115", "infra/components/database.py", line),
        ("INF193", "infra/components/database.py", line),
    ]
    first = plan.changes_table(answer.previewed.preview.events).rows[0]
    assert first[:4] == (
        "replace",
        "rds/instance:Instance",
        "interlock-staging-postgres",
        "storageEncrypted (forces replacement)",
    )


APPROVAL = """schema: 1
approvals:
  - environment: staging
    resource: interlock-staging-postgres
    operation: replace
    reason: "moves to another name, nothing is in it"
    ticket: OPS-12
    owner: dev.one
    approver: dev.two
    created: "2026-11-19"
    expires: "2026-12-01"
"""
RECORD = "config/records/approvals.yaml"


def test_a_store_is_replaced_with_a_named_approval_alone(repo: Any) -> None:
    repo.edit("infra/components/database.py", "db_name=site.environment.database.name", 'db_name="other"')
    (repo.root / RECORD).write_text(APPROVAL)
    approved = repo.preview("staging", "HEAD")
    told = [(one.rule, one.waived) for one in approved.judged.findings]
    assert told == [("INF115", True), ("INF195", False)]
    assert not approved.judged.is_refused
    (repo.root / RECORD).write_text(APPROVAL.replace("dev.two", "dev.one"))
    refused = repo.preview("staging", "HEAD")
    assert {one.rule for one in refused.judged.findings if one.refuses} == {"INF115", "WAV025"}


def test_an_open_port_is_refused_at_the_line_that_makes_it(repo: Any) -> None:
    repo.edit(
        "infra/components/walls.py",
        "            referenced_security_group_id=source.id,\n            ip_protocol",
        "            cidr_ipv4=WORLD,\n            ip_protocol",
    )
    answer = repo.preview("staging", "HEAD")
    assert {one.rule for one in answer.judged.findings} == {"INF104"}
    assert all(one.span.file == "infra/components/walls.py" for one in answer.judged.findings)
    assert "interlock-staging-into-database: port `5432` would be open to the world" in [
        one.message for one in answer.judged.findings
    ]


def test_an_unprotected_store_is_refused_and_told(repo: Any) -> None:
    repo.edit(
        "infra/components/site.py", "return self.holds_records and name not in self.approved", "return False"
    )
    answer = repo.preview("staging", "HEAD")
    rules = {one.rule for one in answer.judged.findings}
    assert rules == {"INF106", "INF195"}


def test_the_base_is_run_with_its_own_config(repo: Any) -> None:
    (repo.root / "config" / "__init__.py").write_text('"""Base only."""\n\nOWNER = "from-base"\n')
    repo.edit("infra/naming.py", 'OWNER = "trading"', "from config import OWNER")
    base = repo.commit("base with a config of its own")
    (repo.root / "config" / "__init__.py").write_text("")
    repo.edit("infra/naming.py", "from config import OWNER", 'OWNER = "trading"')
    answer = repo.preview("dev", base)
    changed = [step for step in answer.previewed.preview.events.changing() if "tags.owner" in step.changed]
    assert changed
    assert {(step.old.inputs["tags"]["owner"], step.new.inputs["tags"]["owner"]) for step in changed} == {
        ("from-base", "trading")
    }


def test_a_base_without_a_program_makes_everything_new(repo: Any) -> None:
    (repo.root / "Pulumi.yaml").rename(repo.root / "gone.yaml")
    base = repo.commit("no program yet")
    (repo.root / "gone.yaml").rename(repo.root / "Pulumi.yaml")
    answer = repo.preview("dev", base)
    assert answer.notes == (f"{base} has no infrastructure program: everything is new",)
    assert set(answer.previewed.preview.events.changes) == {"create"}


def test_another_way_to_run_the_engine_changes_only_that_part(repo: Any) -> None:
    repo.edit(STAGING, "compute: vps", "compute: ecs")
    repo.edit(STAGING, "image_id: ami-0a1b2c3d4e5f60718", "image_id: null")
    repo.edit(STAGING, "instance_type: t4g.medium", "instance_type: null")
    certificate = "arn:aws:acm:us-east-1:222222222222:certificate/00000000-0000-4000-8000-000000000000"
    repo.edit(STAGING, "certificate: null", f'certificate: "{certificate}"')
    answer = repo.preview("staging", "HEAD")
    steps = answer.previewed.preview.events.changing()
    untouched = {
        "interlock:data:Database",
        "interlock:data:Cache",
        "interlock:backup:Backup",
        "interlock:keys:Keys",
    }
    assert not {step.urn.split("::")[2].split("$")[0] for step in steps} & untouched
    updated = {step.type for step in steps if step.op == "update"}
    # what the deploy role may start a machine from, and the list of rules of the engine's group
    assert updated <= {
        "aws:iam/policy:Policy",
        "aws:ec2/vpcSecurityGroupRulesExclusive:VpcSecurityGroupRulesExclusive",
    }
    assert {step.op for step in steps} == {"create", "delete", "update"}


def test_a_program_that_raises_names_our_line(repo: Any) -> None:
    repo.edit(
        "infra/program.py",
        "    names = Names(",
        "    raise MissingFactError('infrastructure.x needs y')\n    names = Names(",
    )
    with pytest.raises(ProgramRefusedError) as refused:
        repo.preview("dev")
    line = _line(repo.root, "infra/program.py", "raise MissingFactError('infra")
    assert refused.value.exit_code == 1
    assert refused.value.message == f"infra/program.py:{line}: MissingFactError: infrastructure.x needs y"


def test_an_output_used_as_text_names_our_line(repo: Any) -> None:
    repo.edit(
        "infra/components/identity.py",
        'description="the most any CI role may ever do"',
        'description=f"of {issuer.arn}"',
    )
    repo.edit(
        "infra/components/identity.py",
        "        aws.iam.OpenIdConnect",
        "        issuer = aws.iam.OpenIdConnect",
    )
    with pytest.raises(ProgramRefusedError) as refused:
        repo.preview("dev")
    line = _line(repo.root, "infra/components/identity.py", "issuer.arn")
    assert refused.value.message.startswith(f"infra/components/identity.py:{line}: ")
    assert "Output" in refused.value.message
    assert "Traceback" not in refused.value.message


def test_an_unknown_environment_is_a_usage_error(repo: Any) -> None:
    with pytest.raises(UsageError, match="there is no environment `prod`"):
        repo.preview("prod")


def test_an_environment_without_a_stack_is_a_usage_error(repo: Any) -> None:
    (repo.root / "infra" / "stacks" / "Pulumi.dev.yaml").unlink()
    with pytest.raises(UsageError, match="there is no stack `dev`"):
        repo.preview("dev")


def test_a_missing_backup_is_refused_at_its_line(repo: Any) -> None:
    repo.edit(STAGING, "backup_days: 7", "backup_days: 0")
    answer = repo.preview("staging", "HEAD")
    assert _told(answer) == [("INF107", STAGING, _line(repo.root, STAGING, "backup_days"))]
    assert answer.judged.is_refused
