"""The loop of a running engine: bars at their pace, and between them whatever Git, people or the clock changed.

Never lets a bar wait for anything but the engine itself, and ends only cleanly.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from threading import Event, Thread
from typing import Any

import redis

from ci.running.assembly import Parts
from ci.running.checkup import Checkup
from ci.running.place import Place
from engine.clock import Clock
from engine.feeds.feed import Feed
from engine.loop import Engine

STEP_SECONDS = 0.005
BEAT_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Course:
    """How far and how fast: bars per second (None: as fast as they go), bars at most (None: all)."""

    pace: float | None
    bars: int | None
    until_stopped: bool


class Driver:
    """One engine on one feed."""

    def __init__(
        self,
        parts: Parts,
        engine: Engine,
        clock: Clock,
        stop: Event,
        checkup: Checkup,
        between: Sequence[Callable[[], None]],
    ) -> None:
        """between: what else is to be done between two bars."""
        self._parts = parts
        self._engine = engine
        self._clock = clock
        self._stop = stop
        self._checkup = checkup
        self._between = between
        self._beat_at = 0.0
        self._told: dict[str, str | int] = {}
        self._alerts_told = 0
        self._at = -1
        self._remember: Callable[[int], None] = lambda at: None

    def run(self, feed: Feed, course: Course, place: Place) -> str:
        """Drive to the end of the feed, the number of bars, or the stop; answers which it was."""
        beats = Thread(target=self._beat_redis, name="heartbeat", daemon=True)
        beats.start()
        reason = self._bars(feed, course, place)
        while course.until_stopped and not self._stop.is_set():
            self._step()
            self._stop.wait(STEP_SECONDS)
        self._engine.poll()  # a kill of the last moment is obeyed, and journaled, before the end is
        self._beat()
        asked = self._stop.is_set()
        self._stop.set()
        beats.join(5)
        return "asked to stop" if asked else reason

    def _bars(self, feed: Feed, course: Course, place: Place) -> str:
        engine, done = self._engine, 0
        self._remember = place.keep
        due = self._clock.monotonic()
        for group in feed.by_time():
            if group[0].at <= place.last:
                continue  # the run before has been there
            self._step()
            if self._stop.is_set():
                return "asked to stop"
            engine.on_bars(group)
            self._at = group[0].at
            if engine.outgoing.is_noted:
                engine.outgoing.sync()
            done += len(group)
            if course.bars is not None and done >= course.bars:
                return f"{done} bars were asked for"
            if course.pace:
                due += len(group) / course.pace
                self._wait(due)
        return "the feed ended"

    def _wait(self, due: float) -> None:
        while (left := due - self._clock.monotonic()) > 0 and not self._stop.is_set():
            self._step()
            self._stop.wait(min(left, STEP_SECONDS))

    def _step(self) -> None:
        if self._checkup.was_frozen():
            self._parts.files.look()
        self._parts.adopting.step(self._engine)
        for step in self._between:
            step()
        if self._engine.outgoing.is_noted:
            self._engine.outgoing.sync()
        if self._clock.monotonic() >= self._beat_at:
            self._beat()

    def _tell_alerts(self) -> None:
        """Each sentence once; the heartbeat counts them."""
        alerts = self._engine.books.alerts
        for says in alerts[self._alerts_told :]:
            self._parts.report("alert", {"says": says})
        self._alerts_told = len(alerts)

    def _beat(self) -> None:
        self._beat_at = self._clock.monotonic() + BEAT_SECONDS
        self._remember(self._at)
        self._checkup.look()
        engine, adopted = self._engine, self._parts.follower.standing.adopted
        self._tell_alerts()
        self._told = {
            "generation": adopted.generation if adopted else 0,
            "digest": adopted.snapshot.digest if adopted else "",
            "kill_epoch": self._parts.switch.epoch,
            "state": engine.state.name,
        }
        counts = engine.counts
        seen: Mapping[str, Any] = {
            "bars": counts.bars,
            "orders_at_venue": counts.sent,
            "denials": counts.denied,
            "withheld": counts.withheld,
            "positions": dict(engine.positions()),
            "alerts": len(engine.books.alerts),
        }
        self._parts.order.say("heartbeat", {**seen, **self._told})

    def _beat_redis(self) -> None:
        """Redis hears it from a thread of its own: it may be silent for a while."""
        every = self._parts.environment.monitoring.heartbeat_seconds
        while not self._stop.is_set():
            with contextlib.suppress(redis.RedisError):  # the follower says so
                self._parts.beats.heartbeat(self._parts.name, self._told)
            self._stop.wait(every)
