"""The cloud part of a reconcile as the steps see it: what differs, and one `up` between the two snapshots.

Never imports the engine's driver, so that an environment on one machine does not pay for it: see stack.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ci.errors import UnreachableError
from config.findings import Finding

if TYPE_CHECKING:
    from infra.drift import Drifted


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a cloud: what differs, the digest of what `up` would do about it, and what the rules say of that.

    plan: empty where nothing can be planned, because there is no cloud or no stack yet.
    """

    differs: tuple[Drifted, ...] = ()
    plan: str = ""
    findings: tuple[Finding, ...] = ()


class Cloud(Protocol):
    """What stands in the cloud of one environment."""

    @property
    def unlooked(self) -> str:
        """Why it cannot be looked at; empty when it can, or when there is none."""

    def look(self) -> Look:
        """State against cloud, then code against both, judged; writes nothing."""

    def up(self) -> str:
        """Bring it to what the program says; what was done, in words."""


class NoCloud:
    """An environment that lives on one machine."""

    unlooked = ""

    def look(self) -> Look:
        return Look()

    def up(self) -> str:
        return ""


class UnlookedCloud:
    """A cloud nobody here may look at."""

    def __init__(self, why: str) -> None:
        self.unlooked = why

    def look(self) -> Look:
        return Look()

    def up(self) -> str:
        raise UnreachableError(
            f"the cloud was not looked at: {self.unlooked}",
            "the target alone was not published; see docs/delivery.md",
        )
