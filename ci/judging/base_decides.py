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
from dataclasses import fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from ci.errors import InternalError
from ci.judging.code import ROOMS, code_digest, is_code
from ci.judging.vocabulary import set_aside, speaks_of_words_only
from config.findings import Finding, Related, Severity, Span, sort_findings
from config.tree import EXECUTABLE, FILE, Tree
from policies.inputs import Change, KeyChange
from policies.verdict import Counts, MutantFate, RuleProof, Verdict

_CHILD = Path(__file__).with_name("child.py")
_SECONDS = 120
T = TypeVar("T")


def judges_otherwise(base: Tree, tool_root: Path) -> bool:
    """Whether base holds judging code of its own, and it is not the code that runs here."""
    if base.read("policies/registry.py") is None:
        return False
    return _digest(base) != code_digest(tool_root)


def decide(
    base: Tree, merged: Tree, changed: Sequence[str], as_of: datetime, environment: str | None
) -> Verdict | tuple[Finding, ...]:
    """What base's code says of the merged data: a verdict, or the findings of a reader that refused it."""
    with tempfile.TemporaryDirectory(prefix="interlock-base-") as folder:
        code, head, before = (Path(folder) / name for name in ("code", "head", "base"))
        _write_code(base, code)
        request = {
            "code": str(code),
            "head": {"folder": str(head), "label": merged.label, "modes": _write_data(merged, head)},
            "base": {"folder": str(before), "label": base.label, "modes": _write_data(base, before)},
            "changed": [path for path in changed if not is_code(path)],
            "as_of": as_of.isoformat(),
            "environment": environment,
        }
        answer = _answer(_run(request))
        if isinstance(answer, Verdict) or not speaks_of_words_only(answer, changed):
            return answer
        told = _put_aside(answer, head, before)
        return answer if told is None else _with_words(_answer(_run(request)), told)


def _put_aside(refusals: Sequence[Finding], head: Path, before: Path) -> list[Finding] | None:
    """Take the words out of the data that base judges; None where that cannot be done by whole lines."""
    files = {finding.span.file for finding in refusals if (head / finding.span.file).is_file()}
    merged = {file: (head / file).read_text() for file in files}
    base = {file: (before / file).read_text() for file in files if (before / file).is_file()}
    found = set_aside(refusals, merged, base)
    if found is None:
        return None
    for file, text in found[0].items():
        (head / file).write_text(text)
    return found[1]


def _with_words(answer: Verdict | tuple[Finding, ...], words: list[Finding]) -> Verdict | tuple[Finding, ...]:
    if isinstance(answer, Verdict):
        return replace(answer, findings=sort_findings([*answer.findings, *words]))
    return answer


def _run(request: Mapping[str, Any]) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-I", "-B", str(_CHILD)],
        input=json.dumps(request).encode(),
        capture_output=True,
        env={"LC_ALL": "C.UTF-8", "TZ": "UTC"},
        timeout=_SECONDS,
        check=False,
    )
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


def _answer(answer: dict[str, Any]) -> Verdict | tuple[Finding, ...]:
    if "refused" in answer:
        return sort_findings([_finding(one) for one in answer["refused"]])
    try:
        return Verdict(
            findings=sort_findings([_finding(one) for one in answer["findings"]]),
            rules=tuple(_made(RuleProof, one) for one in answer["rules"]),
            mutants=tuple(_made(MutantFate, one | {"path": tuple(one["path"])}) for one in answer["mutants"]),
            counts=_made(Counts, answer["counts"]),
            changes=tuple(_change(one) for one in answer["changes"]),
            direction=answer["direction"],
        )
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
