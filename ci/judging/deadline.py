"""A rule may take ten seconds and call no system: one that does otherwise is interrupted and named.

Uses the interval timer of the main thread (elsewhere a rule is not timed) and an audit hook, the second net of purity.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from policies.inputs import Hit
from policies.rule import Rule
from policies.watch import Watch

SECONDS = 10.0
_TICKS = 4


class RuleTooSlowError(BaseException):
    """Not an Exception, so that no rule can swallow it."""

    def __init__(self, rule: str) -> None:
        super().__init__(f"rule {rule} ran for more than {SECONDS:g} s")
        self.rule = rule


class ImpureRuleError(BaseException):
    """Not an Exception, so that no rule can swallow it."""

    def __init__(self, rule: str, event: str) -> None:
        super().__init__(f"rule {rule} did more than judge: `{event}`")
        self.rule = rule


_FORBIDDEN = ("open", "socket.", "subprocess.", "os.", "shutil.", "ctypes.", "sys.addaudithook", "urllib.")
_hooked: list[bool] = []
_judging: list[TimedWatch] = []
"""The watch whose rules run now, if any; audit hooks cannot be taken away again, so there is one for all."""


def _audit(event: str, arguments: tuple[object, ...]) -> None:
    if _judging and _judging[-1].running and event.startswith(_FORBIDDEN):
        watch = _judging[-1]
        raise ImpureRuleError(watch.running, event)


class TimedWatch(Watch):
    """Starts to count anew whenever another rule begins; a tick is a quarter of what a rule may take."""

    def __init__(self, seconds: float = SECONDS) -> None:
        super().__init__()
        self._tick = seconds / _TICKS
        self._ticks = 0
        self._timed = ""

    def hits(self, rule: Rule, subject: object) -> Iterator[Hit]:
        if rule.META.id != self._timed:
            self._timed, self._ticks = rule.META.id, 0
        return super().hits(rule, subject)

    def all_hits(self, rule: Rule, subjects: Sequence[object]) -> list[tuple[Hit, ...]]:
        self._timed, self._ticks = rule.META.id, 0
        return super().all_hits(rule, subjects)

    @contextmanager
    def running_out(self) -> Iterator[None]:
        """Within this block a rule that takes too long, or does more than judge, is interrupted."""
        if not _hooked:
            sys.addaudithook(_audit)
            _hooked.append(True)
        _judging.append(self)
        try:
            with self._timed_block():
                yield
        finally:
            _judging.remove(self)

    @contextmanager
    def _timed_block(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.signal(signal.SIGALRM, self._count)
        try:
            signal.setitimer(signal.ITIMER_REAL, self._tick, self._tick)
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)

    def _count(self, number: int, frame: FrameType | None) -> None:
        """The first tick comes at any moment of a rule, so one more than `_TICKS` is the full time at least."""
        self._ticks += 1
        if self._timed and self._ticks > _TICKS:
            raise RuleTooSlowError(self._timed)
