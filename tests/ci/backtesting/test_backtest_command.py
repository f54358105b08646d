"""`interlock backtest` as a user calls it: files in, exact numbers out, and nothing run on half a file."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ci.main import main


def test_the_first_vector_from_the_command_line(desk: Any) -> None:
    desk.signals(desk.signal)
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


def test_the_hash_is_the_same_on_every_run(desk: Any) -> None:
    desk.signals(desk.signal)
    assert desk.run()[1]["journal_hash"] == desk.run()[1]["journal_hash"]


def test_a_denied_signal_is_no_failure(desk: Any) -> None:
    desk.edit("enabled: true", "enabled: false")
    desk.signals(desk.signal)
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
def test_a_bad_signal_is_denied_with_its_code(desk: Any, change: dict[str, Any], code: str) -> None:
    desk.signals({**desk.signal, **change})
    assert [row["code"] for row in desk.run()[1]["denied"]] == [code]


def test_a_cut_file_is_refused_or_told_of(desk: Any) -> None:
    desk.bars(*desk.rows, end="")
    assert "the last line has no end" in desk.run()[1]["feed"]
    desk.bars(*desk.rows[:2], desk.rows[2][:30], end="")
    assert desk.run()[0] == 2


def test_volume_zero_fills_nothing(desk: Any) -> None:
    desk.bars(desk.rows[0], desk.rows[1].replace("1000000", "0"), desk.rows[2].replace("1000000", "0"))
    desk.signals(desk.signal)
    code, facts = desk.run()
    assert (code, facts["trades"], facts["open_positions"]) == (0, [], [])


def test_a_start_state_is_taken_over(desk: Any) -> None:
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


def test_two_symbols_in_one_file(desk: Any) -> None:
    rows = [f"{line},{symbol}" for line in desk.rows for symbol in ("SIM", "AAPL")]
    (desk.folder / "SIM.csv").write_text("\n".join((f"{desk.header},symbol", *rows)) + "\n", encoding="utf-8")
    desk.signals(desk.signal, {**desk.signal, "id": "s-2", "symbol": "AAPL"})
    code, facts = desk.run()
    assert code == 0
    assert facts["bars"] == 6


def test_an_unknown_environment_is_a_usage_error(desk: Any) -> None:
    assert (
        main(["backtest", "--env", "nope", "--bars", "generator", "--config", str(desk.folder / "config")])
        == 2
    )


def test_people_get_a_table_and_a_summary(desk: Any, capsys: pytest.CaptureFixture[str]) -> None:
    desk.signals(desk.signal)
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
def test_a_chart_or_a_page_is_written(desk: Any, name: str, start: bytes) -> None:
    desk.signals(desk.signal, {**desk.signal, "id": "s-2", "mode": "live"})
    target = desk.folder / name
    assert desk.run("--plot", str(target))[0] == 0
    assert target.read_bytes().lower().startswith(start.lower())


def test_a_chart_nobody_can_draw_stops_before_anything_runs(desk: Any) -> None:
    assert desk.run("--plot", str(desk.folder / "chart.gif"))[0] == 2
    assert desk.run("--plot", str(desk.folder / "nowhere" / "chart.png"))[0] == 2
