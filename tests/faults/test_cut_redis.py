"""Redis behind a bad network: a proxy that delays, cuts and swallows; the engine's side stays bounded and honest."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest
import redis

from config.models.environment import Redis
from engine.flags.store import FlagStore
from engine.stores import REDIS_TIMEOUT, redis_client


class Proxy:
    """Forwards bytes to a real Redis until told otherwise."""

    def __init__(self, target: Redis) -> None:
        self._target = ("127.0.0.1", target.port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.swallows = False
        self.cut_after: int | None = None
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def place(self) -> Redis:
        return Redis(host="localhost", port=self._listener.getsockname()[1], tls=False)

    def close(self) -> None:
        self._listener.close()
        self.cut()

    def cut(self) -> None:
        for line in self._open:
            line.close()
        self._open.clear()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            far = socket.create_connection(self._target, timeout=5)
            self._open += [near, far]
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._pump, args=(one, other, one is far), daemon=True).start()

    def _pump(self, one: socket.socket, other: socket.socket, is_answer: bool) -> None:
        try:
            while chunk := one.recv(65536):
                if self.swallows:
                    continue
                if is_answer and self.cut_after is not None:
                    other.sendall(chunk[: self.cut_after])
                    other.close()
                    return
                other.sendall(chunk)
        except OSError:
            return


@pytest.fixture
def proxy(redis_section: Redis) -> Iterator[Proxy]:
    made = Proxy(redis_section)
    yield made
    made.close()


CALLS: dict[str, Callable[[FlagStore], object]] = {
    "observe": lambda store: store.observe(),
    "kills": lambda store: store.kills(),
    "raise_kill": lambda store: store.raise_kill("global", floor=0, by="ann", reason=""),
    "read_blob": lambda store: store.read_blob("0" * 64),
    "wait": lambda store: store.wait("0", 50),
    "heartbeat": lambda store: store.heartbeat("e", {}),
    "complaints": lambda store: store.complaints(),
}


@pytest.mark.parametrize("name", CALLS)
def test_swallowed_answers_cost_one_timeout(proxy: Proxy, name: str) -> None:
    store = FlagStore(redis_client(proxy.place), "dev")
    store.kills()
    proxy.swallows = True
    started = time.monotonic()
    with pytest.raises(redis.RedisError):
        CALLS[name](store)
    assert time.monotonic() - started < 5 * REDIS_TIMEOUT
    proxy.swallows = False


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("after", [0, 1, 3])
def test_answers_cut_short_are_errors(proxy: Proxy, name: str, after: int) -> None:
    store = FlagStore(redis_client(proxy.place), "dev")
    store.raise_kill("global", floor=0, by="ann", reason="")
    proxy.cut_after = after
    with pytest.raises(redis.RedisError):
        CALLS[name](store)


def test_connection_comes_back_after_a_cut(proxy: Proxy) -> None:
    store = FlagStore(redis_client(proxy.place), "dev")
    assert store.kills() == {}
    proxy.cut()
    with pytest.raises(redis.RedisError):
        store.kills()
    assert store.kills() == {}


def test_refused_connection_is_quick(redis_section: Redis) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    store = FlagStore(redis_client(Redis(host="localhost", port=port, tls=False)), "dev")
    started = time.monotonic()
    with pytest.raises(redis.ConnectionError):
        store.kills()
    assert time.monotonic() - started < 5 * REDIS_TIMEOUT
