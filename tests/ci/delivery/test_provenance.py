"""Only a commit of the protected branch's own line is made true, and never an older one."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from ci.delivery.provenance import Proven, named_commit, prove, untouched_history
from ci.errors import UsageError
from ci.git import Repository
from config.findings import Refused, Span

PLACE = Span("config/keyring.yaml", 3, 19, 3, 23)


class Clone:
    """A real repository with short verbs."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str) -> str:
        settings = ["-c", "user.name=Ann", "-c", "user.email=ann@example.com", "-c", "commit.gpgsign=false"]
        done = subprocess.run(
            ["git", *settings, *arguments], cwd=self.root, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def commit(self, text: str) -> str:
        (self.root / "file").write_text(text)
        self.git("add", "file")
        self.git("commit", "-q", "-m", text)
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path / "clone")


@pytest.fixture
def judge(clone: Clone) -> Callable[..., Proven | list[tuple[str, str]]]:
    def prove_it(commit: str, floor: str = "", tier: str = "production") -> Proven | list[tuple[str, str]]:
        repository = Repository(clone.root)
        cut = untouched_history(repository)
        answer = (
            Refused(cut)
            if cut
            else prove(repository, commit, floor=floor, branch="main", branch_place=PLACE, tier=tier)
        )
        if isinstance(answer, Refused):
            return [(finding.rule, finding.message) for finding in answer.findings]
        return answer

    return prove_it


Judge = Callable[..., "Proven | list[tuple[str, str]]"]


def test_tip_of_protected_branch_is_proven(clone: Clone, judge: Judge) -> None:
    tip = clone.commit("one")
    assert judge(tip) == Proven(tip, "main", "")


def test_commit_that_is_the_floor_is_proven(clone: Clone, judge: Judge) -> None:
    tip = clone.commit("one")
    assert judge(tip, floor=tip) == Proven(tip, "main", tip)


def test_feature_branch_is_refused(clone: Clone, judge: Judge) -> None:
    clone.commit("one")
    clone.git("switch", "-q", "-c", "feature")
    feature = clone.commit("two")
    assert judge(feature) == [
        (
            "GIT104",
            f"commit {feature[:12]} is not on the first-parent line of the protected branch `main`",
        )
    ]


def test_second_parent_of_a_merge_is_refused(clone: Clone, judge: Judge) -> None:
    clone.commit("one")
    clone.git("switch", "-q", "-c", "feature")
    side = clone.commit("two")
    clone.git("switch", "-q", "main")
    clone.git("merge", "-q", "--no-ff", "-m", "merge", "feature")
    merge = clone.git("rev-parse", "HEAD")
    assert judge(merge) == Proven(merge, "main", "")
    assert [rule for rule, _ in judge(side)] == ["GIT104"]  # type: ignore[union-attr]


def test_older_commit_than_the_ledger_names_is_refused(clone: Clone, judge: Judge) -> None:
    older, newer = clone.commit("one"), clone.commit("two")
    message = f"commit {older[:12]} is older than {newer[:12]}, the newest commit the ledger names"
    assert judge(older, floor=newer) == [("GIT106", message)]


def test_rewritten_branch_is_refused(clone: Clone, judge: Judge) -> None:
    clone.commit("one")
    ran = clone.commit("two")
    clone.git("reset", "-q", "--hard", "HEAD~1")
    forced = clone.commit("three")
    message = f"commit {forced[:12]} does not descend from {ran[:12]}, the newest commit the ledger names"
    assert judge(forced, floor=ran) == [("GIT106", message)]


def test_recorded_commit_this_clone_lacks_is_refused(clone: Clone, judge: Judge) -> None:
    tip = clone.commit("one")
    message = "the ledger names commit 111111111111, which this clone does not have"
    assert judge(tip, floor="1" * 40) == [("GIT105", message)]


def test_shallow_clone_is_refused(clone: Clone, tmp_path: Path) -> None:
    clone.commit("one")
    clone.commit("two")
    shallow = tmp_path / "shallow"
    subprocess.run(["git", "clone", "-q", "--depth=1", clone.root.as_uri(), str(shallow)], check=True)
    found = untouched_history(Repository(shallow))
    assert [(each.rule, each.span.file) for each in found] == [("GIT101", ".git/shallow")]


def test_replace_ref_is_refused(clone: Clone, judge: Judge) -> None:
    older, newer = clone.commit("one"), clone.commit("two")
    clone.git("replace", newer, older)
    assert [rule for rule, _ in judge(newer)] == ["GIT102"]  # type: ignore[union-attr]


def test_graft_is_refused(clone: Clone, judge: Judge) -> None:
    clone.commit("one")
    newer = clone.commit("two")
    (clone.root / ".git" / "info").mkdir(exist_ok=True)
    (clone.root / ".git" / "info" / "grafts").write_text(f"{newer}\n")
    assert [rule for rule, _ in judge(newer)] == ["GIT102"]  # type: ignore[union-attr]


def test_unpushed_commit_waits_outside_dev(clone: Clone, tmp_path: Path) -> None:
    clone.commit("one")
    other = Clone.__new__(Clone)
    other.root = tmp_path / "other"
    subprocess.run(["git", "clone", "-q", str(clone.root), str(other.root)], check=True)
    unpushed = other.commit("two")
    answers = {
        tier: prove(Repository(other.root), unpushed, floor="", branch="main", branch_place=PLACE, tier=tier)
        for tier in ("dev", "production")
    }
    assert answers["dev"] == Proven(unpushed, "main", "")
    assert isinstance(answers["production"], Refused)
    assert [each.rule for each in answers["production"].findings] == ["GIT104"]


def test_missing_protected_branch_is_refused(clone: Clone) -> None:
    tip = clone.commit("one")
    answer = prove(
        Repository(clone.root), tip, floor="", branch="release", branch_place=PLACE, tier="production"
    )
    assert isinstance(answer, Refused)
    assert [(each.rule, each.span) for each in answer.findings] == [("GIT103", PLACE)]


def test_name_that_can_move_is_a_usage_error(clone: Clone) -> None:
    tip = clone.commit("one")
    with pytest.raises(UsageError, match="`main` can move between check and use") as refused:
        named_commit(Repository(clone.root), "main")
    assert refused.value.help == f"give the commit id itself: {tip}"


def test_unknown_ref_is_a_usage_error(clone: Clone) -> None:
    clone.commit("one")
    with pytest.raises(UsageError, match="`nowhere` names no commit here"):
        named_commit(Repository(clone.root), "nowhere")
    with pytest.raises(UsageError, match=f"`{'1' * 40}` names no commit here"):
        named_commit(Repository(clone.root), "1" * 40)


def test_branch_named_like_a_commit_never_wins(clone: Clone) -> None:
    """Git itself prefers a full id over a ref of the same spelling; this holds it."""
    older, newer = clone.commit("one"), clone.commit("two")
    clone.git("update-ref", f"refs/heads/{older}", newer)
    assert named_commit(Repository(clone.root), older) == older
