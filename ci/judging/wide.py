"""Very large trees: each environment is read and judged by itself, in two processes and only when it is new.

Never decides alone: what it cannot read or judge here is read and judged as in any other tree.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any, Final

from ci.judging.ahead import Ahead
from ci.judging.deadline import ImpureRuleError, RuleTooSlowError, TimedWatch
from ci.judging.part_store import PartStore
from config.desired import DesiredState
from config.document import Document
from config.findings import Refused
from config.models.catalogue import Catalogue
from config.models.environment import Environment
from config.reading import load, read_document
from config.reading.kept import KeptDocument
from config.reading.load import Case, Language
from config.reading.names import catalogue_file, environment_name
from config.tree import FILE, Blob, Tree
from policies.parts import Judge, Part, PartEnvironments
from policies.rule import Rule

WIDE: Final = 50
"""Fewer environments are judged together and in this process."""
TWO: Final = 100
"""Fewer new environments are judged sooner than another process is started."""

_AT_ONCE: Final = 10
"""So many environments are held while they are judged."""

KeepParts = Callable[[], PartStore]
_Some = list[tuple[str, str, Blob]]


class Parts:
    """The parts of one run: both its trees share them."""

    def __init__(self, rules: Sequence[Rule], keep: KeepParts) -> None:
        """keep: opens the store, which happens only for a very large tree."""
        self._rules = rules
        self._keep = keep
        self._store: PartStore | None = None

    @property
    def store(self) -> PartStore:
        """What is known of earlier runs, and of this one."""
        if self._store is None:
            self._store = self._keep()
        return self._store

    def load(self, tree: Tree) -> DesiredState | Refused:
        """Everything a tree says; of a very large one with the part of each environment."""
        reader = _Reader(self)
        found = load(tree, reader)
        if isinstance(found, Refused) or not reader.parts:
            return found
        parts = {name: reader.parts[name] for name in found.environments}
        return replace(found, environments=PartEnvironments(found.documents, parts))

    def of(self, some: _Some, catalogue: Catalogue, context: bytes) -> dict[str, Part]:
        """The parts of these environments by name; those that the reader refuses are left out."""
        keys = {name: _key(context, file, blob) for name, file, blob in some}
        fresh = [one for one in some if keys[one[0]] not in self.store]
        if fresh:
            self._judge(fresh, keys, catalogue)
        found = {name: self.store.part(key) for name, key in keys.items()}
        return {name: part for name, part in found.items() if part is not None}

    def save(self) -> None:
        """Let later runs know."""
        if self._store is not None:
            self._store.save()

    def _judge(self, fresh: _Some, keys: Mapping[str, str], catalogue: Catalogue) -> None:
        is_long = len(fresh) >= TWO and (os.cpu_count() or 1) > 1
        mine, others = (fresh[::2], fresh[1::2]) if is_long else (fresh, [])
        ahead = Ahead(lambda: self._work(others, keys, catalogue)) if others else None
        try:
            self.store.update(self._work(mine, keys, catalogue))
        finally:
            told = ahead.answer() if ahead is not None else {}
        self.store.update(self._work(others, keys, catalogue) if told is None else told)

    def _work(self, fresh: _Some, keys: Mapping[str, str], catalogue: Catalogue) -> dict[str, Part]:
        watch, found = TimedWatch(), dict[str, Part]()
        judge = Judge(self._rules, catalogue, watch)
        with watch.running_out():
            for start in range(0, len(fresh), _AT_ONCE):
                read = {
                    name: _named(name, file, blob) for name, file, blob in fresh[start : start + _AT_ONCE]
                }
                sound = {name: document for name, document in read.items() if document is not None}
                found.update({keys[name]: part for name, part in judge.parts(sound).items()})
        return found


class _Reader(Language):
    """Reads the environments of a very large tree part by part; all else strictly, as ever."""

    def __init__(self, run: Parts) -> None:
        self._run = run
        self.parts: Mapping[str, Part] = {}

    def prepare(self, cases: Sequence[Case]) -> None:
        """Judge every environment by itself; nothing is kept of a tree that is not very large, or not sound."""
        some = [
            (environment_name(file) or "", file, blob)
            for file, cls, blob in cases
            if cls is Environment and blob is not None and blob.mode == FILE
        ]
        if len(some) < WIDE:
            return
        catalogue = _catalogue(cases)
        if catalogue is None:
            return
        try:
            self.parts = self._run.of(some, *catalogue)
        except (RuleTooSlowError, ImpureRuleError):
            return  # the rule is met again, and named, where all is judged together

    def read(self, file: str, blob: Blob, cls: type[Any]) -> Document[Any] | Refused:
        is_known = cls is Environment and environment_name(file) in self.parts
        return KeptDocument(file, blob) if is_known else super().read(file, blob, cls)


def _named(name: str, file: str, blob: Blob) -> Document[Environment] | None:
    """The environment in a file that bears its name; None for what the reader, or its name, refuses."""
    document = read_document(file, blob, Environment)
    return document if isinstance(document, Document) and document.value.environment == name else None


def _catalogue(cases: Sequence[Case]) -> tuple[Catalogue, bytes] | None:
    """The catalogue every part is judged on, and a digest of its files; None when it cannot be read."""
    blobs = {file: (blob, cls) for file, cls, blob in cases}
    values, digest = dict[str, Any](), hashlib.sha256()
    for part in fields(Catalogue):
        file = catalogue_file(part.name)
        blob, cls = blobs.get(file, (None, None))
        document = read_document(file, blob, cls) if blob is not None and cls is not None else None
        if blob is None or not isinstance(document, Document) or blob.mode != FILE:
            return None
        values[part.name] = document.value
        digest.update(hashlib.sha256(blob.data).digest())
    return Catalogue(**values), digest.digest()


def _key(context: bytes, file: str, blob: Blob) -> str:
    """What a part depends on: the catalogue, the name and the bytes of the file."""
    return hashlib.sha256(context + file.encode() + b"\0" + blob.data).hexdigest()
