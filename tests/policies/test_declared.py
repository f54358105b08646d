"""Declarative rules: the same answer as cerberus, nothing let through, broken files refused with their place."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from config.closed_schema import breaches
from config.findings import Refused
from policies.declared import Declared, breaks, load_declared
from policies.inputs import MISSING
from policies.registry import BROKEN, RULES

DECLARED = [rule for rule in RULES if isinstance(rule, Declared)]
KEYS = [(rule, key) for rule in DECLARED for key in rule.body]
IDS = [f"{rule.META.id} {key}" for rule, key in KEYS]
WHOLE = (Path(__file__).resolve().parents[2] / "policies/rules/engine_of_odd_size.yaml").read_text()
VALUES: tuple[Any, ...] = (
    0, 1, -1, 250, 249, 16000, 16001, True, False, "600", "", "x", None, Decimal("0.01"), Decimal("5000.0"),
    Decimal("5000.001"), Decimal(0), 1.5, [], {}, 10**14,
)  # fmt: skip


def test_no_declarative_rule_of_ours_is_broken() -> None:
    assert BROKEN == ()
    assert len(DECLARED) >= 2


@pytest.mark.parametrize(("rule", "key"), KEYS, ids=IDS)
def test_nothing_that_is_no_value_passes(rule: Declared, key: str) -> None:
    wrong = {"decimal": 600, "integer": "600", "boolean": 1, "string": 1}[rule.body[key]["type"]]
    for value in (MISSING, None, wrong, Decimal("NaN"), Decimal("Infinity"), float("nan")):
        assert list(breaks(value, rule.body[key])), value


@pytest.mark.parametrize(("rule", "key"), KEYS, ids=IDS)
def test_cerberus_gives_the_same_answer(rule: Declared, key: str) -> None:
    wanted = {name: value for name, value in rule.body[key].items() if name != "required"}
    for value in VALUES:
        ours = bool(list(breaks(value, rule.body[key])))
        theirs = bool(breaches({"key": wanted}, {"key": value}))
        assert ours == theirs, value
    assert breaches({"key": wanted}, {}), "a missing key"


def loaded(tmp_path: Path, text: str) -> Declared | Refused:
    file = tmp_path / "engine_of_odd_size.yaml"
    file.write_text(text)
    return load_declared(file, "policies/rules/engine_of_odd_size.yaml")


@pytest.mark.parametrize(
    ("old", "new", "line", "column", "message"),
    [
        ("    max: 16000", "    maximum: 16000", 15, 14, "unknown rule `maximum`"),
        (
            "    required: true\n    min: 250",
            "    required: false\n    min: 250",
            11,
            3,
            "needs `required: true`",
        ),
        ("    required: true\n    min: 250", "    min: 250", 11, 3, "needs `required: true`"),
        (
            "    type: integer\n    required: true\n    min: 250",
            "    required: true\n    min: 250",
            11,
            3,
            "needs a type",
        ),
        (
            "type: integer\n    required: true\n    min: 250",
            "type: number\n    required: true\n    min: 250",
            11,
            3,
            "needs a type",
        ),
        (
            "type: integer\n    required: true\n    min: 250",
            "type: decimal\n    required: true\n    min: 250.0",
            12,
            11,
            "never of type decimal",
        ),
        ("    min: 250", '    min: "250"', 14, 10, "does not take this constraint"),
        (
            "service.cpu_milli:\n    type",
            "service.cpu_mili:\n    type",
            11,
            3,
            "no environment has a key `service.cpu_mili`",
        ),
        ("severity: guarded", "severity: gaurded", 4, 11, "is no severity"),
        ("tiers: [dev, staging, production]", "tiers: [prodution]", 5, 8, "tiers are some of"),
        ("schema: 1\n", "schema: 1\nextra: 1\n", 3, 8, "unknown key `extra`"),
    ],
)
def test_a_broken_rule_is_refused_with_its_place(
    tmp_path: Path, old: str, new: str, line: int, column: int, message: str
) -> None:
    assert old in WHOLE
    found = loaded(tmp_path, WHOLE.replace(old, new, 1))
    assert isinstance(found, Refused)
    spoken = [one for one in found.findings if message in one.message]
    assert spoken, [one.message for one in found.findings]
    assert (spoken[0].rule, spoken[0].span.file, spoken[0].span.line, spoken[0].span.column) == (
        "PRF009", "policies/rules/engine_of_odd_size.yaml", line, column,
    )  # fmt: skip


def test_a_value_the_field_can_never_have_is_refused(tmp_path: Path) -> None:
    body = "  tier:\n    type: string\n    required: true\n    allowed: [dev, prodution]\n"
    text = WHOLE.split("body:\n")[0] + "body:\n" + body + "valid:" + WHOLE.split("valid:", 1)[1]
    found = loaded(tmp_path, text)
    assert isinstance(found, Refused)
    assert [one.message for one in found.findings] == ["`tier` can never be prodution"]


def test_a_bound_of_nothing_is_refused(tmp_path: Path) -> None:
    found = loaded(tmp_path, WHOLE.replace("    min: 250\n    max: 16000\n", "", 1))
    assert isinstance(found, Refused)
    assert [one.message for one in found.findings] == ["`service.cpu_milli` is bounded by nothing"]


def test_other_forms_of_yaml_are_refused_as_everywhere(tmp_path: Path) -> None:
    found = loaded(tmp_path, WHOLE.replace("severity: guarded", "severity: &a guarded"))
    assert isinstance(found, Refused)
    assert found.findings[0].rule == "YAML007"
