"""The quadratic fee rule, in whole numbers."""

from __future__ import annotations

from typing import Final, Literal

from attrs import Factory, field, frozen

from kalshi_paper.engine.amounts import DOLLAR, Count, Micros, Price

FeeType = Literal["quadratic", "quadratic_with_maker_fees", "quadratic_with_combo_maker_fees", "flat"]

_TAKER_RATE: Final = 70_000
"""Parts in a million of C x P x (1 - P): the published 0.07."""
_MAKER_PARTS: Final[dict[FeeType, tuple[int, int]]] = {
    "quadratic": (0, 1),
    "quadratic_with_maker_fees": (1, 4),
    "quadratic_with_combo_maker_fees": (1, 2),
    "flat": (0, 1),
}
_UNITS_PER_STEP: Final = 10**12
"""Units, of 10^-16 dollars, in the ten-thousandth of a dollar that fees are rounded up to."""
_STEP_MICROS: Final[Micros] = 100


@frozen(kw_only=True)
class FeeSchedule:
    """
    How a market's fees are worked out.

    `flat` follows a table that is not published in the document; here it is charged as `quadratic`.

    Attributes:
        fee_type: The document's name of the rule.
        multiplier: Factor on the fees of series or event; kept to a millionth.
        taker_rate: Parts in a million of a taker's fee.
        maker_rate: Parts in a million of a maker's fee.
    """

    fee_type: FeeType = "quadratic"
    multiplier: float = 1.0
    taker_rate: int = field(init=False, default=Factory(lambda self: self._rate(1, 1), takes_self=True))
    maker_rate: int = field(
        init=False, default=Factory(lambda self: self._rate(*_MAKER_PARTS[self.fee_type]), takes_self=True)
    )

    def _rate(self, part: int, of: int) -> int:
        return round(_TAKER_RATE * self.multiplier * part / of)


def units(rate: int, count: Count, price: Price) -> int:
    """
    Work out the exact fee of a fill: rate x count x price x (1 - price), in 10^-16 dollars.

    Args:
        rate: Parts in a million, a schedule's `taker_rate` or `maker_rate`.
        count: Contracts filled.
        price: Price of either leg.

    Source:
        Kalshi fee schedule: 0.07 x C x P x (1 - P), makers a quarter of it or nothing.
    """
    return rate * count * price * (DOLLAR - price)


def charged(fee_units: int) -> Micros:
    """
    Round an order's exact fees so far up to a ten-thousandth of a dollar.

    The rounding is on the order's sum, not on each fill: an order filled in a hundred parts pays what it would have
    paid filled in one, so what a resting order may cost is known when it is placed.

    Source:
        Kalshi docs, "Fee rounding": trade fees round up to $0.0001, an accumulator spans the fills of an order.

    Example:
        >>> charged(units(70_000, 100, 5000))
        17500
    """
    return -(-fee_units // _UNITS_PER_STEP) * _STEP_MICROS
