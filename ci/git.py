"""The only caller of git: commits, index and worktree as trees, history as facts.

Never trusts replace refs, never runs hooks or filters, changes a repository only where a verb's name says so.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ci.errors import UsageError
from config.record import record
from config.tree import EXECUTABLE, FILE, Blob, Entry, FolderTree

_ENVIRONMENT = {
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "LC_ALL": "C",
}
_NOT_OURS = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_CONFIG_PARAMETERS",
)
_TIMEOUT_SECONDS = 60


@record
class Conflict:
    """Two commits that cannot be merged by themselves, and the files that say so."""

    files: tuple[str, ...]


@record
class CommitFacts:
    """What a commit says of itself; names and dates are what the committer wrote, no proof."""

    commit: str
    tree_id: str
    parents: tuple[str, ...]
    author: str
    committed_at: str
    subject: str


class CommitTree:
    """The files of one tree object; `commit` is empty for a merge that exists nowhere yet."""

    def __init__(self, repository: Repository, tree_id: str, commit: str, label: str) -> None:
        self.commit = commit
        self.tree_id = tree_id
        self._label = label
        self._repository = repository
        self._ids: dict[str, tuple[str, str]] = {}
        self._blobs: dict[str, bytes] = {}

    @property
    def label(self) -> str:
        return self._label

    def entries(self, prefix: str) -> tuple[Entry, ...]:
        prefix = prefix.rstrip("/")
        listed = self._repository.list_tree(self.tree_id, prefix)
        self._ids.update({path: (mode, blob) for path, mode, blob in listed})
        wanted = [blob for _, mode, blob in listed if mode in (FILE, EXECUTABLE)]
        self._blobs.update(self._repository.read_blobs([blob for blob in wanted if blob not in self._blobs]))
        return tuple(Entry(path, mode, len(self._blobs.get(blob, b""))) for path, mode, blob in listed)

    def read(self, path: str) -> Blob | None:
        if path not in self._ids:
            listed = self._repository.list_tree(self.tree_id, path, recursive=False)
            self._ids.update({found: (mode, blob) for found, mode, blob in listed})
        if path not in self._ids:
            return None
        mode, blob = self._ids[path]
        if mode not in (FILE, EXECUTABLE):
            return Blob(b"", mode, blob)
        if blob not in self._blobs:
            self._blobs.update(self._repository.read_blobs([blob]))
        return Blob(self._blobs[blob], mode, blob)


class Repository:
    """One Git checkout, found from any folder inside it."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @classmethod
    def discover(cls, start: Path) -> Repository:
        """The checkout that holds `start`; UsageError when there is none."""
        try:
            found = _run(start, ["rev-parse", "--show-toplevel"])
        except FileNotFoundError:
            raise UsageError("`git` is not installed", "install git 2.38 or newer") from None
        if found.returncode != 0:
            raise UsageError(
                f"`{start}` is not inside a Git checkout", "run this inside a clone, or `git init` first"
            )
        return cls(Path(found.stdout.decode().rstrip("\n")))

    def commit_tree(self, ref: str) -> CommitTree:
        """The files of the commit `ref` names; UsageError when it names none."""
        commit = self.resolve(ref)
        return CommitTree(self, self._text("rev-parse", f"{commit}^{{tree}}"), commit, commit)

    def staged_tree(self) -> CommitTree:
        """The files the index holds, which is what the next commit will hold."""
        written = self._run_with_index("write-tree")
        if written.returncode != 0:
            raise UsageError(
                "the index holds unmerged files", "resolve the merge and `git add` its files first"
            )
        return CommitTree(self, written.stdout.decode().strip(), "", "staged")

    def worktree(self) -> FolderTree:
        """The files on disk, with the index's modes where it knows the file."""
        modes: dict[str, str] = {}
        for entry in self._records("ls-files", "--stage", "-z", "--", "config", ".gitattributes"):
            facts, path = entry.split("\t", 1)
            modes[path] = facts.split(" ", 1)[0]
        return FolderTree(self.root, "worktree", modes)

    def merged_tree(self, base: str, head: str) -> CommitTree | Conflict:
        """The tree a merge of `head` into `base` would hold, or the files that conflict."""
        merged = _run(
            self.root,
            ["merge-tree", "--write-tree", "--name-only", "-z", self.resolve(base), self.resolve(head)],
        )
        parts = merged.stdout.decode(errors="replace").split("\0")
        if merged.returncode == 0:
            return CommitTree(self, parts[0].strip(), "", f"merge of {head} into {base}")
        if merged.returncode == 1:
            return Conflict(tuple(parts[1 : parts.index("", 1)]))
        raise UsageError(
            _complaint(merged), "give two commits that share history; git 2.38 or newer is needed"
        )

    def resolve(self, ref: str) -> str:
        """The full id of the commit `ref` names; UsageError when it names none."""
        found = _run(self.root, ["rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}"])
        if found.returncode != 0:
            cut = "this clone is shallow: `git fetch --unshallow` first (in CI: `fetch-depth: 0`)"
            where = cut if self.is_shallow() else "give a branch, tag or commit id of this clone"
            raise UsageError(f"`{ref}` names no commit here", where)
        return found.stdout.decode().strip()

    def exists(self, commit: str) -> bool:
        """Whether this clone holds the commit with this full id."""
        return _run(self.root, ["cat-file", "-e", f"{commit}^{{commit}}"]).returncode == 0

    def is_ancestor(self, older: str, newer: str) -> bool:
        """Whether `older` is `newer` or lies in its history."""
        return _run(self.root, ["merge-base", "--is-ancestor", older, newer]).returncode == 0

    def first_parents(self, ref: str) -> tuple[str, ...]:
        """The first-parent line of `ref`, newest first."""
        return tuple(self._text("rev-list", "--first-parent", self.resolve(ref)).split())

    def facts(self, ref: str) -> CommitFacts:
        """What the commit says of itself."""
        commit = self.resolve(ref)
        record = self._text("show", "-s", "--format=%T%x00%P%x00%an <%ae>%x00%cI%x00%s", commit)
        tree_id, parents, author, committed_at, subject = record.split("\0", 4)
        return CommitFacts(commit, tree_id, tuple(parents.split()), author, committed_at, subject)

    def is_shallow(self) -> bool:
        """Whether history is cut off."""
        return self._text("rev-parse", "--is-shallow-repository") == "true"

    def has_rewritten_history(self) -> bool:
        """Whether replace refs or grafts could show another history than the one that was pushed."""
        if self._text("for-each-ref", "--count=1", "refs/replace/"):
            return True
        return (self.root / self._text("rev-parse", "--git-common-dir") / "info" / "grafts").exists()

    def dirty_paths(self, *within: str) -> tuple[str, ...]:
        """Paths (below these, if any) that differ between HEAD, the index and the disk, untracked ones included."""
        return tuple(
            record[3:]
            for record in self._records(
                "status", "--porcelain=v1", "-z", "--no-renames", "--untracked-files=all", "--", *within
            )
        )

    def changed_paths(self, before: str, after: str) -> tuple[str, ...]:
        """Paths whose blob or mode differs between two trees or commits."""
        return tuple(
            self._records(
                "diff-tree", "-r", "-z", "--name-only", "--no-renames", "--end-of-options", before, after
            )
        )

    def list_tree(self, tree_id: str, prefix: str, recursive: bool = True) -> list[tuple[str, str, str]]:
        """(path, mode, blob id) of every file below `prefix`, sorted by path."""
        arguments = ["ls-tree", "-z", "--full-tree", *(["-r"] if recursive else []), tree_id]
        arguments += ["--", f"{prefix}/" if recursive and prefix else prefix] if prefix else []
        found = []
        for entry in self._records(*arguments):
            facts, path = entry.split("\t", 1)
            mode, _, blob = facts.split(" ")
            found.append((path, mode, blob))
        return sorted(found)

    def read_blobs(self, ids: Sequence[str]) -> dict[str, bytes]:
        """The bytes of these blobs, by id, in one child process."""
        if not ids:
            return {}
        answer = _run(self.root, ["cat-file", "--batch"], stdin="".join(f"{blob}\n" for blob in ids).encode())
        if answer.returncode != 0:
            raise UsageError(_complaint(answer), "run `git fsck`: an object cannot be read")
        found, rest = {}, memoryview(answer.stdout)
        for blob in ids:
            header, rest = _split_line(rest)
            if not header.endswith(b"missing"):
                size = int(header.rsplit(b" ", 1)[1])
                found[blob], rest = bytes(rest[:size]), rest[size + 1 :]
        return found

    @classmethod
    def create(cls, root: Path, branch: str) -> Repository:
        """A new repository at `root` whose first branch is `branch`."""
        root.mkdir(parents=True, exist_ok=True)
        _checked(
            _run(root, ["init", "--quiet", f"--initial-branch={branch}"]), "give a folder that can be written"
        )
        return cls(root)

    def commit_paths(self, paths: Sequence[str], message: str, author: str) -> str:
        """Commit these paths as they are on disk; `author` is `Name <address>`; the new commit's id comes back."""
        _checked(_run(self.root, ["add", "--all", "--", *paths]), "look at `git status`")
        made = _run(
            self.root,
            ["commit", "--quiet", "--no-verify", "--no-gpg-sign", "-m", message, "--", *paths],
            extra=_identity(author),
        )
        _checked(made, "look at `git status`")
        return self.resolve("HEAD")

    def commit_files(self, files: Mapping[str, bytes], message: str, *, at: str, branch: str) -> str:
        """A commit on the new branch `branch` that changes these files of `at`; index and worktree stay as they are."""
        from tempfile import TemporaryDirectory  # with what it imports, 3 ms that no check needs

        with TemporaryDirectory(prefix="interlock-") as folder:
            own = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
            _answer(self.root, ["read-tree", at], extra=own)
            for path, data in files.items():
                blob = _answer(self.root, ["hash-object", "-w", "--stdin"], stdin=data)
                entry = f"{FILE},{blob},{path}"
                _answer(self.root, ["update-index", "--add", "--cacheinfo", entry], extra=own)
            tree = _answer(self.root, ["write-tree"], extra=own)
        commit = _answer(self.root, ["commit-tree", tree, "-p", at, "-F", "-"], stdin=message.encode())
        _answer(self.root, ["update-ref", f"refs/heads/{branch}", commit, "0" * len(commit)])
        return commit

    def start_branch(self, name: str, at: str) -> None:
        """Create the branch `name` at `at` and switch the worktree to it."""
        _checked(
            _run(self.root, ["switch", "--quiet", "--create", name, self.resolve(at)]),
            "choose a free branch name",
        )

    def switch(self, branch: str) -> None:
        """Switch the worktree to an existing branch."""
        _checked(_run(self.root, ["switch", "--quiet", branch]), "commit or discard local changes first")

    def merge(self, branch: str, message: str, author: str) -> str:
        """Merge `branch` into the current one with a merge commit; its id comes back."""
        made = _run(
            self.root,
            ["merge", "--quiet", "--no-ff", "--no-verify", "--no-gpg-sign", "-m", message, branch],
            extra=_identity(author),
        )
        _checked(made, "resolve the conflict first")
        return self.resolve("HEAD")

    def diff(self, before: str, after: str) -> str:
        """The text diff between two commits, as a reviewer sees it."""
        return self._text(
            "diff", "--no-color", "--no-ext-diff", "--no-renames", "--unified=0", before, after, "--"
        )

    def _text(self, *arguments: str) -> str:
        return _answer(self.root, list(arguments))

    def _records(self, *arguments: str) -> list[str]:
        answer = _run(self.root, list(arguments))
        _checked(answer, f"`git {arguments[0]}` failed in {self.root}")
        return [record for record in answer.stdout.decode(errors="surrogateescape").split("\0") if record]

    def _run_with_index(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        """A pre-commit hook names its index in the environment; only here it may."""
        keep = {"GIT_INDEX_FILE": os.environ["GIT_INDEX_FILE"]} if "GIT_INDEX_FILE" in os.environ else {}
        return _run(self.root, list(arguments), extra=keep)


def _identity(author: str) -> dict[str, str]:
    name, _, address = author.rstrip(">").partition(" <")
    return {
        "GIT_AUTHOR_NAME": name,
        "GIT_AUTHOR_EMAIL": address,
        "GIT_COMMITTER_NAME": name,
        "GIT_COMMITTER_EMAIL": address,
    }


def _answer(folder: Path, arguments: list[str], **more: Any) -> str:
    answer = _run(folder, arguments, **more)
    _checked(answer, f"`git {arguments[0]}` failed in {folder}")
    return answer.stdout.decode(errors="replace").rstrip("\n")


def _checked(answer: subprocess.CompletedProcess[bytes], help: str) -> None:
    if answer.returncode != 0:
        raise UsageError(_complaint(answer), help)


def _split_line(rest: memoryview) -> tuple[bytes, memoryview]:
    end = bytes(rest[:200]).index(b"\n")
    return bytes(rest[:end]), rest[end + 1 :]


def _complaint(answer: subprocess.CompletedProcess[bytes]) -> str:
    return "git says: " + next(iter(answer.stderr.decode(errors="replace").strip().splitlines()), "nothing")


def _run(
    folder: Path, arguments: list[str], stdin: bytes | None = None, extra: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    environment = {
        key: value for key, value in os.environ.items() if key not in (*_NOT_OURS, "GIT_INDEX_FILE")
    }
    environment.update(_ENVIRONMENT, **(extra or {}))
    return subprocess.run(
        ["git", "-c", "core.quotePath=false", "-c", "core.fsmonitor=false", *arguments],
        cwd=folder,
        env=environment,
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        capture_output=True,
        timeout=_TIMEOUT_SECONDS,
        check=False,
    )
