"""What may go wrong with the local parts."""

from __future__ import annotations

from infra.errors import InfraError


class LocalError(InfraError):
    """A local server could not be brought where it was asked to be."""


class PortTakenError(LocalError):
    """Somebody else listens on the port."""
