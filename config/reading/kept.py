"""A document that was read before, strictly and from these very bytes: read again only where somebody asks for a value.

Never made for bytes nobody read: whoever makes one vouches that `read_document` took them under this file name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from config.desired import environment_file
from config.document import Document, Places
from config.findings import Refused
from config.models.environment import Environment
from config.reading.places import NodePlaces
from config.reading.read import read_document
from config.tree import Blob


class KeptDocument(Document[Environment]):
    """An environment whose value, text and places are made when asked for."""

    __slots__ = ("_blob", "_value")
    _blob: Blob
    _value: Environment | None

    def __init__(self, file: str, blob: Blob) -> None:
        for name, value in (("file", file), ("blob_id", blob.id), ("_blob", blob), ("_value", None)):
            object.__setattr__(self, name, value)

    @property
    def text(self) -> str:
        return self._blob.data.decode()

    @property
    def places(self) -> Places:
        return NodePlaces(self.file, self.text, None)

    @property
    def value(self) -> Environment:
        if self._value is None:
            answer = read_document(self.file, self._blob, Environment)
            if isinstance(answer, Refused):
                raise ValueError(f"{self.file} was kept as readable and is not: {answer.findings[0].message}")
            object.__setattr__(self, "_value", answer.value)
            return answer.value
        return self._value

    def is_same_as(self, other: object) -> bool:
        """Whether both are of the same bytes."""
        return isinstance(other, KeptDocument) and self._blob.data == other._blob.data


class KeptEnvironments(Mapping[str, Environment]):
    """The environments of a tree, each made when asked for."""

    def __init__(self, documents: Mapping[str, Document[Any]], names: tuple[str, ...]) -> None:
        self._documents = documents
        self._names = dict.fromkeys(names)

    def __getitem__(self, name: str) -> Environment:
        if name not in self._names:
            raise KeyError(name)
        value: Environment = self._documents[environment_file(name)].value
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __contains__(self, name: object) -> bool:
        return name in self._names
