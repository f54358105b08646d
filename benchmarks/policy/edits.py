"""One edit of one file, which must truly apply: a trap that changed nothing would test nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Edit:
    """One text in one file becomes another; no text: it is appended; None: the file goes."""

    file: str
    old: str
    new: str | None

    def apply(self, root: Path) -> None:
        path = root / self.file
        if self.new is None:
            path.unlink()
            return
        text = path.read_text()
        if self.old not in text:
            raise SystemExit(f"{self.file} does not hold {self.old!r}: the trap would test nothing")
        path.write_text(text.replace(self.old, self.new) if self.old else text + self.new)
