"""`interlock backtest` as a user calls it: files in, exact numbers out, and nothing run on half a file."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
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

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capsys = capsys
        shutil.copytree(
            ROOT / "config", folder / "config", ignore=shutil.ignore_patterns("*.py", "__pycache__", "*.json")
        )
        self.bars(*BARS)

    def bars(self, *lines: str, end: str = "\n") -> None:
        (self.folder / "SIM.csv").write_text("\n".join((HEADER, *lines)) + end, encoding="utf-8")

    def signals(self, *signals: dict[str, Any], received: str = "2026-01-05T10:00:01Z") -> None:
        lines = [json.dumps({"received_at": received, "signal": signal}) for signal in signals]
        (self.folder / "signals.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def edit(self, before: str, after: str) -> None:
        path = self.folder / "config" / "environments" / "dev.yaml"
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
        return code, json.loads(said.out)["facts"] if said.out else {}


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setitem(VERBS, "backtest", ("ci.commands.backtest", ""))
    made = Desk(tmp_path, capsys)
    made.edit("name: moving_average_cross", "name: idle")
    text = (tmp_path / "config/environments/dev.yaml").read_text(encoding="utf-8")
    start, end = text.index("  parameters:"), text.index("database:")
    (tmp_path / "config/environments/dev.yaml").write_text(text[:start] + "  parameters: {}\n\n" + text[end:])
    return made


def test_the_first_vector_from_the_command_line(desk: Desk) -> None:
    desk.signals(SIGNAL)
    code, facts = desk.run()
    assert code == 0
    (trade,) = facts["trades"]
    assert (trade["entry"], trade["exit"], trade["reason"], trade["net"]) == (
        "100.00",
        "98.00",
        "SL",
        "-20.00",
    )
    assert (trade["gross"], trade["slippage"], trade["fees"], trade["ambiguous"]) == (
        "-20.00",
        "0.00",
        "0.00",
        True,
    )
    assert trade["other_net"] == "40.00"
    assert (facts["net"], facts["net_best"], facts["ambiguity_passes"]) == ("-20.00", "40.00", False)
    assert [point["equity"] for point in facts["equity"]] == ["100000.00", "99980.00", "99980.00"]
    assert len(facts["journal_hash"]) == 64


def test_the_hash_is_the_same_on_every_run(desk: Desk) -> None:
    desk.signals(SIGNAL)
    assert desk.run()[1]["journal_hash"] == desk.run()[1]["journal_hash"]


def test_a_denied_signal_is_no_failure(desk: Desk) -> None:
    desk.edit("enabled: true", "enabled: false")
    desk.signals(SIGNAL)
    code, facts = desk.run()
    assert code == 0
    assert [(row["signal_id"], row["code"], row["codes"]) for row in facts["denied"]] == [
        ("s-1", "FLAG_OFF", ["FLAG_OFF"])
    ]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"mode": "live"}, "MODE"),
        ({"take_profit_1": "99.00"}, "TARGET_WRONG_SIDE"),
        ({"created_at": "2026-01-05T11:00:01Z", "expires_at": "2026-01-05T12:00:00Z"}, "FUTURE_TIMESTAMP"),
        ({"created_at": "2026-01-05T09:58:01Z"}, "STALE"),
        ({"symbol": "NOPE"}, "UNKNOWN_SYMBOL"),
        ({"entry": "100.005"}, "OFF_TICK"),
    ],
)
def test_a_bad_signal_is_denied_with_its_code(desk: Desk, change: dict[str, Any], code: str) -> None:
    desk.signals({**SIGNAL, **change})
    assert [row["code"] for row in desk.run()[1]["denied"]] == [code]


def _malformed() -> list[Any]:
    first, second, third = BARS
    return [
        pytest.param((third, second), ":3: time 2026-01-05T10:01:00Z does not come after", id="unsorted"),
        pytest.param((first, first), ":3: time 2026-01-05T10:00:00Z does not come after", id="doubled"),
        pytest.param(
            (first.replace("100.00,1000000", "100.001,1000000"),),
            ":2: SIM: 100.001 is not on tick",
            id="off tick",
        ),
        pytest.param((second.replace("97.00", "106.00"),), ":2: open, high, low, close", id="high below low"),
        pytest.param((first.replace("100.00", "NaN"),), ":2: not a plain decimal: 'NaN'", id="NaN"),
        pytest.param((first.replace("100.00", "1e400"),), ":2: not a plain decimal: '1e400'", id="1e400"),
        pytest.param((first.replace("100.00", "9" * 400),), ":2: not a plain decimal", id="400 digits"),
        pytest.param((first.replace("100.00", "-1.00"),), ":2: price -1.00 is not above zero", id="negative"),
        pytest.param((first.replace("100.00", "0.00"),), ":2: ", id="zero"),
        pytest.param(
            (first.replace(",1000000", ","),), ":2: volume '' is no whole number", id="volume missing"
        ),
        pytest.param((first.replace(",1000000", ""),), ":2: 5 cells, wanted 6", id="cell missing"),
        pytest.param((first.replace("Z", "+00:00"),), ":2: not an RFC 3339 instant", id="offset"),
        pytest.param((first.replace("10:00:00", "23:59:60"),), ":2: ", id="leap second"),
        pytest.param((), ": no bars", id="no bars"),
    ]


@pytest.mark.parametrize(("lines", "message"), _malformed())
def test_malformed_bars_stop_before_anything_runs(desk: Desk, lines: tuple[str, ...], message: str) -> None:
    desk.bars(*lines)
    code, facts = desk.run()
    assert (code, facts) == (2, {})
    assert f"SIM.csv{message}" in desk.errors


@pytest.mark.parametrize("text", ["", "time,open\n", "\xff"])
def test_a_file_that_is_no_table_is_refused(desk: Desk, text: str) -> None:
    (desk.folder / "SIM.csv").write_bytes(text.encode("latin-1"))
    assert desk.run()[0] == 2


def test_a_cut_file_is_refused_or_told_of(desk: Desk) -> None:
    desk.bars(*BARS, end="")
    assert "the last line has no end" in desk.run()[1]["feed"]
    desk.bars(*BARS[:2], BARS[2][:30], end="")
    assert desk.run()[0] == 2


def test_volume_zero_fills_nothing(desk: Desk) -> None:
    desk.bars(BARS[0], BARS[1].replace("1000000", "0"), BARS[2].replace("1000000", "0"))
    desk.signals(SIGNAL)
    code, facts = desk.run()
    assert (code, facts["trades"], facts["open_positions"]) == (0, [], [])


@pytest.mark.parametrize("line", ["{", "[]", '{"signal": {}}', '{"received_at": "x", "signal": {}}'])
def test_malformed_signal_lines_stop_before_anything_runs(desk: Desk, line: str) -> None:
    (desk.folder / "signals.jsonl").write_text(line + "\n", encoding="utf-8")
    code, facts = desk.run()
    assert (code, facts) == (2, {})
    assert "line 1" in desk.errors


def test_a_start_state_is_taken_over(desk: Desk) -> None:
    state = {
        "cash": "99000.00",
        "start_equity": "100000.00",
        "realised_today": "0.00",
        "losing_streak": 2,
        "positions": [
            {
                "symbol": "SIM",
                "quantity": "10",
                "entry": "100.00",
                "stop_loss": "98.00",
                "take_profit_1": "104.00",
            }
        ],
        "working": [],
    }
    path = desk.folder / "state.json"
    path.write_text(json.dumps(state), encoding="utf-8")
    code, facts = desk.run("--state", str(path))
    assert code == 0
    assert [(t["exit"], t["net"]) for t in facts["trades"]] == [("98.00", "-20.00")]
    assert [trip["breaker"] for trip in facts["breakers"]] == ["CONSEC_LOSS"]
    assert facts["state"] == "REDUCING"


@pytest.mark.parametrize(
    "state",
    [
        "[]",
        '{"cash": 1.5}',
        '{"money": "1"}',
        '{"cash": "1", "cash": "2"}',
        '{"positions": [{"symbol": "SIM"}]}',
        "{",
    ],
)
def test_a_malformed_start_state_is_refused(desk: Desk, state: str) -> None:
    path = desk.folder / "state.json"
    path.write_text(state, encoding="utf-8")
    code, facts = desk.run("--state", str(path))
    assert (code, facts) == (2, {})
    assert "start state" in desk.errors


def test_two_symbols_in_one_file(desk: Desk) -> None:
    rows = [f"{line},{symbol}" for line in BARS for symbol in ("SIM", "AAPL")]
    (desk.folder / "SIM.csv").write_text("\n".join((f"{HEADER},symbol", *rows)) + "\n", encoding="utf-8")
    desk.signals(SIGNAL, {**SIGNAL, "id": "s-2", "symbol": "AAPL"})
    code, facts = desk.run()
    assert code == 0
    assert facts["bars"] == 6


def test_an_unknown_environment_is_a_usage_error(desk: Desk) -> None:
    assert (
        main(["backtest", "--env", "nope", "--bars", "generator", "--config", str(desk.folder / "config")])
        == 2
    )


def test_a_refused_config_runs_nothing(desk: Desk) -> None:
    desk.edit("tier: dev", "tier: moon")
    assert desk.run()[0] == 1


def test_people_get_a_table_and_a_summary(desk: Desk, capsys: Callable[..., Any] | Any) -> None:
    desk.signals(SIGNAL)
    words = [
        "backtest",
        "--env",
        "dev",
        "--bars",
        str(desk.folder / "SIM.csv"),
        "--config",
        str(desk.folder / "config"),
    ]
    assert main([*words, "--signals", str(desk.folder / "signals.jsonl")]) == 0
    text = capsys.readouterr().out
    assert "3 bars, 1 trades, net -20.00, 0 denied, 1 ambiguous (net -20.00 to 40.00)" in text


@pytest.mark.parametrize(("name", "start"), [("chart.png", b"\x89PNG"), ("page.html", b"<!doctype html>")])
def test_a_chart_or_a_page_is_written(desk: Desk, name: str, start: bytes) -> None:
    desk.signals(SIGNAL, {**SIGNAL, "id": "s-2", "mode": "live"})
    target = desk.folder / name
    assert desk.run("--plot", str(target))[0] == 0
    assert target.read_bytes().lower().startswith(start.lower())


def test_a_chart_nobody_can_draw_stops_before_anything_runs(desk: Desk) -> None:
    assert desk.run("--plot", str(desk.folder / "chart.gif"))[0] == 2
    assert desk.run("--plot", str(desk.folder / "nowhere" / "chart.png"))[0] == 2
