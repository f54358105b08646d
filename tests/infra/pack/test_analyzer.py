"""The policy pack as the engine asks it: unknowns refuse, crashes are named, silence is told apart from a pass."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

from infra import wire
from infra.pack import analyzer as pack
from infra.pack.judging import rules_of_pack, sees_whole_graph
from policies.inputs import Hit, Resources
from policies.planned import DATABASE, TOPIC
from policies.rule import Meta

ROOT = Path(__file__).resolve().parents[3]
URN = f"urn:pulumi:production::interlock::{DATABASE}::db"
SAFE = {
    "storageEncrypted": True,
    "kmsKeyId": "k",
    "publiclyAccessible": False,
    "deletionProtection": True,
    "skipFinalSnapshot": False,
    "finalSnapshotIdentifier": "f",
    "backupRetentionPeriod": 35,
    "multiAz": True,
    "manageMasterUserPassword": True,
    "masterUserSecretKmsKeyId": "k",
    "performanceInsightsKmsKeyId": "k",
    "caCertIdentifier": "rds-ca-rsa2048-g1",
    "dbSubnetGroupName": "s",
    "parameterGroupName": "p",
    "vpcSecurityGroupIds": ["sg-1"],
    "tags": {"environment": "production", "managed-by": "m", "owner": "o", "service": "s"},
}


@pytest.fixture
def servicer() -> pack.Analyzer:
    return pack.Analyzer(ROOT)


@pytest.fixture
def stub(servicer: pack.Analyzer) -> Iterator[Any]:
    server = grpc.server(ThreadPoolExecutor(2))
    analyzer_pb2_grpc.add_AnalyzerServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield analyzer_pb2_grpc.AnalyzerStub(channel)
    server.stop(0)


def _configure(stub: Any, stack: str = "production") -> None:
    stub.ConfigureStack(analyzer_pb2.AnalyzerStackConfigureRequest(stack=stack))


def _analyze(stub: Any, type_: str, properties: dict[str, Any], *, protect: bool = True) -> Any:
    return stub.Analyze(
        analyzer_pb2.AnalyzeRequest(
            urn=URN,
            type=type_,
            name="db",
            properties=wire.to_struct(properties),
            options=analyzer_pb2.AnalyzerResourceOptions(protect=protect),
        )
    )


def test_every_rule_is_mandatory_and_listed_once(stub: Any) -> None:
    info = stub.GetAnalyzerInfo(empty_pb2.Empty())
    names = [one.name for one in info.policies]
    assert sorted(names) == sorted({rule.META.slug for rule in rules_of_pack()})
    assert {one.enforcementLevel for one in info.policies} == {analyzer_pb2.MANDATORY}


def test_a_safe_database_passes_and_others_do_not_apply(stub: Any) -> None:
    _configure(stub)
    answer = _analyze(stub, DATABASE, SAFE)
    assert list(answer.diagnostics) == []
    silent = {one.policy_name for one in answer.not_applicable}
    assert "cache_evicts" in silent
    assert "database_public" not in silent


PUBLIC = "db: the database must have no public address; `publiclyAccessible` is"
TOLD = {
    "public": ("publiclyAccessible", True, f"INF102: {PUBLIC} `true`", "publicly_accessible"),
    "unknown": (
        "publiclyAccessible",
        wire.UNKNOWN,
        f"INF102: {PUBLIC} not known before it is made",
        "publicly_accessible",
    ),
    "missing": (
        "storageEncrypted",
        None,
        "INF101: db: what is stored must be encrypted; `storageEncrypted` is not set",
        "encrypted",
    ),
    "zone": (
        "multiAz",
        False,
        "INF108: db: a second zone must hold a copy; `multiAz` is `false`",
        "multi_az",
    ),
    "backups": (
        "backupRetentionPeriod",
        7,
        "INF107: db: 35 days of backups at least; `backupRetentionPeriod` is `7`",
        "backup_days",
    ),
}


@pytest.mark.parametrize("key, value, message, place", TOLD.values(), ids=list(TOLD))
def test_an_unsafe_or_unknown_property_is_refused(
    stub: Any, key: str, value: Any, message: str, place: str
) -> None:
    _configure(stub)
    told = _analyze(stub, DATABASE, {**SAFE, key: value}).diagnostics
    wanted = f"{message} [config: infrastructure.database.{place}]"
    assert [(one.message, one.enforcementLevel) for one in told] == [(wanted, analyzer_pb2.MANDATORY)]


def test_a_secret_is_never_shown_in_a_message(stub: Any) -> None:
    _configure(stub)
    told = _analyze(stub, DATABASE, {**SAFE, "password": wire.Secret("canary-31")}).diagnostics
    assert [one.policyName for one in told] == ["secret_in_a_property"]
    assert "canary-31" not in told[0].message


def test_the_tier_decides_which_rules_speak(stub: Any) -> None:
    _configure(stub, "staging")
    tags = {**SAFE["tags"], "environment": "staging"}  # type: ignore[dict-item]
    assert list(_analyze(stub, DATABASE, {**SAFE, "multiAz": False, "tags": tags}).diagnostics) == []


def test_a_crashing_rule_is_a_violation_that_names_it(stub: Any, servicer: pack.Analyzer) -> None:
    def judge(graph: Resources) -> Iterator[Hit]:
        raise KeyError("canary-32")
        yield

    original = rules_of_pack()[1].META
    meta = Meta(**{one: getattr(original, one) for one in original.__dataclass_fields__})
    broken: Any = SimpleNamespace(META=meta, VALID=(), INVALID=(), judge=judge)
    servicer._rules = (broken,)
    _configure(stub)
    told = _analyze(stub, DATABASE, SAFE).diagnostics
    assert [one.message for one in told] == [f"{meta.id}: the rule itself crashed: KeyError"]


def test_rules_of_the_whole_graph_see_all_resources(stub: Any) -> None:
    _configure(stub)
    one = analyzer_pb2.AnalyzerResource(urn=URN, type=DATABASE, name="db", properties=wire.to_struct(SAFE))
    told = stub.AnalyzeStack(analyzer_pb2.AnalyzeStackRequest(resources=[one])).diagnostics
    assert (
        "INF119: a database, and no vault that keeps copies of it [config: infrastructure.backups.retention_days]"
        in [hit.message for hit in told]
    )


def test_whole_graph_rules_are_silent_on_single_resources(stub: Any) -> None:
    _configure(stub)
    silent = {one.policy_name for one in _analyze(stub, TOPIC, {}).not_applicable}
    assert not {rule.META.slug for rule in rules_of_pack() if sees_whole_graph(rule)} & silent


def test_an_unknown_stack_stops_the_engine(stub: Any) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        _configure(stub, "nowhere")
    assert refused.value.details() == "no environment is named `nowhere`"  # type: ignore[attr-defined]


def test_a_refused_file_stops_the_engine_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "config" / "environments").mkdir(parents=True)
    (tmp_path / "config" / "environments" / "dev.yaml").write_text("schema: 1\n\tx: 1\n")
    context = SimpleNamespace(abort=lambda code, text: (_ for _ in ()).throw(RuntimeError(text)))
    with pytest.raises(RuntimeError, match=r"config/.*:\d+:\d+: "):
        pack.Analyzer(tmp_path).ConfigureStack(SimpleNamespace(stack="dev"), context)  # type: ignore[arg-type]
