"""Below `config/` stand known files with plain modes, and nothing else."""

from __future__ import annotations

import pytest

from config.reading.names import CATALOGUE, environment_name, judge_names
from config.tree import EXECUTABLE, FILE, LINK, SPECIAL, SUBMODULE, Entry


def judged(*paths: str, mode: str = FILE) -> list[tuple[str, str, str]]:
    return [(f.rule, f.span.file, f.message) for f in judge_names([Entry(path, mode) for path in paths])]


@pytest.mark.parametrize(
    "path",
    [
        *(f"config/{name}.yaml" for name in CATALOGUE),
        "config/environments/dev.yaml",
        "config/environments/a.yaml",
        "config/environments/qa-2.yaml",
        f"config/environments/{'a' * 31}.yaml",
        "config/records/releases.yaml",
        "config/schema/environment.json",
        "config/tree.py",
        "config/models/nature.py",
        "config/reading/__init__.py",
    ],
)
def test_known_file_may_stand_there(path: str) -> None:
    assert judged(path) == []


@pytest.mark.parametrize(
    ("path", "rule", "message"),
    [
        ("config/environments/Dev.yaml", "CFG007", "`Dev.yaml` is no name of an environment file"),
        ("config/environments/dev.yml", "CFG007", "`dev.yml` is no name of an environment file"),
        ("config/environments/1dev.yaml", "CFG007", "`1dev.yaml` is no name of an environment file"),
        ("config/environments/de_v.yaml", "CFG007", "`de_v.yaml` is no name of an environment file"),
        ("config/environments/dev .yaml", "CFG007", "`dev .yaml` is no name of an environment file"),
        ("config/environments/dev.yaml.orig", "CFG007", "`dev.yaml.orig` is no name of an environment file"),
        (
            f"config/environments/{'a' * 32}.yaml",
            "CFG007",
            f"`{'a' * 32}.yaml` is no name of an environment file",
        ),
        ("config/environments/sub/dev.yaml", "CFG009", "stray file below config/"),
        ("config/environments/.dev.yaml", "CFG009", "hidden file below config/"),
        ("config/.hidden/dev.yaml", "CFG009", "hidden file below config/"),
        ("config/.gitattributes", "CFG009", "hidden file below config/"),
        ("config/flags.yml", "CFG009", "stray file below config/"),
        ("config/flag.yaml", "CFG009", "stray file below config/"),
        ("config/README.md", "CFG009", "stray file below config/"),
        ("config/records/notes.yaml", "CFG009", "stray file below config/records/"),
        ("config/models/evil.so", "CFG009", "stray file below config/"),
        ("config/models/sub/x.py", "CFG009", "stray file below config/"),
    ],
)
def test_other_file_is_refused_by_name(path: str, rule: str, message: str) -> None:
    assert judged(path) == [(rule, path, message)]


@pytest.mark.parametrize(
    ("mode", "what"),
    [
        (EXECUTABLE, "executable"),
        (LINK, "a symbolic link"),
        (SUBMODULE, "a submodule"),
        (SPECIAL, "not a regular file"),
        ("100664", "of mode 100664"),
    ],
)
def test_other_mode_is_refused(mode: str, what: str) -> None:
    assert judged("config/flags.yaml", mode=mode) == [
        ("CFG008", "config/flags.yaml", f"file is {what}, only mode 100644 is read below config/")
    ]


def test_names_alike_are_refused_with_both_files() -> None:
    entries = [Entry(path, FILE) for path in ("config/Flags.yaml", "config/flags.yaml")]
    (_, alike) = judge_names(entries)
    assert (alike.rule, alike.span.file, alike.related[0].span.file) == (
        "CFG010",
        "config/flags.yaml",
        "config/Flags.yaml",
    )
    composed, decomposed = "config/environments/é.yaml", "config/environments/e\u0301.yaml"
    assert [rule for rule, *_ in judged(composed, decomposed)] == ["CFG007", "CFG007", "CFG010"]


def test_name_of_an_environment_comes_from_its_file() -> None:
    assert environment_name("config/environments/qa-2.yaml") == "qa-2"
    assert environment_name("config/environments/qa.yaml\n") is None
    assert environment_name("config/flags.yaml") is None


def test_name_that_commands_a_terminal_is_shown_harmless() -> None:
    (found,) = judge_names([Entry("config/environments/\x1b[2J\udcff\n.yaml", FILE)])
    assert (found.span.file, found.message) == (
        "config/environments/?[2J??.yaml",
        "`?[2J??.yaml` is no name of an environment file",
    )
