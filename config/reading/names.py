"""Which names and modes may stand below `config/`: known files only, plain blobs only, no two alike.

Never opens a file: the tree's listing is enough.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from config.findings import Finding, Related, Severity, Span, whole_file
from config.reading.problem import clip
from config.tree import EXECUTABLE, FILE, LINK, SPECIAL, SUBMODULE, Entry

CATALOGUE: Final = (
    "flags",
    "venues",
    "instruments",
    "alerts",
    "rollouts",
    "calendar",
    "corporate_actions",
    "parity",
    "keyring",
)
"""Fields of `Catalogue`; each stands in a file of its name."""
RECORDS: Final = ("approvals", "releases", "waivers")

_FOLDERS: Final = ("config/", "config/environments/", "config/records/")
_ENVIRONMENT: Final = re.compile(r"config/environments/([a-z][a-z0-9-]{0,30})\.yaml")
_CODE: Final = re.compile(r"config/((models|reading)/)?[a-z_][a-z0-9_]*\.py|config/schema/[a-z_]+\.json")
_LONGEST: Final = 255
_SAID: Final = {
    EXECUTABLE: "executable",
    LINK: "a symbolic link",
    SUBMODULE: "a submodule",
    SPECIAL: "not a regular file",
}


def catalogue_file(name: str) -> str:
    """The file of one part of the catalogue."""
    return f"config/{name}.yaml"


def record_file(name: str) -> str:
    """The file of one kind of record."""
    return f"config/records/{name}.yaml"


_KNOWN: Final = frozenset([*map(catalogue_file, CATALOGUE), *map(record_file, RECORDS)])


def environment_name(path: str) -> str | None:
    """The environment whose file this is."""
    match = _ENVIRONMENT.fullmatch(path)
    return match.group(1) if match else None


def judge_names(entries: Iterable[Entry]) -> list[Finding]:
    """Everything wrong with the names and modes below `config/`."""
    found: list[Finding] = []
    seen: dict[str, str] = {}
    for entry in entries:
        found.extend(_judge_mode(entry))
        if not (entry.path in _KNOWN or environment_name(entry.path) or _CODE.fullmatch(entry.path)):
            found.append(_stray(entry.path))
        folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", entry.path).casefold())
        if folded in seen:
            found.append(_alike(entry.path, seen[folded]))
        seen.setdefault(folded, entry.path)
    return found


def _finding(rule: str, path: str, message: str, way_out: str) -> Finding:
    return Finding(rule, Severity.ERROR, _place(path), message, way_out)


def _place(path: str) -> Span:
    """The file as such; a name made to command a terminal is shown harmless."""
    return whole_file(clip(path, _LONGEST))


def _judge_mode(entry: Entry) -> list[Finding]:
    if entry.mode == FILE:
        return []
    what = _SAID.get(entry.mode, f"of mode {entry.mode}")
    way_out = f"replace it by a regular file of mode {FILE}"
    if entry.mode == EXECUTABLE:
        way_out = f"run `chmod -x {clip(entry.path, _LONGEST)}` and stage it"
    return [
        _finding("CFG008", entry.path, f"file is {what}, only mode {FILE} is read below config/", way_out)
    ]


def _stray(path: str) -> Finding:
    name = path.rsplit("/", 1)[-1]
    folder = path[: -len(name)]
    if any(part.startswith(".") for part in path.split("/")):
        return _finding("CFG009", path, "hidden file below config/", "remove it, or move it out of config/")
    if folder == "config/environments/":
        way_out = "name it `[a-z][a-z0-9-]{0,30}.yaml`, such as `staging.yaml`"
        return _finding("CFG007", path, f"`{clip(name, 64)}` is no name of an environment file", way_out)
    where = folder if folder in _FOLDERS else "config/"
    return _finding("CFG009", path, f"stray file below {where}", "remove it; nobody would judge it")


def _alike(path: str, other: str) -> Finding:
    return Finding(
        rule="CFG010",
        severity=Severity.ERROR,
        span=_place(path),
        message="two file names differ by case or Unicode form only",
        help="rename one; some file systems take them for the same file",
        related=(Related(_place(other), "the other file"),),
    )
