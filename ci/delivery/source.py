"""Commits as desired states, bundles and flag snapshots of one environment, each read from Git once."""

from __future__ import annotations

from collections.abc import Sequence

from ci.delivery.errors import GateFailedError
from ci.git import CommitTree, Repository
from config.bundle import Bundle, PolicyRecord, compile_bundle
from config.desired import DesiredState
from config.findings import Refused
from config.reading import load
from engine.flags.compile import Snapshot, compile_snapshot
from engine.merging import safest

MOST_COMMITS = 16
UNJUDGED = PolicyRecord(rules=(), code_digest="", findings=0, waived=0)


class Source:
    """The one reader of past and present commits in a run; never the worktree."""

    def __init__(self, repository: Repository, environment: str) -> None:
        self.repository = repository
        self.environment = environment
        self._trees: dict[str, CommitTree] = {}
        self._states: dict[str, DesiredState | Refused] = {}
        self._snapshots: dict[tuple[str, ...], Snapshot] = {}

    def tree(self, commit: str) -> CommitTree:
        """The files of this commit."""
        if commit not in self._trees:
            self._trees[commit] = self.repository.commit_tree(commit)
        return self._trees[commit]

    def state(self, commit: str) -> DesiredState | Refused:
        """What the files of this commit say, or every reason why they say nothing."""
        if commit not in self._states:
            self._states[commit] = load(self.tree(commit))
        return self._states[commit]

    def desired(self, commit: str) -> DesiredState:
        """The same for a commit that already ran once: unreadable is a stop, not a finding."""
        state = self.state(commit)
        if isinstance(state, Refused):
            raise GateFailedError(
                f"commit {commit[:12]} may be running and cannot be read: {state.findings[0].message}",
                "reconcile with the version of interlock that published it",
            )
        return state

    def bundle(self, commit: str, policy: PolicyRecord = UNJUDGED) -> Bundle:
        """What this commit means for the environment."""
        state = self.desired(commit)
        return compile_bundle(state, self.environment, commit, self.tree(commit).tree_id, policy)

    def snapshot(self, commits: Sequence[str]) -> Snapshot:
        """The flags that are safest over these commits, of which a head can name no more than some."""
        key = self._fewest(tuple(commits))
        if key not in self._snapshots:
            self._snapshots[key] = compile_snapshot([self.bundle(commit) for commit in key])
        return self._snapshots[key]

    def _fewest(self, commits: tuple[str, ...]) -> tuple[str, ...]:
        """The same commits without those that make nothing safer, once there are too many for a head."""
        for commit in reversed(commits[1:-1]):
            if len(commits) <= MOST_COMMITS:
                break
            fewer = tuple(each for each in commits if each != commit)
            if self._safest(fewer) == self._safest(commits):
                commits = fewer
        if len(commits) > MOST_COMMITS:
            raise GateFailedError(
                f"{len(commits)} commits may be running and each makes something safer; a head names {MOST_COMMITS}",
                "merge one commit that holds all of these tightenings, then reconcile it",
            )
        return commits

    def _safest(self, commits: tuple[str, ...]) -> tuple[object, ...]:
        """All that an engine would obey while a head lists these commits."""
        flags = compile_snapshot([self.bundle(commit) for commit in commits])
        environments = [self.desired(commit).environments[self.environment] for commit in commits]
        return flags.flags, flags.retired, flags.trading_halted, safest(environments)
