"""A signal may come at any instruction, also while the stop's own lock is held."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from ci.running.stopping import Stop


@pytest.fixture
def stop() -> Iterator[Stop]:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield Stop.on_signals()
    for number, was in before.items():
        signal.signal(number, was)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_is_heard_while_the_lock_is_held(stop: Stop, number: signal.Signals) -> None:
    assert not stop.is_set()
    with stop._cond:  # type: ignore[attr-defined]
        signal.raise_signal(number)
        signal.raise_signal(number)
    assert stop.is_set()
    assert stop.wait(0) is True


def test_set_wakes_and_a_time_out_does_not(stop: Stop) -> None:
    assert stop.wait(0.001) is False
    stop.set()
    assert (stop.wait(), stop.is_set()) == (True, True)
