"""`interlock report` and `interlock dead-letters` on a real journal and store, in a real checkout."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ci.git import Repository
from ci.main import main
from engine.clock import SECOND, micros, parse_stamp, stamp
from engine.intake.dead_letters import DeadLetters
from engine.intake.signal_reasons import Reason, Rejected, SignalReason
from engine.journal.file import FileJournal, Identity

ROOT = Path(__file__).resolve().parents[3]
AT = parse_stamp("2026-11-20T14:30:00Z")
Answer = tuple[int, dict[str, Any]]
Ask = Callable[..., Answer]


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """State of a checkout that holds this tree's config; the checkout is the current folder."""
    repository = Repository.create(tmp_path / "checkout", "main")
    for file in (ROOT / "config").rglob("*.yaml"):
        there = tmp_path / "checkout" / file.relative_to(ROOT)
        there.parent.mkdir(parents=True, exist_ok=True)
        there.write_text(file.read_text())
    repository.commit_paths(["config"], "Begin", "Test <test@example.com>")
    monkeypatch.chdir(tmp_path / "checkout")
    return tmp_path / "state"


@pytest.fixture
def ask(state: Path, capsys: pytest.CaptureFixture[str]) -> Ask:
    def run(*words: str) -> Answer:
        code = main([*words, "--env", "dev", "--state", str(state), "--format", "json"])
        said = capsys.readouterr()
        return code, json.loads(said.out) if said.out else {"error": said.err}

    return run


def _order(order_id: str, leg: str, side: str, signal_id: str) -> dict[str, Any]:
    return {
        "id": order_id,
        "leg": leg,
        "symbol": "SIM",
        "side": side,
        "quantity": 10,
        "signal_id": signal_id,
        "strategy": "test",
        "mode": "paper",
        "commit": "c0ffee",
    }


def _fill(order_id: str, price: str, at: int, **more: Any) -> dict[str, Any]:
    body = {"id": order_id, "execution": f"x-{order_id}", "quantity": 10, "price": price, "fee": "0.00"}
    return {**body, "slippage": 0, "time": at, **more}


def write_journal(path: Path, exits: dict[str, str], letter: str = "P", **last: Any) -> Path:
    """One trade a signal, in at 100.00 and out at the price given."""
    mode = {"P": "paper", "L": "live"}[letter]
    journal = FileJournal.open(path, Identity("dev", mode, "ACCT-DEV-1"), AT)
    journal.append(AT, "session", {"day": "2026-11-20", "equity": "100000.00", "peak": "100000.00"})
    for turn, (signal_id, price) in enumerate(exits.items()):
        at = AT + turn * 86_400 * SECOND
        entry, leaving = f"{letter}DEV-E{turn}", f"{letter}DEV-X{turn}"
        journal.append(at, "signal", {"id": signal_id, "symbol": "SIM", "side": "LONG"})
        journal.append(at, "intent", _order(entry, "E", "BUY", signal_id))
        journal.append(at, "sending", {"id": entry})
        journal.append(at, "fill", _fill(entry, "100.00", at))
        journal.append(at, "sending", _order(leaving, "X", "SELL", signal_id))
        journal.append(at, "fill", _fill(leaving, price, at, **last))
    journal.close()
    return path


def test_the_daily_report_tells_each_day(state: Path, ask: Ask) -> None:
    write_journal(state / "dev" / "engine" / "paper" / "journal", {"a": "101.00", "b": "99.50"})
    code, answer = ask("report", "daily")
    assert code == 0
    days = answer["facts"]["days"]
    assert [(day["day"], day["trades"], day["net"]) for day in days] == [
        ("2026-11-20", 1, "10.00"),
        ("2026-11-21", 1, "-5.00"),
    ]
    assert answer["summary"] == "2 day(s), 2 trades, net 5.00 USD"
    assert answer["facts"]["commit"] == "c0ffee"


def test_an_ambiguous_profit_is_refused(state: Path, ask: Ask) -> None:
    write_journal(state / "dev" / "engine" / "paper" / "journal", {"a": "98.00"}, alternative="104.00")
    code, answer = ask("report", "ambiguity")
    assert code == 1
    assert (answer["facts"]["net_worst"], answer["facts"]["net_best"]) == ("-20.00", "40.00")


@pytest.mark.parametrize(("ticks", "code"), [(9, 0), (10, 1)])
def test_slippage_is_held_against_its_bound(state: Path, ask: Ask, ticks: int, code: int) -> None:
    path = state / "dev" / "engine" / "paper" / "journal"
    write_journal(path, {"a": "100.00"}, slippage=2 * ticks)  # 10 units at 100.00, in and out: 2,000.00
    found, answer = ask("report", "slippage")
    assert found == code
    assert answer["facts"]["symbols"][0]["share"] == {9: "0.0900 %", 10: "0.1000 %"}[ticks]


@pytest.mark.parametrize(("live", "code"), [({"a": "110.00"}, 0), ({"a": "109.00"}, 1), ({"b": "110.00"}, 1)])
def test_paper_is_held_against_live(state: Path, ask: Ask, live: dict[str, str], code: int) -> None:
    write_journal(state / "dev" / "engine" / "paper" / "journal", {"a": "111.00"})
    other = write_journal(state / "other" / "journal", live, letter="L")
    found, answer = ask("report", "paper-vs-live", "--against", str(other))
    assert found == code
    total = sum(Decimal(part) for part in answer["facts"]["attribution"].values())
    assert total == Decimal(answer["facts"]["difference"])


def test_the_run_can_be_written_as_a_page(state: Path, ask: Ask) -> None:
    write_journal(state / "dev" / "engine" / "paper" / "journal", {"a": "101.00"})
    assert ask("report", "daily", "--write", "run.html")[0] == 0
    assert "<title>paper in dev</title>" in Path("run.html").read_text()
    code, answer = ask("report", "daily", "--write", "run.pdf")
    assert (code, "ends in .png or .html" in answer["error"]) == (2, True)


def test_text_is_for_people(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_journal(state / "dev" / "engine" / "paper" / "journal", {"a": "101.00"})
    assert main(["report", "daily", "--env", "dev", "--state", str(state)]) == 0
    said = capsys.readouterr().out
    assert "2026-11-20" in said
    assert "1 day(s), 1 trades, net 10.00 USD" in said


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("report", "daily"), "0 journals below"),
        (("report", "daily", "--journal", "nowhere"), "No such file or directory"),
        (("report", "paper-vs-live"), "--against belongs to"),
        (("report", "daily", "--against", "x"), "--against belongs to"),
    ],
)
def test_what_cannot_be_reported_is_a_usage_error(ask: Ask, words: tuple[str, ...], says: str) -> None:
    code, answer = ask(*words)
    assert code == 2
    assert says in answer["error"]


def test_an_unknown_environment_is_a_usage_error(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "daily", "--env", "moon", "--state", str(state)]) == 2
    assert "HEAD declares no `moon`" in capsys.readouterr().err


def test_a_broken_head_is_a_usage_error(state: Path, ask: Ask) -> None:
    Path("config/flags.yaml").write_text("schema: 1\n")
    Repository.discover(Path.cwd()).commit_paths(["config"], "Break", "Test <test@example.com>")
    code, answer = ask("report", "daily")
    assert code == 2
    assert "HEAD cannot be read: missing key" in answer["error"]


def test_a_page_needs_a_folder_to_stand_in(state: Path, ask: Ask) -> None:
    write_journal(state / "dev" / "engine" / "paper" / "journal", {"a": "101.00"})
    code, answer = ask("report", "daily", "--write", "nowhere/run.html")
    assert code == 2
    assert "No such file or directory" in answer["error"]


def test_a_damaged_journal_is_not_reported_on(state: Path, ask: Ask) -> None:
    path = write_journal(state / "dev" / "engine" / "paper" / "journal", {"a": "101.00"})
    content = bytearray(path.read_bytes())
    content[200] ^= 1
    path.write_bytes(content)
    code, answer = ask("report", "daily")
    assert code == 2
    assert "cannot be reported on" in answer["error"]


def _signal(created_at: datetime, **changes: Any) -> bytes:
    at = micros(created_at)
    document = {
        "schema": 1,
        "id": "sig-1",
        "account_id": "ACCT-DEV-1",
        "strategy": "test",
        "mode": "paper",
        "symbol": "SIM",
        "side": "LONG",
        "entry_type": "market",
        "entry": "100.00",
        "stop_loss": "98.00",
        "take_profit_1": "104.00",
        "take_profit_2": None,
        "quantity": None,
        "confidence": "0.85",
        "created_at": stamp(at - at % SECOND),
        "expires_at": stamp(at - at % SECOND + 3600 * SECOND),
        **changes,
    }
    return json.dumps(document).encode()


def bury(state: Path, payload: bytes) -> str:
    store = DeadLetters.open(state / "dev" / "engine" / "dead-letters")
    why = Rejected((Reason(SignalReason.DUP_SIGNAL, "id", "sig-1"),), "", "sig-1")
    key = store.add(payload, why, at=AT, source="signals.jsonl", offset="7", commit="c0ffee").key
    store.close()
    return key


REDRIVE = ("--operator", "ann", "--reason", "feed was late", "--to", "signals.jsonl")


def test_letters_are_listed_with_their_reasons(state: Path, ask: Ask) -> None:
    assert ask("dead-letters", "list")[1]["summary"] == "0 refused signal(s), 0 time(s)"
    key = bury(state, b"junk")
    code, answer = ask("dead-letters", "list")
    (letter,) = answer["facts"]["letters"]
    assert (code, letter["key"], letter["count"], letter["offset"]) == (0, key, 1, "7")
    assert letter["reasons"] == [{"code": "DUP_SIGNAL", "key": "id", "detail": "sig-1"}]


def test_a_good_signal_is_redriven_under_a_new_id(state: Path, ask: Ask) -> None:
    key = bury(state, _signal(datetime.now(UTC)))
    code, answer = ask("dead-letters", "redrive", key[:8], *REDRIVE)
    assert (code, answer["facts"]["id"]) == (0, "sig-1.r1")
    record = json.loads(Path("signals.jsonl").read_text())
    assert record["signal"]["id"] == "sig-1.r1"
    assert ask("dead-letters", "list")[1]["facts"]["letters"][0]["redriven"] == ["sig-1.r1"]


def test_a_redrive_without_a_file_shows_the_record(state: Path, ask: Ask) -> None:
    key = bury(state, _signal(datetime.now(UTC)))
    code, answer = ask("dead-letters", "redrive", key, "--operator", "ann", "--reason", "why")
    assert (code, json.loads(answer["facts"]["record"])["signal"]["id"]) == (0, "sig-1.r1")
    assert "give the record below to the intake" in answer["summary"]


def test_an_intake_that_cannot_be_written_redrives_nothing(state: Path, ask: Ask) -> None:
    key = bury(state, _signal(datetime.now(UTC)))
    code, answer = ask("dead-letters", "redrive", key, *REDRIVE[:-1], ".")
    assert (code, "nothing was redriven" in answer["error"]) == (2, True)
    assert ask("dead-letters", "list")[1]["facts"]["letters"][0]["redriven"] == []


def test_a_store_that_is_damaged_or_missing_is_a_usage_error(state: Path, ask: Ask) -> None:
    code, answer = ask("dead-letters", "redrive", "abc", *REDRIVE)
    assert (code, "no dead letters in" in answer["error"]) == (2, True)
    bury(state, b"one")
    bury(state, b"two")
    path = state / "dev" / "engine" / "dead-letters" / "dead-letters-0001.journal"
    content = bytearray(path.read_bytes())
    content[60] ^= 1
    path.write_bytes(content)
    code, answer = ask("dead-letters", "list")
    assert (code, "cannot be read" in answer["error"]) == (2, True)


def test_what_was_stale_is_stale_today_as_well(state: Path, ask: Ask) -> None:
    key = bury(state, _signal(datetime(2026, 1, 2, tzinfo=UTC)))
    code, answer = ask("dead-letters", "redrive", key, *REDRIVE)
    assert code == 1
    assert [reason["code"] for reason in answer["facts"]["reasons"]] == ["STALE", "EXPIRED"]
    assert not Path("signals.jsonl").exists()
    assert ask("dead-letters", "list")[1]["facts"]["letters"][0]["redriven"] == []


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("redrive",), "needs a key"),
        (("list", "abc"), "needs a key"),
        (("redrive", "abc"), "names its operator and a reason"),
        (("redrive", "zz", *REDRIVE), "0 dead letters have a key"),
        (("redrive", "", *REDRIVE), "dead letters have a key"),
    ],
)
def test_a_redrive_says_what_it_lacks(state: Path, ask: Ask, words: tuple[str, ...], says: str) -> None:
    bury(state, b"junk")
    code, answer = ask("dead-letters", *words)
    assert code == 2
    assert says in answer["error"]


def test_a_letter_without_an_id_cannot_be_redriven(state: Path, ask: Ask) -> None:
    code, answer = ask("dead-letters", "redrive", bury(state, b"junk"), *REDRIVE)
    assert code == 2
    assert "ask its sender for a new signal" in answer["error"]
