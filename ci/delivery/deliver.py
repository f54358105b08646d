"""One question or one run of `reconcile`: read, prove, judge, look, plan, and only if asked to, carry out.

Never writes anything without `apply`; with it, only under the lease and after this very run's check.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from ci.delivery import ledger_head, provenance, record
from ci.delivery.backends import Backends, connected
from ci.delivery.changes import key_changes, leads_beyond_flags
from ci.delivery.cloud import Cloud, NoCloud
from ci.delivery.gate import Gate, Judge, Judged
from ci.delivery.hold import opens_at, reason
from ci.delivery.lease import lease
from ci.delivery.ledger import Entry, Head, Ledger, verify
from ci.delivery.reconcile import Done, Observer, Release, Run, World, observe
from ci.delivery.record import Record
from ci.delivery.source import Source
from ci.delivery.steps import Observed, Plan, make
from ci.errors import UnreachableError, UsageError
from ci.git import CommitTree, Repository
from config.bundle import Bundle
from config.desired import environment_file
from config.findings import Finding, Refused, Severity, whole_file
from config.models.environment import Environment
from policies.changes import of_catalogues
from policies.inputs import KeyChange


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for; `plan`: the digest of the plan of the cloud that somebody approved."""

    environment: str
    commit: str | None
    apply: bool
    plan: str | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a run needs of the world around it, handed in by the command."""

    repository: Repository
    state: Path
    judge: Judge
    now: Callable[[], datetime]
    wait: Callable[[float], None]
    progress: Callable[[str], None]
    observer: Observer = lambda point: None
    cloud: Callable[[CommitTree, Environment], Cloud] = lambda tree, environment: NoCloud()


@dataclass(frozen=True, slots=True)
class Answer:
    """What differs, and with `apply` what was done about it."""

    commit: str
    environment: Environment
    plan: Plan
    changes: tuple[KeyChange, ...]
    record: Record
    ledger: Head
    judged: Judged
    notes: tuple[str, ...]
    done: Done | None
    bundle: Bundle


def deliver(request: Request, around: Surroundings) -> Answer | Refused:
    """Answer one `reconcile`."""
    commit = provenance.named_commit(around.repository, request.commit)
    if cut := provenance.untouched_history(around.repository):
        return Refused(cut)
    source = Source(around.repository, request.environment)
    state = source.state(commit)
    if isinstance(state, Refused):
        return state
    if request.environment not in state.environments:
        known = ", ".join(sorted(state.environments))
        raise UsageError(
            f"commit {commit[:12]} has no environment `{request.environment}`", f"one of: {known}"
        )
    environment = state.environments[request.environment]
    with connected(environment, around.state) as backends:
        return Delivery(request, around, source, commit, environment, backends).answer()


class Delivery:
    """The run, once the commit is known and its backends can be reached."""

    def __init__(
        self,
        request: Request,
        around: Surroundings,
        source: Source,
        commit: str,
        environment: Environment,
        backends: Backends,
    ) -> None:
        self._request = request
        self._around = around
        self._source = source
        self._commit = commit
        self._environment = environment
        self._backends = backends
        self._bootstrapped: tuple[str, ...] = ()
        self._named: Callable[[str], None] = lambda point: None
        self._gate = Gate(around.repository, source, around.judge, around.progress, commit, environment)

    def answer(self) -> Answer | Refused:
        """Everything from the first look to the receipt."""
        if ledger_head.load(self._around.state, self._environment.environment) is not None:
            self._backends.demand_writer()
        pending = self._backends.pending()
        has_ledger = not any("ledger" in step for step in pending)
        if not self._request.apply:
            return self._judged_look(self._rows() if has_ledger else (), pending, apply=False)
        if not has_ledger:
            refused = self._unproven(()) or self._gate.judged(Record())
            if isinstance(refused, Refused):
                return refused
            self._around.progress("making the ledger and the schemas")
            self._bootstrapped, pending = self._backends.migrate(), ()
        self._reached("ledger ready")
        with lease(self._backends.ledger, self._environment.environment, self._around.wait) as named:
            self._named = named
            self._reached("lease taken")
            return self._judged_look(self._rows(), pending, apply=True)

    def _judged_look(
        self, rows: tuple[Entry, ...], pending: tuple[str, ...], *, apply: bool
    ) -> Answer | Refused:
        name = self._environment.environment
        if refused := self._unproven(rows):
            return refused
        facts = record.read(rows, name)
        judged = self._gate.judged(facts)
        if isinstance(judged, Refused):
            return judged
        if apply and facts.suspended:
            return _refused("GIT108", name, f"reconciling is suspended by {facts.suspended}", _RESUME)
        cloud = self._around.cloud(self._source.tree(self._commit), self._environment)
        seen = observe(self._backends.store, self._backends.redis, name, _digests(rows, name))
        observed = Observed(*seen, pending, cloud.look(), cloud.unlooked)
        answer = self._plan(facts, observed, judged, rows)
        if refused := self._unapproved(answer.plan):
            return refused
        self._reached("world observed")
        return self._carried_out(answer, observed, cloud) if apply else answer

    def _unproven(self, rows: tuple[Entry, ...]) -> Refused | None:
        """Why the ledger's rows are no proof; a ledger that shrank since this machine last looked is none."""
        name = self._environment.environment
        broken = verify(rows, ledger_head.load(self._around.state, name))
        if broken is None:
            return None
        return _refused("GIT107", name, f"the ledger does not prove itself: {broken.reason}", _RESTORED)

    def _unapproved(self, plan: Plan) -> Refused | None:
        """Somebody approved one plan of the cloud: another one is refused before anything is written."""
        asked, name = self._request.plan, self._environment.environment
        if asked is None or asked == plan.cloud_plan:
            return None
        if self._environment.service.compute == "local":
            raise UsageError(f"environment `{name}` has no cloud, so it has no plan", "leave --plan away")
        if plan.unlooked:
            raise UnreachableError(f"the cloud was not looked at: {plan.unlooked}", "no plan was made")
        now = f"now it is {plan.cloud_plan}" if plan.cloud_plan else "there is none before the stack is made"
        message = f"plan {asked[:12]} was approved, {now}"
        return _refused("GIT109", name, message, "look at what differs, and have the new plan approved")

    def _plan(self, facts: Record, observed: Observed, judged: Judged, rows: tuple[Entry, ...]) -> Answer:
        others = [self._changes((commit,)) for commit in facts.running if commit != self._commit]
        plan = make(
            facts,
            observed,
            self._commit,
            self._source.snapshot,
            loosens=any(leads_beyond_flags(each, "loosen") for each in others),
            tightens=any(leads_beyond_flags(each, "tighten") for each in others),
            hold=self._hold(facts),
        )
        head = Head(rows[-1].seq, rows[-1].hash) if rows else Head(0, "")
        bundle = self._source.bundle(self._commit, judged.policy)
        return Answer(
            commit=self._commit,
            environment=self._environment,
            plan=plan,
            changes=self._changes(facts.running[-1:]),
            record=facts,
            ledger=head,
            judged=judged,
            notes=self._notes(),
            done=None,
            bundle=bundle,
        )

    def _changes(self, before: tuple[str, ...]) -> tuple[KeyChange, ...]:
        """Keys of the environment that differ from a commit that may be running, then those of the catalogue."""
        name, now = self._environment.environment, self._source.desired(self._commit).catalogue
        if not before:
            return key_changes(None, self._environment, now)
        state = self._source.desired(before[0])
        catalogue = tuple(of_catalogues(state.catalogue, now)) if state.catalogue != now else ()
        return key_changes(state.environments.get(name), self._environment, now) + catalogue

    def _hold(self, facts: Record) -> Callable[[bool], str]:
        """Why loosening waits: the calendars of the target and of all that may be running must be open together.

        The last receipt's commit would not do: it may be this very commit, held, which then opened its own window.
        """
        states = [self._source.desired(commit) for commit in dict.fromkeys((self._commit, *facts.running))]

        def held(is_riskier: bool) -> str:
            if not is_riskier:
                return ""
            known = self._environment.environment
            closed = [
                (until, state.catalogue.calendar)
                for state in states
                for tier in {self._environment.tier, state.environments.get(known, self._environment).tier}
                if (until := opens_at(state.catalogue.calendar, tier, self._around.now())) is not None
            ]
            latest = max(closed, key=lambda each: each[0], default=None)
            return reason(latest[1], latest[0]) if latest else ""

        return held

    def _carried_out(self, answer: Answer, observed: Observed, cloud: Cloud) -> Answer:
        done, world = None, self._world(cloud)
        if not answer.plan.is_empty:
            release = Release(answer.commit, answer.bundle.digest, _receipt_facts(answer), self._bootstrapped)
            run = Run(
                world,
                release,
                answer.record,
                self._around.now,
                f"{os.getpid()}@{socket.gethostname()}",
                self._around.progress,
                self._reached,
            )
            done = run.carry_out(answer.plan, observed)
        head = world.ledger.head()
        ledger_head.keep(self._around.state, self._environment.environment, head)
        return replace(answer, done=done, ledger=head)

    def _reached(self, point: str) -> None:
        """Whoever waits for the lease reads how far its holder came."""
        self._named(point)
        self._around.observer(point)

    def _rows(self) -> tuple[Entry, ...]:
        return Ledger(self._backends.ledger, self._environment.environment).entries()

    def _world(self, cloud: Cloud) -> World:
        backends = self._backends
        ledger = Ledger(backends.ledger, self._environment.environment)
        return World(ledger, backends.store, backends.redis, backends, cloud, backends.smoke)

    def _notes(self) -> tuple[str, ...]:
        dirty = self._around.repository.dirty_paths()
        if not dirty:
            return ()
        return (
            f"{len(dirty)} path(s) of the working tree differ from HEAD; only commit {self._commit[:12]} is read",
        )


_RESTORED = "look with `interlock ledger verify`; after a restore on purpose, remove the kept head and say so"
_RESUME = "`interlock resume` ends the suspension"


def _refused(rule: str, environment: str, message: str, help: str) -> Refused:
    place = whole_file(environment_file(environment))
    return Refused((Finding(rule, Severity.ERROR, place, message, help),))


def _digests(rows: tuple[Entry, ...], environment: str) -> frozenset[str]:
    ours = (row for row in rows if row.environment == environment and row.kind == record.INTENT)
    return frozenset(str(row.content.get("digest", "")) for row in ours)


def _receipt_facts(answer: Answer) -> dict[str, Any]:
    policy = answer.judged.policy
    return {
        "tree": answer.bundle.tree_id,
        "semantic": answer.bundle.semantic_digest,
        "rules": list(policy.rules),
        "policy": policy.code_digest,
        "findings": policy.findings,
        "waived": policy.waived,
    }
