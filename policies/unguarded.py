"""Kinds of mutants that need no rule, each with its reason; only keys without a safe direction may stand here.

A reason for a mutant that some rule refuses anyway, or that does not exist, is refused as well.
"""

from __future__ import annotations

UNGUARDED: dict[tuple[str, str], str] = {}
"""(dotted pattern of a key, kind of mutant): why nothing needs to refuse it."""
