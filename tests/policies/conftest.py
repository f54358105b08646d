"""The sample world as real files: what a rule finds gets the place a user would see."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from config.desired import DesiredState, environment_file
from config.document import Document
from config.findings import Refused, Severity
from config.models.catalogue import Catalogue
from config.models.environment import Environment
from config.reading import load, read_document
from config.tree import Blob, FolderTree, blob_id
from policies.inputs import Change, Files, Fleet, State
from policies.rule import Meta, Sample, Scope

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 17, 15, 0, tzinfo=UTC)


def emitted(value: Any, indent: int = 0) -> Iterator[str]:
    """The lines of a typed document in the normal form of our files."""
    entries = (
        value.items()
        if isinstance(value, Mapping)
        else ((f.name, getattr(value, f.name)) for f in fields(value))
    )
    for key, child in entries:
        lead = " " * indent + f"{key}:"
        if is_dataclass(child) or (isinstance(child, Mapping) and child):
            yield lead
            yield from emitted(child, indent + 2)
        elif isinstance(child, tuple) and child and is_dataclass(child[0]):
            yield lead
            for item in child:
                first, *rest = emitted(item, indent + 4)
                yield " " * (indent + 2) + "- " + first.lstrip()
                yield from rest
        else:
            yield f"{lead} {scalar(child)}"


def scalar(value: Any) -> str:
    """One value as the reader wants it."""
    if isinstance(value, Mapping):
        return "{}"
    if isinstance(value, tuple):
        return f"[{', '.join(map(scalar, value))}]"
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, Decimal):
        text = format(value, "f")
        return text if "." in text else f"{text}.0"
    return str(value) if isinstance(value, int) else json.dumps(value, ensure_ascii=False)


def text_of(value: Any) -> str:
    """A whole file."""
    return "\n".join(emitted(value)) + "\n"


def document(file: str, value: Any) -> Document[Any]:
    """The value written and read again."""
    data = text_of(value).encode()
    found = read_document(file, Blob(data, "100644", blob_id(data)), type(value))
    assert not isinstance(found, Refused), found
    return found


def desired(states: Mapping[str, Environment], catalogue: Catalogue) -> DesiredState:
    """A desired state of these values, with places."""
    documents = {
        environment_file(name): document(environment_file(name), one) for name, one in states.items()
    }
    for part in fields(Catalogue):
        file = f"config/{part.name}.yaml"
        documents[file] = document(file, getattr(catalogue, part.name))
    return DesiredState(states, catalogue, (), documents)


def both_sides(subject: State | Change | Fleet | Files) -> tuple[DesiredState, DesiredState | None]:
    """The desired state a subject stands for, and the one before it."""
    from policies import sample

    if isinstance(subject, State):
        return desired({subject.name: subject.environment}, subject.catalogue), None
    if isinstance(subject, Fleet):
        return desired({n: s.environment for n, s in subject.states.items()}, subject.catalogue), None
    if isinstance(subject, Change):
        return _side(subject, subject.after, now=True), _side(subject, subject.before, now=False)
    return desired({"dev": sample.environment("dev")}, sample.catalogue()), None


def _side(change: Change, state: State | None, now: bool) -> DesiredState:
    from policies import sample

    if state is None and change.name != "catalogue":
        return desired({}, sample.catalogue())
    if state is not None:
        return desired({state.name: state.environment}, state.catalogue)
    catalogue = change.now if now else change.was
    assert catalogue is not None
    return desired({"production": sample.environment("production")}, catalogue)


@pytest.fixture(scope="session")
def tree() -> DesiredState:
    """This repository's own desired state."""
    found = load(FolderTree(ROOT))
    assert not isinstance(found, Refused), found
    return found


@pytest.fixture(scope="session")
def golden() -> Callable[[str, str], None]:
    """Compare with a file beside the tests; INTERLOCK_GOLDEN=write refreshes it."""
    import os

    def compare(name: str, text: str) -> None:
        file = Path(__file__).parent / "golden" / name
        if os.environ.get("INTERLOCK_GOLDEN") == "write":
            file.write_text(text)
        assert file.exists(), f"{name} is missing: run INTERLOCK_GOLDEN=write pytest tests/policies"
        assert text == file.read_text()

    return compare


@pytest.fixture(scope="session")
def sides() -> Callable[[Any], tuple[DesiredState, DesiredState | None]]:
    """Both sides of a subject as files that were read."""
    return both_sides


@pytest.fixture
def fake_rule() -> Callable[..., Any]:
    """A rule LIM900 made of a function."""

    def make(
        judge: Any,
        reads: tuple[str, ...] = ("trading_halted", "phase"),
        invalid: tuple[Sample, ...] = (Sample(says="halted", edits={"trading_halted": True}),),
    ) -> Any:
        meta = Meta(
            id="LIM900",
            slug="fake",
            severity=Severity.ERROR,
            scope=Scope.STATE,
            title="fake",
            fix="nothing",
            reads=reads,
            source="a test",
        )
        return SimpleNamespace(META=meta, VALID=(Sample(says="as it is"),), INVALID=invalid, judge=judge)

    return make
