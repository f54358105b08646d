"""A real Redis on loopback: every write on disk before it is answered, and never an eviction."""

from __future__ import annotations

import os
import signal
import socket
from pathlib import Path

from infra.local.places import Places
from infra.local.server import Server

_SETTINGS = """\
bind 127.0.0.1
protected-mode yes
port {port}
timeout 0
tcp-keepalive 60
daemonize no
set-proc-title no
pidfile {pid_file}
dir {folder}
appendonly yes
appendfsync {fsync}
save ""
maxmemory 256mb
maxmemory-policy noeviction
"""


def redis_server(places: Places, *, durable: bool = True) -> Server:
    """Redis for this state; not durable means: fit for tests only."""
    folder = places.own("redis")
    conf = places.settings / "redis.conf"
    pid_file = folder / "redis.pid"

    def settings(port: int) -> None:
        values = {
            "pid_file": _quoted(pid_file),
            "folder": _quoted(folder),
            "fsync": "always" if durable else "no",
        }
        conf.write_text(_SETTINGS.format(port=port, **values), encoding="utf-8")
        conf.chmod(0o644)

    argv = (str(places.redis_program), str(conf))
    return Server("redis", places, argv, pid_file, signal.SIGTERM, settings, answers)


def answers(pid: int, port: int) -> bool:
    """Whether the Redis on that port answers within a second and is the process we mean."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as line:
            line.sendall(b"INFO server\r\nQUIT\r\n")
            reply = b"".join(iter(lambda: line.recv(65536), b""))
    except OSError:
        return False
    return f"process_id:{pid}\r\n".encode() in reply


def _quoted(path: Path) -> str:
    text = os.fspath(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
