"""The engine's figures as Markdown: every row against its bar, also where a peer wins."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from typing import Any

COUNT = 100_000
OURS, OURS_CSV = "interlock", "interlock, CSV included"
TRADES, NET, RATE, MEMORY = 1939, "-2.40", 250_000, 100

UNEQUAL = """Not equal: peers evaluate no controls and write no journal; backtesting.py has the same stop and target,
backtrader and nautilus_trader none; nautilus_trader fills at the close of the bar that crossed, the others at the next
open; their float sums turn some crosses, so trades and net differ. Ours are exact."""


def machine() -> dict[str, Any]:
    """Where the figures come from, and how busy it was before."""
    return {
        "processor": _processor(),
        "processors": os.cpu_count(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 1),
    }


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="ascii", errors="replace") as lines:
            names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    except OSError:
        names = []
    return names[0] if names else platform.machine()


def rate(told: dict[str, Any]) -> float:
    """Bars a second of processor time."""
    return float(COUNT / told["cpu"])


def markdown(found: dict[str, Any]) -> str:
    """Everything."""
    where = found["machine"]
    head = (
        f"{where['processor']}, {where['processors']} processors, {where['system']}, Python {where['python']}, "
        f"load {where['load']} before; medians of {found['runs']} interleaved runs."
    )
    parts = [head, "\n".join(_replays(found)), UNEQUAL, "\n".join(_bars(found))]
    if "latency" in found:
        parts.append("\n".join(_latency(found["latency"])))
    if "kill" in found:
        parts.append(f"```text\n{found['kill']}\n```")
    return "\n\n".join(parts)


def _replays(found: dict[str, Any]) -> Iterator[str]:
    yield "| engine | trades | net | bars/s of processor time | wall s | peak MB |"
    yield "|--|--|--|--|--|--|"
    told: dict[str, dict[str, Any]] = found["replays"]
    for name, one in sorted(told.items(), key=lambda item: -rate(item[1])):
        version = "" if name in (OURS, OURS_CSV) else f" {one['version']}"
        cells = (
            one["trades"],
            one["net"],
            f"{rate(one):,.0f}",
            f"{one['seconds']:.2f}",
            f"{one['peak_mb']:.0f}",
        )
        yield f"| {name}{version} | {' | '.join(map(str, cells))} |"
    for name, why in found["missing"].items():
        yield f"| {name} | left out: {why} | | | | |"


def _bars(found: dict[str, Any]) -> Iterator[str]:
    told: dict[str, dict[str, Any]] = found["replays"]
    own, csv = told.get(OURS), told.get(OURS_CSV)
    yield from _head("bar")
    if own is None or csv is None:
        yield _row("100,000 bars", "not measured", is_met=False)
        return
    exact = all((one["trades"], one["net"]) == (TRADES, NET) for one in (own, csv))
    same = own["journal_hash"] == csv["journal_hash"]
    said, memory = f"{own['trades']}, {own['net']}", (own["peak_mb"], csv["peak_mb"])
    yield _row(
        f"exactly {TRADES} trades and {NET}; one journal hash, memory and CSV", said, is_met=exact and same
    )
    yield _row(f"{RATE:,} bars/s, loop and journal", f"{rate(own):,.0f}", is_met=rate(own) >= RATE)
    said = f"{memory[0]:.0f} / {memory[1]:.0f} MB"
    yield _row(f"below {MEMORY} MB, bars in memory / from CSV", said, is_met=max(memory) < MEMORY)
    peers = {name: rate(one) for name, one in told.items() if name not in (OURS, OURS_CSV)}
    if peers:
        best = max(peers, key=lambda name: peers[name])
        said = f"{rate(own) / peers[best]:.1f} x {best}"
        yield _row("ahead of every event-driven peer", said, is_met=rate(own) > peers[best])


def _latency(told: dict[str, Any] | str) -> Iterator[str]:
    yield from _head("signals at 1,000 a second")
    if isinstance(told, str):
        yield _row("not measured", told, is_met=False)
        return
    ends = f"{told['signals']}: {told['sending']} SENDING, {told['denied']} DENY, {told['lost']} lost"
    yield _row("each ends in exactly one durable SENDING or DENY", ends, is_met=not told["lost"])
    took = f"{told['p50']:.2f} / {told['p99']:.2f} ms, bar {told['limit']:.2f} ms"
    yield _row("due -> durable and handed to the venue, p50 / p99", took, is_met=told["is_met"])
    bare = f"{told['bare_p50']:.2f} / {told['bare_p99']:.2f} ms, {told['bare_writes']} writes"
    yield _row("bare write+fdatasync of the same bytes beside it", bare)
    yield _row("the journal's own waits for the disk, p99", f"{told['disk_p99']:.2f} ms")
    yield _row("memory after a third / at the end", f"{told['first_mb']:.1f} / {told['last_mb']:.1f} MB")
    yield _row(
        "preempted by other programs; processor time a signal",
        f"{told['preempted']}; {told['cpu_us']:.0f} us",
    )


def _head(name: str) -> Iterator[str]:
    yield f"| {name} | figure | |"
    yield "|--|--|--|"


def _row(what: str, figure: str, *, is_met: bool | None = None) -> str:
    return f"| {what} | {figure} | {'' if is_met is None else 'met' if is_met else 'MISSED'} |"
