"""A throwaway Git repository made from this tree, with real commits; nothing outside its folder changes."""

from __future__ import annotations

import shutil
import socket
from dataclasses import dataclass
from pathlib import Path

from ci.errors import InternalError
from ci.git import Repository
from config.edit import set_value
from config.findings import Refused
from config.models.environment import Environment

ROOMS = ("config", "policies", "infra", "engine", "ci")
FILES = ("Pulumi.yaml", "pyproject.toml", ".gitattributes")
DEV = "config/environments/dev.yaml"
PARITY = "config/parity.yaml"
ENGINEER = "Ann Engineer <ann@example.com>"
ACCOUNT = "ACCT-DEV-1"
RISK = "Rob Risk <rob@example.com>"
KeyPath = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Workshop:
    """The repository of the story and the folder of its local state."""

    repository: Repository
    state: Path

    def text(self, file: str) -> str:
        """A file of the worktree."""
        return (self.repository.root / file).read_text(encoding="utf-8")

    def write(self, file: str, text: str) -> None:
        """Replace a file of the worktree, byte for byte."""
        (self.repository.root / file).write_text(text, encoding="utf-8", newline="")

    def set(self, path: KeyPath, value: object) -> None:
        """Set one value of dev through the only writer."""
        self.write(DEV, edited(self.text(DEV), path, value))

    def propose(self, branch: str, message: str, file: str, text: str) -> str:
        """A pull request: one file changed on a branch of its own; the worktree goes back to main."""
        self.repository.start_branch(branch, "main")
        self.write(file, text)
        commit = self.repository.commit_paths([file], message, ENGINEER)
        self.repository.switch("main")
        return commit

    def merge(self, branch: str) -> str:
        """Merge the pull request into main, as the forge would."""
        return self.repository.merge(branch, f"Merge {branch}", RISK)


def edited(text: str, path: KeyPath, value: object, file: str = DEV) -> str:
    """`text` of an environment with one value changed; the writer refuses what would change more than one line."""
    new = set_value(file, text, path, value, Environment)
    if isinstance(new, Refused):
        raise InternalError(f"the demo cannot edit {file}: {new.findings[0].message}")
    return new


def build(tool_root: Path, folder: Path) -> Workshop:
    """Copy this tree, give dev free ports, let no account in yet, commit."""
    root = folder / "trading-config"
    root.mkdir()
    for room in ROOMS:
        shutil.copytree(tool_root / room, root / room, ignore=shutil.ignore_patterns("__pycache__"))
    for file in FILES:
        if (tool_root / file).exists():
            shutil.copy2(tool_root / file, root / file)
    workshop = Workshop(Repository.create(root, "main"), folder / "state")
    redis_port, postgres_port = free_ports()
    workshop.set(("redis", "port"), redis_port)
    workshop.set(("database", "port"), postgres_port)
    workshop.set(("flags", "paper_trading_enabled", "accounts"), ())
    _trade_small(workshop)
    workshop.repository.commit_paths(["."], "Start: the desired state of three environments", ENGINEER)
    return workshop


def _trade_small(workshop: Workshop) -> None:
    """One share an order: the story is about who may trade, so no loss limit may end it."""
    workshop.set(("sizing", "fixed_quantity"), 1)
    reason = (
        "differences:\n  - path: sizing.fixed_quantity\n    between: [dev, staging, production]\n"
        '    reason: "dev trades one share at a time"\n'
    )
    workshop.write(PARITY, workshop.text(PARITY).replace("differences:\n", reason, 1))


def free_ports() -> tuple[int, int]:
    """Two loopback ports nobody listens on now."""
    with socket.socket() as one, socket.socket() as two:
        one.bind(("127.0.0.1", 0))
        two.bind(("127.0.0.1", 0))
        return one.getsockname()[1], two.getsockname()[1]
