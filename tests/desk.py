"""A real repository of this tree's configuration beside real servers, for tests that reconcile."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import redis
from psycopg import sql

from ci.delivery.deliver import Request, Surroundings, deliver
from ci.delivery.gate import Judged
from ci.delivery.ledger import Entry, Ledger
from ci.delivery.source import Source
from ci.git import Repository
from config.bundle import PolicyRecord
from config.findings import Finding, Severity, whole_file
from config.models.environment import Database, Redis
from engine.flags.compile import Snapshot
from engine.flags.store import FlagStore
from engine.stores import postgres, redis_client
from infra.local import Local

TREE = Path(__file__).resolve().parents[1]
ENVIRONMENTS = ("dev", "staging", "production")
START = datetime(2026, 11, 18, 15, 0, tzinfo=UTC)


def section_of(local: Local, name: str) -> Database:
    return Database(
        host="localhost",
        port=local.postgres_port,
        name=name,
        tls=False,
        paper_schema="paper_trading_dev",
        live_schema=None,
    )


class Desk:
    """A real repository of this tree's configuration, wired to the test's own Redis and Postgres."""

    def __init__(self, root: Path, local: Local, database: Database, section: Redis, clock: datetime) -> None:
        self.root, self.local, self.database = root, local, database
        self.section = section
        self.clock = clock
        self.judged: list[tuple[str, str | None]] = []
        self.said: list[str] = []
        self.refusing: set[str] = set()

    @classmethod
    def make(
        cls, root: Path, local: Local, name: str, section: Redis, wired: tuple[str, ...] = ENVIRONMENTS
    ) -> Desk:
        """A new repository for the empty database `name`; what an earlier test kept of its ledger is forgotten.

        wired: the environments that point at the test's servers; with all of them the real rules would refuse.
        """
        for kept in local.state.glob("*/ledger_head"):
            kept.unlink()
        desk = cls(root, local, section_of(local, name), section, START)
        desk._begin(wired)
        return desk

    def _begin(self, wired: tuple[str, ...]) -> None:
        root = self.root
        shutil.copytree(
            TREE / "config", root / "config", ignore=shutil.ignore_patterns("*.py", "__pycache__")
        )
        shutil.copy(TREE / ".gitattributes", root)
        self._wire(wired)
        self.git("init", "-q", "-b", "main")
        self.first = self.commit("begin")

    def _wire(self, wired: tuple[str, ...]) -> None:
        for file in (self.root / "config" / "environments" / f"{name}.yaml" for name in wired):
            text = file.read_text()
            text = re.sub(
                r"(?m)^(database:\n)  host: \S+\n  port: \d+\n  name: \S+\n  tls: \w+",
                rf"\g<1>  host: localhost\n  port: {self.database.port}\n  name: {self.database.name}\n  tls: false",
                text,
            )
            text = re.sub(
                r"(?m)^(redis:\n)  host: \S+\n  port: \d+\n  tls: \w+",
                rf"\g<1>  host: localhost\n  port: {self.section.port}\n  tls: false",
                text,
            )
            file.write_text(text)

    def reset(self) -> None:
        """An empty database under the same name and an empty Redis; the repository stays."""
        name = sql.Identifier(self.database.name)
        with psycopg.connect(self.local.admin_dsn(), autocommit=True) as admin:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))
            admin.execute(sql.SQL("CREATE DATABASE {}").format(name))
            admin.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
        self.redis.flushall()
        for kept in self.local.state.glob("*/ledger_head"):
            kept.unlink()

    def git(self, *words: str) -> str:
        settings = ["-c", "user.name=Ann", "-c", "user.email=ann@example.com", "-c", "commit.gpgsign=false"]
        done = subprocess.run(
            ["git", *settings, *words], cwd=self.root, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def commit(self, subject: str) -> str:
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", subject)
        return self.git("rev-parse", "HEAD")

    def edit(self, environment: str, before: str, after: str) -> None:
        """Replace one piece of text in an environment file; it must stand there once."""
        file = self.root / "config" / "environments" / f"{environment}.yaml"
        text = file.read_text()
        assert text.count(before) == 1, f"{before!r} stands {text.count(before)} times in {file.name}"
        file.write_text(text.replace(before, after))

    def set_flag(self, environment: str, flag: str, enabled: bool, percent: str) -> str:
        """Change one flag and commit it."""
        file = self.root / "config" / "environments" / f"{environment}.yaml"
        pattern = rf"(?m)^(  {flag}:.*\n    enabled: )\w+(\n    accounts: .*\n    percent: )[0-9.]+"
        changed, count = re.subn(pattern, rf"\g<1>{str(enabled).lower()}\g<2>{percent}", file.read_text())
        assert count == 1
        file.write_text(changed)
        return self.commit(f"{flag} {enabled} {percent}")

    def judge(self, commit: str, base: str | None, environment: str) -> Judged:
        self.judged.append((commit, base))
        span = whole_file(f"config/environments/{environment}.yaml")
        bad = (Finding("TST001", Severity.ERROR, span, "a rule says no", "say yes"),)
        is_bad = commit in self.refusing
        return Judged(
            bad if is_bad else (), is_bad, PolicyRecord(("TST001",), "0" * 64, len(bad) * is_bad, 0), "1 rule"
        )

    def now(self) -> datetime:
        self.clock += timedelta(milliseconds=1)
        return self.clock

    def deliver(
        self, environment: str = "dev", commit: str | None = None, apply: bool = False, **more: Any
    ) -> Any:
        parts: dict[str, Any] = {
            "repository": Repository(self.root),
            "state": self.local.state,
            "judge": self.judge,
            "now": self.now,
            "wait": time.sleep,
            "progress": self.said.append,
        }
        return deliver(Request(environment, commit, apply), Surroundings(**parts | more))

    def apply(self, environment: str = "dev", commit: str | None = None, **more: Any) -> Any:
        return self.deliver(environment, commit, apply=True, **more)

    @property
    def redis(self) -> redis.Redis:
        return redis_client(self.section)

    def store(self, environment: str = "dev") -> FlagStore:
        return FlagStore(self.redis, environment)

    def snapshot(self, commits: tuple[str, ...], environment: str = "dev") -> Snapshot:
        return Source(Repository(self.root), environment).snapshot(commits)

    def admin(self) -> psycopg.Connection:
        return psycopg.connect(self.local.admin_dsn(self.database.name), autocommit=True)

    def head(self, environment: str = "dev") -> Any:
        return FlagStore(self.redis, environment).observe().head

    def flags(self, environment: str = "dev") -> dict[str, bool]:
        """Whether the flags that tests move are on in the published snapshot."""
        digest = self.head(environment).digest
        held = json.loads(self.redis.get(f"ff:{{{environment}}}:snap:{digest}"))["flags"]
        return {key: held[key]["enabled"] for key in ("paper_trading_enabled", "advanced_ux_features")}

    def rows(self, environment: str = "dev") -> tuple[Entry, ...]:
        password = (self.local.secrets / f"ledger_{environment}_writer").read_text().strip()
        with postgres(self.database, user=f"ledger_{environment}_writer", password=password) as connection:
            return Ledger(connection, environment).entries()

    def end_state(self, environment: str = "dev") -> tuple[object, ...]:
        """What a run leaves, without what depends on when and by whom."""
        head = self.head(environment)
        dump = {
            key.decode(): self.redis.dump(key)
            for key in self.redis.scan_iter(match=f"ff:{{{environment}}}:*")
            if key.decode().rsplit(":", 1)[-1] not in ("head", "log")
        }
        rows = [
            (row.kind, {k: v for k, v in row.content.items() if k not in ("by", "migrated")})
            for row in self.rows(environment)
        ]
        return (head.generation, head.commits, head.digest), dump, rows
