"""Builds the pinned Pulumi CLI and Python host from the Go module registry, once per user; read-only, checksummed.

Never changes go.mod or go.sum, never takes a half-built file for a whole one, never builds twice at a time.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from infra.toolchain.find import CLI_VERSION, HERE, Toolchain, built_folder, cache_folder, find
from infra.toolchain.go import ToolchainError, go_program, last_line

Progress = Callable[[str], None]
_TOOLS = {
    "cli": "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    "language-host": "github.com/pulumi/pulumi/sdk/v3/python/cmd/pulumi-language-python",
}
_SDK = "github.com/pulumi/pulumi/sdk/v3"
_STAMP = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"
_LIMIT_SECONDS = 1800
_PROGRESS_SECONDS = 30


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
    """One build at a time; the lock ends with its holder, whose number stands in the file for those who wait."""
    folder = cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress(f"waiting for process {builder()}, which builds the Pulumi CLI")
            fcntl.flock(lock, fcntl.LOCK_EX)
        lock.truncate(0)
        lock.write(f"{os.getpid()} since {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}\n")
        lock.flush()
        yield
        lock.truncate(0)


def builder() -> str:
    """Who builds, and since when: `4242 since 2026-11-20T10:00:00Z`."""
    try:
        return (cache_folder() / "lock").read_text().strip() or "(just started)"
    except FileNotFoundError:
        return "(just started)"


def _build(progress: Progress, search_path: str | None) -> Toolchain:
    target = built_folder()
    for left in target.parent.glob("building-*"):  # we hold the lock: whoever began them is dead
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix="building-") as made:
        folder = Path(made) / "bin"
        folder.mkdir()
        go = go_program(progress, search_path)
        for module, tool in _TOOLS.items():
            progress(f"building {tool.rsplit('/', 1)[1]} (once; some minutes)")
            _compile(go, module, tool, folder, progress)
        _place_exec(go, folder)
        shutil.rmtree(target, ignore_errors=True)
        folder.rename(target)
    return Toolchain(target, "built", "built from pinned sources just now")


def _compile(go: Path, module: str, tool: str, folder: Path, progress: Progress) -> None:
    flags = f"-s -w -X {_STAMP}=v{CLI_VERSION}"
    command = [str(go), "build", "-buildvcs=false", "-p", str(os.cpu_count() or 2), "-trimpath"]
    command += ["-tags", "osusergo,grpcnotrace", "-ldflags", flags, "-o", f"{folder}/", tool]
    told = _run_go(command, HERE / module, progress)
    if told.returncode != 0:
        raise ToolchainError(
            f"{tool.rsplit('/', 1)[1]} could not be built: {last_line(told.stderr)}",
            "the Go module registry must be reachable for the first build (GOPROXY names a mirror); "
            f"or put pulumi {CLI_VERSION} on PATH",
        )


def _place_exec(go: Path, folder: Path) -> None:
    """The host looks for this script beside itself; the module cache drops its executable bit."""
    told = _run_go([str(go), "list", "-m", "-f", "{{.Dir}}", _SDK], HERE / "cli", lambda line: None)
    script = Path(told.stdout.decode().strip()) / "python" / "cmd" / "pulumi-language-python-exec"
    if told.returncode != 0 or not script.is_file():
        raise ToolchainError(
            f"{_SDK} holds no pulumi-language-python-exec: {last_line(told.stderr)}",
            "clean the Go module cache (`go clean -modcache`) and run this again",
        )
    shutil.copyfile(script, folder / script.name)
    (folder / script.name).chmod(0o755)


def _run_go(command: list[str], folder: Path, progress: Progress) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly", "GOTOOLCHAIN": "local"}
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        for waited in range(_PROGRESS_SECONDS, _LIMIT_SECONDS + 1, _PROGRESS_SECONDS):
            try:
                out, err = child.communicate(timeout=_PROGRESS_SECONDS)
            except subprocess.TimeoutExpired:
                progress(f"still building ({waited} s so far)")
                continue
            return subprocess.CompletedProcess(command, child.returncode, out, err)
        child.kill()
    raise ToolchainError(
        f"the build did not end within {_LIMIT_SECONDS // 60} minutes", "run it again; what is built is kept"
    )
