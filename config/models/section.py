"""The one form of every typed document: a frozen dataclass without defaults.

Plain checks (`config/reading`) and pydantic (the engine's acceptance, JSON Schemas) read the same declaration.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, kw_only_default=True)
def section(cls: type[T]) -> type[T]:
    """Make `cls` a frozen, keyword-only, slotted dataclass that pydantic reads strictly and without extra keys."""
    made = dataclass(frozen=True, slots=True, kw_only=True)(cls)
    made.__pydantic_config__ = {"strict": True, "extra": "forbid"}  # type: ignore[attr-defined]
    return made
