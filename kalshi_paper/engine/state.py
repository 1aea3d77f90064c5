"""The state of the exchange, and the steps that everything done to it is made of."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import Literal

from kalshi_paper.engine.accounts import Account
from kalshi_paper.engine.amounts import Count, Price
from kalshi_paper.engine.errors import not_found
from kalshi_paper.engine.ledger import Ledger
from kalshi_paper.engine.markets import Market
from kalshi_paper.engine.order_book import Book
from kalshi_paper.engine.order_group import OrderGroup
from kalshi_paper.engine.orders import Order
from kalshi_paper.engine.records import Trade


class Floor:
    """
    Accounts, markets, books, orders, groups, and what is due.

    Args:
        new_id: Makes ids.
    """

    def __init__(self, new_id: Callable[[], str]) -> None:
        self.new_id = new_id
        self.now_ms = 0
        self.ledger = Ledger()
        self.markets: dict[str, Market] = {}
        self.books: dict[str, Book] = {}
        self.orders: dict[str, Order] = {}
        self.groups: dict[str, OrderGroup] = {}
        self.client_order_ids: dict[str, set[str]] = {}
        self.trades: dict[str, list[Trade]] = {}
        self.quotes: dict[str, list[tuple[int, Price, Price]]] = {}
        self._due: list[tuple[int, int, Literal["open", "close", "expiry"], str]] = []
        self._scheduled = 0

    def market(self, ticker: str) -> Market:
        """Return a market; 404 `not_found`."""
        try:
            return self.markets[ticker]
        except KeyError:
            raise not_found() from None

    def resting(self, account: Account, order_id: str) -> Order:
        """Return a resting order of an account; 404 `not_found`, whatever became of any other."""
        try:
            return account.resting[order_id]
        except KeyError:
            raise not_found() from None

    # -- time -------------------------------------------------------------------------------------------------------

    def schedule(self, at_ms: int, what: Literal["open", "close", "expiry"], key: str) -> None:
        """Note what is due, for `advance` to carry out."""
        self._scheduled += 1
        heapq.heappush(self._due, (at_ms, self._scheduled, what, key))

    def advance(self, now_ms: int) -> int:
        """Carry out what is due, each at its own moment, and return the moment it is, never an earlier one."""
        if now_ms < self.now_ms:
            now_ms = self.now_ms
        while self._due and self._due[0][0] <= now_ms:
            at_ms, _, what, key = heapq.heappop(self._due)
            self.now_ms = max(self.now_ms, at_ms)
            if what == "expiry":
                order = self.orders[key]
                if order.status == "resting" and order.expiration_s is not None and order.expiration_s * 1000 <= at_ms:
                    self.cancel(order)
            elif what == "open":
                market = self.markets[key]
                if market.status == "initialized" and market.open_ms <= at_ms:
                    market.status = "active"
            elif self.markets[key].status in ("initialized", "inactive", "active"):
                self.clear(self.markets[key])
                self.markets[key].status = "closed"
        self.now_ms = now_ms
        return now_ms

    # -- orders -----------------------------------------------------------------------------------------------------

    def rest(self, order: Order) -> None:
        """Put an order into the book, at the end of its queue, and lock what it needs."""
        account, order_id = self.ledger.accounts[order.account_id], order.order_id
        held = account.holding(self.markets[order.ticker])
        order.place = self.books[order.ticker].add(order_id, order.side, order.price, order.remaining_count)
        held.reserve(order, 1)
        account.relock(held)
        account.resting[order_id] = order
        if order.order_group_id is not None:
            self.groups[order.order_group_id].resting[order.order_id] = None
        account.updated_ms = self.now_ms

    def lift(self, order: Order) -> None:
        """Take an order out of the book and its group, and unlock what it needed."""
        account = self.ledger.accounts[order.account_id]
        held = account.holdings[order.ticker]
        self.books[order.ticker].remove(order.resting_place())
        held.reserve(order, -1)
        account.relock(held)
        if order.order_group_id is not None:
            self.groups[order.order_group_id].resting.pop(order.order_id)
        account.updated_ms = self.now_ms

    def shrink(self, order: Order, remaining: Count) -> None:
        """Leave fewer contracts of an order, in its place; none cancels it."""
        if remaining == 0:
            self.cancel(order)
            return
        account = self.ledger.accounts[order.account_id]
        held = account.holdings[order.ticker]
        self.books[order.ticker].reduce(order.resting_place(), order.remaining_count - remaining)
        held.reserve(order, -1)
        order.remaining_count = remaining
        held.reserve(order, 1)
        account.relock(held)
        order.updated_ms = account.updated_ms = self.now_ms
        self.note_quote(order.ticker)

    def cancel(self, order: Order) -> Count:
        """Cancel a resting order, and return the contracts taken off the book."""
        self.lift(order)
        taken = self.finish(order, "canceled")
        self.note_quote(order.ticker)
        return taken

    def finish(self, order: Order, status: Literal["canceled", "executed"]) -> Count:
        """End an order that is no longer in the book, and return the contracts that were left of it."""
        left, order.remaining_count = order.remaining_count, 0
        order.status, order.updated_ms = status, self.now_ms
        self.ledger.accounts[order.account_id].resting.pop(order.order_id, None)
        if order.order_group_id is not None:
            self.groups[order.order_group_id].resting.pop(order.order_id, None)
        return left

    def clear(self, market: Market) -> None:
        """Cancel all orders of a market."""
        book = self.books[market.ticker]
        for entry in [*book.queue("bid"), *book.queue("ask")]:
            self.cancel(self.orders[entry.order_id])

    def trigger(self, group: OrderGroup) -> None:
        """Cancel the orders of a group; it takes no more until reset."""
        group.triggered = True
        for order_id in list(group.resting):
            self.cancel(self.orders[order_id])

    def note_quote(self, ticker: str) -> None:
        """Write down the best prices if they have changed."""
        quote, quotes = self.books[ticker].quote(), self.quotes[ticker]
        if quotes[-1][1:] == quote:
            return
        if quotes[-1][0] == self.now_ms:
            quotes.pop()
        if not quotes or quotes[-1][1:] != quote:
            quotes.append((self.now_ms, *quote))
