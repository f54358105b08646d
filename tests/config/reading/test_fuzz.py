"""Whatever the bytes, the reader answers with a typed document or a refusal, in a worker with hard limits.

`INTERLOCK_FUZZ=100000` raises the number of mutated files (`make fuzz`).
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

WORKER = Path(__file__).with_name("fuzz_worker.py")
COUNT = int(os.environ.get("INTERLOCK_FUZZ", "4000"))
WORKERS = 2 if COUNT > 10_000 else 1
MOST_SECONDS = 1.0
CHUNK = 5_000
"""Files of one worker: the kernel bounds a processor by sampled ticks, which drift from the true time."""
SILENCE = 30.0
"""A worker silent for so long is stuck; its own limits bite before."""


def judged(first: int) -> tuple[list[tuple[int, str, float]], int]:
    """What a worker says of one chunk, and how it ended; one that falls silent is killed."""
    command = [sys.executable, str(WORKER), str(first), str(min(CHUNK, COUNT - first))]
    said = bytearray()
    with subprocess.Popen(command, stdout=subprocess.PIPE) as worker, selectors.DefaultSelector() as selector:
        assert worker.stdout is not None
        selector.register(worker.stdout, selectors.EVENT_READ)
        while selector.select(SILENCE):
            read = os.read(worker.stdout.fileno(), 65536)
            if not read:
                break
            said += read
        else:
            worker.kill()
        found = [line.split("\t") for line in said.decode().split("\n")[:-1]]
        return [(int(number), verdict, float(seconds)) for number, verdict, seconds in found], worker.wait()


@pytest.mark.timeout(3600)
def test_mutated_file_is_typed_or_refused(capsys: pytest.CaptureFixture[str]) -> None:
    begun = time.monotonic()
    starts = range(0, COUNT, CHUNK)
    verdicts: Counter[str] = Counter()
    slowest = 0.0
    with ThreadPoolExecutor(WORKERS) as threads:
        answers = list(threads.map(judged, starts))
    for first, (lines, ended) in zip(starts, answers, strict=True):
        assert (len(lines), ended) == (min(CHUNK, COUNT - first), 0), (
            f"worker died on case {first + len(lines)}"
        )
        faults = [line for line in lines if line[1] not in ("typed", "refused") or line[2] > MOST_SECONDS]
        assert faults == []
        verdicts.update(line[1] for line in lines)
        slowest = max(slowest, *(line[2] for line in lines))
    assert verdicts["typed"] > COUNT // 50, "too few mutants stay readable to prove anything"
    with capsys.disabled():
        said = f"{verdicts['typed']} typed, {verdicts['refused']} refused, slowest {slowest * 1000:.0f} ms"
        sys.stdout.write(
            f"\n{sum(verdicts.values())} mutated files in {time.monotonic() - begun:.1f} s: {said}\n"
        )


@pytest.mark.skipif(sys.platform != "linux", reason="address space is bounded on Linux only")
def test_worker_cannot_pass_its_memory_limit() -> None:
    done = subprocess.run(
        [sys.executable, str(WORKER), "overdo", "memory"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "MemoryError" in done.stderr


def test_worker_cannot_pass_its_time_limit() -> None:
    done = subprocess.run([sys.executable, str(WORKER), "overdo", "time"], timeout=60, check=False)
    assert done.returncode == -signal.SIGALRM
