"""04-engine 8.17: the journal hash is the same on every run and machine, whatever surrounds the process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

SURROUNDINGS = (
    {"PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C"},
    {"PYTHONHASHSEED": "1", "TZ": "Asia/Kolkata", "LC_ALL": "C.UTF-8", "PYTHONOPTIMIZE": "2"},
    {"PYTHONHASHSEED": "4294967295", "TZ": "America/New_York", "LC_ALL": "de_DE.UTF-8", "PYTHONUTF8": "0"},
)


def _answer(desk: Any, folder: Path, surroundings: dict[str, str]) -> dict[str, Any]:
    words = ["--env", "dev", "--bars", "SIM.csv", "--signals", "signals.jsonl", "--format", "json"]
    folder.mkdir()
    for name in ("SIM.csv", "signals.jsonl"):
        (folder / name).symlink_to(desk.folder / name)
    done = subprocess.run(
        [sys.executable, "-m", "ci.main", "backtest", "--config", str(desk.folder / "config"), *words],
        cwd=folder,
        env={**os.environ, **surroundings, "PYTHONPATH": str(Path(__file__).parents[3])},
        capture_output=True,
        check=True,
        timeout=60,
    )
    facts: dict[str, Any] = json.loads(done.stdout)["facts"]
    return facts


def test_nothing_around_the_process_changes_the_outcome(desk: Any, tmp_path: Path) -> None:
    desk.edit("allow_short: false", "allow_short: true")
    second = {**desk.signal, "id": "s-2", "side": "SHORT", "stop_loss": "102.00", "take_profit_1": "96.00"}
    desk.signals(desk.signal, second, {**desk.signal, "id": "s-3", "mode": "live"})
    found = [
        _answer(desk, tmp_path / f"place-{number}", surroundings)
        for number, surroundings in enumerate(SURROUNDINGS)
    ]
    assert len({facts["journal_hash"] for facts in found}) == 1
    assert found[0] == found[1] == found[2]
    assert (found[0]["trade_count"], found[0]["denied_count"]) == (1, 1)
