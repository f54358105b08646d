"""A closed, full or narrow stream costs words only: the verdict stays, and no crash looks like a refusal."""

from __future__ import annotations

import pytest

from tests.acceptance.terminal import Terminal, assert_sentence


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("interlock check --env dev >&-", 0),
        ("interlock check --env dev 2>&-", 0),
        ("interlock check --env dev <&- >&- 2>&-", 0),
        ("interlock check nosuch 2>&-", 2),
        ("interlock check nosuch 2>/dev/full", 2),
        ("interlock check --env dev >/dev/full", 3),
        ("interlock reconcile --env dev >&- 2>&-", 4),
    ],
)
def test_closed_or_full_stream_keeps_the_exit_code(interlock: Terminal, line: str, code: int) -> None:
    done = interlock.shell(line)
    assert done.returncode == code
    assert_sentence(done)


def test_full_output_is_told_in_a_sentence(interlock: Terminal) -> None:
    done = interlock.shell("interlock check --env dev >/dev/full")
    assert done.stderr == (
        "interlock: the answer could not be written: No space left on device\n"
        "help: give standard output a place that takes it\n"
    )


def test_narrow_encoding_escapes_instead_of_crashing(interlock: Terminal) -> None:
    done = interlock("check", "nosüch", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr.splitlines()[0]) == (
        2,
        "interlock: `nos\\xfcch` names no commit here",
    )
    file = interlock.file("environments/dev.yaml")
    file.write_text(file.read_text().replace("trading_halted: false", "trading_halted: nein  # schön ✓"))
    shown = interlock("check", "--env", "dev", PYTHONIOENCODING="ascii")
    assert (shown.returncode, "sch\\xf6n" in shown.stdout) == (1, True)
    assert_sentence(shown)


def test_home_is_not_needed_when_the_state_is_named(interlock: Terminal) -> None:
    without = "env -u HOME -u XDG_STATE_HOME -u XDG_CACHE_HOME"
    done = interlock.shell(f"{without} interlock check --env dev && {without} interlock reconcile --env dev")
    assert done.returncode == 4
    assert_sentence(done)
