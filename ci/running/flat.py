"""Asking for a flat account: the running engine is asked; where none runs, one is held for that and nothing else.

Never answers flat before the engine proved it, and never waits for ever.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

from ci.errors import InterlockError
from ci.running.assembly import Order
from ci.running.drive import Course
from ci.running.place import last_feed
from ci.running.session import Inputs, hold
from engine.clock import Clock
from engine.killing.flatten_request import FlattenRequest, answered, ask

PAUSE_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Flat:
    """How it ended: what the venue held at last, and why it is not flat."""

    is_flat: bool
    why: str = ""
    found: Mapping[str, Any] = field(default_factory=dict)


def flatten(folder: Path, request: FlattenRequest, make_order: Callable[[], Order], wait: float) -> Flat:
    """Flatten by the engine that owns `folder`, or by one that is held here; at most `wait` seconds."""
    if not any(folder.glob("*/journal")):
        return Flat(is_flat=True, why="no engine ever traded here")
    try:
        ask(folder, request)
    except OSError as error:
        return Flat(is_flat=False, why=f"the engine could not be asked: {folder}: {error.strerror}")
    order = make_order()
    if _is_running(folder):
        return _awaited(folder, request, order.clock, wait)
    try:
        return _held(folder, request, order)
    except InterlockError as error:
        return Flat(is_flat=False, why=f"no engine runs, and none could be started for it: {error.message}")


def _is_running(folder: Path) -> bool:
    """Whether somebody holds a journal of this folder."""
    for lock in folder.glob("*/lock"):
        handle = os.open(lock, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
        finally:
            os.close(handle)
    return False


def _awaited(folder: Path, request: FlattenRequest, clock: Clock, wait: float) -> Flat:
    pause, deadline = Event(), clock.monotonic() + wait
    found: dict[str, Any] | None = None
    while clock.monotonic() < deadline:
        found = answered(folder, request.epoch)
        if found is not None and found.get("is_flat") is True:
            return Flat(is_flat=True, found=found)
        pause.wait(PAUSE_SECONDS)
    if found is None:
        return Flat(
            is_flat=False, why=f"the engine did not answer within {wait:g} s; it was asked and may still"
        )
    return Flat(is_flat=False, why=f"not flat after {wait:g} s; the engine goes on", found=found)


def _held(folder: Path, request: FlattenRequest, order: Order) -> Flat:
    feed, symbols = last_feed(folder) or ("auto", ())
    course = Course(pace=None, bars=None, until_stopped=False)
    hold(order, Inputs(feed, symbols), course, Event(), until_flat=True)
    found = answered(folder, request.epoch)
    if found is not None and found.get("is_flat") is True:
        return Flat(is_flat=True, found=found)
    why = f"the feed `{feed}` ended before all was closed; the next start of the engine goes on with it"
    return Flat(is_flat=False, why=why, found=found or {})
