"""Every contestant: how it is asked to judge one tree by its three rules, and where its answer says the faults are.

Each runs as its users run it, from the tree's root, with its own machine-readable output; `stage` prepares what a tool
needs beside the tree (a module file, a list of files) and is not timed. Rules stand in `rules/<tool>/`.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.policy.install import PEERS, Peer, program
from benchmarks.policy.processes import Run
from benchmarks.policy.trees import ROOT, RULES

RULE_FILES = Path(__file__).with_name("rules")
FOLDER = "config/environments"
OTHER = "another rule"
_BY_PATH = {".".join(rule.path): rule.name for rule in RULES}
_BY_SLUG = {re.sub(r"[ %]+", "-", rule.name.replace("%", "percent")): rule.name for rule in RULES}
_OURS = {"VEN001": RULES[0].name, "LIM002": RULES[1].name, "ALR001": RULES[2].name}


@dataclass(frozen=True, slots=True)
class Site:
    """One tool at one tree: its program, its rules, the tree and a folder of its own."""

    program: Path
    rules: Path
    tree: Path
    work: Path


@dataclass(frozen=True, slots=True)
class Found:
    """What an answer says of one fault; what it does not say is None."""

    file: str
    rule: str
    path: str | None = None
    line: int | None = None
    last_line: int | None = None
    column: int | None = None


Surroundings = Mapping[str, str]
Reader = Callable[[Run, Site], Iterator[Found]]


@dataclass(frozen=True, slots=True)
class Tool:
    """A contestant."""

    name: str
    version: str
    program: Path | None
    rules: Path
    arguments: Callable[[Site], list[str]]
    read: Reader
    stage: Callable[[Site], None] = lambda _: None
    surroundings: Callable[[Site], Surroundings] = lambda _: {}
    folder: Callable[[Site], Path] = lambda site: site.tree
    forgets: tuple[str, ...] = ()
    """What of its folder is gone before each run, so that a first run stays one."""


def files(site: Site) -> list[str]:
    """The environments, from the tree's root."""
    return sorted(f"{FOLDER}/{path.name}" for path in (site.tree / FOLDER).glob("*.yaml"))


def _interlock(site: Site) -> list[str]:
    return ["check", "--format", "json", "--state", str(site.work / "state")]


def _interlock_surroundings(site: Site) -> Surroundings:
    return {} if site.rules == ROOT else {"PYTHONPATH": str(site.rules)}


def _read_interlock(run: Run, site: Site) -> Iterator[Found]:
    for one in json.loads(run.out)["findings"]:
        rule = _OURS.get(one["rule"], OTHER)
        yield Found(one["file"], rule, one["path"], one["line"], one["end_line"], one["column"])


def _check_jsonschema(site: Site) -> list[str]:
    schema = str(site.rules / "environment.json")
    return ["--output-format", "json", "--schemafile", schema, *files(site)]


def _read_check_jsonschema(run: Run, site: Site) -> Iterator[Found]:
    for one in json.loads(run.out)["errors"]:
        path = one["path"].removeprefix("$.")
        yield Found(one["filename"], _BY_PATH.get(path, OTHER), path)


def _semgrep(site: Site) -> list[str]:
    quiet = ["--json", "--quiet", "--metrics", "off", "--disable-version-check"]
    return ["scan", "--config", str(site.rules / "environment.yaml"), "--error", *quiet, FOLDER]


def _semgrep_surroundings(site: Site) -> Surroundings:
    return {"SEMGREP_SETTINGS_FILE": str(site.work / "settings.yml")}


def _read_semgrep(run: Run, site: Site) -> Iterator[Found]:
    for one in json.loads(run.out)["results"]:
        rule = _BY_SLUG.get(one["check_id"].rpartition(".")[2], OTHER)
        yield Found(one["path"], rule, None, one["start"]["line"], one["end"]["line"], one["start"]["col"])


def _checkov(site: Site) -> list[str]:
    quiet = ["--output", "json", "--quiet", "--compact", "--skip-download"]
    rules = ["--framework", "yaml", "--external-checks-dir", str(site.rules)]
    return [*rules, *quiet, "--directory", FOLDER]


def _read_checkov(run: Run, site: Site) -> Iterator[Found]:
    for one in json.loads(run.out).get("results", {}).get("failed_checks", ()):
        first, last = one["file_line_range"]
        yield Found(f"{FOLDER}{one['file_path']}", one["check_name"], None, first, last)


def _conftest(site: Site) -> list[str]:
    return ["test", "--policy", str(site.rules), "--output", "json", FOLDER]


def _read_conftest(run: Run, site: Site) -> Iterator[Found]:
    for one in json.loads(run.out):
        for failure in one.get("failures", ()):
            yield Found(one["filename"], failure["msg"])


def _opa(site: Site) -> list[str]:
    return ["exec", "--fail-non-empty", "--decision", "main/deny", "--bundle", str(site.rules), FOLDER]


def _read_opa(run: Run, site: Site) -> Iterator[Found]:
    for one in json.loads(run.out).get("result") or ():
        for message in one.get("result", ()):
            yield Found(one["path"], message)


def _stage_cue(site: Site) -> None:
    """`@embed` reads below the module only: the rules go beside a copy of the tree."""
    shutil.rmtree(site.work / "module", ignore_errors=True)
    shutil.copytree(site.rules, site.work / "module")
    shutil.copytree(site.tree / "config", site.work / "module/config")


def _cue(site: Site) -> list[str]:
    return ["vet", "--all-errors", "."]


_CUE = re.compile(r'^environments\."([^"]+)"\.([\w.]+): .*\n((?:    .*\n)+)', re.MULTILINE)


def _read_cue(run: Run, site: Site) -> Iterator[Found]:
    for file, path, places in _CUE.findall(run.err):
        at = re.search(rf"{re.escape(file)}:(\d+):(\d+)", places)
        line, column = (int(at[1]), int(at[2])) if at else (None, None)
        yield Found(file, _BY_PATH.get(path, OTHER), path, line, line, column)


def _stage_jsonnet(site: Site) -> None:
    """jsonnet cannot list a folder: it gets the list, and reads the files itself."""
    listed = (
        f"  {json.dumps(file)}: importstr {json.dumps(str(site.tree / file))},\n" for file in files(site)
    )
    (site.work / "files.jsonnet").write_text("{\n" + "".join(listed) + "}\n")


def _jsonnet(site: Site) -> list[str]:
    return ["--tla-code-file", f"files={site.work / 'files.jsonnet'}", str(site.rules / "check.jsonnet")]


def _read_jsonnet(run: Run, site: Site) -> Iterator[Found]:
    said = run.err.partition("RUNTIME ERROR: ")[2].partition("\n")[0]
    for file, rules in (json.loads(said) if said.startswith("{") else {}).items():
        for rule in rules:
            yield Found(file, rule)


def _spectral(site: Site) -> list[str]:
    return ["lint", "--ruleset", str(site.rules / "ruleset.yaml"), "--format", "json", f"{FOLDER}/*.yaml"]


def _read_spectral(run: Run, site: Site) -> Iterator[Found]:
    for one in json.loads(run.out):
        start, end = one["range"]["start"], one["range"]["end"]
        file, rule = Path(one["source"]).name, _BY_SLUG.get(one["code"], OTHER)
        path = ".".join(map(str, one["path"]))
        yield Found(
            f"{FOLDER}/{file}", rule, path, start["line"] + 1, end["line"] + 1, start["character"] + 1
        )


def _peer(name: str) -> Peer:
    return next(peer for peer in PEERS if peer.name == name)


def _tool(name: str, arguments: Callable[[Site], list[str]], read: Reader) -> Tool:
    peer = _peer(name)
    return Tool(name, peer.version, program(peer), RULE_FILES / name, arguments, read)


def ours() -> Tool:
    """Interlock, which remembers nothing from one run to the next."""
    found = Path(sys.executable).parent / "interlock"
    tool = Tool(
        "interlock",
        "this tree",
        found,
        ROOT,
        _interlock,
        _read_interlock,
        surroundings=_interlock_surroundings,
    )
    return replace(tool, forgets=("state",))


def contestants() -> tuple[Tool, ...]:
    """Ours first, then the peers in the issue's order."""
    return (
        ours(),
        _tool("check-jsonschema", _check_jsonschema, _read_check_jsonschema),
        replace(_tool("semgrep", _semgrep, _read_semgrep), surroundings=_semgrep_surroundings),
        _tool("checkov", _checkov, _read_checkov),
        _tool("conftest", _conftest, _read_conftest),
        _tool("opa", _opa, _read_opa),
        replace(_tool("cue", _cue, _read_cue), stage=_stage_cue, folder=lambda site: site.work / "module"),
        replace(_tool("jsonnet", _jsonnet, _read_jsonnet), stage=_stage_jsonnet),
        _tool("spectral", _spectral, _read_spectral),
    )
