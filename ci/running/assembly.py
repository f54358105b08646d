"""Puts a running engine together: Git, ledger, Redis, kill inputs, journal, projection; any doubt is a refused start.

Never starts on another environment, mode, host or commit than the one that was asked for and published.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import psycopg
import redis

from ci.delivery.errors import reaching
from ci.errors import ConfigurationRefusedError, UnreachableError, UsageError
from ci.git import Repository
from ci.running.adopting import Adopting
from ci.running.copying import Copying
from ci.running.git_bundles import GitBundles
from ci.running.ledger_reader import LedgerReader
from ci.running.stop import engine_folder
from ci.running.teller import Teller
from ci.running.warming import Warming
from config.findings import Refused
from config.models.environment import Environment
from config.reading import load
from engine.clock import Clock
from engine.durable import DamagedStateError, Floor
from engine.flags.adoption import Adopted, Foreign, Unreachable, Waiting
from engine.flags.disk_copy import DiskCopy
from engine.flags.follow import Follower
from engine.flags.store import FlagStore
from engine.flags.view import LiveFlags
from engine.journal.errors import JournalRefusedError
from engine.journal.tail import JournalTail
from engine.kill import KillSwitch
from engine.killing.kill_watch import FileWatch, StoreWatch
from engine.killing.latch import Latch
from engine.loop import Engine
from engine.paper import StartRefusedError, journal_path, paper_engine
from engine.recovery import recover
from engine.stores import postgres, redis_client
from engine.trading_state import TradingState

Say = Callable[[str, Mapping[str, Any]], None]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Order:
    """What to run, and with what of the world."""

    environment: str
    repository: Repository
    state: Path
    clock: Clock
    say: Say


def _made(folder: Path) -> Path:
    """The engine's own folder; where nothing can be recorded nothing starts."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationRefusedError(
            f"{folder} cannot be made: {error.strerror}", "choose another --state, or check who owns it"
        ) from None
    return folder


class Parts:
    """Everything of one running engine but the engine and its feed."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.environment = _declared(order.repository, order.environment)
        self.folder = _made(engine_folder(order.state, order.environment))
        self.latch = Latch()
        self.switch = self._refusing(self._switch)
        self.reader = LedgerReader(order.environment, lambda: self._database(self._reader_role))
        self.source = GitBundles(order.repository, order.environment, self.reader.proof)
        self.adopting = Adopting(self.source, self.switch, self.latch)
        self.store = FlagStore(redis_client(self.environment.redis), order.environment)
        self.follower = self._refusing(self._follower)
        self.files = FileWatch(self.folder, self.switch)
        kill_store = FlagStore(redis_client(self.environment.redis), order.environment)
        self.kills = StoreWatch(kill_store, self.switch, order.clock, self.report)
        self.beats = FlagStore(redis_client(self.environment.redis), order.environment)
        self.name = f"{socket.gethostname()}-{os.getpid()}"

    def read_all(self) -> Adopted:
        """Every input once: what is published, who kills; without an answer nothing dangerous starts."""
        try:
            self._refusing(self.follower.restore)
            self.files.look()
            with reaching(self.environment):
                self._read_stores()
        except OSError as error:
            raise ConfigurationRefusedError(
                f"{self.folder} cannot be used: {error.strerror}", "free space, or check its owner"
            ) from error
        adopted = self.follower.standing.adopted
        if adopted is None:
            raise ConfigurationRefusedError("nothing is in force", "publish with `interlock reconcile`")
        return adopted

    def _read_stores(self) -> None:
        has_copy = self.follower.standing.adopted is not None
        try:
            complaints = self.store.complaints()
            answer = self.follower.look()
            self.kills.look()
        except redis.RedisError as error:
            if not has_copy:
                raise
            self.report("started_without_redis", {"reason": f"{type(error).__name__}: {error}"})
            self.switch.start_without_store()
            return
        if complaints:
            raise ConfigurationRefusedError(
                f"this Redis may lose flags: {complaints[0]}", "correct its settings"
            )
        if isinstance(answer, Foreign) or (isinstance(answer, Waiting) and not has_copy):
            raise self._no_start(answer)

    def engine(self, span: int, days: tuple[str, str]) -> Engine:
        """The engine of the configuration in force, recovered from its journal."""
        accepted = self.adopting.first()
        self._check_mode(accepted.environment.venue.mode)
        flags = LiveFlags(
            self.follower,
            lambda: self.switch.scopes,
            lambda: self.kills.confirmed_at,
            self.order.clock,
            venue_kind="paper",
            strategy=accepted.environment.strategy.name,
        )
        try:
            engine = paper_engine(
                accepted,
                flags=flags,
                latch=self.latch,
                clock=self.order.clock,
                folder=self.folder,
                span=span,
                days=days,
            )
            self.journal = journal_path(self.folder, accepted.environment.venue.mode)
            recovered = recover(engine)
            if engine.state is TradingState.KILLED and not self.latch.closed:
                self.switch.recall(recovered.kill_epoch)
            engine.poll()
        except (StartRefusedError, JournalRefusedError) as refused:
            raise ConfigurationRefusedError(
                str(refused), "the engine does not start on what it cannot prove"
            ) from refused
        self.order.say(
            "recovered",
            {"state": engine.state.name, "notes": recovered.notes, "differences": recovered.differences},
        )
        return engine

    def _check_mode(self, in_force: str) -> None:
        """Whoever starts an engine of HEAD gets HEAD's mode or none."""
        wanted = self.environment.venue.mode
        if wanted != in_force:
            raise ConfigurationRefusedError(
                f"HEAD says venue.mode {wanted}, what is in force says {in_force}; neither stands in for the other",
                f"publish HEAD: `interlock reconcile --env {self.order.environment} --apply`; or take the change back",
            )

    def start(self) -> None:
        """Everything that runs beside the engine's loop."""
        journal = self.journal
        self.teller = Teller(JournalTail(journal), self.order.say)
        schema = self.environment.database.paper_schema
        self.copying = Copying(journal, lambda: self._database(f"{schema}_app"), schema, self.order.say)
        branch = self.adopting.first().catalogue.keyring.protected_branch
        self.warming = Warming(self.order.repository, branch, self.source)
        for part in (self.files, self.kills, self.follower, self.teller, self.copying, self.warming):
            part.start()

    def stop(self) -> None:
        """In the reverse order; the journal is closed by then."""
        for part in (self.warming, self.copying, self.teller, self.follower, self.kills, self.files):
            part.stop()
        self.reader.close()

    def report(self, event: str, facts: Mapping[str, Any]) -> None:
        """Say it, with what only the wall clock knows."""
        self.order.say(event, {**facts, **self._latency(event, facts)})

    def _latency(self, event: str, facts: Mapping[str, Any]) -> dict[str, Any]:
        now = self.order.clock.now()
        if event == "snapshot_adopted":
            published = datetime.fromisoformat(facts["published_at"])
            return {"adopted_at": _text(now), "latency_ms": _milliseconds(now, published)}
        if event == "latch_closed":
            since = self._killed_since(facts["by"])
            return {"latency_ms": _milliseconds(now, since) if since else None}
        return {}

    def _killed_since(self, by: str) -> datetime | None:
        if by == "redis" and self.kills.last:
            return datetime.fromtimestamp(int(self.kills.last.split("-")[0]) / 1000, UTC)
        times = [path.stat().st_mtime for path in self.folder.glob("trip*")] if by == "file" else []
        return datetime.fromtimestamp(max(times), UTC) if times else None

    def _switch(self) -> KillSwitch:
        environment = self.environment
        return KillSwitch(
            self.folder,
            self.latch,
            account=environment.account.id,
            strategy=environment.strategy.name,
            report=self.report,
        )

    def _follower(self) -> Follower:
        return Follower(
            self.store,
            self.reader,
            self.source,
            Floor(self.folder / "generation"),
            self.order.clock,
            self.report,
            self.adopting.adopted,
            DiskCopy(self.folder),
        )

    def _refusing(self, make: Callable[[], T]) -> T:
        try:
            return make()
        except DamagedStateError as damaged:
            raise ConfigurationRefusedError(
                f"{damaged.path} is damaged: {damaged}",
                "restore it; without it nothing proves no kill stands",
            ) from damaged

    def _no_start(self, answer: Waiting | Foreign) -> Exception:
        if isinstance(self.reader.intent(0), Unreachable):
            place = self.environment.database
            return UnreachableError(
                f"the ledger at {place.host}:{place.port} does not answer", "look at `interlock local status`"
            )
        return ConfigurationRefusedError(
            f"the head of {self.order.environment} cannot be adopted: {answer.why}",
            f"`interlock reconcile --env {self.order.environment} --apply` publishes or heals it",
        )

    @property
    def _reader_role(self) -> str:
        return f"ledger_{self.order.environment.replace('-', '_')}_reader"

    def _database(self, role: str) -> psycopg.Connection[Any]:
        file = self.order.state / "secrets" / role
        try:
            password = file.read_text(encoding="ascii").strip()
        except OSError as error:
            raise psycopg.OperationalError(f"no password of role {role} ({error.strerror})") from error
        return postgres(self.environment.database, user=role, password=password)


def _declared(repository: Repository, name: str) -> Environment:
    desired = load(repository.commit_tree("HEAD"))
    if isinstance(desired, Refused):
        first = desired.findings[0]
        raise ConfigurationRefusedError(
            f"HEAD cannot be read: {first.span.file}: {first.message}", first.help
        )
    if name not in desired.environments:
        raise UsageError(f"HEAD declares no `{name}`", f"one of: {', '.join(sorted(desired.environments))}")
    return desired.environments[name]


def _milliseconds(later: datetime, earlier: datetime) -> float:
    return round((later - earlier).total_seconds() * 1000, 3)


def _text(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
