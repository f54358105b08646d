"""Programs recorded under mocks, each in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
RECORD = """
import asyncio, json, sys
from dataclasses import replace
from pathlib import Path
asyncio.set_event_loop(asyncio.new_event_loop())
import pulumi
from config.reading import load
from config.tree import FolderTree
made = []

class Mocks(pulumi.runtime.Mocks):
    def new_resource(self, args):
        made.append({"type": args.typ, "name": args.name, "inputs": {k: v for k, v in args.inputs.items()
                     if not (isinstance(v, dict) and "4dabf18193072939515e22adb298388d" in v)}})
        policies = f"arn:aws:iam::{environment.infrastructure.account_id}:policy/"
        start = policies if args.typ == "aws:iam/policy:Policy" else "arn:"
        extra = {"arn": start + args.name, "name": args.name, "keyId": args.name,
                 "outputs": {"RotationLambdaARN": "arn:f"}, "masterUserSecrets": [{"secretArn": "arn:s"}]}
        return f"id-{args.name}", {**extra, **args.inputs}

    def call(self, args):
        raise RuntimeError(f"the program asks the cloud: {args.token}")

pulumi.runtime.set_mocks(Mocks(), project="interlock", stack=sys.argv[1], preview=False)
from infra.program import Settings, build
desired = load(FolderTree(Path(sys.argv[2])))
environment = desired.environments[sys.argv[1]]
if len(sys.argv) > 3:
    environment = replace(environment, service=replace(environment.service, compute=sys.argv[3]))
settings = Settings(region="us-east-1", is_offline=True, auth_token=None, pagerduty=None)

@pulumi.runtime.test
def run():
    build(environment, desired.catalogue.alerts, settings)

run()
print(json.dumps(made))
"""


@pytest.fixture(scope="session")
def built() -> Callable[..., list[dict[str, Any]]]:
    """The resources of an environment, recorded once per arguments."""
    held: dict[tuple[str, ...], list[dict[str, Any]]] = {}

    def record(*words: str) -> list[dict[str, Any]]:
        if words not in held:
            command = [sys.executable, "-c", RECORD, words[0], str(ROOT), *words[1:]]
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
            assert done.returncode == 0, done.stderr[-2000:]
            held[words] = json.loads(done.stdout)
        return held[words]

    return record
