"""Installs the peers at pinned versions into one environment of the user's cache; nothing of ours is touched.

Run `python -m benchmarks.engine.install`; the benchmark does it by itself unless it is given an interpreter.
"""

from __future__ import annotations

import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

PINS = (
    "backtesting==0.6.6",
    "backtrader==1.9.78.123",
    "nautilus_trader==1.221.0",
    "numpy==2.4.6",
    "pandas==2.3.3",
)


def home() -> Path:
    """One folder per set of pins, so that a new pin never meets an old package."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "interlock" / f"engine-peers-{sha256(' '.join(PINS).encode()).hexdigest()[:8]}"


def interpreter() -> Path:
    """The Python that has the peers, installed when it is not there; RuntimeError says why it cannot be."""
    folder = home()
    python, stamp = folder / "bin" / "python", folder / ".installed"
    if not stamp.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        run([sys.executable, "-m", "venv", "--clear", str(folder)])
        run([str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PINS])
        stamp.touch()
    return python


def run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError((done.stderr.strip().splitlines() or [f"exit {done.returncode}"])[-1][:200])


if __name__ == "__main__":
    print(interpreter())
