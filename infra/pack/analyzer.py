"""The engine's analyzer protocol over the resource rules."""

# ruff: noqa: N802  (the protocol's own method names)
from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import empty_pb2  # type: ignore[import-untyped]
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc, plugin_pb2

from config.findings import Refused
from config.reading import load
from config.tree import FolderTree
from infra import wire
from infra.approved import approved
from infra.pack.judging import (
    Violation,
    applies,
    judge,
    resource,
    rules_of_pack,
    sees_whole_graph,
    sentence,
)
from policies.inputs import Resource, State, state_of
from policies.rule import Rule

NAME = "interlock"
VERSION = "0.1.0"
_NO_CLOCK = datetime(2000, 1, 1, tzinfo=UTC)  # no resource rule looks at the time


class Analyzer(analyzer_pb2_grpc.AnalyzerServicer):
    """One pack for one stack; the environment's file says what its tier asks for."""

    def __init__(self, tree: Path) -> None:
        self._tree = tree
        self._state: State | None = None
        self._approved: frozenset[str] = frozenset()
        self._rules = rules_of_pack()

    def Handshake(self, request: Any, context: grpc.ServicerContext) -> Any:
        return analyzer_pb2.AnalyzerHandshakeResponse()

    def GetPluginInfo(self, request: Any, context: grpc.ServicerContext) -> Any:
        return plugin_pb2.PluginInfo(version=VERSION)

    def GetAnalyzerInfo(self, request: Any, context: grpc.ServicerContext) -> Any:
        return analyzer_pb2.AnalyzerInfo(
            name=NAME, displayName="Interlock", version=VERSION, policies=[_info(one) for one in self._rules]
        )

    def Configure(self, request: Any, context: grpc.ServicerContext) -> Any:
        return empty_pb2.Empty()

    def ConfigureStack(self, request: Any, context: grpc.ServicerContext) -> Any:
        desired = load(FolderTree(self._tree))
        if isinstance(desired, Refused):
            first = desired.findings[0]
            context.abort(
                grpc.StatusCode.FAILED_PRECONDITION,
                f"{first.span.file}:{first.span.line}:{first.span.column}: {first.message}",
            )
        elif request.stack not in desired.environments:
            context.abort(grpc.StatusCode.NOT_FOUND, f"no environment is named `{request.stack}`")
        elif isinstance(lifted := approved(self._tree, request.stack), str):
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, lifted)
        else:
            environment = desired.environments[request.stack]
            self._state = state_of(request.stack, environment, desired.catalogue, _NO_CLOCK)
            self._approved = lifted
        return analyzer_pb2.AnalyzerStackConfigureResponse()

    def Analyze(self, request: Any, context: grpc.ServicerContext) -> Any:
        found = resource(
            request.urn,
            request.type,
            wire.from_struct(request.properties),
            protect=request.options.protect,
        )
        return self._answer([one for one in self._rules if not sees_whole_graph(one)], [found])

    def AnalyzeStack(self, request: Any, context: grpc.ServicerContext) -> Any:
        found = [
            resource(one.urn, one.type, wire.from_struct(one.properties), protect=one.options.protect)
            for one in request.resources
        ]
        return self._answer([one for one in self._rules if sees_whole_graph(one)], found)

    def Cancel(self, request: Any, context: grpc.ServicerContext) -> Any:
        return empty_pb2.Empty()

    def _answer(self, rules: Iterable[Rule], planned: Sequence[Resource]) -> Any:
        if self._state is None:
            raise RuntimeError("the engine asked before it configured the stack")
        diagnostics, silent = [], []
        for rule in rules:
            if applies(rule, self._state, (one.type for one in planned)):
                diagnostics += [_diagnostic(hit) for hit in judge(rule, self._state, planned, self._approved)]
            else:
                silent.append(rule)
        return analyzer_pb2.AnalyzeResponse(
            diagnostics=diagnostics,
            not_applicable=[
                analyzer_pb2.PolicyNotApplicable(policy_name=one.META.slug, reason="nothing of its types")
                for one in silent
            ],
        )


def _info(rule: Rule) -> Any:
    whole = sees_whole_graph(rule)
    return analyzer_pb2.PolicyInfo(
        name=rule.META.slug,
        displayName=f"{rule.META.id} {rule.META.title}",
        description=rule.META.fix,
        enforcementLevel=analyzer_pb2.MANDATORY,
        policy_type=analyzer_pb2.POLICY_TYPE_STACK if whole else analyzer_pb2.POLICY_TYPE_RESOURCE,
    )


def _diagnostic(violation: Violation) -> Any:
    return analyzer_pb2.AnalyzeDiagnostic(
        policyName=violation.rule.META.slug,
        policyPackName=NAME,
        policyPackVersion=VERSION,
        description=violation.rule.META.title,
        message=sentence(violation),
        enforcementLevel=analyzer_pb2.MANDATORY,
        urn=violation.urn,
    )
