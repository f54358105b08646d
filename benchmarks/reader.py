"""How fast the reader is: files of 59 lines per second on one core, with places, and what its import costs.

Prints medians; states what each number covers. Run `python benchmarks/reader.py [ROUNDS] [TREE_SIZE]`.
"""

from __future__ import annotations

import json
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from config.document import Document
from config.models.catalogue import Flags, Instruments
from config.models.environment import Environment
from config.models.rollouts import Rollouts
from config.reading import read_document
from config.schema_walk import walk
from config.tree import FILE, Blob, blob_id

ROOT = Path(__file__).resolve().parent.parent
LINES = 59
BAR = 2_500
FILES = 300


def cut(file: str, cls: type[Any], lines: int) -> tuple[str, bytes, type[Any]]:
    """The first `lines` lines of a real file, shortened until they are a whole document."""
    text = (ROOT / file).read_text().split("\n")
    for last in range(lines, 0, -1):
        data = "\n".join([*text[:last], *["# padded to the same length"] * (lines - last), ""]).encode()
        if isinstance(read_document(file, Blob(data, FILE, blob_id(data)), cls), Document):
            return file, data, cls
    raise SystemExit(f"{file} has no document in its first {lines} lines")


def samples() -> list[tuple[str, bytes, type[Any]]]:
    """Documents of exactly 59 lines, and a whole environment."""
    flags = (ROOT / "config/flags.yaml").read_text().split("\n")
    four = "\n".join([*flags[1:LINES], "retired: {}", ""]).encode()
    found: list[tuple[str, bytes, type[Any]]] = [("config/flags.yaml", four, Flags)]
    found.append(cut("config/instruments.yaml", Instruments, LINES))
    found.append(cut("config/rollouts.yaml", Rollouts, LINES))
    environment = (ROOT / "config/environments/production.yaml").read_bytes()
    found.append(("config/environments/production.yaml", environment, Environment))
    return found


def rate(file: str, data: bytes, cls: type[Any], *, every_place: bool) -> float:
    """Files per second of this process's own processor time."""
    blob = Blob(data, FILE, blob_id(data))
    start = time.process_time()
    for _ in range(FILES):
        document = read_document(file, blob, cls)
        if not isinstance(document, Document):
            raise SystemExit(f"{file}: {document.findings[0].message}")
        if every_place:
            for path, _, _ in walk(document.value):
                document.places.value(path)
    return FILES / (time.process_time() - start)


def import_milliseconds(module: str) -> float:
    """Processor time that importing `module` adds to a bare interpreter."""

    def once(program: str) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000

    pairs = [(once(f"import {module}"), once("pass")) for _ in range(11)]
    return statistics.median(full - bare for full, bare in pairs)


LOAD = """
import json, resource, sys, time
from pathlib import Path
from config.reading import load
from config.tree import FolderTree
begun, wall = time.process_time(), time.perf_counter()
desired = load(FolderTree(Path(sys.argv[1])))
most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(json.dumps([len(desired.environments), time.process_time() - begun, time.perf_counter() - wall, most]))
"""


def grow(root: Path, size: int) -> int:
    """A tree of `size` environments made of this repository's three; returns the lines of all files."""
    for source in sorted((ROOT / "config").rglob("*.yaml")):
        target = root / source.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.parent.name != "environments":
            target.write_bytes(source.read_bytes())
    tiers = sorted((ROOT / "config/environments").glob("*.yaml"))
    lines = 0
    for number in range(size):
        source = tiers[number % len(tiers)]
        name = f"{source.stem}-{number}"
        text = source.read_text().replace(f"environment: {source.stem}\n", f"environment: {name}\n", 1)
        (root / "config/environments" / f"{name}.yaml").write_text(text)
        lines += text.count("\n")
    return lines


def measure_tree(size: int) -> None:
    """A whole tree read by one fresh process: time and memory (benchmarks/check.py judges such trees as well)."""
    with tempfile.TemporaryDirectory() as folder:
        lines = grow(Path(folder), size)
        done = subprocess.run(
            [sys.executable, "-c", LOAD, folder], capture_output=True, text=True, check=True, cwd=ROOT
        )
    _, seconds, wall, megabytes = json.loads(done.stdout)
    print(
        f"{size} environments, {lines // size} lines each ({lines / LINES / size:.1f} x {LINES} lines):"
        f" {wall:.2f} s, {seconds:.2f} s of one core, {megabytes} MB"
    )


def main(rounds: int) -> None:
    """Measure and print."""
    machine = f"{platform.machine()}, Python {platform.python_version()}"
    print(f"{machine}, median of {rounds} rounds of {FILES} files, one core")
    for file, data, cls in samples():
        lines = data.count(b"\n")
        with_nodes = statistics.median(rate(file, data, cls, every_place=False) for _ in range(rounds))
        asked = statistics.median(rate(file, data, cls, every_place=True) for _ in range(rounds))
        verdict = "" if lines != LINES else ("bar met" if with_nodes >= BAR else "BAR MISSED")
        print(
            f"{file:40} {lines:4} lines  {with_nodes:7.0f} files/s typed, places at hand"
            f"  {asked:7.0f} files/s with every place asked for  {verdict}"
        )
    for module in ("config.models.catalogue", "yaml._yaml", "config.reading"):
        print(f"import {module:30} {import_milliseconds(module):6.1f} ms of one core")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 9)
    measure_tree(int(sys.argv[2]) if len(sys.argv) > 2 else 3_000)
