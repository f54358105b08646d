"""The contract of the stand-in provider, asked call by call as the engine asks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from infra import wire
from infra.offline.cloud import Cloud
from infra.offline.provider import OfflineProvider

URN = "urn:pulumi:dev::interlock::aws:rds/instance:Instance::db"
TOPIC = "urn:pulumi:dev::interlock::a:b:C$aws:sns/topic:Topic::told"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "cloud.json"


@pytest.fixture
def provider(file: Path) -> Iterator[Any]:
    server = grpc.server(ThreadPoolExecutor(2))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(OfflineProvider(Cloud(file)), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = provider_pb2_grpc.ResourceProviderStub(channel)
        tags = json.dumps({"tags": {"owner": "trading", "service": "interlock"}})
        settings = {"region": "eu-west-1", "allowedAccountIds": '["123456789012"]', "defaultTags": tags}
        stub.Configure(provider_pb2.ConfigureRequest(args=wire.to_struct(settings)))
        yield stub
    server.stop(0)


def _create(provider: Any, urn: str, properties: dict[str, Any], *, preview: bool = False) -> Any:
    return provider.Create(
        provider_pb2.CreateRequest(urn=urn, properties=wire.to_struct(properties), preview=preview)
    )


def _diff(provider: Any, before: dict[str, Any], after: dict[str, Any], urn: str = URN) -> Any:
    return provider.Diff(
        provider_pb2.DiffRequest(
            id="x", urn=urn, old_inputs=wire.to_struct(before), news=wire.to_struct(after)
        )
    )


def _refused(call: Any) -> grpc.RpcError:
    with pytest.raises(grpc.RpcError) as caught:
        call()
    return caught.value


def test_handshake_accepts_secrets_and_the_version_is_the_wheels(provider: Any) -> None:
    assert provider.Handshake(provider_pb2.ProviderHandshakeRequest()).accept_secrets
    from google.protobuf import empty_pb2

    assert provider.GetPluginInfo(empty_pb2.Empty()).version == "7.51.1"


def test_check_merges_default_tags_under_own_ones(provider: Any) -> None:
    asked = {"name": "t", "tags": {"owner": "me"}}
    answer = provider.Check(provider_pb2.CheckRequest(urn=TOPIC, news=wire.to_struct(asked)))
    assert wire.from_struct(answer.inputs) == {"name": "t", "tags": {"owner": "me", "service": "interlock"}}


def test_check_adds_no_tags_to_types_without_them(provider: Any) -> None:
    urn = "urn:pulumi:dev::interlock::aws:iam/rolePolicy:RolePolicy::p"
    answer = provider.Check(provider_pb2.CheckRequest(urn=urn, news=wire.to_struct({"role": "r"})))
    assert wire.from_struct(answer.inputs) == {"role": "r"}


def test_check_refuses_a_size_nobody_sells(provider: Any) -> None:
    request = provider_pb2.CheckRequest(urn=URN, news=wire.to_struct({"instanceClass": "db.m7g.huge"}))
    failures = provider.Check(request).failures
    assert [(one.property, one.reason.split(" is ")[0]) for one in failures] == [
        ("instanceClass", "`db.m7g.huge`")
    ]


def test_preview_of_a_create_writes_nothing(provider: Any, file: Path) -> None:
    answer = _create(provider, URN, {"instanceClass": "db.t4g.micro"}, preview=True)
    assert (answer.id, file.exists()) == ("", False)


def test_create_answers_with_id_arn_and_endpoint(provider: Any, file: Path) -> None:
    answer = _create(provider, URN, {"identifier": "x", "port": 5432})
    made = wire.from_struct(answer.properties)
    assert made["endpoint"] == "x.offline.eu-west-1.rds.amazonaws.com:5432"
    assert made["masterUserSecrets"][0]["secretArn"].startswith(
        "arn:aws:secretsmanager:eu-west-1:123456789012:"
    )
    assert list(json.loads(file.read_text())["resources"]) == [answer.id]


def test_two_clouds_give_the_same_ids(tmp_path: Path) -> None:
    ids = [
        Cloud(tmp_path / name).create("t", URN, "db-", lambda name: {})[0] for name in ("a.json", "b.json")
    ]
    assert ids[0] == ids[1]


def test_diff_tells_leaves_and_forced_replacements(provider: Any) -> None:
    before = {"storageEncrypted": True, "tags": {"a": "1"}, "instanceClass": "x"}
    answer = _diff(provider, before, {"storageEncrypted": False, "tags": {"a": "2"}, "instanceClass": "x"})
    assert list(answer.replaces) == ["storageEncrypted"]
    kinds = {path: provider_pb2.PropertyDiff.Kind.Name(one.kind) for path, one in answer.detailedDiff.items()}
    assert kinds == {"storageEncrypted": "UPDATE_REPLACE", "tags.a": "UPDATE"}


def test_new_provider_settings_are_a_change_in_place(provider: Any) -> None:
    before, after = (
        wire.to_struct({"region": "a", "version": "1"}),
        wire.to_struct({"region": "b", "version": "1"}),
    )
    answer = provider.DiffConfig(
        provider_pb2.DiffRequest(urn=URN, olds=before, old_inputs=before, news=after)
    )
    assert (list(answer.diffs), list(answer.replaces)) == (["region"], [])
    same = provider.DiffConfig(provider_pb2.DiffRequest(urn=URN, olds=before, old_inputs=before, news=before))
    assert same.changes == provider_pb2.DiffResponse.DIFF_NONE


def test_diff_of_equal_inputs_is_none(provider: Any) -> None:
    same = {"list": [1, {"a": wire.Secret("s")}], "n": None}
    assert _diff(provider, same, same).changes == provider_pb2.DiffResponse.DIFF_NONE


@pytest.mark.parametrize(
    "before, after, kinds",
    [
        ({}, {"a": 1}, {"a": "ADD"}),
        ({"a": 1}, {}, {"a": "DELETE"}),
        ({"a": [1, 2]}, {"a": [1]}, {"a[1]": "DELETE"}),
        ({"a": {"x-y": 1}}, {"a": {"x-y": 2}}, {'a["x-y"]': "UPDATE"}),
        ({"a": wire.Secret("1")}, {"a": wire.Secret("2")}, {"a": "UPDATE"}),
        ({"a": "1"}, {"a": wire.UNKNOWN}, {"a": "UPDATE"}),
    ],
)
def test_diff_names_what_was_added_and_taken(provider: Any, before: Any, after: Any, kinds: Any) -> None:
    answer = _diff(provider, before, after, TOPIC)
    assert {p: provider_pb2.PropertyDiff.Kind.Name(d.kind) for p, d in answer.detailedDiff.items()} == kinds


def test_user_data_replaces_only_when_told_to(provider: Any) -> None:
    urn = "urn:pulumi:dev::interlock::aws:ec2/instance:Instance::m"
    before = {"userData": "a", "userDataReplaceOnChange": True}
    assert list(_diff(provider, before, {**before, "userData": "b"}, urn).replaces) == ["userData"]
    before["userDataReplaceOnChange"] = False
    assert list(_diff(provider, before, {**before, "userData": "b"}, urn).replaces) == []


def test_read_sees_what_somebody_changed(provider: Any, file: Path) -> None:
    answer = _create(provider, TOPIC, {"name": "t"})
    cloud = json.loads(file.read_text())
    cloud["resources"][answer.id]["properties"]["name"] = "other"
    file.write_text(json.dumps(cloud))
    read = provider.Read(
        provider_pb2.ReadRequest(
            id=answer.id, urn=TOPIC, properties=answer.properties, inputs=wire.to_struct({"name": "t"})
        )
    )
    assert wire.from_struct(read.inputs) == {"name": "other"}


def test_read_of_what_is_gone_has_no_id(provider: Any) -> None:
    assert provider.Read(provider_pb2.ReadRequest(id="nowhere", urn=TOPIC)).id == ""


def test_secrets_stand_in_the_cloud_as_digests(provider: Any, file: Path) -> None:
    asked = {"endpoint": wire.Secret("canary-77")}
    answer = _create(provider, TOPIC, asked)
    assert "canary-77" not in file.read_text()
    read = provider.Read(
        provider_pb2.ReadRequest(
            id=answer.id, urn=TOPIC, properties=answer.properties, inputs=wire.to_struct(asked)
        )
    )
    assert wire.from_struct(read.inputs) == asked


def test_update_keeps_the_id_and_drops_what_left(provider: Any, file: Path) -> None:
    made = _create(provider, TOPIC, {"name": "t", "displayName": "d"})
    provider.Update(
        provider_pb2.UpdateRequest(
            id=made.id,
            urn=TOPIC,
            olds=made.properties,
            old_inputs=wire.to_struct({"name": "t", "displayName": "d"}),
            news=wire.to_struct({"name": "t"}),
        )
    )
    held = json.loads(file.read_text())["resources"][made.id]["properties"]
    assert ("displayName" in held, held["name"]) == (False, "t")


def test_delete_honours_deletion_protection(provider: Any, file: Path) -> None:
    made = _create(provider, URN, {"deletionProtection": True})
    request = provider_pb2.DeleteRequest(id=made.id, urn=URN, properties=made.properties)
    assert "has deletion protection" in str(_refused(lambda: provider.Delete(request)).details())  # type: ignore[attr-defined]
    assert made.id in file.read_text()


def test_delete_forgets_the_resource(provider: Any, file: Path) -> None:
    made = _create(provider, TOPIC, {"name": "t"})
    provider.Delete(provider_pb2.DeleteRequest(id=made.id, urn=TOPIC, properties=made.properties))
    assert json.loads(file.read_text())["resources"] == {}


def test_a_question_without_an_answer_is_an_error(provider: Any) -> None:
    request = provider_pb2.InvokeRequest(tok="aws:ec2/getAmi:getAmi")
    assert "aws:ec2/getAmi:getAmi: no answer is recorded" in str(
        _refused(lambda: provider.Invoke(request)).details()
    )  # type: ignore[attr-defined]
