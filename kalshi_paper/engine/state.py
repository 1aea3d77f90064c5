"""The state of the engine, and the basic steps that change it."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import Literal

from kalshi_paper.engine.accounts import Account
from kalshi_paper.engine.amounts import Count, Price
from kalshi_paper.engine.errors import not_found
from kalshi_paper.engine.ledger import Ledger
from kalshi_paper.engine.markets import Market
from kalshi_paper.engine.order_book import OrderBook
from kalshi_paper.engine.order_groups import OrderGroup
from kalshi_paper.engine.orders import Order
from kalshi_paper.engine.records import Trade


class EngineState:
    """
    Accounts, markets, order books, orders, order groups, and scheduled events.

    Args:
        new_id: Returns a new unique id on every call.

    Attributes:
        now_ms: Time of the engine, Unix milliseconds.
        ledger: Accounts and money.
        markets: Markets by ticker, in order of listing.
        books: Order book of each market.
        orders: Orders by id, in any status.
        groups: Order groups by id.
        client_order_ids: Client order ids used so far, by user id.
        trades: Trades of each market, oldest first.
        quotes: Quote changes of each market as (Unix milliseconds, best bid, best ask), oldest first.
    """

    def __init__(self, new_id: Callable[[], str]) -> None:
        self.new_id = new_id
        self.now_ms = 0
        self.ledger = Ledger()
        self.markets: dict[str, Market] = {}
        self.books: dict[str, OrderBook] = {}
        self.orders: dict[str, Order] = {}
        self.groups: dict[str, OrderGroup] = {}
        self.client_order_ids: dict[str, set[str]] = {}
        self.trades: dict[str, list[Trade]] = {}
        self.quotes: dict[str, list[tuple[int, Price, Price]]] = {}
        self._due: list[tuple[int, int, Literal["open", "close", "expiry"], str]] = []
        self._scheduled = 0

    def market(self, ticker: str) -> Market:
        """Return a market; RequestRejected 404 `not_found` if it does not exist."""
        try:
            return self.markets[ticker]
        except KeyError:
            raise not_found() from None

    def resting_order(self, account: Account, order_id: str) -> Order:
        """Return a resting order of an account; RequestRejected 404 `not_found` if it does not rest."""
        try:
            return account.resting[order_id]
        except KeyError:
            raise not_found() from None

    # -- time -------------------------------------------------------------------------------------------------------

    def schedule(self, at_ms: int, event: Literal["open", "close", "expiry"], key: str) -> None:
        """Schedule an event for `advance_time`; `key` is a market ticker or an order id."""
        self._scheduled += 1
        heapq.heappush(self._due, (at_ms, self._scheduled, event, key))

    def advance_time(self, now_ms: int) -> int:
        """
        Process the events that are due, each at its own time, and return the new time.

        Time never goes back: with an earlier `now_ms` nothing changes.
        """
        if now_ms < self.now_ms:
            now_ms = self.now_ms
        while self._due and self._due[0][0] <= now_ms:
            at_ms, _, event, key = heapq.heappop(self._due)
            self.now_ms = max(self.now_ms, at_ms)
            if event == "expiry":
                order = self.orders[key]
                if order.status == "resting" and order.expiration_s is not None and order.expiration_s * 1000 <= at_ms:
                    self.cancel_order(order)
            elif event == "open":
                market = self.markets[key]
                if market.status == "initialized" and market.open_ms <= at_ms:
                    market.status = "active"
            elif self.markets[key].status in ("initialized", "inactive", "active"):
                self.cancel_orders_in(self.markets[key])
                self.markets[key].status = "closed"
        self.now_ms = now_ms
        return now_ms

    # -- orders -----------------------------------------------------------------------------------------------------

    def rest_order(self, order: Order) -> None:
        """Add an order to the book, at the end of its queue, and lock its collateral."""
        account, order_id = self.ledger.accounts[order.account_id], order.order_id
        position = account.position_in(self.markets[order.ticker])
        order.queue_entry = self.books[order.ticker].add(order_id, order.side, order.price, order.remaining_count)
        position.add_resting(order)
        account.update_locked(position)
        account.resting[order_id] = order
        if order.order_group_id is not None:
            self.groups[order.order_group_id].resting[order.order_id] = None
        account.updated_ms = self.now_ms

    def remove_from_book(self, order: Order) -> None:
        """Remove an order from the book and its group, and unlock its collateral."""
        account = self.ledger.accounts[order.account_id]
        position = account.positions[order.ticker]
        self.books[order.ticker].remove(order.entry_in_queue())
        position.remove_resting(order)
        account.update_locked(position)
        if order.order_group_id is not None:
            self.groups[order.order_group_id].resting.pop(order.order_id)
        account.updated_ms = self.now_ms

    def reduce_order(self, order: Order, remaining: Count) -> None:
        """Reduce a resting order, which keeps its place in the queue; zero cancels it."""
        if remaining == 0:
            self.cancel_order(order)
            return
        account = self.ledger.accounts[order.account_id]
        position = account.positions[order.ticker]
        self.books[order.ticker].reduce(order.entry_in_queue(), order.remaining_count - remaining)
        position.remove_resting(order)
        order.remaining_count = remaining
        position.add_resting(order)
        account.update_locked(position)
        order.updated_ms = account.updated_ms = self.now_ms
        self.record_quote(order.ticker)

    def cancel_order(self, order: Order) -> Count:
        """Cancel a resting order, and return the contracts that rested."""
        self.remove_from_book(order)
        cancelled = self.finish_order(order, "canceled")
        self.record_quote(order.ticker)
        return cancelled

    def finish_order(self, order: Order, status: Literal["canceled", "executed"]) -> Count:
        """Set the final status of an order that is not in the book, and return its unfilled contracts."""
        left, order.remaining_count = order.remaining_count, 0
        order.status, order.updated_ms = status, self.now_ms
        self.ledger.accounts[order.account_id].resting.pop(order.order_id, None)
        if order.order_group_id is not None:
            self.groups[order.order_group_id].resting.pop(order.order_id, None)
        return left

    def cancel_orders_in(self, market: Market) -> None:
        """Cancel all resting orders of a market."""
        book = self.books[market.ticker]
        for entry in [*book.queue("bid"), *book.queue("ask")]:
            self.cancel_order(self.orders[entry.order_id])

    def trigger_group(self, group: OrderGroup) -> None:
        """Cancel the orders of a group, which then rejects new orders until it is reset."""
        group.triggered = True
        for order_id in list(group.resting):
            self.cancel_order(self.orders[order_id])

    def record_quote(self, ticker: str) -> None:
        """Record the best bid and ask of a market if they have changed."""
        quote, quotes = self.books[ticker].quote(), self.quotes[ticker]
        if quotes[-1][1:] == quote:
            return
        if quotes[-1][0] == self.now_ms:
            quotes.pop()
        if not quotes or quotes[-1][1:] != quote:
            quotes.append((self.now_ms, *quote))
