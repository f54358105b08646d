"""How fast flags are: a decision in memory, and a published change until the engine's gate answers by it.

Run `python benchmarks/flags.py [CHANGES]`. The second figure uses everything an engine uses: a real Redis, a ledger in
a real Postgres, commits in a real Git repository that the follower reads, compiles, accepts and recomputes. A running
engine reads a merged commit when it appears on the protected branch, before reconcile publishes it ("read ahead"); the
figure without that is given too. Rates are of this process's own processor time, waits of the wall clock.
"""

from __future__ import annotations

import os
import platform
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import psycopg  # noqa: E402
from openfeature import api  # noqa: E402
from openfeature.evaluation_context import EvaluationContext  # noqa: E402
from openfeature.provider import AbstractProvider  # noqa: E402
from openfeature.provider.in_memory_provider import InMemoryFlag, InMemoryProvider  # noqa: E402

from ci.delivery.ledger import Ledger  # noqa: E402
from ci.git import Repository  # noqa: E402
from ci.running.git_bundles import GitBundles  # noqa: E402
from ci.running.ledger_reader import LedgerReader  # noqa: E402
from config.bundle import Bundle  # noqa: E402
from config.models.environment import Redis  # noqa: E402
from engine.durable import Floor  # noqa: E402
from engine.flags import bucketing  # noqa: E402
from engine.flags.compile import Snapshot, compile_snapshot  # noqa: E402
from engine.flags.decide import decide  # noqa: E402
from engine.flags.follow import Follower  # noqa: E402
from engine.flags.provider import InterlockProvider  # noqa: E402
from engine.flags.store import FlagStore, Published  # noqa: E402
from engine.flags.view import Answer, LiveFlags  # noqa: E402
from engine.stores import postgres, redis_client  # noqa: E402
from infra.local import running  # noqa: E402
from infra.migrations import migrate  # noqa: E402
from tests.desk import Desk  # noqa: E402

ACCOUNTS, EVALUATIONS = 10_000, 100_000
FLAG = "paper_trading_enabled"


class Clock:
    """This machine's."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def comparable() -> Snapshot:
    """One flag with a list of 1,000 accounts and a split of 10 %."""
    identity = {
        "risk": "live_money",
        "safe": False,
        "ceiling": {"dev": "on"},
        "prerequisites": [],
        "unit": "account_id",
        "bucketing": "flagd-v3",
        "salt": FLAG,
    }
    state = {"enabled": True, "accounts": [f"vip-{n:06d}" for n in range(1_000)], "percent": "10.0"}
    config = {"tier": "dev", "trading_halted": False, "flags": {FLAG: state}}
    catalogue = {"flags": {"flags": {FLAG: identity}, "retired": {}}}
    return compile_snapshot([Bundle("dev", "a" * 40, "t" * 40, config, catalogue, [], {})])


def decisions() -> None:
    accounts = [f"acct-{n % ACCOUNTS:06d}" for n in range(EVALUATIONS)]
    fresh = statistics.median(rate(comparable(), accounts[:ACCOUNTS]) for _ in range(5))
    print(f"  decide, account never seen (hash and list)   {fresh:>12,.0f} evaluations/s")
    print(
        f"  decide, 100k over 10k accounts               {mixed(accounts):>12,.0f} evaluations/s (bar 1,000,000)"
    )
    snapshot = comparable()
    print(f"  the same, each call alone                    {latency(snapshot, accounts)}")
    print(f"  each call alone, accounts known              {latency(snapshot, accounts)}")
    rate_there = through_openfeature(accounts)
    print(f"  through OpenFeature                          {rate_there:>12,.0f} evaluations/s (bar 100,000)")
    print(f"  the SDK with a constant, for comparison      {bare_sdk(accounts):>12,.0f} evaluations/s")
    pure = [bucketing.pair_bytes(FLAG, account) for account in accounts[:20_000]]
    started = time.process_time()
    for data in pure:
        bucketing.murmur3_pure(data)
    print(
        f"  hash without mmh3                            {len(pure) / (time.process_time() - started):>12,.0f} a second"
    )


def through_openfeature(accounts: list[str]) -> float:
    """The same snapshot behind the SDK's client, metadata and reason attached."""
    snapshot = comparable()

    class Flags:
        def decide(self, flag_key: str, account: str | None) -> Answer:
            found = decide(snapshot, flag_key, account, kills=(), venue_kind="paper", lease_ok=True)
            return Answer(
                found.value, found.reason, flag_key, found.bucket, found.digest, found.commit, "", 1, False
            )

    return client_rate(InterlockProvider(Flags()), accounts)


def client_rate(provider: AbstractProvider, accounts: list[str]) -> float:
    """Evaluations a second through the SDK's client, details and all."""
    api.set_provider_and_wait(provider)
    client, rates = api.get_client(), []
    contexts = [EvaluationContext(targeting_key=account) for account in accounts]
    for _ in range(3):
        started = time.process_time()
        for context in contexts:
            client.get_boolean_details(FLAG, False, context)
        rates.append(len(contexts) / (time.process_time() - started))
    return statistics.median(rates)


def bare_sdk(accounts: list[str]) -> float:
    """The SDK's own in-memory provider with one constant flag: what the SDK costs on this machine."""
    return client_rate(InMemoryProvider({FLAG: InMemoryFlag("on", {"on": True, "off": False})}), accounts)


def mixed(accounts: list[str]) -> float:
    return statistics.median(rate(comparable(), accounts) for _ in range(5))


def rate(snapshot: Snapshot, accounts: list[str]) -> float:
    started = time.process_time()
    for account in accounts:
        decide(snapshot, FLAG, account, kills=(), venue_kind="paper", lease_ok=True)
    return len(accounts) / (time.process_time() - started)


def latency(snapshot: Snapshot, accounts: list[str]) -> str:
    took, clock = [], time.perf_counter_ns
    empty = statistics.median([-(clock() - clock()) for _ in range(10_001)])
    for account in accounts:
        started = clock()
        decide(snapshot, FLAG, account, kills=(), venue_kind="paper", lease_ok=True)
        took.append(clock() - started - empty)
    return f"p50 {percentile(took, 0.5):.0f} ns, p99 {percentile(took, 0.99):.0f} ns (clock's own time taken off)"


def changes(count: int) -> None:
    with (
        tempfile.TemporaryDirectory(prefix="il-") as folder,
        running(Path(folder) / "s", discard=True) as local,
    ):
        with psycopg.connect(local.admin_dsn(), autocommit=True) as admin:
            admin.execute("CREATE DATABASE bench")
        place = Redis(host="localhost", port=local.redis_port, tls=False)
        desk = Desk.make(Path(folder) / "r", local, "bench", place)
        migrate(local.admin_dsn("bench"), desk.database, environment="dev", secrets=local.secrets)
        commits = [desk.set_flag("dev", FLAG, bool(n % 2), f"{n % 100}.5") for n in range(count)]

        def connect(role: str) -> Callable[[], psycopg.Connection]:
            password = (local.secrets / role).read_text().strip()
            return lambda: postgres(desk.database, user=role, password=password)

        reader = LedgerReader("dev", connect("ledger_dev_reader"))
        source = GitBundles(Repository(desk.root), "dev", reader.proof)
        follower = Follower(
            FlagStore(redis_client(place), "dev"),
            reader,
            source,
            Floor(Path(folder) / "generation"),
            Clock(),
            lambda event, facts: None,
        )
        flags = LiveFlags(follower, tuple, time.monotonic, Clock(), venue_kind="paper", strategy="bench")
        follower.start()
        ledger = Ledger(connect("ledger_dev_writer")(), "dev")
        ahead: list[float] = []
        cold: list[float] = []
        for generation, commit in enumerate(commits, 1):
            reads_ahead = generation <= count - count // 5
            if reads_ahead:
                source.warm(commit)
            (ahead if reads_ahead else cold).append(publish(desk, ledger, flags, generation, commit))
        follower.stop()
    show("publish to gate, commit read ahead", ahead)
    show("publish to gate, commit never read", cold)


def show(name: str, took: list[float]) -> None:
    print(
        f"  {name:<44} p50 {percentile(took, 0.5):5.1f} ms, p99 {percentile(took, 0.99):5.1f} ms, "
        f"worst {max(took):5.1f} ms of {len(took)} changes (bar: p99 <= 100 ms)"
    )


def publish(desk: Desk, ledger: Ledger, flags: LiveFlags, generation: int, commit: str) -> float:
    """Milliseconds from the publish call to the first gate answer that names the commit."""
    snapshot, store = desk.snapshot((commit,)), desk.store()
    body = {"generation": generation, "digest": snapshot.digest, "commits": [commit], "target": commit}
    now = datetime.now(UTC)
    ledger.append("intent", body | {"bundle": ""}, now)
    observed, seen = store.observe(), threading.Event()
    waiter = threading.Thread(target=_await, args=(flags, commit, seen))
    waiter.start()
    started = time.perf_counter()
    answer = store.publish(snapshot, generation=generation, observed=observed, by="bench", at=now)
    if not isinstance(answer, Published) or not seen.wait(30):
        raise SystemExit(f"generation {generation} never reached the gate: {answer}")
    waited = (time.perf_counter() - started) * 1000
    waiter.join()
    return waited


def _await(flags: LiveFlags, commit: str, seen: threading.Event) -> None:
    while flags.decide(FLAG, "ACCT-DEV-1").commit != commit:
        time.sleep(0.0005)
    seen.set()


if __name__ == "__main__":
    has_mmh3 = bucketing.murmur3 is not bucketing.murmur3_pure
    where = f"{platform.machine()}, Python {platform.python_version()}, mmh3 {has_mmh3}"
    print(f"flags on {where}, load {os.getloadavg()[0]:.1f}")
    decisions()
    changes(int(sys.argv[1]) if len(sys.argv) > 1 else 250)
