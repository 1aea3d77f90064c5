"""Tables of an order book and of the orders in it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from itertools import zip_longest

from kalshi_trade_api.models.orderbook_count_fp import OrderbookCountFp

from scripts.demo.account_snapshot import AccountSnapshot
from scripts.demo.table import table

_GAP = " " * 6


def ladder(book: OrderbookCountFp) -> str:
    """Return an order book by YES price, highest first: a NO bid at p is a YES ask at 1 - p."""
    asks = sorted(((1 - price, size) for price, size in book.no_dollars), reverse=True)
    bids = sorted(((price, size) for price, size in book.yes_dollars), reverse=True)
    rows = [("", f"{price:.4f}", f"{size:,.2f}") for price, size in asks]
    rows += [(f"{size:,.2f}", f"{price:.4f}", "") for price, size in bids]
    return table(("BIDS", "YES AT", "ASKS"), rows, ">>>")


def queue_positions(accounts: Mapping[str, AccountSnapshot], before: Mapping[str, AccountSnapshot]) -> str:
    """Return all resting orders, with the contracts ahead of each and the change since `before`."""
    was = _ahead(before)
    rows = []
    for name, account in accounts.items():
        ahead = _ahead({name: account})
        for order in sorted(account.orders, key=lambda order: -order.yes_price_dollars):
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


def side_by_side(left: str, right: str) -> str:
    """Return two blocks of text next to each other."""
    lefts, rights = left.splitlines(), right.splitlines()
    width = max(map(len, lefts))
    return "\n".join(f"{one:<{width}}{_GAP}{other}".rstrip() for one, other in zip_longest(lefts, rights, fillvalue=""))


def _ahead(accounts: Mapping[str, AccountSnapshot]) -> dict[str, Decimal]:
    """Return the contracts ahead of each order, by order id."""
    return {each.order_id: each.queue_position_fp for account in accounts.values() for each in account.queue_positions}
