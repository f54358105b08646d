"""A tree becomes the desired state, or a refusal with every reason of every file at once.

Never raises and never stops at the first bad file.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any, get_type_hints

from config.desired import ENVIRONMENTS, DesiredState, environment_file
from config.document import Document
from config.findings import Finding, Refused, Severity, sort_findings, whole_file
from config.models.catalogue import Catalogue
from config.models.environment import Environment
from config.reading.attributes import judge_attributes
from config.reading.kept import KeptDocument, KeptEnvironments
from config.reading.names import CATALOGUE, catalogue_file, environment_name, judge_names, record_file
from config.reading.read import read_document, refused_by_failure
from config.reading.records import Releases, read_releases
from config.tree import FILE, Blob, Entry, Tree

_PARTS = get_type_hints(Catalogue)
_KEEP_NODES = 100
"""Above so many documents, places are read again when asked for, so that memory stays flat."""


Case = tuple[str, type[Any], Blob | None]
"""A file, its type, and what stands there."""


class Language:
    """How single files are read; this one is strict and reads each file anew."""

    def prepare(self, cases: Sequence[Case]) -> None:
        """Told once what will be read, before the first reading."""

    def read(self, file: str, blob: Blob, cls: type[Any]) -> Document[Any] | Refused:
        """The document in `blob`."""
        return read_document(file, blob, cls)

    def stand_in(self, file: str) -> Document[Any] | None:
        """What to take for a file that is missing; None refuses."""
        return None

    def excuses(self, finding: Finding) -> bool:
        """Whether a finding about a name is a matter of language, not a refusal."""
        return False


def load(tree: Tree, language: Language | None = None) -> DesiredState | Refused:
    """Everything `config/` says in this tree, typed."""
    try:
        with _uncollected():
            return _load(tree, language or Language())
    except Exception as error:
        return refused_by_failure("config", error)


@contextmanager
def _uncollected() -> Iterator[None]:
    """What is read holds no cycles: collecting it while it grows costs a third of the time at 3,000 files."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _load(tree: Tree, language: Language) -> DesiredState | Refused:
    entries = tree.entries("config")
    found = [finding for finding in judge_names(entries) if not language.excuses(finding)]
    found.extend(judge_attributes(tree, entries))
    if not any(environment_name(entry.path) for entry in entries):
        found.append(_no_environment())
    documents: dict[str, Document[Any]] = {}
    cases = [(file, cls, tree.read(file)) for file, cls in _wanted(entries)]
    language.prepare(cases)
    cases.reverse()
    while cases:  # emptied on the way, so that bytes and values are not all held at once
        file, cls, blob = cases.pop()
        answer = _read(language, file, cls, blob)
        if isinstance(answer, Refused):
            found.extend(answer.findings)
        elif answer is not None:
            documents[file] = answer
            if len(documents) > _KEEP_NODES and not isinstance(answer, KeptDocument):
                answer.places.forget_nodes()
    releases = read_releases(record_file("releases"), tree)
    found.extend(releases.findings if isinstance(releases, Refused) else _unapproved(documents, releases))
    found.extend(_judge_identity(documents))
    if found or isinstance(releases, Refused):
        return Refused(sort_findings(found))
    if releases.document is not None:
        documents[releases.document.file] = releases.document
    return DesiredState(
        environments=_environments(documents),
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


def _read(language: Language, file: str, cls: type[Any], blob: Blob | None) -> Document[Any] | Refused | None:
    if blob is None:
        return language.stand_in(file) or Refused((_missing(file),))
    if blob.mode != FILE:  # refused by its name already
        return None
    return language.read(file, blob, cls)


def _missing(file: str) -> Finding:
    way_out = "restore it; the desired state is complete or refused"
    return Finding("CFG012", Severity.ERROR, whole_file(file), f"file `{file}` is missing", way_out)


def _no_environment() -> Finding:
    place = whole_file(ENVIRONMENTS.rstrip("/"))
    way_out = "write one, such as `dev.yaml`; an empty desired state is refused"
    return Finding("CFG012", Severity.ERROR, place, f"no environment stands below {ENVIRONMENTS}", way_out)


def _environments(documents: dict[str, Document[Any]]) -> Mapping[str, Environment]:
    names = {file: name for file in documents if (name := environment_name(file))}
    if any(isinstance(documents[file], KeptDocument) for file in names):
        return KeptEnvironments(documents, tuple(names.values()))
    return MappingProxyType({name: documents[file].value for file, name in names.items()})


def _unapproved(documents: dict[str, Document[Any]], releases: Releases) -> Iterator[Finding]:
    """Releases by one person where real money moves: leaving a kill takes two there."""
    for at, release in enumerate(releases.releases):
        document = documents.get(environment_file(release.environment))
        is_live = document is not None and document.value.venue.mode == "live"
        if is_live and release.approver is None and releases.document is not None:
            place = releases.document.places.at(("releases", at, "approver"))
            message = f"`{release.environment}` is live: two people release it, and nobody approves this"
            way_out = "have a second person approve the release, and write who"
            path = f"releases.{at}.approver"
            yield Finding("CFG014", Severity.ERROR, place, message, way_out, path)


def _judge_identity(documents: dict[str, Document[Any]]) -> Iterator[Finding]:
    for file, document in documents.items():
        name = environment_name(file)
        if not name or isinstance(document, KeptDocument):  # kept is only what bears its name
            continue
        if document.value.environment != name:
            place = document.places.value(("environment",))
            message = f"`environment` is `{document.value.environment}` in the file of `{name}`"
            way_out = f"write `environment: {name}`, or rename the file"
            yield Finding("CFG006", Severity.ERROR, place, message, way_out, "environment")
