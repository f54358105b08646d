"""The value of a secret stands in a config file, in a field or in a comment.

What was pushed once stays in every clone; taking it out of the file does not take it back.  Beside the usual forms this
sees passwords inside addresses, age keys, and keys split over several lines or list items.  Digests of images, ids of
commits and names of secrets are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from math import log2

from config.findings import Severity
from policies.inputs import Files, Hit, Spot
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="SEC001",
    slug="secret_in_clear",
    severity=Severity.ERROR,
    scope=Scope.FILES,
    title="secret in clear",
    fix="take it out, rotate it now (it is in the history), and refer to it: `aws-sm:...` or, in dev, `file:...`",
    reads=("texts",),
    source="seed 002 (Never Commit: API keys, passwords in comments), seed 004 #8, paper 02 5",
)
VALID = (
    Sample(says="a reference", texts={"a.yaml": 'reference: "aws-sm:interlock/production/paper-database"\n'}),
    Sample(says="an image digest", texts={"a.yaml": f"image: repo/engine@sha256:{'0a1b2c3d' * 8}\n"}),
    Sample(says="a group on one line", texts={"a.yaml": 'secrets: {database: {reference: "file:a_dev"}}\n'}),
    Sample(says="a commit id", texts={"a.yaml": f"# since {'0a1b2c3d4e' * 4}\n"}),
    Sample(
        says="talk about passwords", texts={"a.yaml": "# the password: see the secret store\nsecret: null\n"}
    ),
    Sample(
        says="the name of a class", texts={"a.yaml": "# StaticAnalysisResultsFormatSarifVersion210Schema\n"}
    ),
    Sample(says="an address", texts={"a.yaml": "url: https://trading.example.com:8443/a@b\n"}),
)
INVALID = (
    Sample(says="URL password", texts={"a.yaml": "# was postgres://app:" + "s3cr3tpw@db.example.com/x\n"}),
    Sample(says="AWS key id", texts={"a.yaml": "key: AKIA" + "IOSFODNN7EXAMPLE\n"}),
    Sample(says="AWS secret", texts={"a.yaml": "# wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCYEXAMPLEKEY\n"}),
    Sample(
        says="age key", texts={"a.yaml": "# AGE-SECRET-KEY-1" + "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L" * 2 + "\n"}
    ),
    Sample(
        says="GitHub token", texts={"a.yaml": 'note: "ghp_' + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8" + '"\n'}
    ),
    Sample(
        says="JWT",
        texts={"a.yaml": "# eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0" + ".dozjgNryP4J3jVmN\n"},
    ),
    Sample(says="private key", texts={"a.yaml": "# -----BEGIN OPENSSH " + "PRIVATE KEY-----\n"}),
    Sample(says="assigned", texts={"a.yaml": "# robinhood password = Hunter2" + "hunter2\n"}),
    Sample(says="split over lines", texts={"a.yaml": "# AKIA" + "IOSF\n# ODNN7EXAMPLE\n"}),
    Sample(
        says="split within its name, beside another secret",
        texts={
            "a.yaml": "# db password = correct-"
            + "horse\n# AGE-SECRET-\n# KEY-1"
            + "QPZRY9X8GF2TVDW0" * 4
            + "\n"
        },
    ),
    Sample(says="split by a plus", texts={"a.yaml": '# "AKIA" + "IOSFODNN' + '7EXAMPLE"\n'}),
    Sample(says="split over items", texts={"a.yaml": 'a:\n  - "AKIA' + 'IOSFODNN"\n  - "7EXAMPLE"\n'}),
)

_MARKED = (
    (
        "AWS key id",
        ("AKIA", "ASIA", "ABIA", "ACCA"),
        r"(?<![A-Z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}(?![A-Z0-9])",
    ),
    ("age key", ("AGE-", "age-"), r"(?i:AGE-(?:SECRET-KEY|PLUGIN-[A-Z0-9]+)-1[A-Z0-9]{40,})"),
    ("GitHub token", ("gh",), r"(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,})"),
    ("GitLab token", ("glpat-",), r"glpat-[A-Za-z0-9_-]{20,}"),
    ("Slack token", ("xox",), r"xox[abeoprs]-[A-Za-z0-9-]{10,}"),
    ("Slack webhook", ("hooks.slack",), r"hooks\.slack\.com/services/T[A-Z0-9]+/B[A-Z0-9]+/[A-Za-z0-9]+"),
    ("Stripe key", ("k_live_",), r"[rs]k_live_[A-Za-z0-9]{16,}"),
    ("Twilio key", ("SK",), r"(?<![A-Za-z0-9])SK[0-9a-f]{32}(?![A-Za-z0-9])"),
    ("Google key", ("AIza",), r"AIza[A-Za-z0-9_-]{35}"),
    ("OpenAI key", ("sk-",), r"(?<![a-z])sk-(?:proj-|ant-)?[A-Za-z0-9_-]{24,}"),
    ("Pulumi token", ("pul-",), r"pul-[0-9a-f]{40}"),
    ("broker key", ("AK", "PK", "CK"), r"(?<![A-Z0-9])(?:AK|PK|CK)(?=[A-Z]*[0-9])[A-Z0-9]{18}(?![A-Z0-9])"),
    ("JSON web token", ("eyJ",), r"eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]*"),
    ("private key", ("PRIVATE",), r"-----BEGIN[A-Z ]* ?PRIVATE KEY"),
    ("password in an address", ("://",), r"://[^\s/:@'\"]*:[^\s/@'\"]+@[^\s'\"]+"),
)
_COMPILED = tuple((name, marks, re.compile(form)) for name, marks, form in _MARKED)
_SPLITTABLE = (
    "AWS key id",
    "age key",
    "GitHub token",
    "GitLab token",
    "Stripe key",
    "Google key",
    "Pulumi token",
)
_ASSIGNED = re.compile(
    r"(?i)(?:passwor[dt]|passwd|pwd|passphrase|secret|token|(?:api|private|signing|access|hmac)[_ -]?key|mfa)"
    r"[a-z_ ]{0,12}\s?([=:])\s?[\"']?"
    r"(?!null|true|false|see |file:|aws-sm:|aws-ssm:|\{[a-z_]+:)([^\s\"'#,]{8,})"
)
_KEYWORDS = (
    *("passwor", "passwd", "pwd", "passphrase", "secret", "token", "mfa"),
    *("api", "private", "signing", "access", "hmac"),
)
_WORDLIKE = re.compile(r"[a-z_-]+")
_LONG = re.compile(r"(?<![A-Za-z0-9+/_=-])[A-Za-z0-9+/_=-]{36,}")
_HARMLESS = re.compile(
    r"(?:[0-9a-f]{32,128}|[a-z0-9]+(?:[/_-][a-z0-9]+)+|[A-Z0-9]+(?:[/_-][A-Z0-9]+)+|[=_/+-]+"
    r"|(?:[A-Z][a-z]+[0-9]{0,4}){3,})"
)
"""Digests and ids in lower-case hexadecimal, paths, names of constants and of classes."""
_EDGES = " \t\"',#"
_BETWEEN = re.compile(r"[\"']\s*[,+]\s*[\"']")
"""What stands between two parts of one text."""
_LEAST_BITS = 4.2


def judge(files: Files) -> Iterator[Hit]:
    for file, text in files.texts.items():
        found = secrets_in(text)
        for start, end, what in found:
            yield _hit(file, text, start, end, what)
        yield from _split(file, text, found)


def secrets_in(text: str) -> tuple[tuple[int, int, str], ...]:
    """Where in the text something stands that looks like a secret: start, end, what it looks like."""
    return tuple(_outermost(sorted({*_marked(text), *_assigned(text), *_random(text)})))


def _marked(text: str) -> Iterator[tuple[int, int, str]]:
    for name, marks, form in _COMPILED:
        if any(mark in text for mark in marks):
            for match in form.finditer(text):
                start = _scheme(text, match.start()) if match[0].startswith("://") else match.start()
                yield start, match.end(), name


def _scheme(text: str, end: int) -> int:
    """Where the scheme of an address begins."""
    start = end
    while start > 0 and (text[start - 1].isalnum() or text[start - 1] in "+.-"):
        start -= 1
    return start


def _assigned(text: str) -> Iterator[tuple[int, int, str]]:
    lower = text.lower()
    for word in _KEYWORDS:
        at = lower.find(word)
        while at >= 0:
            match = _ASSIGNED.match(text, at)
            if match is not None and not (match[1] == ":" and _WORDLIKE.fullmatch(match[2])):
                yield match.start(2), match.end(2), "password or token"
            at = lower.find(word, at + 1)


def _random(text: str) -> Iterator[tuple[int, int, str]]:
    """Long texts of mixed letters and digits that carry more than four bits each."""
    for match in _LONG.finditer(text):
        word = match[0]
        if _HARMLESS.fullmatch(word) or not (any(map(str.isdigit, word)) and any(map(str.isupper, word))):
            continue
        shares = [word.count(letter) / len(word) for letter in set(word)]
        if -sum(share * log2(share) for share in shares) >= _LEAST_BITS:
            yield match.start(), match.end(), "random text, like a key"


def _outermost(found: list[tuple[int, int, str]]) -> Iterator[tuple[int, int, str]]:
    reached = -1
    for start, end, what in found:
        if start >= reached:
            yield start, end, what
            reached = end


def _split(file: str, text: str, found: Sequence[tuple[int, int, str]]) -> Iterator[Hit]:
    """Keys whose parts stand on neighbouring lines, in neighbouring list items or in texts that are added."""
    glued = "".join([line.strip(_EDGES).removeprefix("- ").lstrip(_EDGES) for line in text.split("\n")])
    glued = _BETWEEN.sub("", glued)
    whole = [text[start:end] for start, end, _ in found]
    for name, marks, form in _COMPILED:
        if name in _SPLITTABLE and any(mark in glued for mark in marks):
            for match in form.finditer(glued):
                if not any(one in match[0] or match[0] in one for one in whole):
                    start = max(text.find(match[0][:length]) for length in range(4, len(match[0])))
                    yield _hit(file, text, start, start + 4, f"{name}, split over several places")


def _hit(file: str, text: str, start: int, end: int, what: str) -> Hit:
    line = text.count("\n", 0, start) + 1
    column = start - (text.rfind("\n", 0, start) + 1) + 1
    message = f"this looks like a secret: {what}"
    return Hit((), message, spot=Spot(file, line, column, column + (end - start)))
