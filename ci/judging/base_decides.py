"""Base decides: a change is judged by the code of its base, in a child process, on the merged data.

None of the code that the change brings is executed: only base's rooms are written out and imported, and the child gets
no environment variables.  Where base's code is the very code that runs here, no child is needed.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from ci.errors import InternalError
from ci.judging.code import ROOMS, code_digest, is_code
from config.findings import Finding, Related, Severity, Span, sort_findings
from config.record import record
from config.tree import EXECUTABLE, FILE, Tree
from config.vocabulary import Word
from policies.inputs import Change, KeyChange
from policies.verdict import Counts, MutantFate, RuleProof, Verdict

_CHILD = Path(__file__).with_name("child.py")
_SECONDS = 120
_LANGUAGE = ("config/models/", "config/reading/")
T = TypeVar("T")


def holds_code(tree: Tree) -> bool:
    """Whether a tree holds judging code of its own, not configuration alone."""
    return tree.read("policies/registry.py") is not None


def is_code_of(tree: Tree, tool_root: Path) -> bool:
    """Whether the code that runs here is the tree's."""
    return holds_code(tree) and _digest(tree) == code_digest(tool_root)


def judges_otherwise(base: Tree, tool_root: Path) -> bool:
    """Whether base holds judging code of its own, and it is not the code that runs here."""
    return holds_code(base) and not is_code_of(base, tool_root)


@record
class Decided:
    """What base's code says of the merged data, and the words in it that base's language has no key for."""

    verdict: Verdict
    words: tuple[Word, ...]


def brings_words(changed: Sequence[str]) -> bool:
    """Whether a change touches what defines the language; only then may its data speak of keys that base lacks."""
    return any(path.startswith(_LANGUAGE) for path in changed)


def decide(
    base: Tree, merged: Tree, changed: Sequence[str], as_of: datetime, environment: str | None
) -> Decided | tuple[Finding, ...]:
    """What base's code says of the merged data; findings alone when its reader refuses."""
    with tempfile.TemporaryDirectory(prefix="interlock-base-") as folder:
        code, head, before = (Path(folder) / name for name in ("code", "head", "base"))
        _write_code(base, code)
        request = {
            "code": str(code),
            "head": {"folder": str(head), "label": merged.label, "modes": _write_data(merged, head)},
            "base": {"folder": str(before), "label": base.label, "modes": _write_data(base, before)},
            "changed": list(changed),
            "brings_words": brings_words(changed),
            "as_of": as_of.isoformat(),
            "environment": environment,
        }
        return _answer(_run(request))


def _run(request: Mapping[str, Any]) -> dict[str, Any]:
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-B", str(_CHILD)],
            input=json.dumps(request).encode(),
            capture_output=True,
            env={"LC_ALL": "C.UTF-8", "TZ": "UTC"},
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise InternalError(
            f"base's code gave no answer in {_SECONDS} s", "check out the base and run it there"
        ) from None
    try:
        answer: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["nothing"]
        raise InternalError(
            f"base's code gave no answer: {last[0]}", "check out the base and run it there"
        ) from None
    if "crash" in answer:
        raise InternalError(
            f"base's code crashed: {answer['crash']}", "a crash is no verdict: correct base first"
        )
    return answer


def _answer(answer: dict[str, Any]) -> Decided | tuple[Finding, ...]:
    if "refused" in answer:
        return sort_findings([_finding(one) for one in answer["refused"]])
    try:
        verdict = Verdict(
            findings=sort_findings([_finding(one) for one in answer["findings"]]),
            rules=tuple(_made(RuleProof, one) for one in answer["rules"]),
            mutants=tuple(_made(MutantFate, one | {"path": tuple(one["path"])}) for one in answer["mutants"]),
            counts=_made(Counts, answer["counts"]),
            changes=tuple(_change(one) for one in answer["changes"]),
            direction=answer["direction"],
        )
        return Decided(verdict, tuple(map(Word.parse, answer["words"])))
    except (KeyError, TypeError) as error:
        raise InternalError(f"base's code answers in another form: {error}", "update this tool") from None


def _made(cls: type[T], told: Mapping[str, Any]) -> T:
    names = {field.name for field in fields(cls)}  # type: ignore[arg-type]
    return cls(**{name: value for name, value in told.items() if name in names})


def _finding(told: Mapping[str, Any]) -> Finding:
    return Finding(
        rule=told["rule"],
        severity=Severity(told["severity"]),
        span=Span(*told["span"]),
        message=told["message"],
        help=told["help"],
        path=told["path"],
        related=tuple(Related(Span(*span), label) for span, label in told["related"]),
        waived=told["waived"],
    )


def _change(told: Mapping[str, Any]) -> Change:
    keys = tuple(KeyChange(tuple(path), before, after, way) for path, before, after, way in told["keys"])
    return Change(told["name"], None, None, keys)


def _code_files(tree: Tree) -> Iterator[tuple[str, bytes]]:
    for room in ROOMS:
        for entry in tree.entries(room):
            blob = tree.read(entry.path) if is_code(entry.path) and entry.mode in (FILE, EXECUTABLE) else None
            if blob is not None:
                yield entry.path, blob.data


def _digest(tree: Tree) -> str:
    digest = hashlib.sha256()
    for path, data in sorted(_code_files(tree)):
        digest.update(f"{path}\0{len(data)}\0".encode())
        digest.update(data)
    return digest.hexdigest()


def _write_code(tree: Tree, folder: Path) -> None:
    for path, data in _code_files(tree):
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def _write_data(tree: Tree, folder: Path) -> dict[str, str]:
    """Write what lies below config (no code among it) and tell each file's mode; a link is written as an empty file."""
    modes: dict[str, str] = {}
    folder.mkdir()
    files = [(entry.path, entry.mode) for entry in tree.entries("config")]
    attributes = tree.read(".gitattributes")
    if attributes is not None:
        files.append((".gitattributes", attributes.mode))
    for path, mode in files:
        blob = None if is_code(path) else tree.read(path)
        if blob is not None:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(blob.data)
            modes[path] = mode
    return modes
