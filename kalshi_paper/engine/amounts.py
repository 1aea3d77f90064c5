"""
Prices, contract counts and money as ints, and their text forms.

A price is an int of ten-thousandths of a dollar, 0 to 10,000. A count is an int of hundredths of a contract. Their
product is money in millionths of a dollar, without rounding; only fees are rounded.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, TypeAlias

from kalshi_paper.engine.errors import invalid_order, invalid_price

Price: TypeAlias = int
"""Price of the YES leg, in ten-thousandths of a dollar: 4300 is $0.43."""
Count: TypeAlias = int
"""Number of contracts, in hundredths: 2500 is 25 contracts."""
Micros: TypeAlias = int
"""Money, in millionths of a dollar: a price times a count."""

DOLLAR: Final[Price] = 10_000
CONTRACT: Final[Count] = 100
DOLLAR_MICROS: Final[Micros] = DOLLAR * CONTRACT
CENT_MICROS: Final[Micros] = DOLLAR_MICROS // 100

_PRICE: Final = re.compile(r"([0-9]{1,6})(?:\.([0-9]{1,4}))?", re.ASCII)
_COUNT: Final = re.compile(r"([0-9]{1,12})(?:\.([0-9]{1,2}))?", re.ASCII)


# Cached, since most requests use the same few prices and sizes.
@lru_cache(maxsize=4096)
def price_from_text(text: object) -> Price:
    """
    Parse the price of a request.

    Raises:
        RequestRejected: 400 `invalid_price`: not a decimal string with at most four decimals.

    Example:
        >>> price_from_text("0.43")
        4300
    """
    found = _scaled(_PRICE, 4, text)
    if found is None:
        raise invalid_price("price must be a decimal string of at most four decimals")
    return found


@lru_cache(maxsize=4096)
def count_from_text(text: object) -> Count:
    """
    Parse the contract count of a request.

    Raises:
        RequestRejected: 400 `invalid_order`: not a decimal string with at most two decimals.

    Example:
        >>> count_from_text("25")
        2500
    """
    found = _scaled(_COUNT, 2, text)
    if found is None:
        raise invalid_order("count must be a decimal string of at most two decimals")
    return found


def price_text(price: Price) -> str:
    """
    Format a price for a response, with four decimals.

    Example:
        >>> price_text(4300)
        '0.4300'
    """
    return f"{price // DOLLAR}.{price % DOLLAR:04}"


@lru_cache(maxsize=4096)
def count_text(count: Count) -> str:
    """
    Format a count, which may be negative, for a response, with two decimals.

    Example:
        >>> count_text(-2550)
        '-25.50'
    """
    sign = "-" if count < 0 else ""
    return f"{sign}{abs(count) // CONTRACT}.{abs(count) % CONTRACT:02}"


def money_text(micros: Micros) -> str:
    """
    Format money, which may be negative, for a response, with six decimals.

    Example:
        >>> money_text(-17500)
        '-0.017500'
    """
    sign = "-" if micros < 0 else ""
    return f"{sign}{abs(micros) // DOLLAR_MICROS}.{abs(micros) % DOLLAR_MICROS:06}"


def money_cents(micros: Micros) -> int:
    """
    Convert money to whole cents, rounded towards zero.

    Example:
        >>> money_cents(-19_999)
        -1
    """
    cents = abs(micros) // CENT_MICROS
    return -cents if micros < 0 else cents


def _scaled(pattern: re.Pattern[str], decimals: int, text: object) -> int | None:
    found = pattern.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        return None
    whole, part = found.groups("")
    return int(whole + part.ljust(decimals, "0"))
