"""Where the Pulumi CLI is run: a project folder, a stack, and an environment that is written down in full.

A throwaway workspace has its own home, file backend and cloud file; nothing of the user's is read or changed.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from infra.errors import InfraError
from infra.offline.__main__ import CLOUD_VARIABLE
from infra.pack.__main__ import TREE_VARIABLE
from infra.toolchain import Toolchain

PROJECT_FILE = "Pulumi.yaml"
PACK = Path(__file__).resolve().parent / "pack" / "interlock-policies"
TOOL_ROOT = Path(__file__).resolve().parent.parent
# A salt for the empty passphrase: throwaway state holds placeholders, no secrets.
_SALT = "v1:YBPMwcOHGFs=:v1:eWc0TrGatajelJ8H:0um1G0NCniBvYsG0WMhQIFh+J8Kkvg=="
_OFFLINE = "interlock:offline"
_PASSED_ON = ("HOME", "LANG", "LC_ALL", "TMPDIR", "TERM", "SYSTEMROOT", "USER")
_ALWAYS = {
    "PULUMI_DEBUG_COMMANDS": "true",  # without it the CLI knows no --event-log
    "PULUMI_SKIP_UPDATE_CHECK": "true",
    "PULUMI_ERROR_OUTPUT_STRING": "true",
}


class ProjectError(InfraError):
    """A tree that holds no Pulumi project of ours."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """A project folder with what the CLI is told through its environment."""

    folder: Path
    tree: Path
    stack: str
    variables: Mapping[str, str]
    is_offline: bool
    logs: Path


def real(tree: Path, stack: str, toolchain: Toolchain, logs: Path) -> Workspace:
    """The checkout itself on the user's backend, with the user's own environment."""
    _refuse_placeholders(tree, stack)
    path = os.pathsep.join(
        (str(toolchain.folder), str(Path(sys.executable).parent), os.environ.get("PATH", ""))
    )
    variables = {**os.environ, **_ALWAYS, "PATH": path, "VIRTUAL_ENV": sys.prefix, TREE_VARIABLE: str(tree)}
    return Workspace(tree, tree, stack, variables, is_offline=False, logs=logs)


def _refuse_placeholders(tree: Path, stack: str) -> None:
    """A committed line may not make the program build placeholders where secrets belong."""
    stack_file = _stack_file(tree, stack)
    for text, file in (
        (_project_text(tree), tree / PROJECT_FILE),
        (stack_file.read_text() if stack_file.exists() else "", stack_file),
    ):
        if _OFFLINE in text:
            raise ProjectError(
                f"{file.relative_to(tree)} sets {_OFFLINE}, which only a throwaway project may",
                "remove the line; `--offline` is how to preview without a cloud",
            )


def offline(folder: Path, tree: Path, stack: str, toolchain: Toolchain, *, durable: bool = True) -> Workspace:
    """A throwaway project in `folder` that runs the program of `tree` against the offline provider.

    durable: save the state at each step, as a real backend does; without it a killed run leaves nothing.
    """
    project, stacks = folder / "project", folder / "project" / "stacks"
    for made in (stacks, folder / "home", folder / "state", folder / "bin"):
        made.mkdir(parents=True, exist_ok=True, mode=0o700)
    (project / PROJECT_FILE).write_text(_moved(_project_text(tree), tree))
    (stacks / f"Pulumi.{stack}.yaml").write_text(_stack_settings(tree, stack))
    place_provider(folder / "bin" / "pulumi-resource-aws")
    variables = {key: os.environ[key] for key in _PASSED_ON if key in os.environ}
    variables |= _ALWAYS | {
        "PATH": os.pathsep.join(
            (str(folder / "bin"), str(toolchain.folder), str(Path(sys.executable).parent), "/usr/bin", "/bin")
        ),
        "VIRTUAL_ENV": sys.prefix,
        "PULUMI_HOME": str(folder / "home"),
        "PULUMI_BACKEND_URL": f"file://{folder / 'state'}",
        "PULUMI_CONFIG_PASSPHRASE": "",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS": "true",
        CLOUD_VARIABLE: str(folder / "cloud.json"),
        TREE_VARIABLE: str(tree),
        **({} if durable else {"PULUMI_SKIP_CHECKPOINTS": "true", "PULUMI_EXPERIMENTAL": "true"}),
    }
    return Workspace(project, tree, stack, variables, is_offline=True, logs=folder / "logs")


def _project_text(tree: Path) -> str:
    try:
        return (tree / PROJECT_FILE).read_text()
    except FileNotFoundError:
        raise ProjectError(
            f"{tree} holds no {PROJECT_FILE}", "give a commit that has the infrastructure program"
        ) from None


def _moved(text: str, tree: Path) -> str:
    """The project file with its folders made absolute (program) and ours (stacks)."""
    lines = []
    for line in text.splitlines():
        key, _, value = line.partition(":")
        if key == "main":
            line = f"main: {tree / value.strip()}"
        lines.append("stackConfigDir: stacks" if key == "stackConfigDir" else line)
    return "\n".join(lines) + "\n"


def _stack_settings(tree: Path, stack: str) -> str:
    """The stack's plain settings; what is encrypted stays out, the program then says that it uses placeholders."""
    file = _stack_file(tree, stack)
    if not file.exists():
        known = sorted(path.name.split(".")[1] for path in file.parent.glob("Pulumi.*.yaml"))
        raise ProjectError(f"there is no stack `{stack}`", f"one of: {', '.join(known) or 'none'}")
    plain = [line for line in file.read_text().splitlines() if _is_plain_setting(line)]
    return "\n".join(["config:", *plain, f'  {_OFFLINE}: "true"', f"encryptionsalt: {_SALT}"]) + "\n"


def _stack_file(tree: Path, stack: str) -> Path:
    return tree / "infra" / "stacks" / f"Pulumi.{stack}.yaml"


def _is_plain_setting(line: str) -> bool:
    """`  aws:region: us-east-1`; not a section, a comment or the parent of an encrypted value."""
    if not line.startswith("  ") or line.startswith("    ") or line.lstrip().startswith("#"):
        return False
    return bool(line.strip().rpartition(":")[2].strip())


def place_provider(file: Path) -> None:
    """The stand-in under the real provider's name, so that it is found first on PATH."""
    start = (
        f"PYTHONPATH={shlex.quote(str(TOOL_ROOT))} exec {shlex.quote(sys.executable)} -P -u -m infra.offline"
    )
    file.write_text(f'#!/bin/sh\n{start} "$@"\n')
    file.chmod(0o700)
