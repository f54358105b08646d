"""Waivers: one function decides which findings are covered, and what is wrong with the waivers themselves.

A waiver covers one guarded rule at one key with one exact value, for thirty days at most.  Never a hard rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from config.desired import ENVIRONMENTS, environment_file
from config.findings import Finding, Related, Severity, Span
from config.models.records import person_of
from config.record import record
from policies import approvals
from policies.approvals import Approval
from policies.inputs import Direction
from policies.rule import Rule, Scope

FILE = "config/records/waivers.yaml"
MOST_DAYS = 30
MISUSES = {
    "WAV001": ("waiver expired", "remove it, or decide anew with new dates"),
    "WAV002": ("waiver unused", "remove it; what it covered is no longer there"),
    "WAV003": ("waiver too broad", "name one key of one file, `config/environments/x.yaml` and `limits.y`"),
    "WAV004": ("waiver twice", "keep one waiver per rule and key"),
    "WAV005": ("waiver approved by its owner", "have somebody else approve it"),
    "WAV006": ("waiver too long", f"at most {MOST_DAYS} days; decide again then"),
    "WAV007": ("waiver of an unknown rule", "correct the id; `interlock explain ID` knows them all"),
    "WAV008": ("waiver of a hard rule", "remove it; nothing overrides a rule of severity error"),
    "WAV009": (
        "waiver with impossible days",
        "write days that exist, created not after today and not after expires",
    ),
    "WAV010": ("waiver of another value", "state the exact value the file holds, or remove the waiver"),
    "WAV012": ("waiver of no key", "write file and key as the finding names them, or remove the waiver"),
}
"""What can be wrong with a waiver: title and way out."""


@record
class Waiver:
    """One entry of waivers.yaml; `places` says where each of its words stands."""

    rule: str
    file: str
    path: str
    value: str
    reason: str
    ticket: str
    owner: str
    approver: str
    created: str
    expires: str
    places: Mapping[str, Span]

    @property
    def span(self) -> Span:
        """Where it begins."""
        return self.places["rule"]

    @property
    def key(self) -> tuple[str, str, str]:
        """What it covers: rule, file and key."""
        return self.rule, self.file, self.path


ValueOf = Callable[[str, str], str | None]
"""The value of a key as its file shows it, by file and dotted path; None when there is no such key."""


@record
class Waivers:
    """The waivers of the judged tree and of the base, and what is needed to decide about them."""

    here: tuple[Waiver, ...] = ()
    before: tuple[Waiver, ...] = ()
    has_base: bool = False
    approvals: tuple[Approval, ...] = ()

    def within(self, file: str) -> Waivers:
        """These waivers without those that speak of another environment."""
        others = tuple(one for one in self.here if one.file == file or not one.file.startswith(ENVIRONMENTS))
        return replace(self, here=others)

    def known_to_base(self, waiver: Waiver) -> bool:
        """Whether base has the very same waiver, so that only time has passed."""
        return any(replace(old, places=waiver.places) == waiver for old in self.before)


def apply(
    findings: Sequence[Finding],
    waivers: Waivers,
    rules: Sequence[Rule],
    today: date,
    direction: Direction,
    value_of: ValueOf,
) -> list[Finding]:
    """The findings with the covered ones marked, and a finding per misuse.

    A lapse that base has as well refuses loosening only: it never blocks a tightening change.
    """
    findings = [*findings, *_of_approvals(waivers, today, value_of)]
    if not waivers.here:
        return findings
    known = {rule.META.id: rule for rule in rules}
    lapsed = {waiver.key for waiver in waivers.here if _has_lapsed(waiver, today)}
    eased = {
        waiver.key
        for waiver in waivers.here
        if waiver.key in lapsed
        and waivers.has_base
        and waivers.known_to_base(waiver)
        and direction != "loosen"
    }
    sound = {waiver.key: waiver for waiver in waivers.here if not [*_broken(waiver, waivers, known, today)]}
    covered = [_covered(finding, sound, lapsed, eased, value_of) for finding in findings]
    used = {(one.rule, one.span.file, one.path) for one in findings}
    misuses = (
        misuse
        for waiver in waivers.here
        for misuse in _misuses(waiver, waivers, known, today, used, eased, value_of)
    )
    return [*covered, *misuses]


def _of_approvals(waivers: Waivers, today: date, value_of: ValueOf) -> Iterator[Finding]:
    """What is wrong with approvals at sight; one that lapsed allows nothing any more, and holds nobody up here."""
    named = {one.environment for one in waivers.approvals}
    known = [name for name in named if value_of(environment_file(name), "environment") is not None]
    for one in approvals.misuses(waivers.approvals, known, today):
        yield replace(one, severity=Severity.WARNING) if one.rule == "WAV021" else one


def _covered(
    finding: Finding,
    sound: dict[tuple[str, str, str], Waiver],
    lapsed: set[tuple[str, str, str]],
    eased: set[tuple[str, str, str]],
    value_of: ValueOf,
) -> Finding:
    key = (finding.rule, finding.span.file, finding.path)
    waiver = sound.get(key)
    if finding.severity is not Severity.GUARDED or waiver is None or not _same_value(waiver, value_of):
        return finding
    label = f"waiver of {waiver.owner}, {'expired' if key in lapsed else 'until'} {waiver.expires}"
    told = replace(finding, related=(*finding.related, Related(waiver.span, label)))
    if key not in lapsed:
        return replace(told, waived=True)
    return replace(told, severity=Severity.WARNING) if key in eased else told


def _same_value(waiver: Waiver, value_of: ValueOf) -> bool:
    return value_of(waiver.file, waiver.path) == waiver.value


def _has_lapsed(waiver: Waiver, today: date) -> bool:
    expires = _day(waiver.expires)
    return expires is not None and expires < today


def _broken(
    waiver: Waiver, waivers: Waivers, known: dict[str, Rule], today: date
) -> Iterator[tuple[str, str]]:
    """Misuses that make a waiver cover nothing, each with the word of the waiver that shows it."""
    rule = known.get(waiver.rule)
    created, expires = _day(waiver.created), _day(waiver.expires)
    if rule is None:
        yield "WAV007", "rule"
    elif rule.META.severity is not Severity.GUARDED:
        yield "WAV008", "rule"
    for word in ("file", "path"):
        if not _is_exact(word, getattr(waiver, word)):
            yield "WAV003", word
    if any(other.key == waiver.key for other in waivers.here if other is not waiver):
        yield "WAV004", "path"
    if person_of(waiver.owner) == person_of(waiver.approver):
        yield "WAV005", "approver"
    if created is None or created > today:
        yield "WAV009", "created"
    if expires is None or (created is not None and expires < created):
        yield "WAV009", "expires"
    elif created is not None and (expires - created).days > MOST_DAYS:
        yield "WAV006", "expires"


def _is_exact(word: str, text: str) -> bool:
    if set("*?[]") & set(text):
        return False
    return bool(text) if word == "path" else text.startswith("config/") and text.endswith(".yaml")


def _misuses(
    waiver: Waiver,
    waivers: Waivers,
    known: dict[str, Rule],
    today: date,
    used: set[tuple[str, str, str]],
    eased: set[tuple[str, str, str]],
    value_of: ValueOf,
) -> Iterator[Finding]:
    broken = list(_broken(waiver, waivers, known, today))
    yield from (_misuse(waiver, waivers, *one) for one in broken)
    if broken:
        return
    if _has_lapsed(waiver, today):
        severity = Severity.WARNING if waiver.key in eased else Severity.ERROR
        yield _misuse(waiver, waivers, "WAV001", "expires", f" on {waiver.expires}", severity)
        return
    value = value_of(waiver.file, waiver.path)
    is_of_change = known[waiver.rule].META.scope is Scope.CHANGE
    is_past = is_of_change and (not waivers.has_base or waivers.known_to_base(waiver))
    if value is None:
        if not is_past:  # an environment that went with its waiver is no longer there to be named
            more = f": `{waiver.file}` has no key `{waiver.path}`"
            yield _misuse(waiver, waivers, "WAV012", "path", more)
    elif value != waiver.value:
        more = f": the file holds {value}, the waiver names {waiver.value}"
        yield _misuse(waiver, waivers, "WAV010", "value", more)
    elif waiver.key not in used and not is_past:
        yield _misuse(waiver, waivers, "WAV002", "rule")


def _misuse(
    waiver: Waiver,
    waivers: Waivers,
    misuse: str,
    word: str,
    more: str = "",
    severity: Severity = Severity.ERROR,
) -> Finding:
    title, way_out = MISUSES[misuse]
    message = f"{title}: {waiver.rule} at `{waiver.path}`{more}"
    others: tuple[Related, ...] = ()
    if misuse == "WAV004":
        twins = (one for one in waivers.here if one.key == waiver.key and one is not waiver)
        others = tuple(Related(one.places[word], "the other waiver") for one in twins)
    return Finding(misuse, severity, waiver.places[word], message, way_out, waiver.path, others)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
