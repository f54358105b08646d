"""The one caller of git: trees, merges and history as facts, on real repositories."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from ci.errors import UsageError
from ci.git import CommitTree, Conflict, Repository
from config.tree import blob_id

ANN = "Ann <ann@example.com>"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository.create(tmp_path / "repo with space", "main")
    _write(made, "config/a.yaml", "one: 1\n")
    _write(made, "config/b.yaml", "two: 2\n")
    made.commit_paths(["config"], "first", ANN)
    return made


def _write(repository: Repository, path: str, text: str) -> None:
    file = repository.root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def test_commit_tree_reads_bytes_modes_and_ids(repository: Repository) -> None:
    tree = repository.commit_tree("main")
    assert [(e.path, e.mode, e.size) for e in tree.entries("config")] == [
        ("config/a.yaml", "100644", 7),
        ("config/b.yaml", "100644", 7),
    ]
    blob = tree.read("config/a.yaml")
    assert blob is not None
    assert (blob.data, blob.mode, blob.id) == (b"one: 1\n", "100644", blob_id(b"one: 1\n"))
    assert tree.read("config/none.yaml") is None


def test_staged_tree_differs_from_the_worktree(repository: Repository) -> None:
    _write(repository, "config/a.yaml", "one: 9\n")
    subprocess.run(["git", "add", "config/a.yaml"], cwd=repository.root, check=True)
    _write(repository, "config/a.yaml", "one: 5\n")
    staged, worktree = (
        repository.staged_tree().read("config/a.yaml"),
        repository.worktree().read("config/a.yaml"),
    )
    assert staged is not None
    assert worktree is not None
    assert (staged.data, worktree.data) == (b"one: 9\n", b"one: 5\n")


def test_links_and_executables_show_their_git_mode(repository: Repository) -> None:
    (repository.root / "config" / "link.yaml").symlink_to("a.yaml")
    (repository.root / "config" / "b.yaml").chmod(0o755)
    subprocess.run(["git", "add", "-A"], cwd=repository.root, check=True)
    modes = {e.path: e.mode for e in repository.staged_tree().entries("config")}
    assert modes == {"config/a.yaml": "100644", "config/b.yaml": "100755", "config/link.yaml": "120000"}
    linked = repository.worktree().read("config/link.yaml")
    assert linked is not None
    assert (linked.data, linked.mode) == (b"", "120000")


def test_merged_tree_holds_both_sides(repository: Repository) -> None:
    repository.start_branch("side", "main")
    _write(repository, "config/a.yaml", "one: 7\n")
    repository.commit_paths(["config"], "side", ANN)
    repository.switch("main")
    _write(repository, "config/c.yaml", "three: 3\n")
    repository.commit_paths(["config"], "more", ANN)
    merged = repository.merged_tree("main", "side")
    assert isinstance(merged, CommitTree)
    assert [e.path for e in merged.entries("config")] == ["config/a.yaml", "config/b.yaml", "config/c.yaml"]
    blob = merged.read("config/a.yaml")
    assert blob is not None
    assert blob.data == b"one: 7\n"


def test_conflicting_files_are_named(repository: Repository) -> None:
    repository.start_branch("side", "main")
    _write(repository, "config/a.yaml", "one: 7\n")
    repository.commit_paths(["config"], "side", ANN)
    repository.switch("main")
    _write(repository, "config/a.yaml", "one: 8\n")
    repository.commit_paths(["config"], "other", ANN)
    assert repository.merged_tree("main", "side") == Conflict(("config/a.yaml",))


def test_replace_refs_change_nothing_we_read(repository: Repository) -> None:
    first = repository.resolve("HEAD")
    _write(repository, "config/a.yaml", "one: 2\n")
    second = repository.commit_paths(["config"], "second", ANN)
    subprocess.run(["git", "replace", second, first], cwd=repository.root, check=True)
    blob = repository.commit_tree("main").read("config/a.yaml")
    assert blob is not None
    assert blob.data == b"one: 2\n"
    assert repository.first_parents("main") == (second, first)
    assert repository.has_rewritten_history()


def test_shallow_clones_are_recognised(repository: Repository, tmp_path: Path) -> None:
    _write(repository, "config/a.yaml", "one: 2\n")
    repository.commit_paths(["config"], "second", ANN)
    url = f"file://{repository.root}"
    subprocess.run(["git", "clone", "-q", "--depth", "1", url, tmp_path / "cut"], check=True)
    assert Repository.discover(tmp_path / "cut").is_shallow()
    assert not repository.is_shallow()


@pytest.mark.parametrize(
    "ref", ["nowhere", "--upload-pack=x", "-oProxyCommand=x", "HEAD:config", "$(id)", ""]
)
def test_a_ref_that_names_no_commit_is_refused(repository: Repository, ref: str) -> None:
    with pytest.raises(UsageError, match="names no commit here"):
        repository.resolve(ref)


def test_a_folder_outside_git_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not inside a Git checkout"):
        Repository.discover(tmp_path)


def test_a_foreign_git_dir_in_the_environment_is_ignored(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Repository.create(tmp_path / "other", "main")
    monkeypatch.setenv("GIT_DIR", str(other.root / ".git"))
    assert Repository.discover(repository.root).root == repository.root


def test_history_questions_have_exact_answers(repository: Repository) -> None:
    first = repository.resolve("HEAD")
    _write(repository, "config/a.yaml", "one: 2\n")
    second = repository.commit_paths(["config"], "second change", ANN)
    facts = repository.facts("main")
    assert (facts.commit, facts.parents, facts.author, facts.subject) == (
        second,
        (first,),
        ANN,
        "second change",
    )
    assert repository.is_ancestor(first, second)
    assert not repository.is_ancestor(second, first)
    assert repository.changed_paths(first, second) == ("config/a.yaml",)
    assert repository.exists(first)
    assert not repository.exists("0" * 40)


def test_dirty_paths_name_changed_and_untracked_files(repository: Repository) -> None:
    _write(repository, "config/a.yaml", "one: 3\n")
    _write(repository, "config/new file.yaml", "x: 1\n")
    _write(repository, "elsewhere.txt", "x\n")
    assert repository.dirty_paths() == ("config/a.yaml", "config/new file.yaml", "elsewhere.txt")
    assert repository.dirty_paths("config") == ("config/a.yaml", "config/new file.yaml")


@pytest.fixture
def ann(monkeypatch: pytest.MonkeyPatch) -> None:
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Ann")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "ann@example.com")


@pytest.mark.usefixtures("ann")
def test_files_are_committed_beside_a_dirty_worktree(repository: Repository) -> None:
    at = repository.resolve("HEAD")
    (repository.root / "dirty").write_text("mine\n")
    staged = repository.staged_tree().tree_id
    made = repository.commit_files({"config/new.yaml": b"a: 1\n"}, "Add it\n", at=at, branch="prepared")
    assert repository.resolve("refs/heads/prepared") == made
    assert repository.facts(made).parents == (at,)
    assert repository.changed_paths(at, made) == ("config/new.yaml",)
    assert repository.resolve("HEAD") == at
    assert (repository.staged_tree().tree_id, repository.dirty_paths()) == (staged, ("dirty",))


@pytest.mark.usefixtures("ann")
def test_branch_that_exists_is_never_moved(repository: Repository) -> None:
    at = repository.resolve("HEAD")
    made = repository.commit_files({"config/new.yaml": b"a: 1\n"}, "Add it\n", at=at, branch="prepared")
    with pytest.raises(UsageError):
        repository.commit_files({"config/new.yaml": b"a: 2\n"}, "Again\n", at=at, branch="prepared")
    assert repository.resolve("refs/heads/prepared") == made
