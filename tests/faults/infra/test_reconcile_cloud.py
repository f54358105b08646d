"""What reconcile says when its cloud is in trouble: one sentence, an exit code of the house, nothing lost."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ci.delivery.errors import GateFailedError
from ci.delivery.stack import StackCloud
from ci.errors import UnreachableError

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
ROLE = "interlock-dev-ci-deploy"
MakeBench = Callable[..., Any]
Change = Callable[[str, str, str], None]


@pytest.mark.parametrize("fault", ["crash", "fail"])
def test_broken_provider_keeps_the_target_back_and_loses_nothing(bench: MakeBench, fault: str) -> None:
    dev = bench()
    dev.suffer(ROLE, fault)
    cloud = StackCloud(dev.driver, lambda run: ())
    with pytest.raises(GateFailedError) as refused:
        cloud.up()
    why = {
        "fail": "told to fail by the offline cloud",
        "crash": "the provider ended in the middle of it (error",
    }[fault]
    assert refused.value.message.startswith(f"the cloud was not brought up: {ROLE}: {why}")
    assert len(refused.value.message.splitlines()) == 1
    assert "Traceback" not in refused.value.message
    assert "the target alone was not published; log: " in refused.value.help
    dev.suffer(ROLE, "")
    pending = dev.driver.export()["deployment"].get("pending_operations")
    if not pending:
        assert cloud.up().endswith("resources changed")
        assert cloud.look().differs == ()


def test_stack_never_made_is_one_difference(bench: MakeBench) -> None:
    dev = bench()
    dev.driver._plain(["stack", "rm", "--yes", "--stack", "dev", "--preserve-config"])
    (one,) = StackCloud(dev.driver, lambda run: ()).look().differs
    assert (one.urn, one.what, one.expected, one.found) == ("dev", "create", "a stack", "not made")


def test_raising_program_is_told_with_its_line(bench: MakeBench, tree: Path, change: Change) -> None:
    change("config/environments/dev.yaml", "  compute: local\n", "  compute: cloud9\n")
    with pytest.raises((UnreachableError, GateFailedError)) as refused:
        StackCloud(bench("dev", tree).driver, lambda run: ()).look()
    assert re.match(
        r"(infra/entry\.py:\d+: RefusedConfigurationError: )?config/environments/dev\.yaml:\d+",
        refused.value.message,
    )
    assert "Traceback" not in refused.value.message
