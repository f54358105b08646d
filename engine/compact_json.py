"""Compact JSON, fast: one encoder made once, where the library makes one per call.

Never writes a float or NaN: nothing here holds one.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from json import encoder
from typing import Any

_make: Callable[..., Any] | None = getattr(encoder, "c_make_encoder", None)


def _refuse(value: object) -> Any:
    raise TypeError(f"{type(value).__name__} has no place in a record")


def _encoder() -> Callable[[Any], str]:
    if _make is None:
        return json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode
    chunks = _make(None, _refuse, encoder.encode_basestring, None, ":", ",", False, False, False)
    return lambda value: "".join(chunks(value, 0))


encode_json = _encoder()
quoted: Callable[[str], str] = encoder.encode_basestring
