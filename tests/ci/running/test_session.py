"""The end of a session: what is in flight is waited for, but not longer than half a minute."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from ci.running import session
from engine.clock import ManualClock


class Plane:
    """An engine whose order lands after some looks, or never."""

    def __init__(self, clock: ManualClock, looks: int | None) -> None:
        self._clock, self._looks = clock, looks
        self.said: list[str] = []

    def withdraw(self) -> None:
        self.said.append("withdraw")

    def poll(self) -> None:
        self.said.append("poll")

    def in_flight(self) -> list[str]:
        return [] if self._looks is not None and self.said.count("poll") >= self._looks else ["PDEV-1"]


@pytest.mark.parametrize(("looks", "polls"), [(0, 0), (3, 3), (None, 30)])
def test_what_is_in_flight_comes_down_first(
    looks: int | None, polls: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = ManualClock(datetime(2026, 11, 20, tzinfo=UTC))
    plane: Any = Plane(clock, looks)

    class Pause:
        def wait(self, seconds: float) -> None:
            clock.advance(1)

    monkeypatch.setattr(session, "Event", Pause)
    session._wind_down(plane, clock)
    assert plane.said == ["withdraw", *["poll"] * polls]
