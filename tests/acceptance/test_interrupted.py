"""Ctrl-C and SIGTERM in the middle of a command: at most one word, nothing half-applied, and the next run works."""

from __future__ import annotations

import signal
import subprocess
import time

import pytest

from tests.acceptance.terminal import INTERLOCK, Terminal

# from these instants on our own code runs; before, Python itself is still starting
INSTANTS = (0.5, 0.9, 1.3)


@pytest.mark.slow
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_reconcile_is_finished_by_the_next(interlock: Terminal, sign: signal.Signals) -> None:
    for instant in INSTANTS:
        interlock.desk.commit(f"change at {instant}")
        code, said = interrupted(interlock, ("reconcile", "--env", "dev", "--apply"), sign, instant)
        assert code in (0, 130, -signal.SIGTERM)
        assert said in ("", "interlock: interrupted\n")
    assert interlock.quickly("reconcile", "--env", "dev", "--apply").returncode == 0
    assert interlock.quickly("reconcile", "--env", "dev").returncode == 0
    assert interlock.quickly("ledger", "verify", "--env", "dev").returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize("words", [("check",), ("local", "status"), ("flags", "list", "--env", "dev")])
def test_interrupted_question_says_one_word(interlock: Terminal, words: tuple[str, ...]) -> None:
    code, said = interrupted(interlock, words, signal.SIGINT, 0.6)
    assert code in (0, 5, 130)
    assert said in ("", "interlock: interrupted\n")


def interrupted(
    interlock: Terminal, words: tuple[str, ...], sign: signal.Signals, instant: float
) -> tuple[int, str]:
    with subprocess.Popen(
        [INTERLOCK, *words],
        cwd=interlock.root,
        env=interlock.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        time.sleep(instant)  # no synchronisation: any instant must do
        process.send_signal(sign)
        _, said = process.communicate(timeout=30)
    return process.returncode, said
