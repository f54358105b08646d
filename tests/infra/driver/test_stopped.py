"""A run that a signal ended: said to be stopped, never taken for an answer; a failure names its resource."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.drift import drift
from infra.driver import Driver
from infra.failures import EngineError, of_resource
from infra.workspace import Workspace

UPDATE = (
    '{"resourcePreEvent": {"metadata": {"op": "update", "urn": "urn:pulumi:dev::p::t::told", "type": "t"}}}'
)


@pytest.fixture
def driver(tmp_path: Path) -> Driver:
    """An engine that tells of one step, ends its caller, and leaves when it is interrupted itself."""
    cli = tmp_path / "pulumi"
    cli.write_text(
        f"""#!/bin/sh
[ "$1" = stack ] && {{ echo '{{"deployment": {{}}}}'; exit 0; }}
while [ $# -gt 0 ]; do [ "$1" = --event-log ] && log=$2; shift; done
echo '{UPDATE}' > "$log"
trap 'exit 255' INT
kill -TERM $PPID
while :; do sleep 0.02; done
"""
    )
    cli.chmod(0o700)
    variables = {"PATH": os.environ["PATH"]}
    workspace = Workspace(tmp_path, tmp_path, "dev", variables, is_offline=True, logs=tmp_path / "logs")
    return Driver(cli, workspace, time.monotonic)


@pytest.mark.parametrize("look", [drift, Driver.preview], ids=["drift", "preview"])
def test_look_that_was_stopped_is_no_answer(driver: Driver, look: Callable[[Driver], object]) -> None:
    with pytest.raises(EngineError) as stopped:
        look(driver)
    assert stopped.value.message == "stopped by SIGTERM"
    assert stopped.value.help == "nothing was changed; run it again"


def test_stopped_up_tells_what_it_did_and_that_it_was_stopped(driver: Driver) -> None:
    run = driver.up()
    assert (run.ok, run.stopped_by, len(run.events.steps)) == (False, "SIGTERM", 1)
    assert driver.reason(run) == "stopped by SIGTERM, after the engine had finished what it had begun"


@pytest.mark.parametrize(
    ("name", "message", "said"),
    [
        ("told", "no such zone", "told: no such zone"),
        ("told", "told is no zone", "told is no zone"),
        ("", "no disk", "no disk"),
        (
            "told",
            "error reading from server: EOF",
            "told: the provider ended in the middle of it (error reading from server: EOF)",
        ),
    ],
)
def test_failure_names_its_resource(name: str, message: str, said: str) -> None:
    assert of_resource(name, message) == said
