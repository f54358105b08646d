"""An operator's wish to be flat, and the engine's answer: two small files in the engine's folder, each whole or absent.

Never outlives its kill: a wish names the epoch it came with, and a release of that epoch puts it away.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from engine.durable import DamagedStateError, write_durably

REQUEST = "flatten.json"
ANSWER = "flattened.json"


@dataclass(frozen=True, slots=True)
class FlattenRequest:
    """Who wants it and why, under which kill; `approver`: the second person, where unknown orders are declared dead."""

    epoch: int
    person: str
    reason: str
    at: str
    approver: str = ""
    confirms: bool = False
    symbols: tuple[str, ...] = ()

    @property
    def confirmed(self) -> str:
        """Who declared unknown orders dead, or nothing."""
        return f"{self.person} and {self.approver}" if self.confirms else ""


def ask(folder: Path, request: FlattenRequest) -> None:
    """Leave the wish for the engine that owns `folder`; the answer to an older one goes first."""
    (folder / ANSWER).unlink(missing_ok=True)
    write_durably(folder / REQUEST, json.dumps(asdict(request)).encode() + b"\n")


def asked(folder: Path) -> FlattenRequest | None:
    """The wish that stands there, or None; DamagedStateError when it cannot be read."""
    path = folder / REQUEST
    try:
        plain = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise DamagedStateError(path, f"it is no request ({error})") from None
    try:
        request = FlattenRequest(**{**plain, "symbols": tuple(plain["symbols"])})
        if not isinstance(request.epoch, int):
            raise TypeError("epoch")
    except (TypeError, KeyError) as error:
        raise DamagedStateError(path, f"it is no request ({error})") from None
    return request


def put_away(folder: Path, request: FlattenRequest) -> None:
    """It was done, or its kill was released: it stands as history."""
    (folder / REQUEST).replace(folder / f"ended-flatten-{request.epoch}.json")


def answer(folder: Path, found: Mapping[str, Any]) -> None:
    """How far it came, for whoever waits."""
    write_durably(folder / ANSWER, json.dumps(dict(found)).encode() + b"\n")


def answered(folder: Path, epoch: int) -> dict[str, Any] | None:
    """The answer to a wish of this kill, or None."""
    try:
        plain = json.loads((folder / ANSWER).read_bytes())
    except (OSError, ValueError):
        return None
    return plain if isinstance(plain, dict) and plain.get("epoch") == epoch else None
