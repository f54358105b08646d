"""The formats, word for word: text with carets, JSON with stable keys, annotations that nothing can break out of."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from ci.output import github, markdown, sarif, text
from ci.output import json as json_format
from ci.output.document import Document, Table
from config.findings import Finding, Related, Severity, Span

FILE = "config/environments/dev.yaml"
SOURCE = "schema: 1\nflags:\n  live_trading_enabled:\n    enabled: true\n"
LIVE = Finding(
    rule="VEN001",
    severity=Severity.ERROR,
    span=Span(FILE, 4, 14, 4, 18),
    message="`live_trading_enabled` is on in tier `dev`, where no real money may move",
    help="leave live flags off",
    path="flags.live_trading_enabled.enabled",
    related=(Related(Span("config/flags.yaml", 24, 12, 24, 17), "the ceiling"),),
)
WAIVED = Finding("LIM001", Severity.GUARDED, Span(FILE, 1, 9, 1, 10), "raised 2x", "", "schema", (), True)
HOSTILE = Finding(
    "CFG001", Severity.ERROR, Span("a,b:c.yaml", 1, 1, 2, 3), "100% \x1b[31m\r\n::error::x", "do % not"
)


def document(*findings: Finding) -> Document:
    return Document(
        schema="interlock.check/1",
        title="check",
        exit_code=1,
        summary="1 violation",
        facts={"tool_root": "/t", "base": "abc", "clean": False, "notes": ["one"]},
        tables=(Table("changes", ("where", "key"), (("dev", "phase"),)), Table("empty", ("a",), ())),
        findings=findings,
        sources={FILE: SOURCE},
    )


def test_text_shows_the_line_with_its_caret() -> None:
    assert text.render(document(LIVE, WAIVED), colour=False) == (
        "config/environments/dev.yaml:4:14: error[VEN001] `live_trading_enabled` is on in tier `dev`, "
        "where no real money may move\n"
        "    4 |     enabled: true\n"
        "      |              ^^^^\n"
        "  related: config/flags.yaml:24:12 the ceiling\n"
        "  help: leave live flags off\n"
        "\n"
        "config/environments/dev.yaml:1:9: guarded[LIM001] (waived) raised 2x\n"
        "    1 | schema: 1\n"
        "      |         ^\n"
        "\n"
        "changes:\n"
        "  where  key\n"
        "  dev    phase\n"
        "\n"
        "base: abc\n"
        "clean: false\n"
        "notes:\n"
        "  one\n"
        "\n"
        "1 violation\n"
    )


def test_findings_at_one_place_share_its_line() -> None:
    again = Finding("FLG004", Severity.ERROR, LIVE.span, "the ceiling is off", "lower it")
    shown = text.render(document(LIVE, again), colour=False)
    assert shown.count("enabled: true") == 1
    assert "FLG004" in shown


def test_a_terminal_never_acts_on_what_is_shown() -> None:
    shown = text.render(document(HOSTILE), colour=False)
    assert "\x1b" not in shown
    assert "100% <U+001B>[31m<U+000D><U+000A>::error::x" in shown


def test_colour_is_only_around_words() -> None:
    shown = text.render(document(LIVE), colour=True)
    assert "\x1b[1;31merror[VEN001]\x1b[0m" in shown
    assert "\x1b[1;31m^^^^\x1b[0m" in shown


def test_the_excerpt_of_a_secret_shows_no_secret() -> None:
    secret = Finding(
        "SEC001", Severity.ERROR, Span(FILE, 4, 14, 4, 18), "this looks like a secret", "take it out"
    )
    shown = text.render(document(secret), colour=False)
    assert "enabled: ****" in shown
    assert "true" not in shown.split("\n\n")[0]


def test_json_has_every_key_of_a_finding() -> None:
    answer = json.loads(json_format.render(document(LIVE), colour=False))
    assert list(answer) == ["schema", "title", "exit_code", "summary", "facts", "tables", "findings"]
    assert answer["tables"][0] == {"name": "changes", "rows": [{"where": "dev", "key": "phase"}]}
    assert answer["findings"] == [
        {
            "rule": "VEN001",
            "severity": "error",
            "path": "flags.live_trading_enabled.enabled",
            "file": FILE,
            "line": 4,
            "column": 14,
            "end_line": 4,
            "end_column": 18,
            "message": LIVE.message,
            "help": "leave live flags off",
            "related": [
                {
                    "file": "config/flags.yaml",
                    "line": 24,
                    "column": 12,
                    "end_line": 24,
                    "end_column": 17,
                    "label": "the ceiling",
                }
            ],
            "waived": False,
        }
    ]


def test_github_gets_one_annotation_per_finding() -> None:
    lines = github.render(document(LIVE, WAIVED), colour=False).splitlines()
    assert lines == [
        "::error file=config/environments/dev.yaml,line=4,endLine=4,col=14,endColumn=17,title=VEN001 (error)::"
        "`live_trading_enabled` is on in tier `dev`, where no real money may move"
        "%0Arelated: config/flags.yaml:24:12 the ceiling%0Ahelp: leave live flags off",
        "::notice file=config/environments/dev.yaml,line=1,endLine=1,col=9,endColumn=9,"
        "title=LIM001 (guarded%2C waived)::raised 2x",
        "::error title=interlock check::1 violation",
    ]


def test_no_value_breaks_out_of_a_github_command() -> None:
    lines = github.render(document(HOSTILE), colour=False).splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("::error file=a%2Cb%3Ac.yaml,line=1,endLine=2,title=CFG001 (error)::100%25 ")
    assert "%0D%0A::error::x%0Ahelp: do %25 not" in lines[0]


CHANGE = Document(
    "interlock.check/1",
    "check",
    0,
    "0 violations",
    facts={"direction": "loosen"},
    tables=(
        Table(
            "changes",
            ("where", "key", "before", "after", "direction"),
            (
                ("dev", "url", "a", "b::error::x", "neutral"),
                ("dev", "phase", "2", "1", "tighten"),
                ("production", "limits.max_order_value", "5.0", "6.0", "loosen"),
            ),
        ),
    ),
)


def test_github_hears_which_way_a_change_leads_riskiest_first() -> None:
    lines = github.render(CHANGE, colour=False).splitlines()
    assert lines == [
        "::notice title=interlock check%3A direction loosen::production limits.max_order_value: 5.0 -> 6.0 (loosen)"
        "%0Adev url: a -> b::error::x (neutral)%0Adev phase: 2 -> 1 (tighten)",
        "::notice title=interlock check::0 violations",
    ]


def test_github_hears_of_forty_keys_at_most() -> None:
    table = CHANGE.tables[0]
    many = replace(CHANGE, tables=(replace(table, rows=table.rows[2:] * 45),))
    told = github.render(many, colour=False).splitlines()[0]
    assert told.count("%0A") == 40
    assert told.endswith("%0Aand 5 keys more")


@pytest.mark.parametrize("form", [text, json_format, markdown, sarif])
def test_every_format_says_which_way_each_key_leads(form: Any) -> None:
    shown = form.render(CHANGE, colour=False).replace("\\", "")
    for word in ("direction", "limits.max_order_value", "5.0", "6.0", "loosen", "tighten", "neutral"):
        assert word in shown
