"""Reads mutated files under hard limits, one line of output each: number, verdict, seconds.

Run as `fuzz_worker.py FIRST COUNT`; a case is known by its number alone, so that a failure can be repeated.
"""

from __future__ import annotations

import random
import resource
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from config.digest import plain
from config.document import Document
from config.findings import Refused
from config.models.catalogue import Catalogue
from config.models.environment import Environment
from config.reading import read_document
from config.reading.names import CATALOGUE
from config.reading.problem import REASONS
from config.tree import FILE, Blob, blob_id

ROOT = Path(__file__).resolve().parents[3]
MEGABYTES = 100
SECONDS = 1
Mutator = Callable[[random.Random, str], str]

WORDS = """
1e3 014 0x1F 0o14 1_000 1:30 +1 -0 -0.0 .5 5. .inf .nan NaN null ~ yes No ON off y N true TRUE 1.0 0.90 -1 00.5
1.0e3 123456789012345678901234567890 0.00000000000000000000000001 2026-11-20 2026-11-20T00:00:00Z = << !!str
!!python/object:os.system &a *a [] {} [[]] [a] {a:b} {a} [a,] "" '' "a\\nb" "\\u0041" > |- >+ | @a `a %a !a ? - : #
, [ ] { } " ' é e\u0301 \u0430bc \ufb01 \u2713 \U0001d7d9
"""
VALUES = ("", "[a: b]", "{a: b}", *WORDS.split())
LINES = (
    "---",
    "...",
    "%YAML 1.2",
    "%TAG ! tag:x,2000:",
    "<<: *a",
    "? a",
    ": b",
    "- a",
    "&a a: 1",
    '"a": 1',
    "a: 1",
    "a:",
    "  a: 1",
    "    - 1",
    "# c",
    "",
    "\ta: 1",
    "a: |",
    "a: >",
    "a: 'it''s'",
    'a: "x\\"y"',
    "schema: 2",
)
SIGNS = (
    "\t\r\x00\x07\x7f\x85\xa0\xad\u200b\u200d\u2028\u2029\u202e\u2066\ufeff\ufffe\u3164\ue000\U000e0041é аıſ"
)
HUGE = (
    "[",
    "{",
    "[{",
    "- ",
    "? ",
    "a: ",
    "&a ",
    "!a ",
    "*a ",
    "'",
    '"',
    "x",
    "\n",
    "#",
    "a: 1\n",
    "[a, ",
    "{a: ",
    ",",
)


def _at(chance: random.Random, text: str) -> int:
    return chance.randrange(len(text) + 1)


def _insert(chance: random.Random, text: str, what: str) -> str:
    at = _at(chance, text)
    return text[:at] + what + text[at:]


def replace_value(chance: random.Random, text: str) -> str:
    lines = text.split("\n")
    at = chance.randrange(len(lines))
    key, colon, _ = lines[at].partition(": ")
    lines[at] = key + (colon or ": ") + chance.choice(VALUES)
    return "\n".join(lines)


def move_lines(chance: random.Random, text: str) -> str:
    lines = text.split("\n")
    first, second = chance.randrange(len(lines)), chance.randrange(len(lines))
    act = chance.randrange(5)
    if act == 0:
        lines[first], lines[second] = lines[second], lines[first]
    elif act == 1:
        lines.insert(first, lines[second])
    elif act == 2:
        del lines[min(first, second) : min(first, second) + chance.randrange(1, 4)]
    elif act == 3:
        lines[first] = chance.choice(("  ", " ", "   ", "    ")) + lines[first]
    else:
        lines[first] = lines[first][chance.randrange(3) :]
    return "\n".join(lines)


def nudge(chance: random.Random, text: str) -> str:
    """Another digit, or another word of the file: often still a good document."""
    digits = [at for at, sign in enumerate(text) if sign.isdigit()]
    if not digits or chance.randrange(3) == 0:
        words = sorted(set(text.split()))
        return text.replace(chance.choice(words), chance.choice(words), 1) if words else text
    at = chance.choice(digits)
    return text[:at] + chance.choice("0123456789") + text[at + 1 :]


MUTATORS: tuple[Mutator, ...] = (
    replace_value,
    replace_value,
    nudge,
    nudge,
    nudge,
    move_lines,
    move_lines,
    lambda chance, text: _insert(chance, text, chance.choice(SIGNS)),
    lambda chance, text: _insert(chance, text, chance.choice(VALUES)),
    lambda chance, text: _insert(chance, text, "\n" + chance.choice(LINES) + "\n"),
    lambda chance, text: _insert(chance, text, chr(chance.randrange(32, 127))),
    lambda chance, text: text[: _at(chance, text)],
    lambda chance, text: text[_at(chance, text) :],
    lambda chance, text: text[: _at(chance, text)] + text[_at(chance, text) :],
    lambda chance, text: text.replace(
        chance.choice((": ", "  ", "\n", '"', "true", ".0")), chance.choice(VALUES), 1
    ),
)


def huge(chance: random.Random, text: str) -> str:
    """A file near the size limit, made of one hostile piece."""
    piece = chance.choice(HUGE)
    if chance.randrange(2):
        piece += chance.choice(HUGE)
    size = chance.choice((1_000, 60_000, 250_000, 262_144, 300_000))
    filler = (piece * (size // len(piece) + 1))[:size]
    return chance.choice((filler, "a: " + filler, text[:200] + filler, "# " + filler))


def bases() -> list[tuple[str, str, type]]:
    """The files of this repository with their types."""
    hints = {name: Catalogue.__annotations__[name] for name in CATALOGUE}
    import config.models.catalogue as catalogue

    found: list[tuple[str, str, type]] = []
    for name, hint in hints.items():
        file = f"config/{name}.yaml"
        found.append(
            (file, (ROOT / file).read_text(), getattr(catalogue, hint) if isinstance(hint, str) else hint)
        )
    for path in sorted((ROOT / "config" / "environments").glob("*.yaml")):
        found.extend([(f"config/environments/{path.name}", path.read_text(), Environment)] * 3)
    return found


def mutate(number: int, base: str) -> bytes:
    """The bytes of one case."""
    chance = random.Random(number)  # noqa: S311 - a case is repeatable
    text = base
    if chance.randrange(40) == 0:
        text = huge(chance, text)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 8))):
        text = chance.choice(MUTATORS)(chance, text) if len(text) < 300_000 else text
    data = bytearray(text.encode("utf-8", "surrogatepass"))
    if chance.randrange(20) == 0 and data:
        data[chance.randrange(len(data))] = chance.randrange(256)
    return bytes(data)


def verdict_on(file: str, data: bytes, cls: type) -> str:
    """`typed`, `refused`, or what is wrong with the answer."""
    answer: object = read_document(file, Blob(data, FILE, blob_id(data)), cls)
    if isinstance(answer, Document):
        plain(answer.value)
        return "typed" if type(answer.value) is cls else f"typed as {type(answer.value)}"
    assert isinstance(answer, Refused)
    lines = data.decode("utf-8", "replace").split("\n")
    for found in answer.findings:
        if found.rule not in REASONS or found.rule == "YAML000":
            return f"rule {found.rule}: {found.message}"
        if not found.message or not found.help or "\n" in found.message or not found.message.isprintable():
            return f"bad message {found.message!r}"
        if not (1 <= found.span.line <= found.span.end_line <= len(lines) + 1 and found.span.column >= 1):
            return f"bad place {found.span}"
    return "refused"


def limit() -> None:
    """From here on, at most `MEGABYTES` more memory and `SECONDS` of the clock; the processor's bound is coarser."""
    pages = int(Path("/proc/self/statm").read_text().split()[0]) if sys.platform == "linux" else 0
    if pages:
        most = pages * resource.getpagesize() + MEGABYTES * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_AS, (most, resource.RLIM_INFINITY))
    used = int(time.process_time()) + 2 + SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (used, resource.RLIM_INFINITY))
    signal.setitimer(signal.ITIMER_REAL, SECONDS)


def main(first: int, count: int) -> None:
    """Judge `count` cases from number `first`."""
    files = bases()
    for number in range(first, first + count):
        file, base, cls = files[number % len(files)]
        data = mutate(number, base)
        limit()
        start = time.perf_counter()
        verdict = verdict_on(file, data, cls)
        signal.setitimer(signal.ITIMER_REAL, 0)
        sys.stdout.write(f"{number}\t{verdict}\t{time.perf_counter() - start:.6f}\n")
        sys.stdout.flush()


def overdo(what: str) -> None:
    """Break a limit on purpose; returns only when the limit does not bite."""
    limit()
    if what == "memory":
        bytearray(2 * MEGABYTES * 1024 * 1024)
    while what == "time":
        pass


if __name__ == "__main__":
    if sys.argv[1] == "overdo":
        overdo(sys.argv[2])
    else:
        main(int(sys.argv[1]), int(sys.argv[2]))
