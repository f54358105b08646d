"""`python -m infra.toolchain`: make sure that the pinned CLI is there, and say which one is used and why."""

from __future__ import annotations

import sys

from infra.toolchain.build import ensure
from infra.toolchain.go import ToolchainError


def main() -> int:
    """0 when there is a usable CLI, 5 when none could be had."""
    try:
        found = ensure(_progress)
    except ToolchainError as error:
        sys.stderr.write(f"{error.message}\nhelp: {error.help}\n")
        return 5
    sys.stdout.write(f"{found.cli}: {found.why}\n")
    return 0


def _progress(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
