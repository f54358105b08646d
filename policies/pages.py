"""Reference pages of the rules, made from what each rule says of itself.

Never written by hand: `make generate` writes them to docs/rules.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from policies.declared import Declared
from policies.inputs import MISSING
from policies.registry import RULES
from policies.rule import Meta, Rule, Sample

_FAMILIES = {
    "ALR": "alerts",
    "CAL": "calendar",
    "EVD": "evidence",
    "FLG": "flags",
    "GIT": "provenance",
    "INF": "infrastructure",
    "LIM": "limits",
    "PAR": "parity",
    "ROL": "rollouts",
    "SEC": "secrets",
    "VEN": "venues and modes",
    "WAV": "waivers",
}
_SEVERITIES = {
    "error": "refuses; nothing overrides it",
    "guarded": "refuses, unless a waiver in config/records covers it",
    "warning": "warns",
    "info": "tells",
}


def pages() -> Mapping[str, str]:
    """Every page by its file name: an index and one page per rule."""
    found = {"README.md": "\n".join(_index()) + "\n"}
    found.update({f"{rule.META.slug}.md": page(rule) for rule in RULES})
    return found


def page(rule: Rule) -> str:
    """The page of one rule."""
    return "\n".join(_page(rule)) + "\n"


def why(rule: Rule) -> tuple[str, str]:
    """What is wrong, in one sentence, and why it matters."""
    if isinstance(rule, Declared):
        return rule.META.title.capitalize() + ".", rule.why
    first, _, rest = (rule.__doc__ or "").strip().partition("\n")
    return first, " ".join(rest.split())


def samples(rule: Rule) -> Iterator[tuple[str, str, str]]:
    """Each sample: whether it is refused, what it is, what it edits."""
    for verdict, some in (("refused", rule.INVALID), ("passes", rule.VALID)):
        for sample in some:
            yield verdict, sample.says, edits(sample)


def edits(sample: Sample) -> str:
    """The edits of a sample world that make the sample, in one line."""
    parts = [f"tier {sample.tier}"]
    if sample.before:
        parts.append("before: " + _lines(sample.before))
    parts.extend(_lines(some) for some in (sample.edits, sample.catalogue) if some)
    parts.extend(f"{name}: {_lines(some) or 'as it is'}" for name, some in sample.others.items())
    parts.extend(f"{file} changes" for file in sample.changed)
    return "; ".join(parts)


def _lines(some: Mapping[str, object]) -> str:
    return ", ".join(f"{key.removeprefix('catalogue.')} = {_shown(value)}" for key, value in some.items())


def _shown(value: object) -> str:
    if value is MISSING:
        return "(left out)"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple) and all(isinstance(item, str) for item in value):
        return f"[{', '.join(value)}]"
    if value is None or isinstance(value, str | int):
        return "null" if value is None else str(value)
    return (
        str(value)
        if not hasattr(value, "__section_names__") and not isinstance(value, tuple)
        else "(a section)"
    )


def _index() -> Iterator[str]:
    yield "# Rules"
    yield ""
    yield "Generated from the rules themselves. `interlock explain LIM001` shows the same on a terminal."
    for family, name in _FAMILIES.items():
        rules = [rule for rule in RULES if rule.META.id.startswith(family)]
        if rules:
            yield from (
                "",
                f"## {family}: {name}",
                "",
                "| rule | refuses | severity | scope | tiers |",
                "|--|--|--|--|--|",
            )
            yield from (_row(rule.META) for rule in rules)


def _row(meta: Meta) -> str:
    return (
        f"| [{meta.id}]({meta.slug}.md) | {meta.title} | {meta.severity.value} | {meta.scope.value} "
        f"| {', '.join(meta.tiers)} |"
    )


def _page(rule: Rule) -> Iterator[str]:
    meta = rule.META
    what, because = why(rule)
    yield from (f"# {meta.id}: {meta.title}", "", what)
    if because:
        yield from ("", because)
    yield from ("", f"- **severity**: {meta.severity.value} ({_SEVERITIES[meta.severity.value]})")
    yield f"- **scope**: {meta.scope.value}, judged by `interlock {meta.scope.judged_by}`"
    yield f"- **tiers**: {', '.join(meta.tiers)}"
    yield f"- **reads**: {', '.join(f'`{one}`' for one in meta.reads)}"
    yield f"- **source**: {meta.source}"
    yield from ("", "## How to fix", "", meta.fix[0].upper() + meta.fix[1:] + ".")
    yield from ("", "## Samples", "", "| | sample | edits of the sample world |", "|--|--|--|")
    for verdict, says, edited in samples(rule):
        yield f"| {verdict} | {_cell(says)} | {_cell(edited)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
