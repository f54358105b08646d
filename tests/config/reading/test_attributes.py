"""`.gitattributes` hides nothing of `config/` from a reviewer."""

from __future__ import annotations

import pytest

from config.findings import Finding
from config.reading.attributes import judge_attributes
from config.tree import FILE, LINK, Blob, Entry, blob_id

ENTRIES = (Entry("config/environments/dev.yaml", FILE), Entry("config/flags.yaml", FILE))


class OneFile:
    """A tree whose `.gitattributes` is given."""

    label = "test"

    def __init__(self, text: str | None, mode: str = FILE) -> None:
        self._blob = None if text is None else Blob(text.encode(), mode, blob_id(text.encode()))

    def entries(self, prefix: str) -> tuple[Entry, ...]:
        return ENTRIES

    def read(self, path: str) -> Blob | None:
        return self._blob if path == ".gitattributes" else None


def judged(text: str | None, mode: str = FILE) -> list[Finding]:
    return judge_attributes(OneFile(text, mode), ENTRIES)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "# words\n",
        "config/** text eol=lf\n",
        "* text=auto eol=lf\nconfig/** text eol=lf\n",
        "*.png binary\n",
        "docs/** -diff\n",
        "/config.yaml -diff\n",
        "config -diff\n",
        "config/** -diff\nconfig/** !diff text\n",
    ],
)
def test_harmless_attributes_pass(text: str | None) -> None:
    assert judged(text) == []


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("* text=auto\n", 1, "attribute `text` is auto for `config/environments/dev.yaml`"),
        (
            "config/** text eol=lf\n*.yaml -diff\n",
            2,
            "attribute `diff` is unset for `config/environments/dev.yaml`",
        ),
        ("config/** eol=crlf\n", 1, "attribute `eol` is crlf for `config/environments/dev.yaml`"),
        (
            "*.yaml linguist-generated\n",
            1,
            "attribute `linguist-generated` is set for `config/environments/dev.yaml`",
        ),
        ("config/flags.yaml filter=x\n", 1, "attribute `filter` is x for `config/flags.yaml`"),
        ("**/dev.yaml merge=ours\n", 1, "attribute `merge` is ours for `config/environments/dev.yaml`"),
        ("**/environments/* ident\n", 1, "attribute `ident` is set for `config/environments/dev.yaml`"),
        ("conf?g/** -diff\n", 1, "attribute `diff` is unset for `config/environments/dev.yaml`"),
        (
            "/config/*.yaml working-tree-encoding=X\n",
            1,
            "attribute `working-tree-encoding` is X for `config/flags.yaml`",
        ),
        ("[attr]quiet -diff\n", 1, "attribute `diff` is unset for `config/environments/dev.yaml`"),
        (
            '"config/fl\\141gs.yaml" -diff\n',
            1,
            "attribute `diff` is unset for `config/environments/dev.yaml`",
        ),
        ("c[o]nfig/flags.yaml -diff\n", 1, "attribute `diff` is unset for `config/environments/dev.yaml`"),
        ("config/flags.yaml binary\n", 1, "attribute `binary` is set for `config/flags.yaml`"),
    ],
)
def test_hiding_attribute_is_refused_at_its_line(text: str, line: int, message: str) -> None:
    found = judged(text)
    assert {(f.rule, f.span.file, f.span.line) for f in found} == {("CFG011", ".gitattributes", line)}
    assert message in [f.message for f in found]


def test_attribute_file_that_is_a_link_is_refused() -> None:
    assert [f.message for f in judged("x", LINK)] == ["`.gitattributes` has mode 120000"]


def test_pattern_not_understood_gives_no_permission_back() -> None:
    assert judged("config/** -diff\nc[o]nfig/** !diff\n") != []
