"""A percentage is finer than a bucket, so the engine would round it.

What is rounded up lets in an account more than the file says.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from config.findings import Severity
from policies.inputs import Hit, State
from policies.rule import Meta, Sample, Scope

META = Meta(
    id="FLG010",
    slug="percent_too_fine",
    severity=Severity.ERROR,
    scope=Scope.STATE,
    title="percentage finer than a bucket",
    fix="use three decimals at most",
    reads=("flags.*.percent",),
    source="paper 03 4.4 (bucket = 1/100000)",
)
VALID = (Sample(says="three decimals", edits={"flags.paper_trading_enabled.percent": Decimal("99.999")}),)
INVALID = (
    Sample(says="four decimals", edits={"flags.paper_trading_enabled.percent": Decimal("0.0001")}),
    Sample(says="negative", edits={"flags.paper_trading_enabled.percent": Decimal("-1.0")}),
)


def judge(state: State) -> Iterator[Hit]:
    for key, flag in state.environment.flags.items():
        exponent = flag.percent.normalize().as_tuple().exponent
        if isinstance(exponent, int) and exponent < -3:
            yield Hit(
                ("flags", key, "percent"), f"{flag.percent} % is finer than 0.001 %, the width of a bucket"
            )
        if flag.percent < 0:
            yield Hit(("flags", key, "percent"), f"{flag.percent} % is below zero")
