"""The journal of an environment's engine, read back as the facts of a run; prices need the committed instruments.

Never writes to a journal, and never guesses which one was meant.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ci.context import Context
from ci.errors import UsageError
from ci.running.stop import engine_folder
from config.findings import Refused
from config.models.catalogue import Catalogue
from config.models.environment import Environment
from config.reading import load
from engine.clock import stamp
from engine.instruments import instruments
from engine.journal.errors import JournalRefusedError
from engine.journal.scan import scan
from engine.reports.facts import Run
from engine.reports.journal_run import journal_run


@dataclass(frozen=True, slots=True)
class Declared:
    """What HEAD says of one environment, and where its engine keeps its files."""

    environment: Environment
    catalogue: Catalogue
    folder: Path
    root: Path


def declared(context: Context, name: str) -> Declared:
    """The environment at HEAD; UsageError when there is none."""
    repository = context.repository()
    desired = load(repository.commit_tree("HEAD"))
    if isinstance(desired, Refused):
        first = desired.findings[0]
        raise UsageError(
            f"HEAD cannot be read: {first.message}", f"`interlock check` shows it: {first.span.file}"
        )
    if name not in desired.environments:
        raise UsageError(f"HEAD declares no `{name}`", f"one of: {', '.join(sorted(desired.environments))}")
    folder = engine_folder(context.state(repository.root), name)
    return Declared(desired.environments[name], desired.catalogue, folder, repository.root)


def find_journal(where: Declared) -> Path:
    """The one journal below the engine's folder."""
    found = sorted(path for path in where.folder.glob("**/journal") if path.is_file())
    if len(found) != 1:
        names = ", ".join(str(path.relative_to(where.folder)) for path in found) or "none"
        raise UsageError(f"{len(found)} journals below {where.folder}: {names}", "name one with --journal")
    return found[0]


def read_run(path: Path, where: Declared) -> Run:
    """Everything the journal holds; a torn tail of a running engine is left out, damage refuses."""
    try:
        scanned = scan(path.read_bytes(), str(path))
        return journal_run(
            scanned.records,
            instruments(where.catalogue.instruments),
            currency=where.environment.account.currency,
            journal_hash=scanned.last.hex(),
        )
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}", "name a journal with --journal") from None
    except JournalRefusedError as error:
        raise UsageError(f"{path} cannot be reported on: {error}", "restore it from its backup") from None


def shown_instant(at: int | None) -> str:
    """An instant to the second, or a dash."""
    return "-" if at is None else f"{stamp(at)[:19]}Z"
