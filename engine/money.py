"""Money is exact: Decimal at the edges, integers of 1e-8 currency units inside, and a float is an error.

Never rounds unless the name of the function says which way.
"""

from __future__ import annotations

from decimal import (
    ROUND_HALF_UP,
    Context,
    Decimal,
    DivisionByZero,
    FloatOperation,
    InvalidOperation,
    Overflow,
)
from typing import NamedTuple

PLACES = 8
UNIT: int = 10**PLACES
LARGEST = Decimal(10) ** 15
CONTEXT = Context(
    prec=28, rounding=ROUND_HALF_UP, traps=[InvalidOperation, DivisionByZero, Overflow, FloatOperation]
)
_WHOLE_CURRENCIES = frozenset({"JPY", "KRW", "CLP", "VND", "ISK"})


class NotExactError(ValueError):
    """A number that is no finite decimal of sane size, or does not fit the step it must fit."""


class Ratio(NamedTuple):
    """An exact share: `over / under`, `under` above zero."""

    over: int
    under: int


def parse(text: str) -> Decimal:
    """A plain decimal such as `-12.50`; no exponent, no space, no NaN, at most 28 digits."""
    digits = text[1:] if text.startswith("-") else text
    whole, point, fraction = digits.partition(".")
    plain = whole.isdecimal() and (fraction.isdecimal() if point else True) and digits.isascii()
    if not plain or len(digits) > 29:
        raise NotExactError(f"not a plain decimal: {text[:40]!r}")
    return CONTEXT.create_decimal(text)


def ratio(number: Decimal | int) -> Ratio:
    """The exact fraction of a finite number of sane size."""
    exact = Decimal(number)
    if not exact.is_finite():
        raise NotExactError(f"not finite: {exact}")
    if abs(exact) > LARGEST:
        raise NotExactError(f"too large: {exact:.3e}")
    return Ratio(*exact.as_integer_ratio())


def percent(number: Decimal | int) -> Ratio:
    """`number` hundredths as an exact fraction."""
    over, under = ratio(number)
    return Ratio(over, under * 100)


def to_units(amount: Decimal | int) -> int:
    """Currency amount to integer units; refuses what is finer than 1e-8."""
    over, under = ratio(amount)
    units, rest = divmod(over * UNIT, under)
    if rest:
        raise NotExactError(f"finer than 1e-{PLACES}: {amount}")
    return units


def to_decimal(units: int) -> Decimal:
    """Integer units to a currency amount with at least two decimals."""
    return Decimal(text(units))


def text(units: int) -> str:
    """Integer units as plain text with at least two decimals: `-1148.29`."""
    whole, rest = divmod(abs(units), UNIT)
    fraction = f"{rest:0{PLACES}d}".rstrip("0").ljust(2, "0")
    return f"{'-' if units < 0 else ''}{whole}.{fraction}"


def ceil_div(over: int, under: int) -> int:
    """Quotient rounded toward plus infinity."""
    return -(-over // under)


def half_up(over: int, under: int) -> int:
    """Quotient rounded to nearest, a half away from zero."""
    size = (2 * abs(over) + under) // (2 * under)
    return size if over >= 0 else -size


def minor_unit(currency: str) -> int:
    """The smallest booked amount of a currency, in units: a cent, or a whole yen."""
    return UNIT if currency in _WHOLE_CURRENCIES else UNIT // 100
