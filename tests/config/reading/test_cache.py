"""A cache saves time; no state of it, however false, changes what is read."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from config.desired import DesiredState
from config.document import Document
from config.findings import Refused
from config.models.catalogue import Catalogue
from config.models.environment import Environment
from config.reading import read_document
from config.reading.cache import ParseCache, machine_key
from config.reading.load import load
from config.reading.revive import flat, reviver_of
from config.schema_walk import walk
from config.tree import FILE, Blob, FolderTree, blob_id

ROOT = Path(__file__).resolve().parents[3]
DEV = "config/environments/dev.yaml"
KEY = bytes(range(32))
CODE = "c" * 64


def blob(text: str) -> Blob:
    return Blob(text.encode(), FILE, blob_id(text.encode()))


def dev() -> str:
    return (ROOT / DEV).read_text()


def read_by(cache: ParseCache, text: str) -> Document[Any]:
    document = cache.read(DEV, blob(text), Environment)
    assert isinstance(document, Document)
    return document


def filled(folder: Path, text: str) -> Path:
    file = folder / "parsed"
    cache = ParseCache(file, KEY, CODE)
    read_by(cache, text)
    cache.save()
    assert ParseCache(file, KEY, CODE).hits == 0
    return file


def exact(value: Any) -> list[tuple[Any, str, type]]:
    return [(path, repr(leaf), type(leaf)) for path, leaf, _ in walk(value)]


def test_second_reading_takes_the_same_value_from_the_cache(tmp_path: Path) -> None:
    text = dev().replace("percent: 100.0", "percent: 100.00", 1)
    cache = ParseCache(filled(tmp_path, text), KEY, CODE)
    found = read_by(cache, text)
    anew = read_document(DEV, blob(text), Environment)
    assert isinstance(anew, Document)
    assert cache.hits == 1
    assert (found.value, found.text, found.blob_id) == (anew.value, anew.text, anew.blob_id)
    assert exact(found.value) == exact(anew.value)
    assert found.places.value(("phase",)) == anew.places.value(("phase",))


def test_whole_tree_is_the_same_with_a_warm_cache(tmp_path: Path, desired: DesiredState) -> None:
    for hits in (0, 12):
        cache = ParseCache(tmp_path / "parsed", KEY, CODE)
        answer = load(FolderTree(ROOT), cache)
        cache.save()
        assert isinstance(answer, DesiredState)
        assert cache.hits == hits
        assert answer.environments == desired.environments
        assert answer.catalogue == desired.catalogue
    assert (tmp_path / "parsed").stat().st_mode & 0o777 == 0o600


def poisoned(file: Path) -> None:
    """What an attacker would write: another value under the right name."""
    line, seal = file.read_text().split("\n")
    name, kept = line.split(" ", 1)
    value = json.loads(kept)
    value["trading_halted"] = not value["trading_halted"]
    value["phase"] = 4
    file.write_text(f"{name} {json.dumps(value)}\n{seal}")


def test_poisoned_cache_is_not_believed(tmp_path: Path) -> None:
    file = filled(tmp_path, dev())
    poisoned(file)
    cache = ParseCache(file, KEY, CODE)
    assert read_by(cache, dev()).value.phase == 1
    assert cache.hits == 0


@pytest.mark.parametrize("at", range(0, 4000, 97))
def test_any_changed_byte_empties_the_cache(tmp_path: Path, at: int) -> None:
    file = filled(tmp_path, dev())
    data = bytearray(file.read_bytes())
    data[at % len(data)] ^= 1
    file.write_bytes(data)
    cache = ParseCache(file, KEY, CODE)
    assert read_by(cache, dev()).value.phase == 1
    assert cache.hits == 0


@pytest.mark.parametrize(
    ("key", "code"),
    [(bytes(32), CODE), (KEY, "d" * 64), (None, CODE)],
    ids=["other key", "older code", "no key"],
)
def test_cache_of_another_key_or_code_is_not_believed(tmp_path: Path, key: bytes | None, code: str) -> None:
    cache = ParseCache(filled(tmp_path, dev()), key, code)
    read_by(cache, dev())
    assert cache.hits == 0


def test_changed_file_is_read_anew(tmp_path: Path) -> None:
    cache = ParseCache(filled(tmp_path, dev()), KEY, CODE)
    assert read_by(cache, dev().replace("phase: 1", "phase: 2")).value.phase == 2
    assert cache.hits == 0


def test_same_bytes_of_another_type_are_read_anew(tmp_path: Path) -> None:
    cache = ParseCache(filled(tmp_path, dev()), KEY, CODE)
    answer = cache.read(DEV, blob(dev()), get_type_hints(Catalogue)["flags"])
    assert isinstance(answer, Refused)
    assert cache.hits == 0


def test_refusal_is_never_kept(tmp_path: Path) -> None:
    file = tmp_path / "parsed"
    cache = ParseCache(file, KEY, CODE)
    assert isinstance(cache.read(DEV, blob("phase: x\n"), Environment), Refused)
    cache.save()
    assert not file.exists()


@pytest.mark.parametrize("content", [b"", b"x", b"\n", b"\xff" * 100, b"0" * 64 + b"\nname\n"])
def test_damaged_cache_is_an_empty_one(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "parsed").write_bytes(content)
    cache = ParseCache(tmp_path / "parsed", KEY, CODE)
    assert read_by(cache, dev()).value.phase == 1


def test_cache_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    cache = ParseCache(tmp_path / "missing" / "parsed", KEY, CODE)
    read_by(cache, dev())
    cache.save()


def test_cache_behind_a_link_is_not_followed(tmp_path: Path) -> None:
    file = filled(tmp_path, dev())
    (tmp_path / "link").symlink_to(file)
    cache = ParseCache(tmp_path / "link", KEY, CODE)
    read_by(cache, dev())
    assert cache.hits == 0


def test_cache_forgets_what_a_run_did_not_use(tmp_path: Path) -> None:
    file = filled(tmp_path, dev())
    cache = ParseCache(file, KEY, CODE)
    read_by(cache, dev().replace("phase: 1", "phase: 2"))
    cache.save()
    assert len(file.read_text().split("\n")) == 2
    again = ParseCache(file, KEY, CODE)
    read_by(again, dev())
    assert again.hits == 0


def test_key_is_made_once_and_for_this_user_alone(tmp_path: Path) -> None:
    file = tmp_path / "key"
    key = machine_key(file)
    assert key is not None
    assert len(key) == 32
    assert file.stat().st_mode & 0o777 == 0o600
    assert machine_key(file) == key


@pytest.mark.parametrize("flaw", ["readable", "short", "link", "folder"])
def test_key_that_others_could_know_is_none(tmp_path: Path, flaw: str) -> None:
    file = tmp_path / "key"
    if flaw == "folder":
        assert machine_key(tmp_path / "missing" / "key") is None
        return
    machine_key(file)
    if flaw == "readable":
        os.chmod(file, 0o644)
    elif flaw == "short":
        file.write_bytes(b"x")
    else:
        file.rename(tmp_path / "real")
        file.symlink_to("real")
    assert machine_key(file) is None


def test_every_document_revives_exactly(desired: DesiredState) -> None:
    for document in desired.documents.values():
        if document.file.startswith("config/records/"):
            continue
        again = reviver_of(type(document.value))(json.loads(json.dumps(flat(document.value))))
        assert exact(again) == exact(document.value)
        assert again == document.value


def test_value_that_does_not_fit_its_section_raises(desired: DesiredState) -> None:
    value = flat(desired.environments["dev"])
    for wrong in ({**value, "more": 1}, {name: part for name, part in value.items() if name != "phase"}):
        with pytest.raises((ValueError, KeyError)):
            reviver_of(Environment)(wrong)
