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


BODY = WHOLE[WHOLE.index("body:\n") : WHOLE.index("valid:\n")]


def with_body(key: str, *lines: str) -> str:
    """The rule with a body of one key."""
    return WHOLE.replace(BODY, f"body:\n  {key}:\n" + "".join(f"    {line}\n" for line in lines))


INTEGER = ("type: integer", "required: true")
STRING = ("type: string", "required: true")
MORE: dict[str, tuple[str, int, str]] = {
    "a version that is a truth": (WHOLE.replace("schema: 1", "schema: true", 1), 2, "whole number 1"),
    "a version that is a decimal": (WHOLE.replace("schema: 1", "schema: 1.0", 1), 2, "whole number 1"),
    "no version": (WHOLE.replace("schema: 1", "schema: null", 1), 2, "whole number 1"),
    "an id of no family": (WHOLE.replace("INF006", "XXX006"), 3, "`XXX006` is no id of a rule"),
    "an id in small letters": (WHOLE.replace("INF006", "inf006"), 3, "`inf006` is no id of a rule"),
    "a hard rule": (WHOLE.replace("severity: guarded", "severity: error"), 4, "written in Python"),
    "a severity that is a list": (WHOLE.replace("severity: guarded", "severity: [guarded]"), 4, "no severity"),
    "a tier in a list": (WHOLE.replace("tiers: [dev,", "tiers: [[dev],"), 5, "tiers are some of"),
    "a tier twice": (WHOLE.replace("tiers: [dev,", "tiers: [dev, dev,"), 5, "stands twice"),
    "no tiers": (WHOLE.replace("tiers: [dev, staging, production]", "tiers: null"), 5, "tiers are some of"),
    "a type in a list": (with_body("service.cpu_milli", "type: [integer]", "required: true"), 11, "needs a type"),
    "required by a number": (
        with_body("service.cpu_milli", "type: integer", "required: 1", "min: 1"), 11, "needs `required: true`"
    ),
    "a section": (with_body("service", *INTEGER, "min: 1"), 11, "no environment has a key `service`"),
    "any key at all": (with_body('"*"', *INTEGER, "min: 1"), 11, "no environment has a key `*`"),
    "a flag by its name": (
        with_body("flags.live_trading_enabeld.enabled", "type: boolean", "required: true", "allowed: [false]"),
        11,
        "no environment has a key `flags.live_trading_enabeld.enabled`",
    ),
    "a list as a text": (with_body("alerting.critical", *STRING, "minlength: 1"), 12, "never of type string"),
    "a bound that is a truth": (with_body("service.cpu_milli", *INTEGER, "min: true"), 14, "does not take"),
    "a bound that is null": (with_body("service.cpu_milli", *INTEGER, "min: null"), 14, "does not take"),
    "bounds crossed": (with_body("service.cpu_milli", *INTEGER, "min: 5", "max: 1"), 15, "nothing passes"),
    "lengths crossed": (with_body("url", *STRING, "minlength: 9", "maxlength: 2"), 15, "nothing passes"),
    "a length below zero": (with_body("url", *STRING, "minlength: -1"), 14, "does not take"),
    "a form that is none": (with_body("url", *STRING, 'regex: "("'), 14, "does not take"),
    "an empty form": (with_body("url", *STRING, 'regex: ""'), 14, "does not take"),
    "one value twice": (with_body("service.cpu_milli", *INTEGER, "allowed: [1, 1]"), 14, "does not take"),
    "a misspelt constant": (with_body("tier", *STRING, "allowed: [dev, prodution]"), 14, "can never be prodution"),
    "a misspelt form": (with_body("tier", *STRING, 'regex: "prodution"'), 14, "can never fit"),
    "a bound nothing breaks": (
        WHOLE.replace("max: 16000", "max: 99999999"), 11, "no invalid sample breaks the bounds of `service.cpu_milli`"
    ),
    "a sample of another tier": (
        WHOLE.replace("tiers: [dev, staging, production]", "tiers: [dev]"), 26, "no tier that this rule judges"
    ),
    "a sample of no key": (
        WHOLE.replace("      service.memory_mib: 0", "      service.memory_mbi: 0"), 28, "no environment has a key"
    ),
    "edits that are a list": (
        WHOLE.replace("edits:\n      service.memory_mib: 0", "edits: [a]"), 27, "edits are keys and values"
    ),
    "a sample that says nothing": (WHOLE.replace('says: "no memory"', 'says: " "'), 25, "`says` must be a text"),
    "a list": ("- a\n", 1, "a rule is keys and values"),
    "a null": ("null\n", 1, "a rule is keys and values"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "line", "message"), MORE.values(), ids=MORE)
def test_each_other_breakage_is_refused_at_its_line(
    tmp_path: Path, text: str, line: int, message: str
) -> None:
    assert text != WHOLE
    found = loaded(tmp_path, text)
    assert isinstance(found, Refused)
    told = [(one.rule, one.span.line, one.message) for one in found.findings]
    assert any(rule == "PRF009" and at == line and message in said for rule, at, said in told), told


def test_a_bound_of_nothing_is_refused(tmp_path: Path) -> None:
    found = loaded(tmp_path, WHOLE.replace("    min: 250\n    max: 16000\n", "", 1))
    assert isinstance(found, Refused)
    assert [one.message for one in found.findings] == ["`service.cpu_milli` is bounded by nothing"]


def test_other_forms_of_yaml_are_refused_as_everywhere(tmp_path: Path) -> None:
    found = loaded(tmp_path, WHOLE.replace("severity: guarded", "severity: &a guarded"))
    assert isinstance(found, Refused)
    assert found.findings[0].rule == "YAML007"
