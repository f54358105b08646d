"""Times every contestant on the same trees, interleaved, and scores what it answered."""

from __future__ import annotations

import shutil
import statistics
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.policy.processes import Run, run
from benchmarks.policy.score import Score, score
from benchmarks.policy.tools import Site, Tool, contestants, ours
from benchmarks.policy.trees import Tree, commit, grow

SIZES = (1, 100, 1_000)
"""Environments per tier; three tiers."""
TOO_SLOW = 30.0
LIMIT = 240.0


@dataclass(frozen=True, slots=True)
class Figure:
    """One tool at one size: medians, the largest process, and its score; or why there is none."""

    tool: str
    version: str
    files: int
    seconds: float = 0.0
    processor: float = 0.0
    megabytes: float = 0.0
    runs: int = 0
    code: int = 0
    score: Score | None = None
    why_not: str = ""


def rounds(seconds: float, most: int) -> int:
    """How often after the first time: slow ones less."""
    return most if seconds < 2 else min(most, 3) if seconds < 8 else 1 if seconds < 20 else 0


def once(tool: Tool, site: Site) -> Run:
    """One whole process."""
    for name in tool.forgets:
        shutil.rmtree(site.work / name, ignore_errors=True)
    command = [str(site.program), *tool.arguments(site)]
    return run(command, tool.folder(site), tool.surroundings(site), site.work, LIMIT)


def place_at(tool: Tool, tree: Path, work: Path) -> Site:
    """The tool's site at this tree, staged."""
    assert tool.program is not None
    work.mkdir(parents=True)
    site = Site(tool.program, tool.rules, tree, work)
    tool.stage(site)
    return site


def installed() -> tuple[list[Tool], list[Tool]]:
    """Contestants that can run, and those that cannot."""
    every = contestants()
    return [one for one in every if _is_there(one)], [one for one in every if not _is_there(one)]


def _is_there(tool: Tool) -> bool:
    return tool.program is not None and tool.program.exists()


def measure(tools: Sequence[Tool], root: Path, tree: Tree, most: int, slow: Iterable[str]) -> list[Figure]:
    """All of them on one tree: a first run that warms and is not counted unless it is the only one, then in turns."""
    sites = {
        tool.name: place_at(tool, root, root.parent / f"{root.name}-{number}")
        for number, tool in enumerate(tools)
    }
    runs: dict[str, list[Run]] = {}
    for tool in tools:
        if tool.name not in slow:
            runs[tool.name] = [once(tool, sites[tool.name])]
            print(f"  {tool.name}: {runs[tool.name][0].seconds:.2f} s", file=sys.stderr, flush=True)
    wanted = {name: rounds(first[0].seconds, most) for name, first in runs.items()}
    for number in range(most):
        for tool in tools:
            if number < wanted.get(tool.name, 0):
                runs[tool.name].append(once(tool, sites[tool.name]))
    return [
        figure(tool, sites[tool.name], runs[tool.name], tree)
        if tool.name in runs
        else Figure(
            tool.name, tool.version, len(tree.files), why_not=f"more than {TOO_SLOW:g} s at the size before"
        )
        for tool in tools
    ]


def figure(tool: Tool, site: Site, runs: Sequence[Run], tree: Tree) -> Figure:
    """The figure of one tool; an answer that cannot be read is named, never counted."""
    warm = runs[1:] or runs
    bare = Figure(
        tool.name,
        tool.version,
        len(tree.files),
        statistics.median(one.seconds for one in warm),
        statistics.median(one.processor for one in warm),
        max(one.megabytes for one in warm),
        len(warm),
        runs[-1].code,
    )
    try:
        scores = {score(tool.read(one, site), tree.faults) for one in runs}
    except (ValueError, KeyError, TypeError) as problem:
        return replace(bare, why_not=f"answer not understood ({problem!r}): {runs[-1].last_line}")
    if len(scores) > 1:
        return replace(bare, why_not="answered differently on the same tree")
    return replace(bare, score=scores.pop())


def table(
    tools: Sequence[Tool], sizes: Sequence[int], most: int, work: Path
) -> tuple[list[Figure], list[Tree]]:
    """Every size, from small to large; ours once more with what it remembers."""
    later = replace(ours(), name="interlock, later run", forgets=())
    entries = [
        entry
        for tool in tools
        for entry in ((tool, later) if tool.name == later.name.partition(",")[0] else (tool,))
    ]
    figures, trees, slow = list[Figure](), list[Tree](), set[str]()
    for size in sizes:
        root = work / f"tree-{size}"
        trees.append(grow(root, size))
        commit(root)
        print(f"{3 * size} files", file=sys.stderr, flush=True)
        figures += measure(entries, root, trees[-1], most, slow)
        slow |= {one.tool for one in figures if one.seconds > TOO_SLOW}
    return figures, trees
