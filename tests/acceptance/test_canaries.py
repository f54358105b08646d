"""No byte that leaves a command or stays in a file of ours ever holds a secret, in clear or spelled another way."""

from __future__ import annotations

import base64
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from ci import main as cli
from ci.output.registry import FINDINGS
from infra.local.places import places
from tests.acceptance.terminal import Terminal

KEY_ID = "AKIA" + "Z7CANARY7QWERTYU"
KEY = "wJalrXUtnFEMIK7MDENGbPxRfiCY" + "CANARYKEY0ab"
FORMATS = FINDINGS


def spellings(secret: str) -> Iterator[bytes]:
    raw = secret.encode()
    yield raw
    yield raw[:20]
    yield quote(secret, safe="").encode()
    yield raw.hex().encode()
    for shift in range(3):  # base64 of a longer text shows it at one of three offsets
        yield base64.b64encode(b"x" * shift + raw)[4:-4]


def held(places_seen: dict[str, bytes], secrets: dict[str, str]) -> list[tuple[str, str]]:
    """(where, which secret) of every leak."""
    return [
        (where, name)
        for where, seen in places_seen.items()
        for name, secret in secrets.items()
        if any(spelling in seen for spelling in spellings(secret))
    ]


@pytest.mark.parametrize(
    "line",
    [
        f"trading_halted: false  # old key {KEY_ID} {KEY}",
        f"trading_halted: {KEY}",
        f"trading_halted: false\napi_key: {KEY}",
        f'trading_halted: false\n{KEY_ID}: "{KEY}"',
        f"trading_halted: false\npassword: [{KEY}, {KEY_ID}",
        f"trading_halted: false\ntrading_halted: {KEY}",
    ],
    ids=["comment", "value", "unknown key", "key itself", "broken form", "duplicate"],
)
def test_refused_file_shows_no_secret_in_any_format(interlock: Terminal, line: str) -> None:
    file = interlock.file("environments/dev.yaml")
    file.write_text(file.read_text().replace("trading_halted: false", line))
    seen = {}
    for form in FORMATS:
        done = interlock.quickly("check", "--env", "dev", "--format", form)
        assert done.returncode == 1, done.stderr
        seen[form] = (done.stdout + done.stderr).encode()
    assert held(seen, {"key id": KEY_ID, "key": KEY}) == []


@pytest.mark.slow
def test_passwords_of_the_roles_stay_in_their_files(interlock: Terminal, tmp_path: Path) -> None:
    crashes = tmp_path / "crashes"
    crashes.mkdir()
    runs = [
        ("reconcile", "--env", "dev", "--apply"),
        ("engine", "--env", "dev", "--feed", "generated", "--bars", "200"),
        ("ledger", "show", "--env", "dev", "--format", "json"),
        ("ledger", "verify", "--env", "dev"),
        ("bundle", "show", "--env", "dev", "--format", "json"),
        ("audit", "verify", "--env", "dev"),
        ("local", "status", "--env", "dev", "--format", "json"),
        ("doctor", "--format", "json"),
        ("kill", "--env", "dev", "--scope", "account:NOBODY"),
        ("explain", "NOPE", "--env", "dev"),
    ]
    seen = {}
    for words in runs:
        done = interlock(*words, TMPDIR=str(crashes))
        assert done.returncode in (0, 2), done.stderr
        seen[" ".join(words)] = (done.stdout + done.stderr).encode()
    local = interlock.desk.local
    secrets = {file.name: file.read_text().strip() for file in local.secrets.iterdir()}
    secrets = {name: text.rsplit(":", 1)[-1] for name, text in secrets.items()}
    assert {"interlock_admin", "ledger_dev_writer", "ledger_dev_reader", "paper_trading_dev_app"} <= set(
        secrets
    )
    seen |= {str(file): file.read_bytes() for file in files_beside_the_secrets(local.state, crashes)}
    assert any("journal" in where for where in seen)
    assert any(where.endswith("postgres.log") for where in seen)
    assert any("pg_wal" in where for where in seen)
    seen |= {f"row {row.seq}": str(row).encode() for row in interlock.desk.rows()}
    redis = interlock.desk.redis
    seen |= {key.decode(): redis.dump(key) or b"" for key in redis.scan_iter()}
    assert held(seen, secrets) == []


def files_beside_the_secrets(state: Path, *more: Path) -> Iterator[Path]:
    where = places(state)
    for root in {state, where.hall, *more}:
        for file in root.rglob("*"):
            if file.is_file() and where.secrets not in file.parents:
                yield file


@pytest.mark.slow
@pytest.mark.parametrize("damage", ["wrong password", "no such role file"])
def test_refused_login_names_the_role_and_no_password(interlock: Terminal, damage: str) -> None:
    assert interlock.quickly("reconcile", "--env", "dev", "--apply").returncode == 0
    file = interlock.desk.local.secrets / "ledger_dev_reader"
    kept = file.read_text()
    file.write_text(KEY) if damage == "wrong password" else file.unlink()
    try:
        done = interlock("engine", "--env", "dev", "--feed", "generated", "--bars", "5")
    finally:
        file.write_text(kept)
        file.chmod(0o600)
    assert done.returncode in (5, 78)
    assert "ledger_dev_reader" in done.stdout + done.stderr or "ledger" in done.stderr
    assert held({"said": (done.stdout + done.stderr).encode()}, {"wrong": KEY, "right": kept.strip()}) == []


def test_log_of_a_crash_is_private_and_may_be_impossible(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/nonexistent")
    monkeypatch.setattr(cli, "_run", lambda words: 1 // 0)
    assert cli.main(["check"]) == 3
    assert capsys.readouterr().err == (
        "interlock: internal error\n"
        "help: please report it with the words you typed (no log could be written: No such file or directory)\n"
    )
