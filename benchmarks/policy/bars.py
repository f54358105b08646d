"""Times ours where its bars apply: trees with nothing planted, first and later runs, this repository with a base."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from benchmarks.policy.measure import Figure, figure, once, place_at
from benchmarks.policy.processes import Run
from benchmarks.policy.tools import Site, Tool, ours
from benchmarks.policy.trees import ROOT, Tree, commit, grow

_NOTHING = Tree((), 0, 0, 0, ())
_BASE = ("HEAD", "--base", "HEAD~1")


def bars(sizes: Sequence[int], most: int, work: Path) -> Iterator[tuple[str, Figure]]:
    """What was measured, and its figure: one warming run and `most` counted ones each."""
    first, later = ours(), replace(ours(), forgets=())
    for size in sizes:
        root = work / f"clean-{size}"
        tree = grow(root, size, faulty=False)
        commit(root)
        last = root / tree.files[-1]
        change = partial(_remark, last, last.read_text())
        for name, tool, before in (
            ("first run", first, _leave),
            ("later run", later, _leave),
            ("later run, one file changed", later, change),
        ):
            site = place_at(tool, root, work / f"clean-{size}-{name}")
            runs = [_after(before, number, tool, site) for number in range(most + 1)]
            yield f"{len(tree.files):,} files, {name}", figure(tool, site, runs, tree)
    for name, words in (("this repository", ()), ("this repository, HEAD --base HEAD~1", _BASE)):
        tool = replace(first, arguments=partial(_with, first, words))
        site = place_at(tool, ROOT, work / name)
        yield name, figure(tool, site, [once(tool, site) for _ in range(most + 1)], _NOTHING)


def _after(before: Callable[[int], None], number: int, tool: Tool, site: Site) -> Run:
    before(number)
    return once(tool, site)


def _leave(number: int) -> None:
    """Nothing changes between the runs."""


def _remark(path: Path, text: str, number: int) -> None:
    path.write_text(f"{text}# {number}\n")


def _with(tool: Tool, words: Sequence[str], site: Site) -> list[str]:
    return [*tool.arguments(site), *words]
