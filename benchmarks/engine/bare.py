"""The disk alone: appends as many bytes as it is told and waits for them, beside the run whose groups it copies.

Reads sizes (4 bytes each) from its standard input until the end; then prints the seconds of each as JSON.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path


def main(path: Path) -> None:
    disk = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    sync = getattr(os, "fdatasync", os.fsync)
    took: list[float] = []
    while size := sys.stdin.buffer.read(4):
        content = b"x" * int.from_bytes(size, "big")
        started = time.perf_counter()
        os.write(disk, content)
        sync(disk)
        took.append(time.perf_counter() - started)
    print(json.dumps(took))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
