"""A commit's rooms on disk, so that its own program and its own configuration are what runs.

Kept by tree id below the state folder; never a Git worktree, never a link into another checkout.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from ci.git import CommitTree

ROOMS = ("config", "infra", "policies", "Pulumi.yaml")
KEPT = 8


def checkout(tree: CommitTree, folder: Path) -> Path | None:
    """The folder that holds the tree's rooms; None when the commit has no infrastructure program."""
    target = folder / tree.tree_id
    if target.is_dir():
        return target
    if tree.read("Pulumi.yaml") is None or tree.read("infra/__main__.py") is None:
        return None
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=folder, prefix="writing-") as made:
        written = Path(made) / "tree"
        for room in ROOMS:
            _write(tree, room, written)
        try:
            written.rename(target)
        except OSError:  # another run wrote the same tree
            return target
    _forget_oldest(folder)
    return target


def _write(tree: CommitTree, room: str, target: Path) -> None:
    listed = tree.entries(room)
    for path in [entry.path for entry in listed] or [room]:
        blob = tree.read(path)
        if blob is not None and not blob.mode.startswith("12"):
            file = target / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(blob.data)
            file.chmod(0o755 if blob.mode == "100755" else 0o644)


def _forget_oldest(folder: Path) -> None:
    held = [path for path in folder.iterdir() if not path.name.startswith("writing-")]
    for old in sorted(held, key=lambda path: path.stat().st_mtime)[:-KEPT]:
        shutil.rmtree(old, ignore_errors=True)
