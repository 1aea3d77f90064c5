"""A market's book and the orders in it, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from itertools import zip_longest

from kalshi_trade_api.models.orderbook_count_fp import OrderbookCountFp

from scripts.demo.account_snapshot import Reading
from scripts.demo.table import table

_GAP = " " * 6


def ladder(book: OrderbookCountFp) -> str:
    """Lay out a book by the price of the YES leg, highest first: a NO bid at p is a YES ask at 1 - p."""
    asks = sorted(((1 - price, size) for price, size in book.no_dollars), reverse=True)
    bids = sorted(((price, size) for price, size in book.yes_dollars), reverse=True)
    rows = [("", f"{price:.4f}", f"{size:,.2f}") for price, size in asks]
    rows += [(f"{size:,.2f}", f"{price:.4f}", "") for price, size in bids]
    return table(("BIDS", "YES AT", "ASKS"), rows, ">>>")


def places(readings: Mapping[str, Reading], before: Mapping[str, Reading]) -> str:
    """Lay out everybody's resting orders with the contracts ahead of each, and how that moved since `before`."""
    was = _ahead(before)
    rows = []
    for name, reading in readings.items():
        ahead = _ahead({name: reading})
        for order in sorted(reading.orders, key=lambda order: -order.yes_price_dollars):
            now = ahead.get(order.order_id)
            moved = now - was[order.order_id] if now is not None and order.order_id in was else 0
            rows.append(
                (
                    name,
                    order.book_side.value,
                    f"{order.yes_price_dollars:.4f}",
                    f"{order.remaining_count_fp:,.2f}",
                    "-" if now is None else f"{now:,.2f}",
                    f"{moved:+,.2f}" if moved else "",
                )
            )
    return table(("WHO", "SIDE", "PRICE", "LEFT", "AHEAD", "MOVED"), rows, "<<>>>>")


def beside(left: str, right: str) -> str:
    """Put two blocks of text next to each other."""
    lefts, rights = left.splitlines(), right.splitlines()
    width = max(map(len, lefts))
    return "\n".join(f"{one:<{width}}{_GAP}{other}".rstrip() for one, other in zip_longest(lefts, rights, fillvalue=""))


def _ahead(readings: Mapping[str, Reading]) -> dict[str, Decimal]:
    return {place.order_id: place.queue_position_fp for reading in readings.values() for place in reading.places}
