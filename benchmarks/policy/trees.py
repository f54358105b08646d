"""Grows the trees every tool judges: environments of 59 lines that are valid for Interlock, with known faults planted.

Each file is one of this repository's environments with every mandatory key, its groups folded into flow
mappings so that it has 59 lines; names, accounts, addresses, schemas and networks are made unique, because Interlock
judges the fleet too. The same number gives the same bytes. By hand: `python -m benchmarks.policy.trees FOLDER 100`.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TIERS = ("dev", "staging", "production")
LINES = 59
FAULTS_PER_HUNDRED = 11
SEED = 20_260_102
_OPEN = ("", "flags", "limits", "infrastructure")

Route = tuple[str, ...]
Values = dict[Route, str]


@dataclass(frozen=True, slots=True)
class Rule:
    """One of the three rules: which tiers it judges, which value breaks it, and what it is called here."""

    name: str
    tiers: tuple[str, ...]
    path: Route
    broken: str


RULES = (
    Rule("live trading off in dev", ("dev",), ("flags", "live_trading_enabled", "enabled"), "true"),
    Rule("position within 5 %", TIERS, ("limits", "max_position_percent"), "7.5"),
    Rule("alerts on above dev", ("staging", "production"), ("alerting", "enabled"), "false"),
)


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """A planted fault: its file below the root, and the place of the value (1-based, last column included)."""

    file: str
    line: int
    column: int
    last: int
    path: str
    rule: str


@dataclass(frozen=True, slots=True)
class Tree:
    """What was grown: the files in order, their size, and the faults in them."""

    files: tuple[str, ...]
    lines: int
    keys: int
    size: int
    faults: tuple[Fault, ...]


def template(tier: str) -> Values:
    """This repository's environment of that tier: value text by route, without comments."""
    values: Values = {}
    route: list[str] = []
    for line in (ROOT / f"config/environments/{tier}.yaml").read_text().splitlines():
        bare = line.split("  #")[0].rstrip()
        if not bare or bare.startswith("#"):
            continue
        key, _, value = bare.strip().partition(":")
        del route[(len(bare) - len(bare.lstrip())) // 2 :]
        route.append(key)
        if value:
            values[tuple(route)] = value.strip()
    return values


def renamed(values: Values, tier: str, number: int) -> Values:
    """The same environment under a name of its own, sharing nothing with another; number 0 stays as it is."""
    if number == 0:
        return dict(values)
    name, index = f"{tier}-{number}", TIERS.index(tier) * 1_000 + number
    account, cloud = f"ACCT-{tier[:3].upper()}-{number + 1}", f"{400_000_000_000 + index}"
    block, third = f"10.{64 + index // 16}", index % 16 * 16
    zones = values["infrastructure", "network", "availability_zones"].count(",") + 1
    live, certificate = ("database", "live_schema"), ("infrastructure", "host", "certificate")
    own: Values = {
        ("environment",): name,
        ("url",): f'"https://{name}.trading.example"',
        ("flags", "paper_trading_enabled", "accounts"): f"[{account}]",
        ("account", "id"): account,
        ("database", "name"): f"{values['database', 'name']}_{number}",
        ("database", "paper_schema"): f"{values['database', 'paper_schema']}_{number}",
        live: values[live] if values[live] == "null" else f"{values[live]}_{number}",
        ("infrastructure", "account_id"): f'"{cloud}"',
        ("infrastructure", "network", "cidr"): f'"{block}.{third}.0/20"',
        certificate: values[certificate].replace("333333333333", cloud),
    }
    if tier == "dev":
        own["redis", "port"] = str(20_000 + number)
    else:
        own["redis", "host"] = f"{name}-cache.traider.com"
    for kind, first in (("public_subnets", 0), ("private_subnets", 8)):
        subnets = ", ".join(f'"{block}.{third + first + zone}.0/24"' for zone in range(zones))
        own["infrastructure", "network", kind] = f"[{subnets}]"
    for path, value in values.items():
        if path[-1] == "reference":
            own[path] = value.replace(tier, name)
    return {path: own.get(path, value) for path, value in values.items()}


def render(values: Values) -> tuple[str, dict[Route, tuple[int, int]]]:
    """The text, groups folded to one line each but for the open ones, and where each value begins."""
    lines: list[str] = []
    places: dict[Route, tuple[int, int]] = {}
    for group in dict.fromkeys(path[0] for path in values):
        if group in _OPEN and (group,) not in values:
            lines.append(f"{group}:")
            for key in dict.fromkeys(path[1] for path in values if path[0] == group):
                lines.append(_line(values, (group, key), len(lines) + 1, places))
        else:
            lines.append(_line(values, (group,), len(lines) + 1, places))
    return "\n".join([*lines, ""]), places


def _line(values: Values, route: Route, number: int, places: dict[Route, tuple[int, int]]) -> str:
    text = f"{'  ' * (len(route) - 1)}{route[-1]}: "
    for piece in _pieces(values, route):
        if isinstance(piece, str):
            text += piece
        else:
            places[piece] = (number, len(text) + 1)
            text += values[piece]
    return text


def _pieces(values: Values, route: Route) -> Iterator[str | Route]:
    """What stands after `key: `: text as it is, and the route of each value."""
    if route in values:
        yield route
        return
    below = (path[len(route)] for path in values if path[: len(route)] == route)
    for number, key in enumerate(dict.fromkeys(below)):
        yield f"{', ' if number else '{'}{key}: "
        yield from _pieces(values, (*route, key))
    yield "}"


def _chosen(per_tier: int) -> dict[tuple[str, int], list[Rule]]:
    """Which environment gets which faults."""
    dice = random.Random(SEED + per_tier)  # noqa: S311 - chooses files, guards nothing
    count = max(1, per_tier * FAULTS_PER_HUNDRED // 100)
    chosen: dict[tuple[str, int], list[Rule]] = {}
    for rule in RULES:
        for place in dice.sample(
            [(tier, number) for tier in rule.tiers for number in range(per_tier)], count
        ):
            chosen.setdefault(place, []).append(rule)
    return chosen


def grow(root: Path, per_tier: int, *, faulty: bool = True) -> Tree:
    """Write three times `per_tier` environments and the files around them; no Git, see `commit`."""
    folder = root / "config/environments"
    folder.mkdir(parents=True)
    for source in sorted((ROOT / "config").rglob("*.yaml")):
        if source.parent.name != "environments":
            target = root / source.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.read_bytes())
    chosen = _chosen(per_tier) if faulty else {}
    files, faults, lines, keys, size = list[str](), list[Fault](), 0, 0, 0
    for tier in TIERS:
        values = template(tier)
        for number in range(per_tier):
            own, broken = renamed(values, tier, number), chosen.get((tier, number), [])
            text, places = render(own | {rule.path: rule.broken for rule in broken})
            file = f"config/environments/{own[('environment',)]}.yaml"
            (root / file).write_text(text)
            files.append(file)
            lines, keys, size = lines + text.count("\n"), keys + len(own), size + len(text)
            faults += [_fault(file, rule, *places[rule.path]) for rule in broken]
    return Tree(tuple(sorted(files)), lines, keys, size, tuple(sorted(faults)))


def _fault(file: str, rule: Rule, line: int, column: int) -> Fault:
    return Fault(file, line, column, column + len(rule.broken) - 1, ".".join(rule.path), rule.name)


def commit(root: Path) -> None:
    """Make it a Git checkout, which Interlock asks for: it judges committed bytes, whatever the user's own settings."""
    plain = (
        "-c",
        "user.name=benchmark",
        "-c",
        "user.email=benchmark@example.com",
        "-c",
        "commit.gpgsign=false",
    )
    for words in (
        ("init", "--quiet", "--initial-branch=main"),
        ("add", "--all"),
        ("commit", "--quiet", "--no-verify", "--message=grown"),
    ):
        subprocess.run(["git", "-c", "core.hooksPath=", *plain, *words], cwd=root, check=True)


def main(words: Iterable[str] | None = None) -> None:
    """Grow one tree by hand and print its truth."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.policy.trees", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("per_tier", type=int)
    parser.add_argument("--clean", action="store_true", help="plant nothing")
    chosen = parser.parse_args(None if words is None else list(words))
    tree = grow(chosen.folder, chosen.per_tier, faulty=not chosen.clean)
    commit(chosen.folder)
    print(json.dumps([asdict(fault) for fault in tree.faults], indent=1))


if __name__ == "__main__":
    main()
