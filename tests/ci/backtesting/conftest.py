"""A desk for `interlock backtest`: an idle strategy, three bars in which a long entry loses, one good signal."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from ci.commands.registry import VERBS
from ci.main import main

ROOT = Path(__file__).parents[3]
HEADER = "time,open,high,low,close,volume"
BARS = [
    "2026-01-05T10:00:00Z,100.00,100.00,100.00,100.00,1000000",
    "2026-01-05T10:01:00Z,100.00,105.00,97.00,101.00,1000000",
    "2026-01-05T10:02:00Z,101.00,101.00,101.00,101.00,1000000",
]
SIGNAL = {
    "schema": 1,
    "id": "s-1",
    "account_id": "ACCT-DEV-1",
    "strategy": "manual",
    "mode": "backtest",
    "symbol": "SIM",
    "side": "LONG",
    "entry_type": "market",
    "entry": "100.00",
    "stop_loss": "98.00",
    "take_profit_1": "104.00",
    "take_profit_2": None,
    "quantity": "10",
    "confidence": "0.85",
    "created_at": "2026-01-05T10:00:00Z",
    "expires_at": "2026-01-05T11:00:00Z",
}


class Desk:
    """A config tree, bars and signals in a folder of their own."""

    header, rows, signal = HEADER, BARS, SIGNAL
    errors = ""
    findings: tuple[dict[str, Any], ...] = ()

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capsys = capsys
        shutil.copytree(
            ROOT / "config", folder / "config", ignore=shutil.ignore_patterns("*.py", "__pycache__", "*.json")
        )
        self.bars(*BARS)

    def bars(self, *lines: str, end: str = "\n") -> None:
        (self.folder / "SIM.csv").write_text("\n".join((HEADER, *lines)) + end, encoding="utf-8")

    def raw_bars(self, data: bytes) -> None:
        (self.folder / "SIM.csv").write_bytes(data)

    def raw_signals(self, data: bytes) -> None:
        (self.folder / "signals.jsonl").write_bytes(data)

    def state(self, data: str | bytes) -> str:
        path = self.folder / "state.json"
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return str(path)

    def signals(self, *signals: dict[str, Any], received: str = "2026-01-05T10:00:01Z") -> None:
        lines = [json.dumps({"received_at": received, "signal": signal}) for signal in signals]
        (self.folder / "signals.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def edit(self, before: str, after: str) -> None:
        self.edit_file("environments/dev.yaml", before, after)

    def edit_file(self, name: str, before: str, after: str) -> None:
        path = self.folder / "config" / name
        text = path.read_text(encoding="utf-8")
        assert before in text
        path.write_text(text.replace(before, after), encoding="utf-8")

    def run(self, *more: str) -> tuple[int, dict[str, Any]]:
        words = [
            "backtest",
            "--env",
            "dev",
            "--bars",
            str(self.folder / "SIM.csv"),
            "--config",
            str(self.folder / "config"),
        ]
        if (self.folder / "signals.jsonl").exists():
            words += ["--signals", str(self.folder / "signals.jsonl")]
        code = main([*words, "--format", "json", *more])
        said = self._capsys.readouterr()
        self.errors = said.err
        document = json.loads(said.out) if said.out else {}
        self.findings = document.get("findings", [])
        return code, document.get("facts", {})


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setitem(VERBS, "backtest", ("ci.commands.backtest", ""))
    made = Desk(tmp_path, capsys)
    made.edit("name: moving_average_cross", "name: idle")
    text = (tmp_path / "config/environments/dev.yaml").read_text(encoding="utf-8")
    start, end = text.index("  parameters:"), text.index("database:")
    (tmp_path / "config/environments/dev.yaml").write_text(text[:start] + "  parameters: {}\n\n" + text[end:])
    return made
