"""A tree becomes the desired state, or a refusal with every reason of every file at once.

Never raises and never stops at the first bad file.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType
from typing import Any, get_type_hints

from config.desired import ENVIRONMENTS, DesiredState, environment_file
from config.document import Document
from config.findings import Finding, Refused, Severity, sort_findings, whole_file
from config.models.catalogue import Catalogue
from config.models.environment import Environment
from config.reading.attributes import judge_attributes
from config.reading.names import CATALOGUE, catalogue_file, environment_name, judge_names, record_file
from config.reading.read import read_document, refused_by_failure
from config.reading.records import read_releases
from config.tree import FILE, Entry, Tree

_PARTS = get_type_hints(Catalogue)
_KEEP_NODES = 100
"""Above so many documents, places are read again when asked for, so that memory stays flat."""


def load(tree: Tree) -> DesiredState | Refused:
    """Everything `config/` says in this tree, typed."""
    try:
        return _load(tree)
    except Exception as error:
        return refused_by_failure("config", error)


def _load(tree: Tree) -> DesiredState | Refused:
    entries = tree.entries("config")
    found = judge_names(entries)
    found.extend(judge_attributes(tree, entries))
    if not any(environment_name(entry.path) for entry in entries):
        found.append(_no_environment())
    documents: dict[str, Document[Any]] = {}
    for file, cls in _wanted(entries):
        _read_into(documents, found, tree, file, cls)
    releases = read_releases(record_file("releases"), tree)
    if isinstance(releases, Refused):
        found.extend(releases.findings)
    found.extend(_judge_identity(documents))
    if found or isinstance(releases, Refused):
        return Refused(sort_findings(found))
    if releases.document is not None:
        documents[releases.document.file] = releases.document
    return DesiredState(
        environments=MappingProxyType(dict(_environments(documents))),
        catalogue=Catalogue(**{name: documents[catalogue_file(name)].value for name in CATALOGUE}),
        releases=releases.releases,
        documents=MappingProxyType(documents),
    )


def _wanted(entries: tuple[Entry, ...]) -> Iterator[tuple[str, type[Any]]]:
    for name in CATALOGUE:
        yield catalogue_file(name), _PARTS[name]
    for entry in entries:
        if environment_name(entry.path):
            yield entry.path, Environment


def _read_into(
    documents: dict[str, Document[Any]], found: list[Finding], tree: Tree, file: str, cls: type[Any]
) -> None:
    blob = tree.read(file)
    if blob is None:
        found.append(_missing(file))
    elif blob.mode == FILE:  # any other mode is refused by its name already
        document = read_document(file, blob, cls)
        if isinstance(document, Refused):
            found.extend(document.findings)
            return
        documents[file] = document
        if len(documents) > _KEEP_NODES:
            document.places.forget_nodes()


def _missing(file: str) -> Finding:
    way_out = "restore it; the desired state is complete or refused"
    return Finding("CFG012", Severity.ERROR, whole_file(file), f"file `{file}` is missing", way_out)


def _no_environment() -> Finding:
    place = whole_file(ENVIRONMENTS.rstrip("/"))
    way_out = "write one, such as `dev.yaml`; an empty desired state is refused"
    return Finding("CFG012", Severity.ERROR, place, f"no environment stands below {ENVIRONMENTS}", way_out)


def _environments(documents: dict[str, Document[Any]]) -> Iterator[tuple[str, Environment]]:
    for file, document in documents.items():
        name = environment_name(file)
        if name:
            yield name, document.value


def _judge_identity(documents: dict[str, Document[Any]]) -> Iterator[Finding]:
    named = list(_environments(documents))
    for name, environment in named:
        if environment.environment != name:
            file = environment_file(name)
            place = documents[file].places.value(("environment",))
            message = f"`environment` is `{environment.environment}` in the file of `{name}`"
            way_out = f"write `environment: {name}`, or rename the file"
            yield Finding("CFG006", Severity.ERROR, place, message, way_out, "environment")
