"""What a replay is given: a config tree, bars, signals and a start state; anything malformed stops it before it runs.

Never repairs a file, and never runs on half of one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ci.errors import UsageError
from config.bundle import Bundle, PolicyRecord, compile_bundle
from config.desired import DesiredState
from config.findings import Refused
from config.models.catalogue import Catalogue
from config.models.environment import Environment
from config.reading.load import load
from config.tree import Blob, Entry, FolderTree
from engine.feeds.feed import Feed, FeedError
from engine.feeds.opening import open_feed
from engine.feeds.whole_file import UnreadableError, whole_file, whole_text
from engine.flags.compile import compile_snapshot
from engine.flags.decide import decide
from engine.instruments import Instrument, instruments
from engine.intake.receiving import Received
from engine.intake.signal_records import MalformedRecordError, read_records
from engine.money import to_units
from engine.protocols import Decision, StandingDecision
from engine.replaying.backtest_state import StartState
from engine.replaying.state_text import LARGEST_STATE, StateError, parse_state

LARGEST_SIGNALS = 512 << 20


@dataclass(frozen=True, slots=True)
class Replayable:
    """One environment of a config tree; unjudged: a replay moves nobody's money."""

    bundle: Bundle
    environment: Environment
    catalogue: Catalogue

    @property
    def instruments(self) -> dict[str, Instrument]:
        """The instruments in integers."""
        return dict(instruments(self.catalogue.instruments))

    def decision(self) -> Decision:
        """What the environment's own flags say for its account on the paper venue."""
        snapshot = compile_snapshot([self.bundle])
        account = self.environment.account.id
        said = decide(snapshot, "paper_trading_enabled", account, kills=(), venue_kind="paper", lease_ok=True)
        digest = self.bundle.semantic_digest
        return StandingDecision(said.flag, said.value, said.reason.value, "", digest, bucket=said.bucket)


class _Folder:
    """A config folder of any name, seen as `config/`."""

    def __init__(self, folder: Path) -> None:
        self._tree = FolderTree(folder, label=str(folder))
        self.label = str(folder)

    def entries(self, prefix: str) -> tuple[Entry, ...]:
        """Names below `prefix`."""
        inner = self._tree.entries(prefix.removeprefix("config").lstrip("/"))
        return tuple(Entry(f"config/{entry.path}", entry.mode, entry.size) for entry in inner)

    def read(self, path: str) -> Blob | None:
        """One file."""
        return self._tree.read(path.removeprefix("config/")) if path.startswith("config/") else None


def read_config(folder: Path, environment: str) -> Replayable | Refused:
    """The environment in a config folder, or in the `config` folder of a checkout."""
    inner = folder / "config" if (folder / "config" / "environments").is_dir() else folder
    if not (inner / "environments").is_dir():
        raise UsageError(f"{folder} holds no config tree", "name a folder with environments/ in it")
    desired = load(_Folder(inner))
    if isinstance(desired, Refused):
        return desired
    return _replayable(desired, environment)


def _replayable(desired: DesiredState, environment: str) -> Replayable:
    if environment not in desired.environments:
        known = ", ".join(sorted(desired.environments))
        raise UsageError(f"unknown environment `{environment}`", f"one of: {known}")
    record = PolicyRecord(rules=(), code_digest="", findings=0, waived=0)
    bundle = compile_bundle(desired, environment, "", "", record)
    return Replayable(bundle, desired.environments[environment], desired.catalogue)


def read_feed(name: str, known: dict[str, Instrument]) -> Feed:
    """The bars; a malformed file is a usage error with its line."""
    try:
        return open_feed(name, known)
    except FeedError as wrong:
        raise UsageError(str(wrong), "nothing was run") from wrong


def read_signals(path: Path | None) -> Sequence[Received]:
    """The signals, in the order of the file."""
    if path is None:
        return ()
    try:
        lines = whole_file(path, LARGEST_SIGNALS).split(b"\n")
        return [Received(*record) for record in read_records(lines)]
    except UnreadableError as wrong:
        raise UsageError(str(wrong), "nothing was run") from wrong
    except MalformedRecordError as wrong:
        raise UsageError(f"{path}:{wrong.line}:{wrong.column}: {wrong}", "nothing was run") from wrong


def read_state(path: Path | None, replayable: Replayable) -> StartState | None:
    """Where the replay starts."""
    if path is None:
        return None
    try:
        text = whole_text(path, LARGEST_STATE)
        return parse_state(text, replayable.instruments, to_units(replayable.environment.account.start_cash))
    except UnreadableError as wrong:
        raise UsageError(str(wrong), "nothing was run") from wrong
    except StateError as wrong:
        raise UsageError(f"{path}:{wrong}", "nothing was run") from wrong
