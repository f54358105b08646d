"""The command line as a whole: help, mistakes, and never a traceback."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from ci import main as cli
from ci.commands.registry import VERBS
from ci.output.document import Document

ROOT = Path(__file__).resolve().parents[2]
INTERLOCK = Path(sys.executable).parent / "interlock"


def _typed(words: list[str], cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [INTERLOCK, *words], cwd=cwd, capture_output=True, text=True, timeout=60, check=False
    )


def _verb(run: object) -> ModuleType:
    verb = ModuleType("verb")
    vars(verb).update(NAME="verb", HELP="", EXAMPLES=(), arguments=lambda parser: None, run=run)
    return verb


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch) -> object:
    """Make `interlock verb` run a given function."""

    def install(run: object) -> None:
        monkeypatch.setitem(cli.VERBS, "verb", ("verb", ""))
        monkeypatch.setitem(sys.modules, "verb", _verb(run))

    return install


def test_help_lists_every_verb_and_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--help"]) == 0
    said = capsys.readouterr().out
    assert all(f"  {verb} " in said for verb in VERBS)
    assert "78 the engine refuses its configuration" in said


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_every_verb_explains_itself_with_examples(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([verb, "--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert f"usage: interlock {verb}" in said
    assert f"examples:\n  interlock {verb}" in said


def test_an_unknown_verb_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["chekc"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("interlock: unknown command `chekc`\nhelp: one of: check, ")


def test_no_words_show_the_help_as_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == 2
    assert "usage: interlock COMMAND" in capsys.readouterr().out


def test_a_crash_shows_a_sentence_and_keeps_the_traceback_in_a_log(
    only: object, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(chosen: argparse.Namespace, context: object) -> Document:
        raise ZeroDivisionError("secret detail")

    only(run)  # type: ignore[operator]
    assert cli.main(["verb"]) == 3
    said = capsys.readouterr().err
    assert "Traceback" not in said
    assert "secret detail" not in said
    log = Path(said.strip().rsplit(" ", 1)[1])
    assert "ZeroDivisionError: secret detail" in log.read_text()
    assert log.stat().st_mode & 0o077 == 0
    log.unlink()


def test_the_exit_code_is_the_documents(only: object, capsys: pytest.CaptureFixture[str]) -> None:
    only(lambda chosen, context: Document("interlock.verb/1", "", 4, summary="something to do"))  # type: ignore[operator]
    assert cli.main(["verb"]) == 4
    assert capsys.readouterr().out == "something to do\n"


def test_a_foreign_checkout_never_lends_its_packages(tmp_path: Path) -> None:
    for room in ("config", "policies", "ci", "yaml"):
        (tmp_path / room).mkdir()
        (tmp_path / room / "__init__.py").write_text(
            f"open({str(tmp_path / 'imported')!r}, 'a').write({room!r})\n"
        )
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    answer = _typed(["check"], tmp_path)
    assert answer.returncode == 1
    assert not (tmp_path / "imported").exists()


def test_verbs_work_from_any_folder_of_a_checkout() -> None:
    answer = _typed(["check", "--format", "json"], ROOT / "config" / "environments")
    assert f'"judged_root": "{ROOT}"' in answer.stdout
    assert f'"tool_root": "{ROOT}"' in answer.stdout


def test_a_reader_that_goes_away_is_no_crash() -> None:
    answer = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {INTERLOCK} --help | head -c 1"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in answer.stderr
    assert answer.stdout == "u"
