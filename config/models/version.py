"""The version of the configuration language this tool speaks; a file that names a higher one is refused."""

from __future__ import annotations

from typing import Final

SCHEMA: Final = 1
