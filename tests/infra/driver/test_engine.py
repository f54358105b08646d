"""What the real engine does with a tiny program: idempotence, drift, refusals, halves, secrets, moves."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from infra.drift import Drifted, drift, pending
from infra.failures import EngineError, StateError, program_failure

pytestmark = pytest.mark.slow

TWO = """
Made(VPC, "net", {"cidrBlock": "10.0.0.0/16"})
Made(DATABASE, "db", {"instanceClass": "db.t4g.micro", "storageEncrypted": True}, ResourceOptions(protect=True))
"""
DB = "urn:pulumi:dev::interlock::aws:rds/instance:Instance::db"
NET = "urn:pulumi:dev::interlock::aws:ec2/vpc:Vpc::net"


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _only(cloud: dict[str, Any], urn: str) -> tuple[str, dict[str, Any]]:
    return next((key, held) for key, held in cloud["resources"].items() if held["urn"] == urn)


def test_a_second_run_finds_nothing_to_do(tiny: Any) -> None:
    tiny.program(TWO)
    assert tiny.driver.preview().events.changes == {"create": 3}
    assert tiny.driver.up().ok
    again = tiny.driver.preview(expect_no_changes=True)
    assert (again.exit_code, again.events.changing()) == (0, ())
    assert pending(tiny.driver)[0] == ()


def test_drift_names_urn_property_and_both_values(tiny: Any) -> None:
    tiny.program(TWO)
    assert tiny.driver.up().ok
    before = _digest(tiny.state_file)

    def change(cloud: dict[str, Any]) -> None:
        _only(cloud, DB)[1]["properties"]["instanceClass"] = "db.r7g.large"
        del cloud["resources"][_only(cloud, NET)[0]]

    tiny.edit(change)
    assert drift(tiny.driver) == (
        Drifted(NET, "delete", "", "in the state", "gone from the cloud"),
        Drifted(DB, "update", "instanceClass", "db.t4g.micro", "db.r7g.large"),
    )
    assert _digest(tiny.state_file) == before
    assert tiny.driver.up(refresh=True).ok
    assert drift(tiny.driver) == ()
    assert _only(tiny.cloud(), DB)[1]["properties"]["instanceClass"] == "db.t4g.micro"
    assert _only(tiny.cloud(), NET)


def test_an_extra_rule_in_a_group_is_drift(tiny: Any) -> None:
    tiny.program('Made("aws:ec2/securityGroup:SecurityGroup", "sg", {"description": "x", "ingress": []})')
    assert tiny.driver.up().ok
    extra = {"fromPort": 22, "toPort": 22, "protocol": "tcp", "cidrBlocks": ["0.0.0.0/0"]}
    tiny.edit(lambda cloud: next(iter(cloud["resources"].values()))["properties"]["ingress"].append(extra))
    found = drift(tiny.driver)
    assert [(one.what, one.key, one.expected) for one in found] == [("update", "ingress", "[]")]
    assert "0.0.0.0/0" in found[0].found


def test_a_forced_replacement_of_a_protected_resource_is_refused(tiny: Any) -> None:
    tiny.program(TWO)
    assert tiny.driver.up().ok
    tiny.program(TWO.replace("True}", "False}"))
    run = tiny.driver.preview()
    assert not run.ok
    assert any("unable to replace resource" in message for _, message in run.events.errors)
    assert run.events.steps[DB].op == "replace"


def test_removing_a_protected_resource_is_refused(tiny: Any) -> None:
    tiny.program(TWO)
    assert tiny.driver.up().ok
    tiny.program('Made(VPC, "net", {"cidrBlock": "10.0.0.0/16"})')
    run = tiny.driver.up()
    assert not run.ok
    assert any("cannot be deleted" in message for _, message in run.events.errors)
    assert _only(tiny.cloud(), DB)


def test_a_retained_resource_stays_in_the_cloud(tiny: Any) -> None:
    tiny.program('Made(TOPIC, "told", {"name": "t"}, ResourceOptions(retain_on_delete=True))')
    assert tiny.driver.up().ok
    tiny.program("")
    assert tiny.driver.up().ok
    assert [held["type"] for held in tiny.cloud()["resources"].values()] == ["aws:sns/topic:Topic"]


def test_a_move_by_alias_keeps_the_physical_id(tiny: Any) -> None:
    tiny.program('Made(TOPIC, "old", {"name": "t"})')
    assert tiny.driver.up().ok
    before = set(tiny.cloud()["resources"])
    tiny.program('Made(TOPIC, "new", {"name": "t"}, ResourceOptions(aliases=[Alias(name="old")]))')
    assert tiny.driver.up().ok
    assert set(tiny.cloud()["resources"]) == before


def test_a_create_that_fails_half_way_is_completed_later(tiny: Any) -> None:
    tiny.program(
        """
        net = Made(VPC, "net", {"cidrBlock": "10.0.0.0/16"})
        Made(TOPIC, "told", {"name": "t"}, ResourceOptions(depends_on=[net]))
        """
    )
    tiny.edit(lambda cloud: cloud.update(faults={"told": "fail"}))
    run = tiny.driver.up()
    assert not run.ok
    assert any("told to fail by the offline cloud" in message for _, message in run.events.errors)
    held = [one["urn"].rsplit("::", 1)[-1] for one in tiny.driver.export()["deployment"]["resources"]]
    assert "net" in held
    assert "told" not in held
    tiny.edit(lambda cloud: cloud.update(faults={}))
    assert tiny.driver.up().events.changes == {"create": 1, "same": 2}


def test_a_crashing_provider_is_a_failure_not_a_pass(tiny: Any) -> None:
    tiny.program('Made(TOPIC, "told", {"name": "t"})')
    tiny.edit(lambda cloud: cloud.update(faults={"told": "crash"}))
    run = tiny.driver.up()
    assert not run.ok
    assert run.events.errors


def test_secrets_stay_ciphertext_everywhere(tiny: Any) -> None:
    canary = "canary-9d1f0c55"
    tiny.program(f'Made(TOPIC, "told", {{"name": "t", "token": Output.secret("{canary}")}})')
    run = tiny.driver.up()
    assert run.ok
    assert "(secret)" not in run.said
    for where in (run.said, run.log.read_text(), tiny.state_file.read_text(), tiny.cloud_file.read_text()):
        assert canary not in where
    assert "ciphertext" in tiny.state_file.read_text()
    assert tiny.driver.preview(expect_no_changes=True).ok
    assert drift(tiny.driver) == ()


def test_a_raising_program_names_file_and_line_of_ours(tiny: Any) -> None:
    tiny.program('raise ValueError("no zone is named")')
    run = tiny.driver.preview()
    assert not run.ok
    found = [program_failure(message, tiny.tree) for _, message in run.events.errors]
    assert "infra/__main__.py:12: ValueError: no zone is named" in found


def test_an_output_used_as_text_is_refused(tiny: Any) -> None:
    tiny.program(
        'net = Made(VPC, "net", {"cidrBlock": "10.0.0.0/16"})\nMade(TOPIC, "told", {"name": f"t-{net.id}"})'
    )
    run = tiny.driver.preview()
    assert not run.ok
    assert any("Output" in message and "str" in message for _, message in run.events.errors)


@pytest.mark.parametrize(
    "damage", ["{", '{"version": 3, "checkpoint": {"latest": 7}}'], ids=["cut", "edited"]
)
def test_a_damaged_state_is_refused_and_kept(tiny: Any, damage: str) -> None:
    tiny.program(TWO)
    tiny.state_file.write_text(damage)
    for run in (tiny.driver.up, tiny.driver.preview, lambda: drift(tiny.driver)):
        with pytest.raises(StateError, match=r"^the state of stack `dev` cannot be read: [^:]+") as refused:
            run()
        assert "put the last good one back" in refused.value.help
    assert tiny.state_file.read_text() == damage
    assert not tiny.cloud_file.exists()


def test_a_question_to_the_cloud_names_the_call(tiny: Any) -> None:
    tiny.program('pulumi.runtime.invoke("aws:index/getCallerIdentity:getCallerIdentity", {}).value')
    run = tiny.driver.preview()
    assert not run.ok
    assert any(
        "aws:index/getCallerIdentity:getCallerIdentity: no answer is recorded" in text
        for _, text in run.events.errors
    )


def test_export_of_an_unreadable_state_is_an_engine_error(tiny: Any) -> None:
    tiny.state_file.write_text("{")
    with pytest.raises(EngineError):
        tiny.driver.export()
