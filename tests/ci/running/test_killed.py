"""KILLED ends by a merged record that names it and by nothing else: no lost file, no wiped Redis, no clean start."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

pytestmark = pytest.mark.slow
RELEASE = """  - environment: dev
    epoch: {epoch}
    person: ann
    approver: null
    reason: "looked at and understood"
    scope: {scope}
    day: "2026-11-20"
"""


def killed(town: Any) -> int:
    """A clean run, killed by its file, and then everything but the journal lost its memory of that; the epoch."""
    town.apply()
    engine = town.engine()
    engine.await_line("order", leg="E")
    words = [*town.words("kill"), "--reason", "drill", "--format", "json"]
    done = subprocess.run(words, cwd=town.root, check=True, capture_output=True, timeout=30)
    epoch = int(json.loads(done.stdout)["facts"]["epoch"])
    engine.await_line("killed", epoch=epoch)
    assert engine.process.stop() == 1
    (town.folder / "kill.json").unlink()
    (town.folder / "trip").unlink()
    town.redis.delete("ff:{dev}:kill")
    return epoch


def release(town: Any, epoch: int, scope: str = "global") -> None:
    file = town.root / "config" / "records" / "releases.yaml"
    entry = RELEASE.format(epoch=epoch, scope=scope)
    file.write_text(file.read_text().replace("releases: []\n", "releases:\n" + entry))
    town.commit("release a kill")
    town.apply()


def test_a_kill_only_the_journal_remembers_stands(town: Any) -> None:
    epoch = killed(town)
    engine = town.engine()
    closed = engine.await_line("latch_closed", by="journal")
    assert closed["epoch"] == epoch
    assert engine.await_line("started")["state"] == "KILLED"
    assert engine.await_line("denied")["code"] == "STATE"
    engine.process.stop()
    again = town.engine()
    assert again.await_line("started")["state"] == "KILLED"


@pytest.mark.parametrize(
    ("behind", "scope", "state"),
    [
        (0, "global", "ACTIVE"),
        (1, "global", "KILLED"),
        (0, "account:OTHER", "KILLED"),
        (0, "flag:paper_trading_enabled", "KILLED"),
    ],
)
def test_it_ends_by_a_record_that_names_it(town: Any, behind: int, scope: str, state: str) -> None:
    epoch = killed(town)
    if behind:
        town.store().raise_kill("global", floor=epoch, by="ann", reason="another")
        assert town.engine("--bars", "5").await_line("stopped")["state"] == "KILLED"
    release(town, epoch, scope)
    engine = town.engine("--bars", "5")
    started = engine.await_line("started")
    assert started["state"] == state, "\n".join(map(str, engine.lines()))
