"""The invariants of the exchange, worked out again from what it is made of."""

from __future__ import annotations

from kalshi_paper.engine.amounts import DOLLAR, Count, Micros
from kalshi_paper.engine.fees import charged
from kalshi_paper.engine.orders import BookSide, Order
from kalshi_paper.engine.positions import Holding, fees_held, leg_price
from kalshi_paper.engine.state import Floor


def check(floor: Floor) -> None:
    """
    Hold the exchange against its invariants.

    Raises:
        AssertionError: One is broken.
    """
    ledger = floor.ledger
    pairs = sum(market.open_interest for market in floor.markets.values())
    cash = sum(account.cash_micros for account in ledger.accounts.values())
    _same("money paid in", ledger.paid_in_micros, cash + ledger.house_micros + pairs * DOLLAR)
    orders = floor.orders.values()
    _same("fees", ledger.house_micros, sum(order.taker_fees_micros + order.maker_fees_micros for order in orders))
    _same("fees, rounded once an order", ledger.house_micros, sum(charged(order.fee_units) for order in orders))
    for market in floor.markets.values():
        held = [
            account.holdings[market.ticker].count
            for account in ledger.accounts.values()
            if market.ticker in account.holdings
        ]
        _same(f"YES held in {market.ticker}", sum(count for count in held if count > 0), market.open_interest)
        _same(f"NO held in {market.ticker}", -sum(count for count in held if count < 0), market.open_interest)
        resting = [order for order in orders if order.ticker == market.ticker and order.status == "resting"]
        _same(f"orders in {market.ticker}", len(resting), len(floor.books[market.ticker]))
        _check_book(floor, market.ticker, resting)
    for account in ledger.accounts.values():
        mine = {order.order_id: order for order in account.orders if order.status == "resting"}
        _same(f"orders of {account.account_id}", mine, account.resting)
        for holding in account.holdings.values():
            _same(f"lock of {account.account_id} in {holding.ticker}", _lock(holding, mine), holding.locked_micros)
        locked = sum(holding.locked_micros for holding in account.holdings.values())
        _same(f"lock of {account.account_id}", locked, account.locked_micros)
        if account.free_micros < 0:
            raise AssertionError(f"{account.account_id} is overdrawn: {account.free_micros}")


def _check_book(floor: Floor, ticker: str, resting: list[Order]) -> None:
    sides: tuple[BookSide, BookSide] = ("bid", "ask")
    bid, ask = (floor.books[ticker].best(side) for side in sides)
    if bid is not None and ask is not None and bid >= ask:
        raise AssertionError(f"{ticker} is crossed: {bid} {ask}")
    for side in sides:
        queue = list(floor.books[ticker].queue(side))
        _same(
            f"{side}s of {ticker}", {entry.order_id for entry in queue}, {o.order_id for o in resting if o.side == side}
        )
        ahead: Count = 0
        for entry in queue:
            order = floor.orders[entry.order_id]
            _same(f"place of {order.order_id}", entry, order.place)
            _same(f"order {order.order_id}", (order.price, order.remaining_count), (entry.price, entry.count))
            _same(f"queue position of {order.order_id}", ahead, floor.books[ticker].ahead(entry))
            ahead += entry.count


def _lock(held: Holding, resting: dict[str, Order]) -> Micros:
    total: Micros = 0
    sides: tuple[BookSide, BookSide] = ("bid", "ask")
    for side in sides:
        mine = [order for order in resting.values() if order.ticker == held.ticker and order.side == side]
        total += sum(fees_held(order) for order in mine)
        closing = held.closable(side)
        for order in sorted(mine, key=lambda order: -leg_price(order.side, order.price)):
            free = min(closing, order.remaining_count)
            closing -= free
            total += (order.remaining_count - free) * leg_price(order.side, order.price)
    return total


def _same(what: str, one: object, other: object) -> None:
    if one != other:
        raise AssertionError(f"{what}: {one} is not {other}")
