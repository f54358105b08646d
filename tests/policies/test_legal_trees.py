"""What people may do must not trouble the proof: legal edits of this tree give no finding about rules or mutants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime
from decimal import Decimal
from random import Random

import pytest

from config.desired import DesiredState, environment_file
from config.schema_walk import replace_at, walk
from policies.direction import direction
from policies.mutants import mutants
from policies.paths import covers, parsed
from policies.registry import rule_by_name
from policies.runner import judge
from policies.unguarded import BOUNDED

NOW = datetime(2026, 11, 17, 15, 0, tzinfo=UTC)
Edits = Mapping[str, Mapping[str, object]]
LEGAL: tuple[tuple[str, Edits], ...] = (
    ("dev lets no account in by name", {"dev": {"flags.paper_trading_enabled.accounts": ()}}),
    ("dev closes paper trading", {"dev": {"flags.paper_trading_enabled.enabled": False}}),
    ("dev halted", {"dev": {"trading_halted": True}}),
    ("all halted", {name: {"trading_halted": True} for name in ("dev", "staging", "production")}),
    (
        "dev quiet",
        {"dev": {"debug_mode": False, "monitoring.log_level": "ERROR", "auto_resume_if_clean": False}},
    ),
    ("production logs errors only", {"production": {"monitoring.log_level": "ERROR"}}),
    ("dev on other ports", {"dev": {"database.port": 25432, "redis.port": 26379}}),
    (
        "dev alerts somebody",
        {"dev": {"alerting.enabled": True, "alerting.critical": ("slack",), "alerting.warning": ("slack",)}},
    ),
    ("dev encrypts", {"dev": {"database.tls": True, "redis.tls": True}}),
    (
        "smaller orders",
        {name: {"limits.max_order_value": Decimal("100.0")} for name in ("dev", "staging", "production")},
    ),
    ("longer backups", {"production": {"infrastructure.backups.retention_days": 90}}),
    ("staging in two zones", {"staging": {"infrastructure.database.multi_az": True}}),
    ("secrets rotate monthly", {"production": {"secrets.paper_database.rotate_days": 30}}),
    ("phase 2", {name: {"phase": 2} for name in ("dev", "staging", "production")}),
    ("phase 4", {name: {"phase": 4} for name in ("dev", "staging", "production")}),
)


def edited(tree: DesiredState, edits: Edits) -> DesiredState:
    environments = dict(tree.environments)
    documents = dict(tree.documents)
    for name, changes in edits.items():
        for key, value in changes.items():
            environments[name] = replace_at(environments[name], parsed(key), value)
        file = environment_file(name)
        documents[file] = replace(documents[file], value=environments[name])
    return replace(tree, environments=environments, documents=documents)


def troubles(tree: DesiredState) -> list[str]:
    return [one.message for one in judge(tree, None, NOW).findings if one.rule.startswith("PRF")]


@pytest.mark.parametrize("edits", [edits for _, edits in LEGAL], ids=[says for says, _ in LEGAL])
def test_a_legal_edit_leaves_the_proof_whole(tree: DesiredState, edits: Edits) -> None:
    assert troubles(edited(tree, edits)) == []


@pytest.mark.parametrize("name", ["dev", "staging", "production"])
def test_an_environment_alone_can_be_proven(tree: DesiredState, name: str) -> None:
    alone = replace(tree, environments={name: tree.environments[name]})
    assert troubles(alone) == []


def test_any_tightening_edits_leave_the_proof_whole(tree: DesiredState) -> None:
    chance = Random(7)  # noqa: S311 - which edits, not secrets
    for _ in range(30):
        edits: dict[str, dict[str, object]] = {}
        for name, environment in tree.environments.items():
            safer = [
                (path, mutant.value)
                for path, value, spec in walk(environment)
                for mutant in mutants(
                    path, value, spec.type, spec.nature, (), tree.catalogue, either_way=True
                )
                if path != ("tier",)
                and mutant.kind not in ("negative", "past cap", "zero", "other", "empty")
                and direction(path, value, mutant.value, spec.nature, tree.catalogue) == "tighten"
            ]
            for path, value in chance.sample(safer, 5):
                edits.setdefault(name, {})[".".join(map(str, path))] = value
        found = judge(edited(tree, edits), None, NOW).findings
        assert [one.message for one in found if one.rule.startswith("PRF")] == [], edits


def test_a_new_environment_is_bitten_by_its_tier_alone(tree: DesiredState) -> None:
    """`qa` is in no rule; live trading there is refused because of its tier."""
    qa = replace_at(tree.environments["dev"], ("environment",), "qa")
    qa = replace_at(qa, ("flags", "live_trading_enabled", "enabled"), True)
    documents = {
        **tree.documents,
        environment_file("qa"): replace(tree.documents[environment_file("dev")], value=qa),
    }
    with_qa = replace(tree, environments={**tree.environments, "qa": qa}, documents=documents)
    found = {(one.rule, one.path) for one in judge(with_qa, None, NOW, environment="qa").findings}
    assert ("VEN001", "flags.live_trading_enabled.enabled") in found
    assert ("FLG009", "account.id") in found


def test_every_bound_that_excuses_is_a_rule_that_reads_the_key() -> None:
    for (pattern, kind), (rule_id, why) in BOUNDED.items():
        rule = rule_by_name(rule_id)
        assert rule is not None, rule_id
        section = pattern.split(".")[:-1] or [pattern]
        reads = [one.split(".") for one in rule.META.reads]
        assert any(one == ["*"] or covers(section, one) or covers(one, section) for one in reads)
        assert kind not in ("past cap", "negative", "drop", "type"), "what is never free has no excuse"
        assert why


@pytest.mark.parametrize("factor", ["1.5", "0.9", "0.5"])
def test_one_step_of_any_limit_in_one_environment_leaves_the_proof_whole(
    tree: DesiredState, factor: str
) -> None:
    """What stands elsewhere is then within one step, looser and legal: no survivor."""
    names = ("production", "staging", "dev")
    limits = [key for key, value in vars_of(tree.environments["dev"].limits) if type(value) in (int, Decimal)]
    for at, key in enumerate(limits):
        name = names[at % len(names)]
        value = getattr(tree.environments[name].limits, key)
        stepped = value * Decimal(factor)
        new = stepped if isinstance(value, Decimal) else max(1, int(stepped))
        found = judge(edited(tree, {name: {f"limits.{key}": new}}), None, NOW).findings
        survived = [one.message for one in found if one.rule.startswith("PRF")]
        assert survived == [] or any(one.rule in ("LIM002", "LIM004") for one in found), survived


def vars_of(section: object) -> list[tuple[str, object]]:
    return [(field.name, getattr(section, field.name)) for field in fields(section)]  # type: ignore[arg-type]


def test_a_calendar_of_one_freeze_leaves_the_proof_whole(tree: DesiredState) -> None:
    """No event week is listed: a warning, and no rule without its proof."""
    calendar = replace(tree.catalogue.calendar, freezes=tree.catalogue.calendar.freezes[:1])
    document = tree.documents["config/calendar.yaml"]
    documents = {**tree.documents, "config/calendar.yaml": replace(document, value=calendar)}
    alone = replace(tree, catalogue=replace(tree.catalogue, calendar=calendar), documents=documents)
    assert troubles(alone) == []
