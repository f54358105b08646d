"""Every rule: its samples behave, its words keep to the house, its rendered findings are exactly these."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ci.output import text
from ci.output.document import Document
from config.desired import DesiredState
from config.schema_walk import replace_at
from policies import registry
from policies.declared import Declared
from policies.inputs import State
from policies.placing import Placer
from policies.registry import RULES
from policies.rule import Rule, Scope
from policies.subjects import subject_of
from policies.watch import Watch, proves_itself

JUDGED = [rule for rule in RULES if rule.META.scope.judged_by == "check"]
EVERY = pytest.mark.parametrize("rule", JUDGED, ids=[rule.META.slug for rule in JUDGED])
Sides = Callable[[Any], tuple[DesiredState, DesiredState | None]]


@EVERY
def test_samples_of_the_rule_behave(rule: Rule) -> None:
    assert proves_itself(rule, Watch()) == ""


@EVERY
def test_every_invalid_sample_belongs_to_a_tier_of_the_rule(rule: Rule) -> None:
    assert {sample.tier for sample in rule.INVALID} <= set(rule.META.tiers)


@EVERY
def test_rendered_findings_are_exactly_these(
    rule: Rule, sides: Sides, golden: Callable[[str, str], None]
) -> None:
    watch, blocks = Watch(), []
    for sample in rule.INVALID:
        subject = subject_of(sample, rule.META)
        head, base = sides(subject)
        name = getattr(subject, "name", "")
        found = tuple(Placer(head, base).finding(rule, name, hit) for hit in watch.hits(rule, subject))
        sources = {file: one.text for side in (base, head) if side for file, one in side.documents.items()}
        sources.update(sample.texts)
        shown = Document("", "", 1, findings=found, sources=sources)
        blocks.append(f"# {sample.says}\n{text.render(shown, colour=False)}")
    golden(f"{rule.META.slug}.txt", "\n".join(blocks))


@EVERY
def test_words_of_the_rule_keep_to_the_house(rule: Rule) -> None:
    meta = rule.META
    assert re.fullmatch(r"(YAM|CFG|LIM|FLG|ROL|CAL|ALR|PAR|VEN|INF|SEC|GIT|WAV|EVD)[0-9]{3}", meta.id)
    assert meta.title[0].islower() or meta.title[:3].isupper()
    for words in (meta.title, meta.fix):
        assert not words.endswith(".")
    assert meta.source
    assert len((rule.__doc__ or "").strip()) > 40, "the docstring says why"
    messages = [hit.message for sample in rule.INVALID for hit in rule.judge(subject_of(sample, meta))]
    assert all(
        not message.endswith(".") and not message[0].isupper()
        for message in messages
        if message[:5] != "DEBUG"
    )


def test_registry_lists_every_file_of_the_folder_once() -> None:
    folder = Path(registry.__file__).parent / "rules"
    files = {path.stem for path in (*folder.glob("*.py"), *folder.glob("*.yaml"))} - {"__init__"}
    slugs = [rule.META.slug for rule in RULES]
    assert sorted(slugs) == sorted(files)
    modules = [rule for rule in RULES if not isinstance(rule, Declared)]
    assert [Path(str(rule.__file__)).stem for rule in modules] == [rule.META.slug for rule in modules]  # type: ignore[attr-defined]


def test_ids_are_unique_and_none_is_used_again() -> None:
    ids = [rule.META.id for rule in RULES]
    assert len(set(ids)) == len(ids)
    assert not set(ids) & set(registry.RETIRED)
    assert ids == sorted(ids)


def test_a_rule_is_found_by_id_and_by_slug() -> None:
    assert registry.rule_by_name("ven001") is registry.rule_by_name("live_trading_in_dev")
    assert registry.rule_by_name("VEN999") is None


STATE = [rule for rule in RULES if rule.META.scope is Scope.STATE]


@pytest.mark.parametrize("rule", STATE, ids=[rule.META.slug for rule in STATE])
def test_a_rule_of_a_tier_bites_in_an_environment_of_any_name(rule: Rule) -> None:
    """Each INVALID sample once more in `qa`, which no rule has ever heard of."""
    for sample in rule.INVALID:
        state = subject_of(sample, rule.META)
        assert isinstance(state, State)
        named = state.environment.environment
        renamed = replace_at(state.environment, ("environment",), "qa" if named == sample.tier else named)
        leaves = {**state.leaves, ("environment",): renamed.environment}
        qa = replace(state, name="qa", environment=renamed, leaves=leaves)
        assert [*Watch().hits(rule, qa)], sample.says
