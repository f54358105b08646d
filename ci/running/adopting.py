"""What the engine does with a snapshot that came into force: kills and releases at once, limits between two bars.

Never changes account, strategy, venue or stores under a running engine: that is drift, and entries wait for a restart.
"""

from __future__ import annotations

import queue
from dataclasses import replace
from typing import Any

from ci.errors import ConfigurationRefusedError
from ci.running.git_bundles import GitBundles
from config.findings import Refused
from engine.acceptance import Accepted
from engine.flags.adoption import Adopted
from engine.kill import KillSwitch
from engine.killing.latch import Latch
from engine.loop import Engine
from engine.merging import safest
from engine.trading_state import TradingState

DRIFT = "account, strategy, venue or stores changed in Git: restart the engine"


def in_force(source: GitBundles, commits: tuple[str, ...]) -> Accepted:
    """The configuration of the listed commits: flags aside, the safest of them; facts of venues and instruments
    from the oldest, and a kill's release only where all of them hold it."""
    accepted = source.accepted(commits)
    if isinstance(accepted, Refused):
        raise ConfigurationRefusedError(accepted.findings[0].message, accepted.findings[0].help)
    environment = safest([each.environment for each in accepted])
    releases = tuple(
        release for release in accepted[0].releases if all(release in each.releases for each in accepted)
    )
    return replace(accepted[-1], environment=environment, catalogue=accepted[0].catalogue, releases=releases)


class Adopting:
    """Hands snapshots from the follower's thread to the engine's."""

    def __init__(self, source: GitBundles, switch: KillSwitch, latch: Latch) -> None:
        self._source = source
        self._switch = switch
        self._latch = latch
        self._waiting: queue.SimpleQueue[Accepted] = queue.SimpleQueue()
        self._running: Accepted | None = None
        self._tried = -1

    def adopted(self, adopted: Adopted) -> None:
        """Called by the follower: Git's word on kills counts now, the rest at the engine's next step."""
        accepted = in_force(self._source, adopted.snapshot.commits)
        self._switch.note_git(halted=adopted.snapshot.trading_halted, releases=accepted.releases)
        self._waiting.put(accepted)

    def first(self) -> Accepted:
        """The configuration to start with: the newest that came into force before the start."""
        while self._running is None or not self._waiting.empty():
            self._running = self._waiting.get_nowait()
        return self._running

    def step(self, engine: Engine) -> None:
        """Between two bars: take over what Git changed, obey the latch, leave KILLED when it opened."""
        while not self._waiting.empty():
            accepted = self._waiting.get_nowait()
            is_other = _fixed(accepted) != _fixed(self._running) if self._running else False
            engine.report_drift(DRIFT if is_other else "")
            if not is_other:
                engine.adopt(accepted)
        engine.poll()
        if (
            engine.state is TradingState.KILLED
            and not self._latch.closed
            and self._tried != self._latch.closings
        ):
            self._tried = self._latch.closings
            engine.release(self._latch.epoch, "a merged release")


def _fixed(accepted: Accepted) -> tuple[Any, ...]:
    """What a running engine cannot change."""
    environment = accepted.environment
    return (
        environment.account,
        environment.strategy,
        environment.venue,
        environment.database,
        environment.redis,
    )
