"""The engine's provider protocol, answered from the JSON cloud.

Emulates four things of the real provider and nothing else: default tags, plausible outputs, replacement by table, and
the exclusive list of a security group's rules.
"""

# ruff: noqa: N802  (the protocol's own method names)
from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping
from typing import Any

import grpc
from google.protobuf import empty_pb2  # type: ignore[import-untyped]
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from infra import wire
from infra.facts.sizes import unknown_size
from infra.offline.answers import PREFIXES, Place, outputs
from infra.offline.cloud import Cloud, unveiled
from infra.offline.diff import Difference, differences
from infra.offline.exclusive import EXCLUSIVE, held_rules, without_strangers
from policies.aws_tags import TAGGABLE

VERSION = "7.51.1"
_KINDS = {
    ("add", False): provider_pb2.PropertyDiff.ADD,
    ("add", True): provider_pb2.PropertyDiff.ADD_REPLACE,
    ("delete", False): provider_pb2.PropertyDiff.DELETE,
    ("delete", True): provider_pb2.PropertyDiff.DELETE_REPLACE,
    ("update", False): provider_pb2.PropertyDiff.UPDATE,
    ("update", True): provider_pb2.PropertyDiff.UPDATE_REPLACE,
}


class OfflineProvider(provider_pb2_grpc.ResourceProviderServicer):
    """One configured `aws` provider; every method is one call of the engine."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._place = Place("000000000000", "us-east-1")
        self._default_tags: dict[str, str] = {}
        self._cancelled = threading.Event()

    def Handshake(self, request: Any, context: grpc.ServicerContext) -> Any:
        return provider_pb2.ProviderHandshakeResponse(
            accept_secrets=True, accept_resources=True, accept_outputs=False
        )

    def GetPluginInfo(self, request: Any, context: grpc.ServicerContext) -> Any:
        return plugin_pb2.PluginInfo(version=VERSION)

    def CheckConfig(self, request: Any, context: grpc.ServicerContext) -> Any:
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: grpc.ServicerContext) -> Any:
        """New settings are taken over in place; a provider that says "nothing" would keep the old ones."""
        before = wire.from_struct(request.old_inputs if request.HasField("old_inputs") else request.olds)
        changed = sorted({_top(one) for one in differences("", before, wire.from_struct(request.news))})
        some, none = provider_pb2.DiffResponse.DIFF_SOME, provider_pb2.DiffResponse.DIFF_NONE
        return provider_pb2.DiffResponse(changes=some if changed else none, diffs=changed)

    def Configure(self, request: Any, context: grpc.ServicerContext) -> Any:
        args = {key: _decoded(value) for key, value in wire.from_struct(request.args).items()}
        accounts = args.get("allowedAccountIds") or ["000000000000"]
        self._place = Place(str(accounts[0]), str(args.get("region", "us-east-1")))
        self._default_tags = dict((args.get("defaultTags") or {}).get("tags") or {})
        return provider_pb2.ConfigureResponse(
            acceptSecrets=True, supportsPreview=True, acceptResources=True, acceptOutputs=False
        )

    def Check(self, request: Any, context: grpc.ServicerContext) -> Any:
        inputs, type_ = wire.from_struct(request.news), _type(request.urn)
        if type_ in TAGGABLE and self._default_tags:
            inputs["tags"] = {**self._default_tags, **(inputs.get("tags") or {})}
        failures = [
            provider_pb2.CheckFailure(property=name, reason=reason)
            for name, reason in unknown_size(type_, inputs)
        ]
        return provider_pb2.CheckResponse(inputs=wire.to_struct(inputs), failures=failures)

    def Diff(self, request: Any, context: grpc.ServicerContext) -> Any:
        before = wire.from_struct(request.old_inputs or request.olds)
        found = differences(_type(request.urn), before, wire.from_struct(request.news))
        return provider_pb2.DiffResponse(
            changes=provider_pb2.DiffResponse.DIFF_SOME if found else provider_pb2.DiffResponse.DIFF_NONE,
            replaces=sorted({_top(one) for one in found if one.replaces}),
            diffs=sorted({_top(one) for one in found}),
            detailedDiff={
                one.path: provider_pb2.PropertyDiff(kind=_KINDS[one.kind, one.replaces], inputDiff=True)
                for one in found
            },
            hasDetailedDiff=True,
        )

    def Create(self, request: Any, context: grpc.ServicerContext) -> Any:
        inputs, type_ = wire.from_struct(request.properties), _type(request.urn)
        if request.preview:
            return provider_pb2.CreateResponse(properties=wire.to_struct(inputs))
        self._suffer(request.urn, context)
        physical_id, made = self._cloud.create(
            type_,
            request.urn,
            PREFIXES.get(type_, "offline-"),
            lambda name: outputs(type_, name, inputs, self._place),
        )
        self._take_out_strangers(type_, inputs)
        return provider_pb2.CreateResponse(id=physical_id, properties=wire.to_struct(made))

    def Read(self, request: Any, context: grpc.ServicerContext) -> Any:
        held = self._cloud.resource(request.id)
        if held is None:
            return provider_pb2.ReadResponse(id="")
        known = {**wire.from_struct(request.inputs), **wire.from_struct(request.properties)}
        found = unveiled(held["properties"], known)
        if held["type"] == EXCLUSIVE:
            found |= held_rules(self._cloud.resources(), found)
        inputs = {key: value for key, value in found.items() if key in wire.from_struct(request.inputs)}
        return provider_pb2.ReadResponse(
            id=request.id, properties=wire.to_struct(found), inputs=wire.to_struct(inputs)
        )

    def Update(self, request: Any, context: grpc.ServicerContext) -> Any:
        inputs, type_ = wire.from_struct(request.news), _type(request.urn)
        made = {**wire.from_struct(request.olds), **inputs}
        gone = [key for key in wire.from_struct(request.old_inputs) if key not in inputs]
        kept = {key: value for key, value in made.items() if key not in gone}
        if "tags" in kept:
            kept["tagsAll"] = kept["tags"]
        if not request.preview:
            self._suffer(request.urn, context)
            self._cloud.keep(request.id, type_, request.urn, kept)
            self._take_out_strangers(type_, kept)
        return provider_pb2.UpdateResponse(properties=wire.to_struct(kept))

    def Delete(self, request: Any, context: grpc.ServicerContext) -> Any:
        if wire.from_struct(request.properties).get("deletionProtection") is True:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, f"{request.id} has deletion protection")
        self._suffer(request.urn, context)
        self._cloud.remove(request.id)
        return empty_pb2.Empty()

    def Invoke(self, request: Any, context: grpc.ServicerContext) -> Any:
        context.abort(
            grpc.StatusCode.UNIMPLEMENTED,
            f"{request.tok}: no answer is recorded offline; state the fact in config/environments instead",
        )

    def Cancel(self, request: Any, context: grpc.ServicerContext) -> Any:
        self._cancelled.set()
        return empty_pb2.Empty()

    def _take_out_strangers(self, type_: str, properties: Mapping[str, Any]) -> None:
        if type_ == EXCLUSIVE:
            self._cloud.change(lambda resources: without_strangers(resources, properties))

    def _suffer(self, urn: str, context: grpc.ServicerContext) -> None:
        """Go wrong as the cloud file asks: for tests and drills."""
        fault = self._cloud.fault(urn)
        if fault == "fail":
            context.abort(
                grpc.StatusCode.UNAVAILABLE, f"{urn.rsplit('::', 1)[-1]}: told to fail by the offline cloud"
            )
        if fault == "hang":
            self._cancelled.wait()
            context.abort(grpc.StatusCode.CANCELLED, "cancelled while hanging")
        if fault == "crash":
            os._exit(70)


def _type(urn: str) -> str:
    """`aws:rds/instance:Instance` out of a URN."""
    return urn.split("::")[2].rsplit("$", 1)[-1]


def _top(one: Difference) -> str:
    return one.path.split(".", 1)[0].split("[", 1)[0]


def _decoded(value: Any) -> Any:
    """Nested provider settings arrive as JSON texts."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def by_type(resources: Mapping[str, Any]) -> dict[str, int]:
    """How many resources of each type a cloud file holds."""
    counts: dict[str, int] = {}
    for held in resources.values():
        counts[held["type"]] = counts.get(held["type"], 0) + 1
    return counts
