"""Renders the figures as Markdown: the table of tools, our bars, the table of traps with what each tool said."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Sequence
from typing import Any

_LIMITS = {  # what the issue asks of ours: seconds
    "300 files, first run": 0.5,
    "3,000 files, first run": 2.0,
    "3,000 files, later run": 0.4,
    "this repository": 0.25,
    "this repository, HEAD --base HEAD~1": 0.6,
}
_MOST_MEGABYTES = 100
OURS = "interlock"


def machine() -> str:
    """Where it ran, and how busy that was."""
    load = os.getloadavg()[0]
    return f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}, load {load:.1f}"


def markdown(found: dict[str, Any]) -> str:
    """The whole report."""
    lines = [found["machine"], ""]
    for tree in found["trees"]:
        lined, keyed, sized = (tree[what] // tree["files"] for what in ("lines", "keys", "bytes"))
        each = f"{lined} lines, {keyed} keys and {sized:,} bytes"
        lines.append(f"- {tree['files']:,} files of {each}, {tree['faults']} faults planted")
    lines += ["", f"Medians of whole processes, at most {found['runs']} runs after one that warms.", ""]
    lines += [*_figures(found), ""]
    if found["missing"]:
        lines += [f"Not installed, so not measured: {', '.join(found['missing'])}.", ""]
    if found["bars"]:
        lines += [*_bars(found["bars"]), ""]
    if found["traps"]:
        lines += [*_traps(found["traps"]), ""]
    lines += _peers_win(found)
    return "\n".join(lines)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'--|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _figures(found: dict[str, Any]) -> Iterator[str]:
    figures = found["figures"]
    sizes = sorted({one["files"] for one in figures})
    head = [
        "tool",
        *(f"{size:,} files, s" for size in sizes),
        "MB",
        "found / missed / made up",
        "place",
        "exit",
    ]
    rows = []
    for name in dict.fromkeys(one["tool"] for one in figures):
        own = {one["files"]: one for one in figures if one["tool"] == name}
        timed = [one for one in own.values() if one["runs"]]
        if not timed:
            continue
        last = timed[-1]
        cells = [_seconds(own[size]) if size in own else "" for size in sizes]
        title = f"{name} {last['version']}" if last["version"] != "this tree" else name
        rows.append(
            [title, *cells, f"{last['megabytes']:.0f}", _score(last), _place(last), str(last["code"])]
        )
    yield from _table(head, rows)
    for one in figures:
        if one["why_not"]:
            yield f"\n{one['tool']} at {one['files']:,} files: {one['why_not']}."


def _seconds(one: dict[str, Any]) -> str:
    return f"{one['seconds']:.2f}" if one["runs"] else "not run"


def _score(one: dict[str, Any]) -> str:
    score = one["score"]
    if score is None:
        return "?"
    others = f" (+{score['others']} by other rules)" if score["others"] else ""
    return f"{score['true']} / {score['missed']} / {score['false']}{others}"


def _place(one: dict[str, Any]) -> str:
    return str(one["score"]["place"]) if one["score"] else "?"


def _bars(bars: Sequence[dict[str, Any]]) -> Iterator[str]:
    rows = []
    for one in bars:
        limit = _LIMITS.get(one["what"])
        timely = limit is None or one["seconds"] <= limit
        small = one["megabytes"] <= _MOST_MEGABYTES
        bar = f"{limit:g} s, {_MOST_MEGABYTES} MB" if limit else f"{_MOST_MEGABYTES} MB"
        judged = not one["why_not"] and one["code"] in (
            (0,) if one["files"] else (0, 1)
        )  # 1: HEAD is refused
        verdict = "NO VERDICT" if not judged else "met" if timely and small else "MISSED"
        rows.append(
            [
                one["what"],
                f"{one['seconds']:.2f}",
                f"{one['processor']:.2f}",
                f"{one['megabytes']:.0f}",
                bar,
                verdict,
            ]
        )
    yield from _table(["interlock check", "s", "processor s", "MB", "bar", ""], rows)


def _traps(answers: Sequence[dict[str, Any]]) -> Iterator[str]:
    tools = list(dict.fromkeys(one["tool"] for one in answers))
    by_place = {(one["trap"], one["tool"]): one for one in answers}
    rows = []
    for trap in dict.fromkeys(one["trap"] for one in answers):
        rows.append([trap, *(_verdict(by_place[trap, tool]) for tool in tools)])
    values = [one for one in answers if one["kind"] == "value"]
    count = len({one["trap"] for one in values})
    sums = [sum(one["verdict"] == "caught" for one in values if one["tool"] == tool) for tool in tools]
    rows.append([f"**dangerous values caught, of {count}**", *(f"**{number}**" for number in sums)])
    yield from _table(["trap", *tools], rows)


def _verdict(one: dict[str, Any]) -> str:
    if one["kind"] == "control" and one["code"] == 0:
        return "exit 0"
    return {"caught": f"caught ({one['code']})", "said": "SILENT (words, exit 0)"}.get(
        one["verdict"], "SILENT"
    )


def _peers_win(found: dict[str, Any]) -> Iterator[str]:
    """Where a peer does better than ours in this very run."""
    for size in sorted({one["files"] for one in found["figures"]}):
        here = [one for one in found["figures"] if one["files"] == size and one["score"]]
        first = next((one for one in here if one["tool"] == OURS), None)
        peers = [one for one in here if not one["tool"].startswith(OURS)]
        if first is None or not peers:
            continue
        for what, better in (("faster", "seconds"), ("smaller", "megabytes")):
            ahead = [f"{one['tool']} ({_place(one)})" for one in peers if one[better] < first[better]]
            yield f"- {what} than ours at {size:,} files: {', '.join(ahead) or 'nobody'}"
    caught = {(one["trap"], one["tool"]): one["verdict"] == "caught" for one in found["traps"]}
    ahead = sorted(
        {f"{tool} ({trap})" for (trap, tool), so in caught.items() if so and not caught.get((trap, OURS), so)}
    )
    if caught:
        yield f"- catches a trap that ours lets pass: {', '.join(ahead) or 'nobody'}"
