"""The story of one change up to the kill; every line is read back from real parts."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Protocol

from ci.demo.engine_process import EngineProcess, Line
from ci.demo.terminal import INTERLOCK, Answer, interlock
from ci.demo.workshop import ACCOUNT, DEV, KeyPath, Workshop, edited

HIDDEN_LINE_END = "\u0085"
PACE = "150"  # bars per second: the recorded days outlast the story


class StepError(Exception):
    """A step of the story that did not happen."""


class Voice(Protocol):
    """Who tells the story: see `ci/output/narrative.py`."""

    def chapter(self, letter: str, title: str) -> None: ...
    def command(self, words: str) -> None: ...
    def quote(self, text: str, most: int = 24) -> None: ...
    def fact(self, text: str) -> None: ...
    def note(self, text: str) -> None: ...


@dataclass(slots=True)
class Stage:
    """What the steps share: the repository, the voice, the parts that run."""

    workshop: Workshop
    voice: Voice
    parts: Future[Answer]
    feed: str
    engine: EngineProcess | None = None
    measured: dict[str, Any] = field(default_factory=dict)

    def type(self, words: list[str], *, expect: int, show: bool = True) -> Answer:
        """Type a command and hold it to its exit code."""
        if show:
            self.voice.command("interlock " + " ".join(words))
        answer = interlock(words, self.workshop.repository.root, self.workshop.state)
        if answer.code != expect:
            said = (answer.err or answer.out).strip()
            raise StepError(f"`interlock {' '.join(words)}` ended with {answer.code}, not {expect}: {said}")
        return answer

    def propose_in(self, file: str, branch: str, message: str, path: KeyPath, value: object) -> str:
        """A pull request that changes one value of one environment."""
        text = edited(self.workshop.text(file), path, value, file)
        return self.workshop.propose(branch, message, file, text)

    def running(self) -> EngineProcess:
        """The engine, which must run by now."""
        if self.engine is None:
            raise StepError("the engine was never started")
        return self.engine

    def await_event(self, event: str, since: int, within: float, **wanted: object) -> Line:
        """The next log line of the engine whose fields are as wanted."""
        engine = self.running()
        line = engine.wait(
            event, since, within, lambda found: all(found.get(k) == v for k, v in wanted.items())
        )
        if line is None:
            last = dict(next(reversed(engine.lines("heartbeat")), {}))
            said = engine.last_words()
            raise StepError(f"no `{event}` {wanted or ''} within {within:g} s; last heartbeat: {last} {said}")
        return line


def dangerous_change_is_refused(stage: Stage) -> None:
    """(a) live trading switched on in dev."""
    stage.voice.chapter("a", "A pull request turns live trading on in dev")
    path = ("flags", "live_trading_enabled", "enabled")
    stage.propose_in(DEV, "go-live-in-dev", "dev: quick test with live trading", path, True)
    answer = stage.type(["check", "go-live-in-dev", "--base", "main"], expect=1)
    stage.voice.quote(answer.out, most=40)
    stage.voice.fact(f"refused with exit code 1 in {answer.seconds:.2f} s")
    stage.measured["refused_seconds"] = round(answer.seconds, 3)


def invisible_change_is_refused(stage: Stage) -> None:
    """(b) a diff that shows a comment, bytes that some loaders read as a key."""
    stage.voice.chapter("b", "A pull request whose diff looks innocent and whose bytes are not")
    honest = "trading_halted: false"
    text = stage.workshop.text(DEV).replace(
        honest, f"{honest}  # reviewed{HIDDEN_LINE_END}debug_live: true", 1
    )
    before = stage.workshop.repository.resolve("main")
    after = stage.workshop.propose("tidy-comment", "dev: tidy a comment", DEV, text)
    shown = [
        line
        for line in stage.workshop.repository.diff(before, after).splitlines()
        if line[:2] in ("+t", "-t")
    ]
    stage.voice.note("the reviewer's diff shows one comment:")
    stage.voice.quote("\n".join(line.replace(HIDDEN_LINE_END, "") for line in shown))
    answer = stage.type(["check", "tidy-comment", "--base", "main"], expect=1)
    stage.voice.quote(answer.out, most=16)
    stage.voice.fact(
        "a loader that takes U+0085 for a line end reads a second key there; ours refuses the file"
    )


def parts_are_up(stage: Stage) -> None:
    """The Redis and Postgres that were started beside (a) and (b)."""
    answer = stage.parts.result(timeout=60)
    if answer.code != 0:
        raise StepError(
            f"`interlock local up` ended with {answer.code}: {(answer.err or answer.out).strip()}"
        )
    stage.voice.note(f"meanwhile a real Redis and a real Postgres came up ({answer.seconds:.1f} s)")


def first_reconcile_brings_the_world_up(stage: Stage) -> None:
    """The starting commit is reconciled and the engine runs on it; paper trading is still closed."""
    stage.voice.chapter("c", "A good pull request: checked, merged, reconciled, obeyed")
    parts_are_up(stage)
    stage.type(["reconcile", "--env", "dev", "--apply"], expect=0)
    words = [*INTERLOCK, "engine", "--state", str(stage.workshop.state), "--env", "dev", "--feed", stage.feed]
    words += ["--pace", PACE, "--until-stopped"]
    stage.voice.command(f"interlock engine --env dev --feed {stage.feed} --pace {PACE} &")
    stage.engine = EngineProcess(words, stage.workshop.repository.root)
    started = stage.await_event("started", 0, 20)
    stage.voice.fact(f"the engine runs on {started.get('feed')}")
    denied = stage.await_event("denied", 0, 20, code="FLAG_OFF")
    stage.voice.fact(
        f"its first signal ({denied.get('symbol')}) is denied: FLAG_OFF, paper trading is closed"
    )


def good_change_reaches_the_engine(stage: Stage) -> None:
    """(c) paper trading opened for one account by a merged pull request."""
    path = ("flags", "paper_trading_enabled", "accounts")
    stage.propose_in(DEV, "open-paper-trading", "dev: let one account trade on paper", path, (ACCOUNT,))
    stage.voice.quote(stage.type(["check", "open-paper-trading", "--base", "main"], expect=0).out, most=12)
    commit = stage.workshop.merge("open-paper-trading")
    stage.voice.fact(f"merged as {commit[:12]}")
    since = stage.running().count()
    answer = stage.type(["reconcile", "--env", "dev", "--apply"], expect=0)
    stage.voice.quote(answer.out, most=20)
    adopted = stage.await_event("snapshot_adopted", since, 10, commit=commit)
    order = stage.await_event("order", since, 20, commit=commit)
    stage.voice.fact(
        f"published to adopted by the engine: {adopted['latency_ms']:.1f} ms (generation {adopted['generation']})"
    )
    stage.voice.fact(
        f"its next order {order['order_id']} names commit {commit[:12]} and flag {order['flag']}"
    )
    stage.measured.update(
        publish_to_engine_ms=adopted["latency_ms"], order_id=order["order_id"], commit=commit
    )
    stage.type(["reconcile", "--env", "dev"], expect=0)
    stage.voice.fact("a second reconcile has nothing to do")


def kill_stops_every_order(stage: Stage) -> None:
    """(d) the kill: signals keep coming, the venue's count stands still."""
    stage.voice.chapter("d", "Kill")
    since = stage.running().count()
    stage.type(["kill", "--env", "dev", "--reason", "demo"], expect=0)
    closed = stage.await_event("latch_closed", since, 5)
    stage.voice.fact(f"latch closed {closed['latency_ms']:.1f} ms after the kill (by {closed['by']})")
    first = stage.await_event("heartbeat", stage.running().count(), 5)
    since = stage.running().count()
    denied = [stage.await_event("denied", since, 20)]
    while len(denied) < 3:
        denied.append(stage.await_event("denied", stage.running().count(), 20))
    last = stage.await_event("heartbeat", stage.running().count(), 5)
    if last["orders_at_venue"] != first["orders_at_venue"]:
        raise StepError(
            f"orders at the venue rose from {first['orders_at_venue']} to {last['orders_at_venue']}"
        )
    codes = ", ".join(sorted({str(line["code"]) for line in denied}))
    stage.voice.fact(
        f"{len(denied)} signals later, each denied ({codes}), the venue still holds {last['orders_at_venue']} orders"
    )
    stage.measured["kill_to_latch_ms"] = closed["latency_ms"]


def play(stage: Stage, chapters: tuple[Callable[[Stage], None], ...]) -> float:
    """Play the chapters in order; StepError when one did not happen; seconds taken."""
    started = perf_counter()
    for chapter in chapters:
        chapter(stage)
    return perf_counter() - started
