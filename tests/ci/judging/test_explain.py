"""`interlock explain`, the rule pages made from the same words, and the published form of the JSON answer."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from config.reading.problem import REASONS
from policies.notices import NOTICES, PROOFS, title_and_fix
from policies.pages import pages
from policies.registry import RULES

ROOT = Path(__file__).resolve().parents[3]
Run = Callable[..., tuple[int, str]]
DEV = "config/environments/dev.yaml"


@pytest.mark.parametrize("name", ["VEN001", "ven001", "live_trading_in_dev"])
def test_a_rule_says_why_it_exists(interlock: Run, name: str) -> None:
    code, text = interlock("explain", name)
    assert code == 0
    assert "refuses: Live trading is switched on in tier dev." in text
    assert "why: An engineer's machine has no supervision" in text
    assert "to fix: leave live flags off" in text
    assert "source: seed 000 1.1" in text


def test_a_declarative_rule_is_explained_alike(interlock: Run) -> None:
    code, text = interlock("explain", "INF006")
    assert code == 0
    assert "service.cpu_milli" in text


FAMILIES = "YAML|CFG|PRF|GIT|INF|WAV|PAR|EVD|SEC|VEN|FLG|ROL|CAL|ALR|LIM"
ID = re.compile(rf"(?:{FAMILIES})[0-9]{{3}}")


def ids_in_code(*but: str) -> set[str]:
    """Every text of our code that is an id and nothing else, in whatever room it is said."""
    return {
        node.value
        for room in ("config", "policies", "engine", "infra", "ci")
        for file in (ROOT / room).rglob("*.py")
        if file.name not in but
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and ID.fullmatch(node.value)
    }


def test_every_id_that_can_be_said_has_a_title_and_a_way_out() -> None:
    said = ids_in_code()
    assert len(said) > 200
    reader = {one for one in said if one in REASONS}
    assert sorted(one for one in said if not title_and_fix(one)[0]) == []
    assert sorted(one for one in said - reader if not title_and_fix(one)[1]) == []


def test_no_id_is_explained_that_nobody_says() -> None:
    assert sorted({*NOTICES, *REASONS} - ids_in_code("notices.py", "problem.py")) == []


def test_no_notice_carries_the_id_of_a_rule() -> None:
    assert sorted({*NOTICES, *REASONS} & {rule.META.id for rule in RULES}) == []


@pytest.mark.parametrize(
    "name", ["PRF006", "WAV001", "CFG002", "YAML003", "GIT001", "CFG018", "GIT104", "INF191", "VEN030"]
)
def test_every_other_id_is_explained_too(interlock: Run, name: str) -> None:
    code, text = interlock("explain", name)
    assert code == 0
    assert f"notice: {name}" in text


def test_a_misspelt_name_is_answered_with_the_nearest(interlock: Run) -> None:
    code, text = interlock("explain", "live_trading_in_dve")
    assert code == 2
    assert "did you mean `live_trading_in_dev`?" in text


def test_every_rule_has_a_page_and_stands_in_the_index() -> None:
    made = pages()
    assert set(made) == {"README.md"} | {f"{rule.META.slug}.md" for rule in RULES}
    assert all(f"[{rule.META.id}]({rule.META.slug}.md)" in made["README.md"] for rule in RULES)
    assert all(
        text.endswith("\n") and "## Samples" in text for name, text in made.items() if name != "README.md"
    )


def test_every_notice_has_a_title() -> None:
    assert all(title_and_fix(notice)[0] for notice in PROOFS)


def test_the_json_answer_keeps_to_its_published_form(workshop: Any, interlock: Run) -> None:
    schema = json.loads((ROOT / "ci/output/check_schema.json").read_text())
    checker = jsonschema.Draft7Validator(schema)
    workshop.branch("feature")
    workshop.edit(DEV, "max_order_value: 5000.0", "max_order_value: 25000.0")
    workshop.commit()
    for words in ((), ("--mutate", "--uncovered"), ("feature", "--base", "main"), ("--env", "nobody")):
        said = json.loads(interlock("check", "--format", "json", *words)[1])
        assert [error.message for error in checker.iter_errors(said)] == [], words
