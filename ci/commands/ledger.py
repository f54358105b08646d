"""`interlock ledger show|verify`: the append-only record, and whether it still proves itself."""

from __future__ import annotations

import argparse

from ci.context import Context
from ci.delivery import ledger_head
from ci.delivery.ledger import Entry, Head, instant, verify
from ci.delivery.reading import ledger_rows
from ci.errors import CLEAN, REFUSED, UsageError
from ci.output.document import Document, Table

NAME = "ledger"
HELP = (
    "Show the append-only record of an environment, or verify its hash chain from the first row to the last."
)
EXAMPLES = (
    "interlock ledger show --env dev",
    "interlock ledger verify --env dev",
    "interlock ledger verify --env dev --head 12:9f3c…(64 hex, noted earlier)",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("question", choices=("show", "verify"))
    parser.add_argument("--env", required=True, help="the environment")
    parser.add_argument("--head", help="SEQ:HASH noted outside earlier; the record must still reach it")
    parser.add_argument("--last", type=int, default=20, help="rows to show (default: 20)")


def run(chosen: argparse.Namespace, context: Context) -> Document:
    repository = context.repository()
    state = context.state(repository.root)
    rows = ledger_rows(repository, "HEAD", chosen.env, state)
    outside = _head(chosen.head) if chosen.head else ledger_head.load(state, chosen.env)
    broken = verify(rows, outside)
    head = Head(rows[-1].seq, rows[-1].hash) if rows else Head(0, "")
    whole = f"{len(rows)} row(s) prove themselves; head {head.seq}:{head.hash}"
    shown = rows[-chosen.last :] if chosen.question == "show" else ()
    return Document(
        schema="interlock.ledger/1",
        title=f"ledger of {chosen.env}",
        exit_code=REFUSED if broken else CLEAN,
        summary=f"the record does not prove itself: {broken.reason}" if broken else whole,
        facts={
            "tool_root": str(context.tool_root),
            "judged_root": str(repository.root),
            "rows": len(rows),
            "head": f"{head.seq}:{head.hash}",
            "known_before": f"{outside.seq}:{outside.hash}" if outside else "",
            "first_broken_row": broken.seq if broken else 0,
        },
        tables=(Table("rows", ("seq", "at", "environment", "kind", "what"), tuple(map(_row, shown))),)
        if shown
        else (),
    )


def _row(entry: Entry) -> tuple[str, ...]:
    body = entry.content
    words = [f"target {str(body['target'])[:12]}"] if "target" in body else []
    words += [f"generation {body['generation']}"] if body.get("generation") else []
    words += [str(body[key]) for key in ("held", "healed", "reason", "person") if body.get(key)]
    return str(entry.seq), instant(entry.at), entry.environment, entry.kind, ", ".join(words)


def _head(text: str) -> Head:
    seq, _, digest = text.partition(":")
    if not seq.isdigit() or len(digest) != 64:
        raise UsageError(f"`{text}` is no head", "give SEQ:HASH as `interlock ledger show` printed it")
    return Head(int(seq), digest)
