"""What is traded, in integers: prices are ticks, quantities are units, values are money units.

Never guesses: a price off the tick is refused, rounding always names its direction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from config.models import catalogue
from engine.money import NotExactError, Ratio, ceil_div, half_up, minor_unit, percent, ratio, to_units


class OffTickError(NotExactError):
    """A price that is not a whole number of ticks."""


@dataclass(frozen=True, slots=True)
class Instrument:
    """One instrument, ready for integer arithmetic."""

    symbol: str
    currency: str
    calendar: str
    expires_on: str | None
    tick: Decimal
    step: Ratio
    lot: int
    tick_value: int
    fee_share: Ratio
    fee_minimum: int
    fee_step: int
    slip_ticks: int
    slip_share: Ratio
    scale: int
    places: int

    def ticks(self, price: Decimal) -> int:
        """Price as a whole number of ticks, or OffTickError."""
        over, under = ratio(price)
        count, rest = divmod(over * self.step.under, under * self.step.over)
        if rest:
            raise OffTickError(f"{self.symbol}: {price} is not on tick {self.tick}")
        return count

    def floor_ticks(self, price: Decimal) -> int:
        """The tick at or below `price`: a buying limit, a falling stop's later trigger."""
        over, under = ratio(price)
        return over * self.step.under // (under * self.step.over)

    def ceil_ticks(self, price: Decimal) -> int:
        """The tick at or above `price`: a selling limit, a long position's earlier stop."""
        over, under = ratio(price)
        return ceil_div(over * self.step.under, under * self.step.over)

    def price(self, ticks: int) -> Decimal:
        """Ticks back to a price with the decimals of the tick."""
        return ticks * self.tick

    def text(self, ticks: int) -> str:
        """The price as text, with the decimals of the tick."""
        scale = self.scale
        return f"{ticks // scale}.{ticks % scale:0{self.places}d}" if scale else str(ticks * self.tick)

    def value(self, ticks: int, quantity: int) -> int:
        """What `quantity` costs at `ticks`, multiplier included."""
        return ticks * quantity * self.tick_value

    def floor_lot(self, quantity: int) -> int:
        """The largest tradable quantity at or below `quantity`."""
        return quantity - quantity % self.lot

    def fee(self, value: int) -> int:
        """Fee of one fill: share of the value, half up to the currency's step, at least the minimum."""
        share = (
            half_up(abs(value) * self.fee_share.over, self.fee_share.under * self.fee_step) * self.fee_step
        )
        return max(share, self.fee_minimum)

    def adverse(self, ticks: int) -> int:
        """Slippage of a market or stop fill at `ticks`, in ticks: the larger of both assumptions."""
        return max(self.slip_ticks, ceil_div(ticks * self.slip_share.over, self.slip_share.under))


def instrument(symbol: str, facts: catalogue.Instrument) -> Instrument:
    """The integer form of one catalogue entry."""
    if facts.tick <= 0 or facts.lot <= 0 or facts.multiplier <= 0:
        raise NotExactError(f"{symbol}: tick, lot and multiplier must be above zero")
    bps = ratio(facts.slippage.bps)
    exponent = facts.tick.as_tuple().exponent
    places = -exponent if isinstance(exponent, int) else 0
    is_decimal = places > 0 and facts.tick * 10**places == 1
    return Instrument(
        symbol=symbol,
        currency=facts.currency,
        calendar=facts.calendar,
        expires_on=facts.expires_on,
        tick=facts.tick,
        step=ratio(facts.tick),
        lot=facts.lot,
        tick_value=to_units(facts.tick) * facts.multiplier,
        fee_share=percent(facts.fee.percent_per_side),
        fee_minimum=to_units(facts.fee.minimum),
        fee_step=minor_unit(facts.currency),
        slip_ticks=facts.slippage.ticks,
        slip_share=Ratio(bps.over, bps.under * 10_000),
        scale=10**places if is_decimal else 0,
        places=places,
    )


def instruments(facts: catalogue.Instruments) -> Mapping[str, Instrument]:
    """Every instrument of the catalogue, by symbol."""
    return {symbol: instrument(symbol, entry) for symbol, entry in facts.instruments.items()}
