"""The order half of `interlock explain`: what was recorded beside what Git says now, and the rules that judged it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ci.context import Context
from ci.delivery.explain_order import DIFFERS, Explained, explain_order
from ci.delivery.reading import ledger_rows
from ci.errors import CLEAN, REFUSED
from ci.output.document import Document, Table

_SHOWN = ("symbol", "side", "quantity", "type", "price", "leg", "strategy", "signal_id", "code", "detail")


def answer(order_id: str, environment: str, context: Context) -> Document:
    """Explain one order of `environment`; exit 1 when what was recorded is not what Git says."""
    repository = context.repository()
    state = context.state(repository.root)
    rows = ledger_rows(repository, "HEAD", environment, state)
    explained = explain_order(order_id, repository, environment, state, rows)
    body = explained.row.body
    return Document(
        schema="interlock.explain_order/1",
        title=f"order {order_id} in {environment}",
        exit_code=REFUSED if any(proof.verdict == DIFFERS for proof in explained.proofs) else CLEAN,
        summary=_summary(explained, order_id),
        facts={
            "tool_root": str(context.tool_root),
            "judged_root": str(repository.root),
            "environment": environment,
            "order": _sentence(body),
            "fields": {key: body[key] for key in _SHOWN if body.get(key) is not None},
            "account": explained.row.account,
            "commit": str(body.get("commit", "")),
            "subject": _subject(context, str(body.get("commit", ""))),
            "flag": f"{body.get('flag', '')}: {body.get('reason', '')}",
            "generation": body.get("generation", 0),
            "found_in": explained.row.found_in,
            "receipt": f"row {explained.receipt} of {explained.effective}" if explained.receipt else "none",
            "rules": ", ".join(explained.rules) or "none recorded",
            "note": explained.note or "none",
            "matches": explained.holds,
        },
        quiet_facts=frozenset({"tool_root", "judged_root", "environment", "fields", "matches"}),
        tables=(
            Table(
                "recorded and recomputed",
                ("fact", "recorded", "from Git now", "verdict"),
                tuple((p.fact, p.recorded, p.recomputed or "-", p.verdict) for p in explained.proofs),
            ),
        ),
    )


def _summary(explained: Explained, order_id: str) -> str:
    done = "denied" if explained.row.is_denied else "allowed"
    commit = str(explained.row.body.get("commit", ""))[:12]
    judged = (
        f"{len(explained.rules)} rules judged it (receipt {explained.receipt})"
        if explained.receipt
        else ("no receipt names that commit as a target")
    )
    verdict = "matches Git byte for byte" if explained.holds else "does not match in every fact"
    return f"{order_id} was {done} under commit {commit}; {judged}; {verdict}"


def _sentence(body: Mapping[str, Any]) -> str:
    """`BUY 49 SIM at 100.92 (market, leg E) of signal s-1`, as far as the journal knows it."""
    what = " ".join(str(body.get(key, "?")) for key in ("side", "quantity", "symbol"))
    price = f" at {body['price']}" if body.get("price") else ""
    how = f"{body.get('type', '?')}, leg {body.get('leg', '?')}"
    denied = f", denied {body['code']}: {body.get('detail', '')}" if body.get("code") else ""
    return f"{what}{price} ({how}) of signal {body.get('signal_id', '?')}{denied}"


def _subject(context: Context, commit: str) -> str:
    repository = context.repository()
    return repository.facts(commit).subject if commit and repository.exists(commit) else ""
