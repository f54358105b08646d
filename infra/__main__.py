"""Where Pulumi enters: the stack's name picks the environment file, the one reader reads it, the program is built."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[0] = str(ROOT)  # this tree's own rooms, never another checkout's; and no file here shadows a module

from infra.entry import run  # noqa: E402

run(ROOT)
