"""A tree is loaded whole or refused with every reason of every file."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.desired import DesiredState, environment_file
from config.findings import Refused
from config.reading import load
from config.reading.names import CATALOGUE
from config.tree import EXECUTABLE, FILE, LINK, Blob, Entry, FolderTree, blob_id

ROOT = Path(__file__).resolve().parents[3]
REAL = FolderTree(ROOT)
FILES = {
    entry.path: blob.data
    for entry in REAL.entries("config")
    if entry.path.endswith(".yaml") and (blob := REAL.read(entry.path))
}


class Files:
    """A tree made of texts."""

    label = "test"

    def __init__(self, files: dict[str, bytes], modes: dict[str, str] | None = None) -> None:
        self._files = files
        self._modes = modes or {}

    def entries(self, prefix: str) -> tuple[Entry, ...]:
        found = (path for path in sorted(self._files) if path.startswith(f"{prefix}/"))
        return tuple(Entry(path, self._modes.get(path, FILE), len(self._files[path])) for path in found)

    def read(self, path: str) -> Blob | None:
        data = self._files.get(path)
        return None if data is None else Blob(data, self._modes.get(path, FILE), blob_id(data))


def edited(path: str, old: str, new: str) -> dict[str, bytes]:
    text = FILES[path].decode()
    assert old in text
    return {**FILES, path: text.replace(old, new, 1).encode()}


def reasons(files: dict[str, bytes], modes: dict[str, str] | None = None) -> list[tuple[str, str, int, str]]:
    answer = load(Files(files, modes))
    assert isinstance(answer, Refused)
    return [(f.rule, f.span.file, f.span.line, f.message) for f in answer.findings]


def test_real_tree_is_loaded_with_all_documents(desired: DesiredState) -> None:
    assert set(desired.environments) == {"dev", "staging", "production"}
    records = {path for path in FILES if path.startswith("config/records/")}
    assert set(desired.documents) == set(FILES) - records | {"config/records/releases.yaml"}
    assert desired.environments["dev"].tier == "dev"
    assert desired.documents[environment_file("dev")].value is desired.environments["dev"]


def test_values_cannot_be_changed_by_a_reader(desired: DesiredState) -> None:
    with pytest.raises(TypeError):
        desired.environments["dev"].flags["new"] = None  # type: ignore[index]
    with pytest.raises(AttributeError):
        desired.environments["dev"].phase = 4  # type: ignore[misc]


def test_all_reasons_of_all_files_come_at_once() -> None:
    files = edited("config/environments/dev.yaml", "phase: 1", "phase: one")
    files["config/flags.yaml"] = b"schema: 1\nschema: 1\n"
    files["config/notes.txt"] = b""
    del files["config/venues.yaml"]
    assert reasons(files) == [
        ("CFG003", "config/environments/dev.yaml", 5, "`phase` must be a whole number, found `one`"),
        ("YAML013", "config/flags.yaml", 2, "key `schema` stands here twice"),
        ("CFG009", "config/notes.txt", 1, "stray file below config/"),
        ("CFG012", "config/venues.yaml", 1, "file `config/venues.yaml` is missing"),
    ]


def test_finding_names_the_path_of_its_key() -> None:
    files = edited("config/environments/dev.yaml", "max_orders_per_day: 100", "max_orders_per_day: 1.5")
    files = {**files, "config/calendar.yaml": files["config/calendar.yaml"].replace(b'"12-20"', b"12")}
    answer = load(Files(files))
    assert isinstance(answer, Refused)
    assert [found.path for found in answer.findings] == ["freezes.0.first", "limits.max_orders_per_day"]


@pytest.mark.parametrize("name", CATALOGUE)
def test_missing_or_empty_catalogue_file_is_refused(name: str) -> None:
    file = f"config/{name}.yaml"
    without = {path: data for path, data in FILES.items() if path != file}
    assert reasons(without) == [("CFG012", file, 1, f"file `{file}` is missing")]
    assert reasons({**FILES, file: b""}) == [("YAML014", file, 1, "file holds no document")]


def test_environment_named_unlike_its_file_is_refused() -> None:
    files = {**FILES, "config/environments/qa.yaml": FILES["config/environments/dev.yaml"]}
    assert reasons(files) == [
        ("CFG006", "config/environments/qa.yaml", 3, "`environment` is `dev` in the file of `qa`")
    ]


def test_tree_without_any_environment_is_refused() -> None:
    files = {path: data for path, data in FILES.items() if "/environments/" not in path}
    assert reasons(files) == [
        ("CFG012", "config/environments", 1, "no environment stands below config/environments/")
    ]


@pytest.mark.parametrize("mode", [EXECUTABLE, LINK])
def test_file_of_another_mode_is_not_read(mode: str) -> None:
    file = "config/environments/dev.yaml"
    found = reasons({**FILES, file: b"["}, {file: mode})
    assert [rule for rule, *_ in found] == ["CFG008"]


def test_record_of_another_mode_is_refused() -> None:
    file = "config/records/releases.yaml"
    assert [rule for rule, *_ in reasons(FILES, {file: LINK})] == ["CFG008"]


def test_file_newer_than_the_tool_gives_one_reason() -> None:
    files = edited("config/environments/dev.yaml", "schema: 1", "schema: 9")
    assert reasons(files) == [
        ("CFG005", "config/environments/dev.yaml", 2, "schema version 9, this tool reads version 1")
    ]


def test_tree_that_fails_is_a_refusal() -> None:
    class Broken(Files):
        def entries(self, prefix: str) -> tuple[Entry, ...]:
            raise RuntimeError("disk on fire")

    answer = load(Broken(FILES))
    assert isinstance(answer, Refused)
    assert [(f.rule, f.message) for f in answer.findings] == [
        ("YAML000", "the reader failed with RuntimeError: disk on fire")
    ]


def test_folder_with_a_link_and_an_executable_is_refused(tmp_path: Path) -> None:
    for path, data in FILES.items():
        target = tmp_path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    (tmp_path / "config/environments/dev.yaml").chmod(0o755)
    (tmp_path / "config/environments/staging.yaml").unlink()
    (tmp_path / "config/environments/staging.yaml").symlink_to("production.yaml")
    answer = load(FolderTree(tmp_path))
    assert isinstance(answer, Refused)
    assert [(f.rule, f.span.file) for f in answer.findings] == [
        ("CFG008", "config/environments/dev.yaml"),
        ("CFG008", "config/environments/staging.yaml"),
    ]


def test_many_documents_keep_their_places_without_nodes() -> None:
    dev = FILES["config/environments/dev.yaml"].decode()
    many = {
        f"config/environments/e{at}.yaml": dev.replace("environment: dev", f"environment: e{at}").encode()
        for at in range(120)
    }
    desired = load(Files({**FILES, **many}))
    assert isinstance(desired, DesiredState)
    place = desired.documents["config/environments/e99.yaml"].places.value(("environment",))
    assert (place.line, place.column, place.end_column) == (3, 14, 17)


RELEASES = """\
schema: 1
releases:
  - environment: production
    epoch: 3
    person: ada
    approver: null
    reason: "the drill is over"
    scope: global
    day: "2026-11-20"
"""


@pytest.mark.parametrize(
    ("mode", "approver", "refused"),
    [("paper", "null", False), ("live", "null", True), ("live", "grace", False)],
)
def test_two_people_release_what_is_live(mode: str, approver: str, refused: bool) -> None:
    files = edited("config/environments/production.yaml", "  mode: paper", f"  mode: {mode}")
    files["config/records/releases.yaml"] = RELEASES.replace("null", approver).encode()
    answer = load(Files(files))
    told = (
        [(f.rule, f.span.line, f.span.column) for f in answer.findings] if isinstance(answer, Refused) else []
    )
    assert told == ([("CFG014", 6, 15)] if refused else [])
