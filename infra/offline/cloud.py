"""The cloud as one JSON file: what was created, by id; a person can read it, a test can edit it.

Never holds a secret: a secret stands there as its digest.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from infra.wire import Secret

DIGEST = "secret-sha256"


class Cloud:
    """Reads the file at each question and replaces it whole at each change, so that a kill leaves it whole."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._seen: tuple[int, int] = (0, 0)
        self._state: dict[str, Any] = {"serial": 0, "resources": {}}

    def resource(self, physical_id: str) -> dict[str, Any] | None:
        """What the cloud holds under this id, None when it is gone."""
        with self._lock:
            found: dict[str, Any] | None = self._load()["resources"].get(physical_id)
        return found

    def resources(self) -> dict[str, Any]:
        """All it holds, by id."""
        with self._lock:
            return dict(self._load()["resources"])

    def change(self, how: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> None:
        """Hold what `how` makes of all resources, with nobody in between."""
        with self._lock:
            state = self._load()
            after = how(state["resources"])
            if after != state["resources"]:
                self._save({**state, "resources": dict(after)})

    def fault(self, urn: str) -> str:
        """What shall go wrong with this resource (`fail`, `hang`, `crash`), empty when nothing."""
        with self._lock:
            faults: dict[str, str] = self._load().get("faults", {})
        return next((kind for part, kind in faults.items() if urn.endswith(part)), "")

    def create(
        self, type_: str, urn: str, prefix: str, properties: Callable[[str], Mapping[str, Any]]
    ) -> tuple[str, Mapping[str, Any]]:
        """Keep a new resource; `properties` are made from its id, both come back."""
        with self._lock:
            state = self._load()
            state["serial"] += 1
            seed = hashlib.sha256(f"{urn} {state['serial']}".encode()).hexdigest()
            physical_id = f"{prefix}{seed[:17]}"
            made = properties(physical_id)
            state["resources"][physical_id] = {"type": type_, "urn": urn, "properties": _veiled(made)}
            self._save(state)
        return physical_id, made

    def keep(self, physical_id: str, type_: str, urn: str, properties: Mapping[str, Any]) -> None:
        """Hold exactly these properties under the id."""
        with self._lock:
            state = self._load()
            state["resources"][physical_id] = {"type": type_, "urn": urn, "properties": _veiled(properties)}
            self._save(state)

    def remove(self, physical_id: str) -> None:
        """Forget a resource."""
        with self._lock:
            state = self._load()
            state["resources"].pop(physical_id, None)
            self._save(state)

    def _load(self) -> dict[str, Any]:
        """The file as it is now; parsed again only when somebody else wrote it."""
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return {"serial": 0, "resources": {}}
        if self._seen != (found.st_mtime_ns, found.st_ino):
            self._state = json.loads(self._path.read_text())
            self._seen = (found.st_mtime_ns, found.st_ino)
        return self._state

    def _save(self, state: dict[str, Any]) -> None:
        """One resource per line, so that a person can read and edit the file."""
        lines = [
            f"{json.dumps(key)}: {json.dumps(held, sort_keys=True)}"
            for key, held in state["resources"].items()
        ]
        others = {key: value for key, value in state.items() if key != "resources"}
        text = f'{json.dumps(others)[:-1]}, "resources": {{\n' + ",\n".join(lines) + "\n}}\n"
        fresh = self._path.with_suffix(f".{os.getpid()}")
        fresh.write_text(text)
        fresh.replace(self._path)
        found = self._path.stat()
        self._state, self._seen = state, (found.st_mtime_ns, found.st_ino)


def _veiled(value: Any) -> Any:
    if isinstance(value, Secret):
        return {DIGEST: digest(value.value)}
    if isinstance(value, Mapping):
        return {key: _veiled(inner) for key, inner in value.items()}
    return [_veiled(inner) for inner in value] if isinstance(value, list) else value


def digest(value: Any) -> str:
    """What stands in the file in place of a secret."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=repr).encode()).hexdigest()


def unveiled(stored: Any, known: Any) -> Any:
    """The stored value with secrets put back where the state still knows the one with that digest."""
    if isinstance(stored, Mapping) and DIGEST in stored:
        same = isinstance(known, Secret) and digest(known.value) == stored[DIGEST]
        return known if same else Secret(f"changed outside: {stored[DIGEST][:12]}")
    inner = known.value if isinstance(known, Secret) else known
    if isinstance(stored, Mapping):
        return {
            key: unveiled(value, inner.get(key) if isinstance(inner, Mapping) else None)
            for key, value in stored.items()
        }
    if isinstance(stored, list):
        peers = inner if isinstance(inner, list) else []
        padded = [*peers, *[None] * (len(stored) - len(peers))]
        return [unveiled(value, peer) for value, peer in zip(stored, padded, strict=False)]
    return stored
