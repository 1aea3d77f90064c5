"""The quadratic fee formula in integer arithmetic."""

from __future__ import annotations

from typing import Final, Literal

from attrs import Factory, field, frozen

from kalshi_paper.engine.amounts import DOLLAR, Count, Micros, Price

FeeType = Literal["quadratic", "quadratic_with_maker_fees", "quadratic_with_combo_maker_fees", "flat"]

_TAKER_RATE: Final = 70_000
"""The published factor 0.07 on C x P x (1 - P), in millionths."""
_MAKER_FRACTION: Final[dict[FeeType, tuple[int, int]]] = {
    "quadratic": (0, 1),
    "quadratic_with_maker_fees": (1, 4),
    "quadratic_with_combo_maker_fees": (1, 2),
    "flat": (0, 1),
}
_UNITS_PER_FEE_STEP: Final = 10**12
"""Fees are rounded up to a ten-thousandth of a dollar, which is this many units of 10^-16 dollars."""
_FEE_STEP_MICROS: Final[Micros] = 100


@frozen(kw_only=True)
class FeeSchedule:
    """
    Fee rates of a market.

    The fee table behind `flat` is not in the OpenAPI document; here `flat` is charged like `quadratic`.

    Attributes:
        fee_type: Fee type, as named in the OpenAPI document.
        multiplier: Factor on the fees of the series or event, precise to a millionth.
        taker_rate: Taker's fee rate, in millionths.
        maker_rate: Maker's fee rate, in millionths.
    """

    fee_type: FeeType = "quadratic"
    multiplier: float = 1.0
    taker_rate: int = field(init=False, default=Factory(lambda self: self._rate(1, 1), takes_self=True))
    maker_rate: int = field(
        init=False, default=Factory(lambda self: self._rate(*_MAKER_FRACTION[self.fee_type]), takes_self=True)
    )

    def _rate(self, numerator: int, denominator: int) -> int:
        return round(_TAKER_RATE * self.multiplier * numerator / denominator)


def exact_fee(rate: int, count: Count, price: Price) -> int:
    """
    Return the unrounded fee of a fill, rate x count x price x (1 - price), in units of 10^-16 dollars.

    Args:
        rate: `taker_rate` or `maker_rate` of a schedule, in millionths.
        count: Contracts filled.
        price: Price of either leg; both give the same fee.

    Source:
        Kalshi fee schedule: 0.07 x C x P x (1 - P); makers pay a quarter of it, or nothing.
    """
    return rate * count * price * (DOLLAR - price)


def rounded_fee(fee_units: int) -> Micros:
    """
    Round the accumulated fees of an order up to a ten-thousandth of a dollar.

    The sum over an order's fills is rounded, not each fill: an order filled in a hundred parts pays the same fee as one
    filled at once, so the maximum cost of a resting order is known when it is placed.

    Source:
        Kalshi docs, "Fee rounding": trade fees round up to $0.0001, an accumulator spans the fills of an order.

    Example:
        >>> rounded_fee(exact_fee(70_000, 100, 5000))
        17500
    """
    return -(-fee_units // _UNITS_PER_FEE_STEP) * _FEE_STEP_MICROS
