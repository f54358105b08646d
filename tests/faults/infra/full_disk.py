"""Run inside a mount namespace: a stack whose state lies on a tiny disk that is full; tells what happened as JSON."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

from infra.driver import Driver
from infra.errors import InfraError
from infra.toolchain import ensure
from infra.workspace import offline

ROOT = Path(__file__).resolve().parents[3]


def main(folder: Path) -> None:
    """Up, fill the disk, try, make room, try, clear the lock, go on."""
    toolchain, small = ensure(lambda line: None), folder / "small"
    driver = Driver(toolchain.cli, offline(folder / "work", ROOT, "dev", toolchain), time.monotonic)
    driver.create()
    told: dict[str, object] = {"made": driver.up().ok}
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", str(small)], check=True)
    state = folder / "work" / "state"
    shutil.copytree(state, small / "state")
    shutil.rmtree(state)
    state.symlink_to(small / "state")
    file = next(small.rglob("dev.json"))
    before = file.read_bytes()
    _fill(small / "filler")
    told["full"] = _attempt(driver)
    told["kept"] = file.read_bytes() == before
    (small / "filler").unlink()
    told["room"] = _attempt(driver)
    driver.cancel()
    told["after"] = _attempt(driver)
    sys.stdout.write(json.dumps(told))


def _fill(filler: Path) -> None:
    with filler.open("wb", buffering=0) as out:
        try:
            while True:
                out.write(b"\0" * 4096)
        except OSError:
            return


def _attempt(driver: Driver) -> str:
    try:
        run = driver.up()
    except InfraError as error:
        return f"{error.message}; help: {error.help}"
    return "done" if run.ok else run.said


if __name__ == "__main__":
    main(Path(sys.argv[1]))
