"""`interlock bundle show`: what a commit means for one environment, key by key, and the digest that names it."""

from __future__ import annotations

import argparse

from ci.context import Context
from ci.delivery.history import text_of
from ci.delivery.reading import environment_at
from ci.delivery.source import Source
from ci.errors import CLEAN
from ci.output.document import Document, Table
from config.desired import environment_file
from config.document import dotted
from config.schema_walk import walk

NAME = "bundle"
HELP = "Show the bundle a commit compiles to for one environment (unjudged: `check` and `reconcile` judge)."
EXAMPLES = ("interlock bundle show --env production", "interlock bundle show --env dev main --format json")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("question", choices=("show",))
    parser.add_argument("ref", nargs="?", default="HEAD", help="a commit, branch or tag (default: HEAD)")
    parser.add_argument("--env", required=True, help="the environment")


def run(chosen: argparse.Namespace, context: Context) -> Document:
    repository = context.repository()
    environment = environment_at(repository, chosen.ref, chosen.env)
    commit = repository.resolve(chosen.ref)
    source = Source(repository, chosen.env)
    bundle, snapshot = source.bundle(commit), source.snapshot((commit,))
    places = source.desired(commit).documents[environment_file(chosen.env)].places
    rows = tuple(
        (dotted(path), text_of(value), f"{span.file}:{span.line}:{span.column}")
        for path, value, _ in walk(environment)
        for span in (places.at(path),)
    )
    return Document(
        schema="interlock.bundle/1",
        title=f"bundle of {chosen.env} at {commit[:12]}",
        exit_code=CLEAN,
        summary=f"{len(rows)} keys, {len(bundle.payload())} bytes",
        facts={
            "tool_root": str(context.tool_root),
            "judged_root": str(repository.root),
            "commit": commit,
            "tree": bundle.tree_id,
            "digest": bundle.digest,
            "semantic_digest": bundle.semantic_digest,
            "snapshot_digest": snapshot.digest,
        },
        tables=(Table("keys", ("key", "value", "place"), rows),),
    )
