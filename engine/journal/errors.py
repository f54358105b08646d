"""Why a journal cannot be used; each sentence says what to do.

Never raised for a torn tail: that is cut and noted.
"""

from __future__ import annotations


class JournalRefusedError(Exception):
    """The journal on disk is not one this engine may continue: exit 78."""


class JournalFailedError(Exception):
    """The disk refused or stalled; nothing later may be announced: HALTED."""
