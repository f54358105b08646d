"""One comment a pull request, ours alone, bounded, and found again however `gh` lays out its pages."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ci.comment import AUTHOR, MARKER, MOST_LETTERS, Request, bounded, decide, main, read_comments

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("### dev\n\nnothing", "### staging\n\n1 update")
BODY = f"{MARKER}\n\n### dev\n\nnothing\n\n### staging\n\n1 update\n"


def _comment(number: int, body: str, login: str = AUTHOR) -> dict[str, Any]:
    return {"id": number, "body": body, "user": {"login": login}}


def test_first_preview_makes_the_comment() -> None:
    others = [_comment(1, "nice"), _comment(2, BODY, "mallory"), {"id": 3, "body": BODY, "user": None}]
    assert decide("o/r", 7, PARTS, others) == Request("POST", "repos/o/r/issues/7/comments", BODY)


def test_later_preview_updates_the_oldest_of_ours() -> None:
    ours = [_comment(9, f"{MARKER}\nnewer"), _comment(5, f"{MARKER}\nolder")]
    assert decide("o/r", 7, PARTS, ours) == Request("PATCH", "repos/o/r/issues/comments/5", BODY)


def test_same_words_are_not_sent_again() -> None:
    kept = BODY.replace("\n", "\r\n").strip()  # as GitHub keeps them
    assert decide("o/r", 7, PARTS, [_comment(5, kept)]) is None


def test_comment_that_quotes_ours_is_somebody_elses() -> None:
    assert decide("o/r", 7, PARTS, [_comment(5, f"> {MARKER}")]) == Request(
        "POST", "repos/o/r/issues/7/comments", BODY
    )


@pytest.mark.parametrize("lengths", [(MOST_LETTERS, 10), (30_000, 30_000, 30_000), (59_990, 3)])
def test_too_long_previews_are_cut_and_say_so(lengths: tuple[int, ...]) -> None:
    body = bounded(["x" * length for length in lengths])
    assert len(body) <= MOST_LETTERS + 2
    assert "Cut here: the whole of it stands in the job's summary." in body
    assert body.startswith(MARKER)


@pytest.mark.parametrize(
    "text",
    [
        '[{"id": 1}, {"id": 2}]',
        '[{"id": 1}]\n[{"id": 2}]\n',
        '[[{"id": 1}], [{"id": 2}]]',
        '[{"id": 1}][{"id": 2}]',
    ],
    ids=["one page", "pages behind one another", "pages in a list", "without a line end"],
)
def test_pages_are_read_in_every_layout(text: str) -> None:
    assert read_comments(text) == [{"id": 1}, {"id": 2}]
    assert read_comments("") == []


def test_program_runs_on_a_bare_python_and_says_what_to_send(tmp_path: Path) -> None:
    for name, text in zip(("dev.md", "staging.md"), PARTS, strict=True):
        (tmp_path / name).write_text(text)
    (tmp_path / "comments").write_text(json.dumps([_comment(5, f"{MARKER}\nold")]))
    words = ["--repository", "o/r", "--number", "7", "--comments", str(tmp_path / "comments")]
    words += ["--body", str(tmp_path / "body.json"), str(tmp_path / "dev.md"), str(tmp_path / "staging.md")]
    bare = [
        sys.executable,
        "-I",
        "-S",
        "-c",
        "import sys; sys.path.insert(0, '.'); import ci.comment as c; c.main()",
    ]
    done = subprocess.run([*bare, *words], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "PATCH repos/o/r/issues/comments/5\n"
    assert json.loads((tmp_path / "body.json").read_text()) == {"body": BODY}


def test_preview_that_was_not_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "dev.md").write_text("\n")
    (tmp_path / "comments").write_text("[]")
    words = ["--repository", "o/r", "--number", "7", "--comments", str(tmp_path / "comments")]
    assert main([*words, "--body", str(tmp_path / "body"), str(tmp_path / "dev.md")]) == 0
    body = json.loads((tmp_path / "body").read_text())["body"]
    assert body == f"{MARKER}\n\n### interlock preview dev: none was made, see its job\n"


@pytest.mark.parametrize("name", ["o/r/../x", "o", "o/r?x=1", "-X/ r"])
def test_odd_repository_names_are_refused(name: str) -> None:
    words = [sys.executable, "-m", "ci.comment", f"--repository={name}", "--number", "7"]
    done = subprocess.run(
        [*words, "--comments", "x", "--body", "y", "z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert f"`{name}` is no owner/name" in done.stderr
