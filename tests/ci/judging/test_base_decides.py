"""Base decides: none of a pull request's code runs in the deciding check, whatever it is made to say."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
Run = Callable[..., tuple[int, str]]
Answer = Callable[..., dict[str, Any]]
AT = ("--as-of", "2026-11-17T16:00:00Z")
DEV = "config/environments/dev.yaml"
LIVE = ("  live_trading_enabled:\n    enabled: false", "  live_trading_enabled:\n    enabled: true")
RULE = "policies/rules/live_trading_in_dev.py"


def bring_code(workshop: Any, *patterns: str) -> None:
    """Copy this tree's own code into the workshop."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    for file in filter(None, listed.stdout.split("\0")):
        if (ROOT / file).exists():
            (workshop.root / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / file, workshop.root / file)


JUDGING = ("config/*.py", "policies/*.py", "policies/rules/*.yaml")


@pytest.fixture
def house(workshop: Any) -> Any:
    """A repository whose base has judging code of its own: this tree's, with one sentence changed."""
    bring_code(workshop, *JUDGING)
    workshop.edit(RULE, "where no real money may move", "said base's own code")
    workshop.commit("base with its own code")
    workshop.branch("feature")
    return workshop


@pytest.fixture
def home(workshop: Any) -> Any:
    """A repository whose base holds the very code that runs here, as in the deciding job of a pull request."""
    bring_code(workshop, *JUDGING)
    workshop.commit("base with the code of this tool")
    workshop.branch("feature")
    return workshop


def judged(answer: Answer) -> dict[str, Any]:
    said = answer("feature", "--base", "main", *AT)
    assert said["facts"]["judged_by"].startswith("code of base ")
    return said


def rules(said: dict[str, Any]) -> set[str]:
    return {one["rule"] for one in said["findings"]}


def test_a_good_change_passes_by_bases_code(house: Any, answer: Answer) -> None:
    for name in ("dev", "staging", "production"):
        house.edit(f"config/environments/{name}.yaml", "max_open_positions: 5", "max_open_positions: 4")
    house.commit()
    said = judged(answer)
    assert said["exit_code"] == 0, said["findings"]
    assert said["facts"]["direction"] == "tighten"
    rows = next(table for table in said["tables"] if table["name"] == "changes")["rows"]
    assert rows[0]["before"] == "5"


def test_bases_own_words_are_heard(house: Any, answer: Answer) -> None:
    house.edit(DEV, *LIVE)
    house.commit()
    live = next(one for one in judged(answer)["findings"] if one["rule"] == "VEN001")
    assert live["message"].endswith("said base's own code")
    assert (live["file"], live["column"]) == (DEV, 14)


def test_a_rule_file_that_lets_everything_through_changes_nothing(house: Any, answer: Answer) -> None:
    house.edit(DEV, *LIVE)
    text = house.text(RULE)
    (house.root / RULE).write_text(
        text[: text.index("def judge")] + "def judge(state):\n    return iter(())\n"
    )
    house.commit()
    said = judged(answer)
    assert "VEN001" in rules(said)
    assert said["exit_code"] == 1


def test_a_deleted_rule_still_judges(house: Any, answer: Answer) -> None:
    house.edit(DEV, *LIVE)
    house.git("rm", "-q", RULE)
    house.edit("policies/registry.py", "    live_trading_in_dev,\n", "")
    house.commit()
    assert "VEN001" in rules(judged(answer))


def test_code_of_the_change_is_never_executed(house: Any, answer: Answer, tmp_path: Path) -> None:
    marker = tmp_path / "it-ran"
    trap = f"from pathlib import Path\nPath({str(marker)!r}).write_text('x')\n"
    for file in (
        "config/__init__.py",
        "policies/__init__.py",
        "config/reading/__init__.py",
        "policies/registry.py",
        RULE,
    ):
        path = house.root / file
        path.write_text(trap + path.read_text().replace("from __future__ import annotations\n", ""))
    (house.root / "sitecustomize.py").write_text(trap)
    (house.root / "config" / "yaml.py").write_text(trap)
    house.commit()
    assert judged(answer)["exit_code"] == 0
    assert not marker.exists()


def test_a_reader_that_accepts_anything_changes_nothing(house: Any, answer: Answer) -> None:
    house.edit(DEV, "phase: 1", "phase: 0x1")
    (house.root / "config" / "reading" / "shape.py").write_text(
        "def reader_of(cls):\n    return lambda node, problems: None\n"
    )
    house.commit()
    said = judged(answer)
    assert said["exit_code"] == 1
    assert [one["line"] for one in said["findings"]] == [5]


def test_a_change_of_the_cap_is_judged_by_bases_cap(house: Any, answer: Answer) -> None:
    house.edit("config/models/limits.py", 'cap="5.0"', 'cap="50.0"')
    house.edit(
        "config/environments/production.yaml", "max_position_percent: 5.0", "max_position_percent: 50.0"
    )
    house.commit()
    assert "LIM002" in rules(judged(answer))


def test_a_crash_of_bases_code_is_no_verdict(house: Any, interlock: Run) -> None:
    house.git("checkout", "-q", "main")
    house.edit(
        RULE,
        "def judge(state: State) -> Iterator[Hit]:\n",
        "def judge(state: State) -> Iterator[Hit]:\n    1 / 0\n",
    )
    house.commit()
    code, text = interlock("check", "feature", "--base", "main", *AT)
    assert code == 3
    assert "rule VEN001 (live_trading_in_dev) crashed: ZeroDivisionError" in text


def test_the_child_gets_no_environment(house: Any, answer: Answer, monkeypatch: pytest.MonkeyPatch) -> None:
    house.git("checkout", "-q", "main")
    probe = "import os\nassert 'CANARY_SECRET' not in os.environ\nassert 'PYTHONPATH' not in os.environ\n"
    path = house.root / "policies" / "__init__.py"
    path.write_text(probe)
    house.commit()
    monkeypatch.setenv("CANARY_SECRET", "x")
    monkeypatch.setenv("PYTHONPATH", str(house.root))
    assert judged(answer)["exit_code"] == 0


def test_links_below_config_are_refused_by_mode(house: Any, answer: Answer) -> None:
    (house.root / "config" / "environments" / "qa.yaml").symlink_to("dev.yaml")
    house.commit()
    assert {("CFG008", "config/environments/qa.yaml")} == {
        (one["rule"], one["file"]) for one in judged(answer)["findings"]
    }


def test_the_same_code_needs_no_child(workshop: Any, answer: Answer) -> None:
    said = answer("main", "--base", "main", *AT)
    assert said["facts"]["judged_by"] == "this tool"


NEW_FIELD = (
    '    debug_mode: Annotated[bool, safe_when(False, "whether debugging aids are on")]\n',
    '    debug_mode: Annotated[bool, safe_when(False, "whether debugging aids are on")]\n'
    '    canary_mode: Annotated[bool, safe_when(False, "a new word")]\n',
)
MODEL = "config/models/environment.py"
ALL = ("dev", "staging", "production")


def test_a_new_word_with_its_data_is_set_aside_and_said_aloud(house: Any, answer: Answer) -> None:
    house.edit(MODEL, *NEW_FIELD)
    for name in ALL:
        house.edit(f"config/environments/{name}.yaml", "debug_mode:", "canary_mode: false\ndebug_mode:")
    house.edit(DEV, *LIVE)
    house.commit()
    said = judged(answer)
    words = [(one["file"], one["path"]) for one in said["findings"] if one["rule"] == "CFG019"]
    assert sorted(words) == [(f"config/environments/{name}.yaml", "canary_mode") for name in sorted(ALL)]
    assert "VEN001" in rules(said), "everything else is judged as always"


def test_a_model_without_data_is_judged_as_before(house: Any, answer: Answer) -> None:
    house.edit(MODEL, *NEW_FIELD)
    house.commit()
    assert judged(answer)["exit_code"] == 0


def test_data_without_a_model_is_refused(house: Any, answer: Answer) -> None:
    house.edit(DEV, "debug_mode:", "canary_mode: false\ndebug_mode:")
    house.commit()
    said = judged(answer)
    assert rules(said) == {"CFG001"}
    assert said["exit_code"] == 1


def test_a_word_taken_out_is_put_back_for_base(house: Any, answer: Answer) -> None:
    house.edit(MODEL, NEW_FIELD[0], "")
    for name in ALL:
        house.edit(
            f"config/environments/{name}.yaml",
            "debug_mode: true\n" if name == "dev" else "debug_mode: false\n",
            "",
        )
    house.commit()
    said = judged(answer)
    assert rules(said) == {"CFG019", "GIT002"}
    assert said["exit_code"] == 0


def test_another_mistake_beside_a_new_word_still_refuses(house: Any, answer: Answer) -> None:
    house.edit(MODEL, *NEW_FIELD)
    house.edit(DEV, "debug_mode:", "canary_mode: false\ndebug_mode:")
    house.edit(DEV, "phase: 1", "phase: one")
    house.commit()
    said = judged(answer)
    assert {"CFG001", "CFG003"} <= rules(said)
    assert said["exit_code"] == 1


def new_word(house: Any, value: str) -> None:
    house.edit(MODEL, *NEW_FIELD)
    for name in ALL:
        house.edit(f"config/environments/{name}.yaml", "debug_mode:", f"canary_mode: {value}\ndebug_mode:")
    house.commit()


def test_a_new_word_passes_where_the_tool_is_base(home: Any, answer: Answer) -> None:
    """The deciding job runs base's code itself; it must tolerate words just as a child would."""
    new_word(home, "false")
    said = answer("feature", "--base", "main", *AT)
    assert said["facts"]["judged_by"] == "this tool"
    assert said["exit_code"] == 0, said["findings"]
    assert [(one["rule"], one["severity"], one["file"], one["line"]) for one in said["findings"]] == [
        ("CFG019", "warning", "config/environments/dev.yaml", 8),
        ("CFG019", "warning", "config/environments/production.yaml", 8),
        ("CFG019", "warning", "config/environments/staging.yaml", 8),
        ("GIT002", "warning", MODEL, 1),
    ]


def test_everything_else_beside_a_new_word_is_judged(home: Any, answer: Answer) -> None:
    home.edit(DEV, *LIVE)
    new_word(home, "false")
    said = answer("feature", "--base", "main", *AT)
    assert {"VEN001", "CFG019"} <= rules(said)
    assert said["exit_code"] == 1


def test_data_without_a_model_is_refused_where_the_tool_is_base(home: Any, answer: Answer) -> None:
    home.edit(DEV, "debug_mode:", "canary_mode: false\ndebug_mode:")
    home.commit()
    said = answer("feature", "--base", "main", *AT)
    assert [(one["rule"], one["line"], one["column"]) for one in said["findings"]] == [("CFG001", 8, 1)]


def by_own_code(house: Any, *words: str) -> dict[str, Any]:
    """What the code of the change itself says: the second job, in a checkout of the change."""
    run = "import sys; from ci.main import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-P", "-c", run, "check", "feature", "--base", "main", *AT, "--format", "json"],
        cwd=house.root,
        env={**os.environ, "PYTHONPATH": str(house.root)},
        capture_output=True,
        text=True,
        check=False,
    )
    said: dict[str, Any] = json.loads(done.stdout)
    assert said["facts"]["tool_root"] == str(house.root)
    assert said["facts"].get("judged_by", "").startswith("code of base ")
    return said


def test_the_changes_own_language_refuses_an_unsafe_new_word(home: Any) -> None:
    bring_code(home, "ci/*.py", "ci/**/*.json")
    new_word(home, "true")
    said = by_own_code(home)
    assert said["exit_code"] == 1
    assert [
        (one["file"], one["line"], one["column"], one["message"])
        for one in said["findings"]
        if one["rule"] == "CFG018"
    ] == [
        (f"config/environments/{name}.yaml", 8, 14, "new key `canary_mode` does not carry its safe value")
        for name in sorted(ALL)
    ]


def test_the_changes_own_language_tells_a_safe_new_word(home: Any) -> None:
    bring_code(home, "ci/*.py", "ci/**/*.json")
    new_word(home, "false")
    said = by_own_code(home)
    assert said["exit_code"] == 0
    assert {"CFG019", "GIT002"} == rules(said)


def test_the_changes_own_language_refuses_a_model_whose_data_is_to_come(home: Any) -> None:
    """Base still reads such a tree; merged, nobody could."""
    bring_code(home, "ci/*.py", "ci/**/*.json")
    home.edit(MODEL, *NEW_FIELD)
    home.commit()
    said = by_own_code(home)
    assert said["exit_code"] == 1
    assert {(one["file"], one["message"]) for one in said["findings"] if one["rule"] == "CFG002"} == {
        (f"config/environments/{name}.yaml", "missing key `canary_mode`") for name in ALL
    }


def test_guard_files_outside_config_are_told(home: Any, answer: Answer) -> None:
    """The rules, the workflow and the lock file change; no key of any environment does."""
    for file in (".github/workflows/pull-request.yml", "requirements.lock", "policies/rules/alerts_off.py"):
        path = home.root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(path.read_text() + "# touched\n" if path.exists() else "# new\n")
    home.git("rm", "-q", RULE)
    home.commit()
    said = answer("feature", "--base", "main", *AT)
    assert [(one["rule"], one["file"], one["message"]) for one in said["findings"]] == [
        ("GIT002", ".github/workflows/pull-request.yml", "this file guards the others and changes"),
        (
            "GIT002",
            "policies/rules/alerts_off.py",
            "this file guards the others and changes, like 1 more of `policies/`",
        ),
        ("GIT002", "requirements.lock", "this file guards the others and changes"),
    ]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("    open('/etc/hostname')\n", "rule ALR001 did more than judge: `open`"),
        ("    __import__('socket').socket()\n", "rule ALR001 did more than judge: "),
        ("    raise SystemExit(0)\n", "SystemExit"),
        ("    raise KeyboardInterrupt\n", "KeyboardInterrupt"),
    ],
)
def test_a_rule_of_base_that_does_more_than_judge_is_no_verdict(
    house: Any, interlock: Run, line: str, told: str
) -> None:
    head = "def judge(state: State) -> Iterator[Hit]:\n"
    house.git("checkout", "-q", "main")
    house.edit("policies/rules/alerts_off.py", head, head + line)
    house.commit()
    code, text = interlock("check", "feature", "--base", "main", *AT)
    assert code == 3
    assert told in text


@pytest.mark.parametrize("line", ["import os; os._exit(0)", "raise SystemExit(0)", "print('{}')"])
def test_base_code_that_gives_no_answer_is_no_verdict(house: Any, interlock: Run, line: str) -> None:
    house.git("checkout", "-q", "main")
    house.edit("policies/registry.py", "RULES, BROKEN = _all()", f"RULES, BROKEN = _all()\n{line}")
    house.commit()
    code, text = interlock("check", "feature", "--base", "main", *AT)
    assert code == 3
    assert "base's code gave no answer" in text
