"""Properties whose change makes AWS build the resource anew, per type, with the source of the fact.

Emulated by the offline provider and stated on its output; what is not listed here is taken as changed in place.
"""

from __future__ import annotations

from collections.abc import Mapping

REPLACES: Mapping[str, Mapping[str, str]] = {}
