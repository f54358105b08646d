"""Which lines of two texts a line diff shows as removed and added: a shortest one, as Git's.

Bounded: past so many edits only lines that any diff must show count as shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

MAX_EDITS: Final = 1000
MAX_STEPS: Final = 2_000_000


def shown_lines(before: str, after: str) -> tuple[frozenset[int], frozenset[int]]:
    """The 1-based numbers of the lines a diff shows as removed from `before` and as added in `after`."""
    old, new = before.split("\n"), after.split("\n")
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    left, right = old[head : len(old) - tail], new[head : len(new) - tail]
    kept = _kept(left, right)
    if kept is None:
        return _surely(left, right, head), _surely(right, left, head)
    removed = set(range(len(left))) - {pair[0] for pair in kept}
    added = set(range(len(right))) - {pair[1] for pair in kept}
    return frozenset(at + head + 1 for at in removed), frozenset(at + head + 1 for at in added)


def _common(left: Sequence[str], right: Sequence[str]) -> int:
    count = 0
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        count += 1
    return count


def _surely(these: Sequence[str], others: Sequence[str], head: int) -> frozenset[int]:
    more = Counter(these) - Counter(others)
    return frozenset(at + head + 1 for at, line in enumerate(these) if line in more)


def _kept(left: Sequence[str], right: Sequence[str]) -> list[tuple[int, int]] | None:
    """Pairs of equal lines of a longest common subsequence (Myers 1986), None past the bound."""
    lines = len(left) + len(right)
    most = min(lines, MAX_EDITS, MAX_STEPS // (lines + 1))
    reached = [0] * (2 * most + 3)  # by diagonal: how far into `left`; the middle is diagonal 0
    middle = most + 1
    trace: list[list[int]] = []
    for edits in range(most + 1):
        trace.append(reached[middle - edits - 1 : middle + edits + 2])
        for diagonal in range(-edits, edits + 1, 2):
            came = _came_from(reached, middle + diagonal, diagonal, edits)
            at = reached[middle + came] + (came < diagonal)
            while at < len(left) and at - diagonal < len(right) and left[at] == right[at - diagonal]:
                at += 1
            reached[middle + diagonal] = at
            if at >= len(left) and at - diagonal >= len(right):
                return _walk_back(trace, len(left), len(right))
    return None


def _came_from(reached: Sequence[int], here: int, diagonal: int, edits: int) -> int:
    """The neighbouring diagonal from which this one is reached furthest."""
    if diagonal == -edits or (diagonal != edits and reached[here - 1] < reached[here + 1]):
        return diagonal + 1
    return diagonal - 1


def _walk_back(trace: list[list[int]], x: int, y: int) -> list[tuple[int, int]]:
    kept = []
    for edits in range(len(trace) - 1, 0, -1):
        diagonal = x - y
        came = _came_from(trace[edits], edits + 1 + diagonal, diagonal, edits)
        start = trace[edits][edits + 1 + came]
        while x > start + (came < diagonal):
            x, y = x - 1, y - 1
            kept.append((x, y))
        x, y = start, start - came
    kept.extend((at, at) for at in range(x))
    return kept
