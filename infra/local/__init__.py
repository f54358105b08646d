"""A real Redis and a real PostgreSQL on one machine, without account, container or root."""

from infra.local.errors import LocalError
from infra.local.lifecycle import Local, ServerStatus, down, status, up
from infra.local.watch import running

__all__ = ["Local", "LocalError", "ServerStatus", "down", "running", "status", "up"]
