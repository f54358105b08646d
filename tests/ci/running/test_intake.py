"""Signals into the real engine process: every reason kept once, good ones traded once, restarts, redrive, overflow."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.intake.dead_letters import DeadLetters
from engine.intake.signal_reasons import Reason, Rejected, SignalReason
from engine.journal.scan import scan

pytestmark = pytest.mark.slow


def instant(seconds: float = 0) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def made(name: str, **changes: Any) -> dict[str, Any]:
    """A signal the engine takes, whose limit no bar reaches soon."""
    good = {
        "schema": 1,
        "id": name,
        "account_id": "ACCT-DEV-1",
        "strategy": "manual",
        "mode": "paper",
        "symbol": "SIM",
        "side": "LONG",
        "entry_type": "limit",
        "entry": "100.00",
        "stop_loss": "98.00",
        "take_profit_1": "104.00",
        "take_profit_2": None,
        "quantity": "1",
        "confidence": "0.85",
        "created_at": instant(),
        "expires_at": instant(600),
    }
    return {**good, **changes}


def text(name: str, **changes: Any) -> bytes:
    return json.dumps(made(name, **changes)).encode()


R = SignalReason
POISON: dict[SignalReason, Callable[[], bytes]] = {
    R.TOO_LARGE: lambda: text("large", strategy="x" * 65_536),
    R.NOT_UTF8: lambda: b'{"id": "\xff"}',
    R.NOT_JSON: lambda: b"{not json",
    R.NOT_AN_OBJECT: lambda: b"[1]",
    R.DUPLICATE_KEY: lambda: text("twice")[:-1] + b', "symbol": "SIM"}',
    R.UNKNOWN_KEY: lambda: text("more", rest_at_venue=True),
    R.MISSING_KEY: lambda: b'{"schema": 1}',
    R.WRONG_TYPE: lambda: text("float", entry=100.0),
    R.SCHEMA_VERSION: lambda: text("version", schema=2),
    R.BAD_NAME: lambda: text("a b"),
    R.UNKNOWN_WORD: lambda: text("word", side="UP"),
    R.NOT_A_DECIMAL: lambda: text("exponent", entry="1e2"),
    R.NOT_FINITE: lambda: text("nan", entry="NaN"),
    R.TOO_MANY_DIGITS: lambda: text("digits", entry="9" * 400),
    R.NOT_POSITIVE: lambda: text("negative", entry="-100.00"),
    R.NOT_AN_INSTANT: lambda: text("leap", created_at="2026-06-30T23:59:60Z"),
    R.CONFIDENCE_RANGE: lambda: text("confident", confidence="1.01"),
    R.WRONG_ACCOUNT: lambda: text("account", account_id="ACCT-PRD-1"),
    R.UNKNOWN_SYMBOL: lambda: text("symbol", symbol="MOON"),
    R.OFF_TICK: lambda: text("tick", entry="100.001"),
    R.STOP_WRONG_SIDE: lambda: text("stop", stop_loss="101.00"),
    R.TARGET_WRONG_SIDE: lambda: text("target", take_profit_1="99.00"),
    R.TARGETS_OUT_OF_ORDER: lambda: text("targets", take_profit_2="103.00"),
    R.STOP_TOO_CLOSE: lambda: text("close", stop_loss="99.99"),
    R.STOP_TOO_WIDE: lambda: text("wide", stop_loss="80.00", take_profit_1="140.00"),
    R.REWARD_RISK: lambda: text("reward", take_profit_1="101.00"),
    R.PRICE_COLLAR: lambda: text("collar", entry="500.00", stop_loss="490.00", take_profit_1="520.00"),
    R.FUTURE_TIMESTAMP: lambda: text("future", created_at=instant(30)),
    R.STALE: lambda: text("stale", created_at=instant(-121)),
    R.EXPIRES_BEFORE_CREATED: lambda: text("backwards", created_at=instant(-1), expires_at=instant(-2)),
    R.EXPIRED: lambda: text("expired", created_at=instant(-10), expires_at=instant(-5)),
    R.DUP_SIGNAL: lambda: text("first", quantity="2"),
}


@pytest.fixture
def inbox(town: Any) -> Path:
    file: Path = town.root / "signals.jsonl"
    file.touch()
    return file


def put(inbox: Path, *lines: bytes) -> None:
    with inbox.open("ab") as stream:
        stream.write(b"".join(line + b"\n" for line in lines))


def listed(town: Any) -> list[dict[str, Any]]:
    words = ["dead-letters", "list", "--env", "dev", "--state", str(town.local.state), "--format", "json"]
    facts: dict[str, Any] = command(town, *words)[1]["facts"]
    letters: list[dict[str, Any]] = facts["letters"]
    return letters


def command(town: Any, *words: str) -> tuple[int, dict[str, Any]]:
    done = subprocess.run(
        [*town.words(words[0])[:3], *words],
        cwd=town.root,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def records(town: Any, type_: str) -> list[dict[str, Any]]:
    content = (town.folder / "paper" / "journal").read_bytes()
    return [record.body for record in scan(content, "journal").records if record.type == type_]


def listening(town: Any, inbox: Path | str, *words: str) -> Any:
    """An engine that has seen prices and then sees a bar a second."""
    if not (town.folder / "paper" / "journal").exists():
        town.engine("--bars", "3").await_line("stopped")
    return town.engine("--pace", "20", "--until-stopped", "--signals", str(inbox), *words)


def test_every_reason_is_kept_listed_and_told(town: Any, inbox: Path) -> None:
    town.apply()
    engine = listening(town, inbox)
    engine.await_line("order", leg="E", within=40)  # a price stands
    put(inbox, text("first"))
    engine.await_line("signal", id="first")
    lines = {reason: make() for reason, make in POISON.items()}
    put(inbox, *lines.values())
    engine.await_line("dead_letter", signal_id="first")
    engine.await_line("alert")
    assert engine.process.stop() == 0
    letters = {letter["key"]: letter for letter in listed(town)}
    assert len(letters) == len(POISON)
    for letter, (reason, line) in zip(letters.values(), lines.items(), strict=True):
        codes = {each["code"] for each in letter["reasons"]}
        assert reason.value in codes, (reason, letter)
        assert (letter["count"], letter["length"]) == (1, len(line))
        assert letter["source"] == f"file:{inbox}"
        assert letter["commit"] == town.head().commits[-1]
    assert set(SignalReason) - set(POISON) == {R.WRONG_MODE}, "another mode is denied at the gate, with MODE"
    told = [line["says"] for line in engine.lines() if line["event"] == "alert"]
    assert [says for says in told if "of the signals of the last 5 minutes were refused" in says]


@pytest.mark.parametrize("mode", ["live", "shadow", "backtest"])
def test_a_signal_goes_where_it_says_or_nowhere(town: Any, inbox: Path, mode: str) -> None:
    town.apply()
    engine = listening(town, inbox)
    engine.await_line("started")
    put(inbox, text("other", mode=mode))
    denied = engine.await_line("denied", signal_id="other")
    assert denied["code"] == "MODE"
    engine.process.stop()
    assert listed(town) == []


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_a_restart_neither_repeats_nor_loses(town: Any, inbox: Path, end: int) -> None:
    town.apply()
    put(inbox, b"poison", text("waits", entry="100.00"))
    engine = listening(town, inbox)
    engine.await_line("dead_letter")
    engine.await_line("signal", id="waits")
    os.kill(engine.process._process.pid, end)
    engine.process._process.wait(20)
    put(inbox, b"poison", text("second", side="SHORT", stop_loss="102.00", take_profit_1="96.00"))
    again = listening(town, inbox)
    again.await_line("signal", id="second")
    assert [line["id"] for line in again.lines() if line["event"] == "signal"] == ["second"]
    again.process.stop()
    assert [letter["count"] for letter in listed(town)] == [2]
    assert Counter(body["id"] for body in records(town, "signal") if "source" in body) == {
        "waits": 1,
        "second": 1,
    }
    sent = Counter(body["id"] for body in records(town, "sending") if body.get("leg", "E") == "E")
    assert all(count == 1 for count in sent.values())


def test_a_letter_is_redriven_into_the_running_engine(town: Any, inbox: Path) -> None:
    town.apply()
    engine = listening(town, inbox)
    engine.await_line("order", leg="E", within=40)
    put(inbox, text("far", entry="500.00", stop_loss="490.00", take_profit_1="520.00"))
    key = engine.await_line("dead_letter")["key"]
    words = ["dead-letters", "redrive", key[:12], "--env", "dev", "--state", str(town.local.state)]
    by = ["--operator", "ann", "--reason", "the collar was wrong", "--to", str(inbox), "--format", "json"]
    code, answer = command(town, *words, *by)
    assert (code, answer["facts"]["id"]) == (0, "far.r1"), answer
    again = engine.await_line("dead_letter", signal_id="far.r1")
    assert again["codes"] == ["PRICE_COLLAR"], "the engine judges it once more, by its own prices"
    engine.process.stop()
    assert [letter["redriven"] for letter in listed(town)] == [["far.r1"], []]


def test_standard_input_is_a_source_and_its_end_is_no_end(town: Any) -> None:
    town.apply()
    town.engine("--bars", "3").await_line("stopped")
    words = town.words("engine", "--feed", "generated", "--pace", "20", "--bars", "40", "--signals", "-")
    done = subprocess.run(
        words,
        cwd=town.root,
        input=b"poison\n" + text("piped"),
        capture_output=True,
        timeout=60,
        check=False,
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    told = {line["event"]: line for line in lines}
    assert (told["signal"]["id"], told["dead_letter"]["codes"]) == ("piped", ["NOT_JSON"])
    assert (told["stopped"]["exit_code"], told["stopped"]["signals"]) == (0, 2)
    assert told["signal"]["source"].startswith("stdin:")


def test_no_room_for_a_refused_signal_halts_and_leaves_it_unread(town: Any, inbox: Path) -> None:
    town.apply()
    folder = town.folder / "dead-letters"
    folder.mkdir(parents=True)
    fill(folder)
    engine = listening(town, inbox)
    engine.await_line("started")
    put(inbox, *(b"%d" % number + b"x" * 60_000 for number in range(200)), text("behind"))
    stopped = engine.await_line("signals_stopped", within=40)
    assert stopped["reason"].startswith("signals are not taken any more")
    assert engine.process.stop() == 1
    ended = engine.await_line("stopped")
    assert (ended["exit_code"], ended["state"]) == (1, "HALTED")
    assert "files of dead letters are full" in ended["stands"]
    kept = [letter for letter in listed(town) if letter["source"].startswith("file:")]
    assert 0 < len(kept) < 200
    assert len(records(town, "dlq")) == len(kept)
    assert "behind" not in {body["id"] for body in records(town, "signal")}


def fill(folder: Path) -> None:
    """Seven full files, as a month of poison would leave them."""
    store = DeadLetters.open(folder, segment_bytes=700, segments=8)
    reasons = Rejected((Reason(R.NOT_JSON, "", "no"),), "", None)
    for number in range(16):
        store.add(b"old-%d" % number, reasons, at=number, source="queue", offset=str(number), commit="c")
    assert len(list(folder.glob("*.journal"))) == 8
    store.close()


@pytest.mark.parametrize(
    ("name", "says"),
    [("nowhere/signals.jsonl", "is no folder"), (".", "is no file"), ("pipe", "is no file")],
)
def test_a_source_that_is_none_is_a_usage_error(town: Any, name: str, says: str) -> None:
    os.mkfifo(town.root / "pipe")
    words = town.words("engine", "--feed", "generated", "--signals", name)
    done = subprocess.run(words, cwd=town.root, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, says in done.stderr) == (2, True), done.stderr


def test_letters_that_are_damaged_refuse_the_start(town: Any, inbox: Path) -> None:
    town.apply()
    folder = town.folder / "dead-letters"
    folder.mkdir(parents=True)
    fill(folder)
    first = folder / "dead-letters-0001.journal"
    damaged = bytearray(first.read_bytes())
    damaged[40] ^= 1
    first.write_bytes(damaged)
    words = town.words("engine", "--feed", "generated", "--signals", str(inbox))
    done = subprocess.run(words, cwd=town.root, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, "the dead letters in" in done.stderr) == (78, True), done.stderr
