"""Ladders: rungs in their order, what is watched on each, and what must hold to climb or to stay."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal

from config.models.environment import IDENTIFIER, NAME
from config.models.nature import at_least, at_most, neutral, only_shrinks
from config.models.section import section

_IDENTITY = "an identity"
_PEOPLE = "people's words"


@section
class Bound:
    """A metric and the value it must keep to."""

    metric: Annotated[str, neutral("metric", why=_IDENTITY, grammar=IDENTIFIER)]
    must_be: Annotated[
        Literal["at_least", "at_most"],
        neutral("side that passes", why="it defines the direction of the bound"),
    ]
    value: Annotated[Decimal, neutral("bound", unit="the metric's", why="`must_be` gives its direction")]


@section
class Step:
    """One rung: who is let in, and how long and how much is watched before the next."""

    name: Annotated[str, neutral("name of the rung", why=_IDENTITY, grammar=IDENTIFIER)]
    accounts: Annotated[int, at_most("accounts let in by name", unit="accounts", cap=1000)]
    percent: Annotated[Decimal, at_most("share of accounts let in", unit="%", cap="100.0")]
    soak_hours: Annotated[int, at_least("trading-session hours before the next rung", unit="hours", cap=0)]
    min_samples: Annotated[int, at_least("observations before the next rung", unit="observations", cap=0)]
    flags_on: Annotated[
        tuple[str, ...],
        only_shrinks("flags this rung may switch on; every other keeps its safe value", grammar=IDENTIFIER),
    ]
    pass_when: Annotated[
        tuple[Bound, ...], neutral("what must hold to advance", why="a list; each bound is judged")
    ]
    roll_back_when_not: Annotated[
        tuple[Bound, ...], neutral("what must hold all the time", why="a list; each bound is judged")
    ]


@section
class Ladder:
    """Steps in their order; phases and canaries share this format."""

    says: Annotated[str, neutral("what is rolled out", why=_PEOPLE, free_text=True)]
    applies_to: Annotated[Literal["phase", "flag"], neutral("what a rung sets", why=_IDENTITY)]
    steps: Annotated[
        tuple[Step, ...], neutral("the rungs, lowest first", why="an order; each rung is judged")
    ]


@section
class Rollouts:
    """rollouts.yaml"""

    schema: Annotated[int, neutral("version of this file's language", why=_IDENTITY)]
    ladders: Annotated[Mapping[str, Ladder], neutral("ladders by name", why=_IDENTITY, grammar=NAME)]
