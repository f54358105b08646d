"""`check`: read both sides, judge them, and say everything that was found, with its place.

The only composition of reader and rules; asks Git through `ci/git.py` and writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ci.errors import InternalError
from ci.git import Repository
from ci.judging.code import code_digest
from ci.judging.deadline import ImpureRuleError, RuleTooSlowError, TimedWatch
from ci.judging.part_store import PartStore
from ci.judging.sides import Sides, sides
from ci.judging.wide import KeepParts, Parts
from config.desired import DesiredState
from config.findings import Finding, Refused, Severity, sort_findings, whole_file
from config.reading import load
from config.record import record
from config.tree import Tree
from policies.registry import RULES
from policies.rule import Rule
from policies.runner import judge
from policies.verdict import Verdict
from policies.waiver_file import WaiverFile, read_waivers
from policies.waivers import Waivers
from policies.watch import RuleError

if TYPE_CHECKING:
    from config.bundle import PolicyRecord


TOOL_ROOT = Path(__file__).resolve().parents[2]


@record
class Checked:
    """What a check found; `verdict` is None when nothing could be judged, `findings` then says why."""

    findings: tuple[Finding, ...]
    verdict: Verdict | None = None
    desired: DesiredState | None = None
    sources: Mapping[str, str] = field(default_factory=dict)
    head: str = ""
    base: str = ""
    notes: tuple[str, ...] = ()
    form_only: tuple[str, ...] = ()
    judged_by: str = "this tool"

    @property
    def is_refused(self) -> bool:
        """Whether anything refuses."""
        return any(finding.refuses for finding in self.findings)

    def policy_record(self, tool_root: Path) -> PolicyRecord:
        """What a bundle carries of this check: rules proven, the digest of the code that judged, the numbers."""
        from config.bundle import PolicyRecord

        counts = self.verdict.counts.with_findings(self.findings) if self.verdict else None
        return PolicyRecord(
            rules=self.verdict.proven if self.verdict else (),
            code_digest=code_digest(tool_root),
            findings=counts.violations + counts.warnings if counts else len(self.findings),
            waived=counts.waived if counts else 0,
        )

    @property
    def summary(self) -> str:
        """The line a run ends with."""
        if self.verdict is None:
            count = len(self.findings)
            return f"refused before any rule ran: {count} {'reason' if count == 1 else 'reasons'}"
        return self.verdict.counts.with_findings(self.findings).sentence()


def check(
    repository: Repository,
    source: str,
    base: str | None,
    as_of: datetime,
    environment: str | None = None,
    *,
    rules: Sequence[Rule] = RULES,
    keep: KeepParts = PartStore,
) -> Checked:
    """Judge what `source` holds (`--staged`, `--worktree` or a ref), as a change of `base` if there is one.

    keep: opens what earlier runs found of a very large tree; a commit merged into its base is judged without.
    """
    both = sides(repository, source, base)
    if isinstance(both, Refused):
        return Checked(both.findings)
    if both.is_change and both.base is not None:
        from ci.judging.base_decides import judges_otherwise

        if judges_otherwise(both.base, TOOL_ROOT):
            return _by_base(both, both.base, as_of, environment)
    parts = Parts(rules, PartStore if both.is_change else keep)
    head, words = parts.load(both.head), list[Finding]()
    before = None if isinstance(head, Refused) and not both.is_change else _before(both, parts)
    if isinstance(before, Refused):
        return _unread(both, before.findings, both.base or both.head)
    if isinstance(head, Refused) and both.base is not None and both.is_change:
        head, words = _with_words(both, both.base, before, head)
    if isinstance(head, Refused):
        return _unread(both, head.findings, both.head)
    if environment is not None and environment not in head.environments:
        return _unread(both, (_unknown_environment(environment, head),), both.head)
    waivers = _waivers(both, before is not None)
    if isinstance(waivers, Refused):
        return _unread(both, waivers.findings, both.head)
    here, base_too, told = waivers
    if before is None and both.base is not None:  # base holds no configuration: every environment is added
        before = replace(head, environments={}, documents={}, releases=())
    judged = _judged(
        both,
        with_waivers(head, here),
        before and with_waivers(before, base_too),
        as_of,
        environment,
        rules,
        told,
    )
    parts.save()
    return replace(judged, findings=sort_findings([*judged.findings, *words])) if words else judged


def _with_words(
    both: Sides, base: Tree, before: DesiredState | None, refused: Refused
) -> tuple[DesiredState | Refused, list[Finding]]:
    """A change of the language itself, where the code that runs here is base's: its words are set aside and told."""
    from ci.judging.base_decides import brings_words, holds_code
    from config.reading.tolerant import load_change
    from config.vocabulary import told

    if not holds_code(base) or not brings_words(both.changed):
        return refused, []
    found = load_change(both.head, before, brings_words=True)
    return (refused, []) if isinstance(found, Refused) else (found.desired, list(told(found.words)))


def _by_base(both: Sides, base: Tree, as_of: datetime, environment: str | None) -> Checked:
    """The change as base's code judges it; the code that runs here only shows the answer.

    Where the code that runs here is the change's own, it reads the change too, and can only add refusals.
    """
    from ci.judging.base_decides import Decided, decide, is_code_of

    answer = decide(base, both.head, both.changed, as_of, environment)
    own = _by_own_language(both, answer) if is_code_of(both.head, TOOL_ROOT) else None
    judge_of = f"code of base {both.base_commit[:12]}"
    if not isinstance(answer, Decided):
        return replace(_unread(both, answer, both.head), judged_by=judge_of)
    if own is None:
        from config.vocabulary import told

        own = told(answer.words)
    findings = sort_findings([*answer.verdict.findings, *own])
    places = {finding.span.file for finding in findings}
    return Checked(
        findings=findings,
        verdict=answer.verdict,
        sources={**dict(_raw_texts(base, places)), **dict(_raw_texts(both.head, places))},
        head=both.head_commit,
        base=both.base_commit,
        judged_by=judge_of,
    )


def _by_own_language(both: Sides, answer: object) -> tuple[Finding, ...]:
    """What the change's own language says of its data: strictly, new words at their safe values."""
    from ci.judging.base_decides import Decided
    from config.vocabulary import judge_words

    head = load(both.head)
    if isinstance(head, Refused):
        return head.findings
    return judge_words(answer.words, head) if isinstance(answer, Decided) else ()


def _waivers(both: Sides, has_base: bool) -> tuple[WaiverFile, WaiverFile, Waivers] | Refused:
    here = read_waivers(both.head)
    if isinstance(here, Refused):
        return here
    found = read_waivers(both.base) if both.base is not None and has_base else WaiverFile()
    before = WaiverFile() if isinstance(found, Refused) else found
    return here, before, Waivers(here.waivers, before.waivers, has_base, here.approvals)


def with_waivers(desired: DesiredState, file: WaiverFile) -> DesiredState:
    """The desired state with the text of its waivers among its documents."""
    if file.document is None:
        return desired
    return replace(desired, documents={**desired.documents, file.document.file: file.document})


def _before(both: Sides, parts: Parts) -> DesiredState | Refused | None:
    """The base as read; a base without any desired state makes everything new."""
    if both.base is None or not both.base.entries("config/environments"):
        return None
    before = parts.load(both.base)
    if isinstance(before, Refused):
        told = tuple(_of_base(finding) for finding in before.findings)
        return Refused(told)
    return before


def _of_base(finding: Finding) -> Finding:
    return Finding(
        finding.rule,
        finding.severity,
        finding.span,
        f"in base: {finding.message}",
        "the change cannot be judged against a base that this tool refuses; correct the base first",
        finding.path,
    )


def _judged(
    both: Sides,
    head: DesiredState,
    before: DesiredState | None,
    as_of: datetime,
    environment: str | None,
    rules: Sequence[Rule],
    waivers: Waivers,
) -> Checked:
    dishonest: list[Finding] = []
    forms: list[str] = []
    if before is not None:
        from ci.judging.honest import compare_trees

        dishonest, forms = compare_trees(before, head, both)
    zone = _zone((before or head).catalogue.calendar.zone) if before is not None else UTC
    told: dict[str, Any] = {"zone": zone, "environment": environment, "rules": rules, "waivers": waivers}
    verdict = _verdict(head, before, as_of, told | {"changed": both.changed or _changed(before, head)})
    if isinstance(verdict, Finding):
        return Checked((*dishonest, verdict), None, head, _texts(head, before, dishonest), both.head.label)
    findings = sort_findings([*verdict.findings, *dishonest])
    return Checked(
        findings=findings,
        verdict=verdict,
        desired=head,
        sources=_texts(head, before, findings),
        head=both.head_commit or both.head.label,
        base=both.base_commit,
        notes=_notes(both),
        form_only=tuple(forms),
    )


def _verdict(
    head: DesiredState, before: DesiredState | None, as_of: datetime, told: dict[str, Any]
) -> Verdict | Finding:
    watch = TimedWatch()
    try:
        with watch.running_out():
            return judge(head, before, as_of, watch=watch, **told)
    except (RuleError, ImpureRuleError) as error:
        raise InternalError(str(error), "a crash is no verdict: correct the rule and check again") from error
    except RuleTooSlowError as error:
        return Finding(
            "PRF008", Severity.ERROR, whole_file("policies/registry.py"), str(error), "make it faster"
        )


def _changed(before: DesiredState | None, head: DesiredState) -> tuple[str, ...]:
    if before is None:
        return ()
    files = sorted({*before.documents, *head.documents})
    return tuple(file for file in files if _blob_id(before, file) != _blob_id(head, file))


def _blob_id(desired: DesiredState, file: str) -> str:
    return desired.documents[file].blob_id if file in desired.documents else ""


def _zone(name: str) -> tzinfo:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC  # CAL006 refuses the name


def _unread(both: Sides, findings: Sequence[Finding], tree: Tree) -> Checked:
    files = dict.fromkeys(finding.span.file for finding in findings)
    return Checked(
        findings=sort_findings(list(findings)),
        sources=dict(_raw_texts(tree, files)),
        head=both.head_commit or both.head.label,
        base=both.base_commit,
        notes=_notes(both),
    )


def _raw_texts(tree: Tree, files: Iterable[str]) -> Iterator[tuple[str, str]]:
    listed = {entry.path for entry in tree.entries("config")}
    for file in files:
        blob = tree.read(file) if file in listed else None
        if blob is not None:
            yield file, blob.data.decode("utf-8", errors="replace")


def _texts(head: DesiredState, before: DesiredState | None, findings: Iterable[Finding]) -> dict[str, str]:
    """The files that findings point into, as they would be; as they were, where they are gone."""
    both = {**(before.documents if before else {}), **head.documents}
    files = {span.file for one in findings for span in (one.span, *(also.span for also in one.related))}
    return {file: both[file].text for file in sorted(files & both.keys())}


def _notes(both: Sides) -> tuple[str, ...]:
    return tuple(f"{path} differs from the last commit" for path in both.notes)


def _unknown_environment(name: str, head: DesiredState) -> Finding:
    known = ", ".join(f"`{one}`" for one in head.environments) or "none"
    message = f"environment `{name}` is not in this tree, so nothing was judged"
    place = whole_file(f"config/environments/{name}.yaml")
    return Finding("PRF002", Severity.ERROR, place, message, f"environments here: {known}")
