"""Flattening in a running engine: an operator's wish is obeyed while KILLED, journaled, and answered until it is done.

Never acts on a wish whose kill was released, and never holds up the loop.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Event
from typing import Any

from engine.clock import Clock
from engine.durable import DamagedStateError
from engine.execution.flatten import Flattened, Flattening
from engine.killing.flatten_request import FlattenRequest, answer, asked, put_away
from engine.killing.latch import Latch
from engine.loop import Engine
from engine.trading_state import TradingState

LOOK_SECONDS = 0.1

Say = Callable[[str, Mapping[str, Any]], None]


class Flattener:
    """Looks for a wish ten times a second, and takes a step at each turn of the loop while there is one."""

    def __init__(
        self, folder: Path, engine: Engine, latch: Latch, clock: Clock, say: Say, done: Event | None = None
    ) -> None:
        """done: set when the account is flat, for a session that was held for nothing else."""
        self._folder = folder
        self._engine = engine
        self._latch = latch
        self._clock = clock
        self._say = say
        self._done = done
        self._due = 0.0
        self._request: FlattenRequest | None = None
        self._flattening: Flattening | None = None
        self._told: dict[str, Any] = {}

    def step(self) -> None:
        """Between two bars."""
        if self._clock.monotonic() >= self._due:
            self._due = self._clock.monotonic() + LOOK_SECONDS
            self._look()
        if self._flattening is not None and self._request is not None:
            self._tell(self._request, self._flattening.step())
        if self._done is not None and self._engine.state is not TradingState.KILLED:
            self._done.set()  # held for a flatten alone: whoever released the kill meant another engine to trade

    def _look(self) -> None:
        try:
            request = asked(self._folder)
        except (DamagedStateError, OSError) as error:
            self._say_once("flatten_refused", {"reason": str(error)})
            return
        if request == self._request:
            return
        self._request, self._flattening = request, None
        if request is None:
            return
        if self._engine.state is TradingState.KILLED and self._latch.epoch >= request.epoch:
            self._begin(request)
        elif not self._latch.closed and self._latch.epoch >= request.epoch:
            put_away(self._folder, request)
            self._request = None
        else:
            self._request = None  # its kill has not reached this engine yet

    def _begin(self, request: FlattenRequest) -> None:
        self._flattening = Flattening(
            self._engine, confirmed=request.confirmed, symbols=frozenset(request.symbols)
        )
        facts = {"epoch": request.epoch, "person": request.person, "reason": request.reason}
        confirmed = {"approver": request.approver, "confirmed": list(request.symbols) or "all"}
        wanted = {**facts, **(confirmed if request.confirms else {})}
        self._engine.outgoing.note("flatten", {"asked": True, **wanted})
        self._say("flatten_asked", wanted)

    def _tell(self, request: FlattenRequest, found: Flattened) -> None:
        facts = {
            "epoch": request.epoch,
            "is_flat": found.is_flat,
            "residue": found.residue,
            "blocked": list(found.blocked),
            "unknown": list(found.unknown),
            "working": list(found.working),
        }
        if facts != self._told:
            self._told = facts
            self._say("flatten", facts)
            self._answer(facts)
        if found.is_flat:
            self._end(request, facts)

    def _answer(self, facts: Mapping[str, Any]) -> None:
        try:
            answer(self._folder, facts)
        except OSError as error:
            self._say("flatten_not_answered", {"reason": f"{self._folder}: {error.strerror}"})

    def _end(self, request: FlattenRequest, facts: Mapping[str, Any]) -> None:
        self._engine.outgoing.note("flatten", dict(facts))
        self._engine.outgoing.sync()
        self._flattening = None
        try:
            put_away(self._folder, request)
            self._request = None
        except OSError as error:
            self._say("flatten_not_put_away", {"reason": f"{self._folder}: {error.strerror}"})
        if self._done is not None:
            self._done.set()

    def _say_once(self, event: str, facts: dict[str, Any]) -> None:
        if facts != self._told:
            self._told = facts
            self._say(event, facts)
