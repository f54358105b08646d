"""A real Redis and a real PostgreSQL on one machine, without account, container or root."""

from infra.local.errors import LocalError
from infra.local.lifecycle import Local, ServerStatus, discard, down, status, up
from infra.local.watch import running

__all__ = ["Local", "LocalError", "ServerStatus", "discard", "down", "running", "status", "up"]
