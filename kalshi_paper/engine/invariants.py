"""Invariants of the engine: totals and caches recomputed from the orders and positions and compared."""

from __future__ import annotations

from typing import Final

from kalshi_paper.engine.amounts import DOLLAR, Count, Micros
from kalshi_paper.engine.fees import rounded_fee
from kalshi_paper.engine.orders import BookSide, Order
from kalshi_paper.engine.positions import Position, leg_price, reserved_fees
from kalshi_paper.engine.state import EngineState

_SIDES: Final[tuple[BookSide, BookSide]] = ("bid", "ask")


def check_invariants(state: EngineState) -> None:
    """
    Check that money is conserved, contracts are paired, and books and collateral match the orders.

    Raises:
        AssertionError: An invariant does not hold.
    """
    ledger, orders = state.ledger, state.orders.values()
    pairs = sum(market.open_interest for market in state.markets.values())
    cash = sum(account.cash_micros for account in ledger.accounts.values())
    _require_equal("deposits", ledger.deposited_micros, cash + ledger.collected_fees_micros + pairs * DOLLAR)
    fees_of_orders = sum(order.taker_fees_micros + order.maker_fees_micros for order in orders)
    _require_equal("fees", ledger.collected_fees_micros, fees_of_orders)
    rounded_fees = sum(rounded_fee(order.fee_units) for order in orders)
    _require_equal("fees, rounded once per order", ledger.collected_fees_micros, rounded_fees)
    for market in state.markets.values():
        counts = [
            account.positions[market.ticker].count
            for account in ledger.accounts.values()
            if market.ticker in account.positions
        ]
        yes, no = sum(count for count in counts if count > 0), -sum(count for count in counts if count < 0)
        _require_equal(f"YES held in {market.ticker}", yes, market.open_interest)
        _require_equal(f"NO held in {market.ticker}", no, market.open_interest)
        resting = [order for order in orders if order.ticker == market.ticker and order.status == "resting"]
        _require_equal(f"orders in {market.ticker}", len(resting), len(state.books[market.ticker]))
        _check_book(state, market.ticker, resting)
    for account in ledger.accounts.values():
        own = {order.order_id: order for order in account.orders if order.status == "resting"}
        _require_equal(f"orders of {account.account_id}", own, account.resting)
        for position in account.positions.values():
            label = f"collateral of {account.account_id} in {position.ticker}"
            _require_equal(label, _collateral(position, own), position.locked_micros)
        locked = sum(position.locked_micros for position in account.positions.values())
        _require_equal(f"collateral of {account.account_id}", locked, account.locked_micros)
        if account.free_micros < 0:
            raise AssertionError(f"{account.account_id} is overdrawn: {account.free_micros}")


def _check_book(state: EngineState, ticker: str, resting: list[Order]) -> None:
    book = state.books[ticker]
    bid, ask = (book.best(side) for side in _SIDES)
    if bid is not None and ask is not None and bid >= ask:
        raise AssertionError(f"{ticker} is crossed: {bid} {ask}")
    for side in _SIDES:
        queue = list(book.queue(side))
        in_book = {entry.order_id for entry in queue}
        _require_equal(f"{side}s of {ticker}", in_book, {order.order_id for order in resting if order.side == side})
        ahead: Count = 0
        for entry in queue:
            order = state.orders[entry.order_id]
            _require_equal(f"queue entry of {order.order_id}", entry, order.queue_entry)
            _require_equal(f"order {order.order_id}", (order.price, order.remaining_count), (entry.price, entry.count))
            _require_equal(f"queue position of {order.order_id}", ahead, book.contracts_ahead(entry))
            ahead += entry.count


def _collateral(position: Position, resting: dict[str, Order]) -> Micros:
    total: Micros = 0
    for side in _SIDES:
        own = [order for order in resting.values() if order.ticker == position.ticker and order.side == side]
        total += sum(reserved_fees(order) for order in own)
        closing = position.closable(side)
        for order in sorted(own, key=lambda order: -leg_price(order.side, order.price)):
            closed = min(closing, order.remaining_count)
            closing -= closed
            total += (order.remaining_count - closed) * leg_price(order.side, order.price)
    return total


def _require_equal(label: str, expected: object, actual: object) -> None:
    if expected != actual:
        raise AssertionError(f"{label}: {expected} is not {actual}")
