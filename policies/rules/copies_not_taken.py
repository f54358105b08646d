"""Copies would not be taken every day, not of every store, or a failed one would be told to nobody.

A backup that does not run is found on the day it is needed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from config.findings import Severity
from policies.inputs import Hit, Resources
from policies.planned import (
    DATABASE,
    EVENTS,
    FILES,
    LOCK,
    MACHINE,
    PLAN,
    SELECTION,
    TARGET,
    at_least,
    document,
    given,
    items,
    name,
    needs,
    of,
    plan,
    says,
    urn_path,
    value,
)
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="INF128",
    slug="copies_not_taken",
    severity=Severity.ERROR,
    scope=Scope.RESOURCES,
    title="copies that are not taken",
    fix="copy every store each day, and tell a failed copy to the critical topic",
    reads=(
        "resources.aws:backup/plan:Plan.rules",
        "resources.aws:backup/selection:Selection.selectionTags",
        "resources.aws:backup/vaultLockConfiguration:VaultLockConfiguration.changeableForDays",
        "resources.aws:cloudwatch/eventRule:EventRule.eventPattern",
        "resources.aws:cloudwatch/eventTarget:EventTarget.arn",
        "resources.aws:rds/instance:Instance.tags",
    ),
    source="issue 5 (backups: plan, selection, failed-job alert), paper 05 6 Backup",
    tiers=("staging", "production"),
)
WHOLE_GRAPH = True
DAILY = {"rules": [{"schedule": "cron(0 22 * * ? *)"}]}
CHOICE = {
    "planId": "p",
    "iamRoleArn": "r",
    "selectionTags": [{"type": "STRINGEQUALS", "key": "backup", "value": "daily"}],
}
BAD_STATES = ("ABORTED", "EXPIRED", "FAILED")
FAILED = {"eventPattern": json.dumps({"source": ["aws.backup"], "detail": {"state": BAD_STATES}})}
TAKEN = (
    plan(DATABASE, {"tags": {"backup": "daily"}}),
    plan(SELECTION, CHOICE),
    plan(EVENTS, FAILED),
    plan(TARGET, {"arn": "t"}),
)
VALID = (
    Sample(says="each day", resources=(*TAKEN, plan(PLAN, DAILY), plan(LOCK, {"changeableForDays": 3}))),
)
INVALID = (
    Sample(says="each month", resources=(plan(PLAN, {"rules": [{"schedule": "cron(0 22 1 * ? *)"}]}),)),
    Sample(says="not this one", resources=(plan(DATABASE, {"tags": {}}), *TAKEN[1:])),
    Sample(says="nobody hears of it", resources=(*TAKEN[:2], plan(TARGET, {"arn": "t"}))),
    Sample(says="a lock that opens", resources=(plan(LOCK, {}),)),
)


EVERY_DAY = re.compile(
    r"cron\([0-9]+ [0-9,*/]+ \* \* \? \*\)|rate\(([1-9]|1[0-9]|2[0-4]) hours?\)|rate\(1 day\)"
)


def judge(graph: Resources) -> Iterator[Hit]:
    for one in of(graph, PLAN):
        for rule in items(value(one, "rules")):
            when = rule.get("schedule") if isinstance(rule, Mapping) else rule
            if not EVERY_DAY.fullmatch(str(when)):
                yield Hit(urn_path(one, "rules"), f"{name(one)}: copies are taken each day, not {says(when)}")
    for one in of(graph, LOCK):
        stays = "without these days whoever may unlock it may delete the copies"
        yield from needs(one, ("changeableForDays",), at_least(3), stays)
    stores = list(of(graph, DATABASE, FILES, MACHINE))
    if stores:
        yield from _not_chosen(graph)
        yield from _not_told(graph)


def _not_chosen(graph: Resources) -> Iterator[Hit]:
    chosen = [
        (pair.get("key"), pair.get("value"))
        for one in of(graph, SELECTION)
        for pair in items(value(one, "selectionTags"))
        if isinstance(pair, Mapping) and pair.get("type") == "STRINGEQUALS"
    ]
    for one in of(graph, SELECTION):
        for key in ("planId", "iamRoleArn"):
            yield from needs(one, (key,), given, "nothing would be copied")
    for one in of(graph, DATABASE, FILES, MACHINE):
        tags = value(one, "tags")
        if not any(isinstance(tags, Mapping) and tags.get(key) == wanted for key, wanted in chosen):
            yield Hit(urn_path(one, "tags"), f"{name(one)}: no selection of the backup plan takes it")


def _not_told(graph: Resources) -> Iterator[Hit]:
    heard = [document(one, "eventPattern") for one in of(graph, EVENTS)]
    failed = [
        one for one in heard
        if isinstance(one, Mapping) and one.get("source") == ["aws.backup"]
        and set(BAD_STATES) <= set(items((one.get("detail") or {}).get("state")))
    ]  # fmt: skip
    if not failed:
        place = ("infrastructure", "backups", "retention_days")
        yield Hit(place, "no event rule hears of failed copies")
    for one in of(graph, TARGET):
        yield from needs(one, ("arn",), given, "a failed copy would be told to nobody")
