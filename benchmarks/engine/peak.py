"""The most memory this process ever held, without what its parent held before it became this program."""

from __future__ import annotations

import resource
from pathlib import Path


def peak_mb() -> int:
    """MB; from the kernel's own count where there is one, because `ru_maxrss` survives an exec."""
    try:
        lines = Path("/proc/self/status").read_text("ascii", "replace").splitlines()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 2**20
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) // 1024
