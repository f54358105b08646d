"""How fast the reader is: files of 59 lines per second on one core, with places, and what its import costs.

Prints medians; states what each number covers. Run `python benchmarks/reader.py [ROUNDS]`.
"""

from __future__ import annotations

import platform
import statistics
import subprocess
import sys
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
    """What importing `module` adds to a bare interpreter, as a whole process."""

    def once(program: str) -> float:
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT)
        return (time.perf_counter() - start) * 1000

    pairs = [(once(f"import {module}"), once("pass")) for _ in range(11)]
    return statistics.median(full - bare for full, bare in pairs)


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
        print(f"import {module:30} {import_milliseconds(module):6.1f} ms")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 9)
