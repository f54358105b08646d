"""Which one comment of a pull request holds the previews: made once, then updated; decided here, sent by the workflow.

Runs on base's code with nothing installed. Never calls anybody, and never touches a comment somebody else wrote.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

MARKER = "<!-- interlock previews -->"
AUTHOR = "github-actions[bot]"
MOST_LETTERS = 60_000  # GitHub takes 65,536
_CUT = "\n\nCut here: the whole of it stands in the job's summary.\n"


class Request(NamedTuple):
    """One call of GitHub's interface."""

    method: str
    path: str
    body: str


def decide(
    repository: str, number: int, parts: Sequence[str], comments: Sequence[Mapping[str, Any]]
) -> Request | None:
    """Create our comment, update the oldest that is ours, or nothing when it says the same already."""
    body = bounded(parts)
    ours = [one for one in comments if _is_ours(one)]
    if not ours:
        return Request("POST", f"repos/{repository}/issues/{number}/comments", body)
    oldest = min(ours, key=lambda one: int(one["id"]))
    if str(oldest["body"]).replace("\r\n", "\n").strip() == body.strip():
        return None
    return Request("PATCH", f"repos/{repository}/issues/comments/{int(oldest['id'])}", body)


def bounded(parts: Sequence[str]) -> str:
    """The body: each part at its full length if they fit together, else each cut to its fair share."""
    shown = [part.replace("\0", "").strip() for part in parts]
    room = (MOST_LETTERS - len(MARKER)) // max(1, len(shown)) - len(_CUT) - 2
    if sum(map(len, shown)) + 2 * len(shown) > MOST_LETTERS - len(MARKER):
        shown = [part if len(part) <= room else part[:room] + _CUT for part in shown]
    return "\n\n".join([MARKER, *shown]) + "\n"


def read_comments(text: str) -> list[Mapping[str, Any]]:
    """Comments from one answer, from several behind one another, or from answers in a list: `gh` gives all three."""
    decoder, found, at = json.JSONDecoder(), [], 0
    while at < len(text.rstrip()):
        value, at = decoder.raw_decode(text, at + len(text[at:]) - len(text[at:].lstrip()))
        found += list(_flat(value))
    return found


def _flat(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, list):
        for inner in value:
            yield from _flat(inner)
    elif isinstance(value, dict):
        yield value


def _is_ours(comment: Mapping[str, Any]) -> bool:
    author = (comment.get("user") or {}).get("login")
    return author == AUTHOR and str(comment.get("body", "")).startswith(MARKER)


def main(words: Sequence[str] | None = None) -> int:
    """Write the request's body to a file and say `METHOD PATH`; say nothing when there is nothing to send."""
    parser = argparse.ArgumentParser(prog="python -m ci.comment", description=main.__doc__)
    parser.add_argument("--repository", type=_repository, required=True, help="owner/name")
    parser.add_argument("--number", type=int, required=True, help="of the pull request")
    parser.add_argument("--comments", type=Path, required=True, help="what GitHub answered")
    parser.add_argument("--body", type=Path, required=True, help="where the request's body goes")
    parser.add_argument(
        "parts", type=Path, nargs="+", help="Markdown files, in the order in which they are shown"
    )
    chosen = parser.parse_args(words)
    parts = [
        part.read_text(errors="replace").strip()
        or f"### interlock preview {part.stem}: none was made, see its job"
        for part in chosen.parts
    ]
    request = decide(chosen.repository, chosen.number, parts, read_comments(chosen.comments.read_text()))
    if request is not None:
        chosen.body.write_text(json.dumps({"body": request.body}))
        sys.stdout.write(f"{request.method} {request.path}\n")
    return 0


def _repository(text: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9._-]+/[A-Za-z0-9._-]+", text) is None:
        raise argparse.ArgumentTypeError(f"`{text}` is no owner/name")
    return text


if __name__ == "__main__":
    sys.exit(main())
