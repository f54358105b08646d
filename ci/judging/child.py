"""Judges data with code from another tree: run by path in a process of its own, it imports only what it is pointed at.

Reads one JSON request from stdin and writes one JSON answer to stdout.  Never imports from the folder it lies in.
"""

from __future__ import annotations

import inspect
import json
import sys
from contextlib import nullcontext
from datetime import datetime
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any


def main() -> int:
    """0 with an answer; 3 when the code that judges crashed."""
    request = json.load(sys.stdin)
    code = request["code"]
    sys.path[:] = [code, *(one for one in sys.path if one and not (Path(one) / "policies").is_dir())]
    try:
        answer = _judge(request)
    except Exception as error:  # whatever the judging code throws, the parent must hear of it
        answer = {"crash": f"{type(error).__name__}: {error}"}
    json.dump(answer, sys.stdout)
    return 3 if "crash" in answer else 0


def _judge(request: dict[str, Any]) -> dict[str, Any]:
    from config.findings import Refused
    from config.reading import load

    base = load(_tree(request["base"])) if request["base"] else None
    if isinstance(base, Refused):
        return {"refused": [_finding(one) | {"message": f"in base: {one.message}"} for one in base.findings]}
    head, words = _head(request, base)
    if isinstance(head, Refused):
        return {"refused": [_finding(one) for one in head.findings]}
    return _verdict(request, head, base) | {"words": [word.plain() for word in words]}


def _head(request: dict[str, Any], base: Any) -> tuple[Any, tuple[Any, ...]]:
    """The judged tree, and the words in it that base's language has no key for."""
    from config.findings import Refused
    from config.reading import load

    try:
        from config.reading.tolerant import load_change
    except ImportError:  # code from before changes of the language were tolerated
        return load(_tree(request["head"])), ()
    found = load_change(_tree(request["head"]), base, request["brings_words"])
    return (found, ()) if isinstance(found, Refused) else (found.desired, found.words)


def _verdict(request: dict[str, Any], head: Any, base: Any) -> dict[str, Any]:
    from zoneinfo import ZoneInfo

    from policies.runner import judge

    told = {
        "zone": ZoneInfo((base or head).catalogue.calendar.zone),
        "environment": request["environment"],
        "changed": tuple(request["changed"]),
        "waivers": _waivers(request),
    }
    if isinstance(told["waivers"], list):
        return {"refused": told["waivers"]}
    watch = _watch()
    told["watch"] = watch
    known = inspect.signature(judge).parameters
    told = {name: value for name, value in told.items() if name in known and value is not None}
    try:
        with nullcontext() if watch is None else watch.running_out():
            verdict = judge(head, base, datetime.fromisoformat(request["as_of"]), **told)
    except (
        BaseException
    ) as error:  # a rule that is stopped must not be able to swallow that, so it is no Exception
        return _stopped(error)
    return {
        "findings": [_finding(one) for one in (*verdict.findings, *_dishonest(head, base))],
        "rules": [_fields(one) for one in verdict.rules],
        "mutants": [_fields(one) | {"path": list(one.path)} for one in verdict.mutants],
        "counts": _fields(verdict.counts),
        "changes": [_change(one) for one in verdict.changes],
        "direction": verdict.direction,
    }


def _watch() -> Any:
    """What stops a rule that never ends or does more than judge; None where base's rules run in another way."""
    try:
        spec = spec_from_file_location("deadline", Path(__file__).with_name("deadline.py"))
        if spec is None or spec.loader is None:
            return None
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        return module.TimedWatch()
    except (ImportError, AttributeError, TypeError):
        return None


def _stopped(error: BaseException) -> dict[str, Any]:
    """A rule that takes too long refuses; whatever else stops one is a crash."""
    if type(error).__name__ != "RuleTooSlowError":
        raise RuntimeError(f"{type(error).__name__}: {error}") from error
    place = ["policies/registry.py", 1, 1, 1, 1]
    said = {"rule": "PRF008", "severity": "error", "span": place, "message": str(error)}
    return {"refused": [said | {"help": "make it faster", "path": "", "related": [], "waived": False}]}


def _tree(of: dict[str, Any]) -> Any:
    from config.tree import FolderTree

    return FolderTree(Path(of["folder"]), of["label"], of["modes"])


def _waivers(request: dict[str, Any]) -> Any:
    """The waivers of both sides; a list of findings when they are refused; None when the code knows no waivers."""
    try:
        from policies.waiver_file import WaiverFile, read_waivers
        from policies.waivers import Waivers
    except ImportError:
        return None
    here = read_waivers(_tree(request["head"]))
    before = read_waivers(_tree(request["base"])) if request["base"] else WaiverFile()
    if not isinstance(here, WaiverFile):
        return [_finding(one) for one in here.findings]
    known = before.waivers if isinstance(before, WaiverFile) else ()
    since = {"approvals": here.approvals} if hasattr(here, "approvals") else {}  # older code knows none
    return Waivers(here.waivers, known, bool(request["base"]), **since)


def _dishonest(head: Any, base: Any) -> list[Any]:
    try:
        from config.reading.honesty import compare
    except ImportError:
        return []
    if base is None:
        return []
    pairs = ((base.documents.get(file), document) for file, document in head.documents.items())
    return [
        finding
        for old, new in pairs
        if old is not None and old.blob_id != new.blob_id
        for finding in compare(old, new, old.text, new.text).findings
    ]


def _finding(one: Any) -> dict[str, Any]:
    return {
        "rule": one.rule,
        "severity": one.severity.value,
        "span": _span(one.span),
        "message": one.message,
        "help": one.help,
        "path": one.path,
        "related": [[_span(other.span), other.label] for other in one.related],
        "waived": one.waived,
    }


def _span(span: Any) -> list[Any]:
    return [span.file, span.line, span.column, span.end_line, span.end_column]


def _fields(one: Any) -> dict[str, Any]:
    return {name: getattr(one, name) for name in one.__dataclass_fields__}


def _change(change: Any) -> dict[str, Any]:
    keys = [[list(key.path), _shown(key.before), _shown(key.after), key.direction] for key in change.keys]
    return {"name": change.name, "keys": keys}


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return f"[{', '.join(map(_shown, value))}]"
    text = "null" if value is None else str(value)
    return "(none)" if text in ("Missing.MISSING", "(missing)") else text


if __name__ == "__main__":
    sys.exit(main())
