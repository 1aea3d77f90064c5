"""Accounts, markets and the clock, from outside."""

from __future__ import annotations

from kalshi_paper.engine.accounts import Account
from kalshi_paper.engine.amounts import DOLLAR, Micros, Price
from kalshi_paper.engine.errors import invalid_order
from kalshi_paper.engine.fees import FeeSchedule
from kalshi_paper.engine.invariants import check
from kalshi_paper.engine.markets import Market, Result
from kalshi_paper.engine.order_book import Book
from kalshi_paper.engine.records import Settlement
from kalshi_paper.engine.state import Floor


class Venue:
    """
    The part of `Exchange` that runs the place.

    Args:
        floor: The state.
    """

    def __init__(self, floor: Floor) -> None:
        self._floor = floor

    def add_account(self, account_id: str, balance_micros: Micros = 0, *, user_id: str | None = None) -> Account:
        """
        Open an account with money in it.

        Accounts of one `user_id` are its subaccounts: a `client_order_id` is used up for all of them, and they never
        trade with each other (self-trade prevention). `user_id` is the account's id when not given.

        Raises:
            ValueError: There is one of this id, or the balance is below zero.
        """
        floor = self._floor
        if account_id in floor.ledger.accounts:
            raise ValueError(f"there is an account {account_id!r} already")
        if balance_micros < 0:
            raise ValueError("a balance is not below zero")
        account = Account(account_id=account_id, user_id=account_id if user_id is None else user_id)
        floor.ledger.accounts[account_id] = account
        floor.client_order_ids.setdefault(account.user_id, set())
        floor.ledger.pay_in(account, balance_micros, floor.now_ms)
        return account

    def accounts(self) -> list[Account]:
        """Return all accounts, the house's not among them."""
        return list(self._floor.ledger.accounts.values())

    def deposit(self, account_id: str, amount_micros: Micros) -> None:
        """Pay money in, or out when below zero; out only what is free (400 `insufficient_balance`)."""
        ledger = self._floor.ledger
        ledger.pay_in(ledger.account(account_id), amount_micros, self._floor.now_ms)

    def transfer(self, source_id: str, target_id: str, amount_micros: Micros) -> None:
        """Move free money between accounts; 400 `insufficient_balance`, 400 `invalid_order` if not above zero."""
        ledger = self._floor.ledger
        source, target = ledger.account(source_id), ledger.account(target_id)
        if amount_micros <= 0:
            raise invalid_order("the amount of a transfer must be above zero")
        ledger.pay_in(source, -amount_micros, self._floor.now_ms)
        ledger.pay_in(target, amount_micros, self._floor.now_ms)

    def add_market(self, market: Market, now_ms: int) -> Market:
        """
        List a market; it opens and closes by itself at `open_ms` and `close_ms` (see `expire`).

        Raises:
            ValueError: There is one of this ticker.
        """
        floor, ticker = self._floor, market.ticker
        if ticker in floor.markets:
            raise ValueError(f"there is a market {ticker!r} already")
        now_ms = floor.advance(now_ms)
        floor.markets[ticker], floor.books[ticker] = market, Book(market.tick)
        floor.trades[ticker], floor.quotes[ticker] = [], [(now_ms, 0, DOLLAR)]
        floor.schedule(market.open_ms, "open", ticker)
        floor.schedule(market.close_ms, "close", ticker)
        floor.advance(now_ms)
        return market

    def set_fees(self, ticker: str, fees: FeeSchedule) -> None:
        """Change a market's fees for orders placed from now on; 404 `not_found`."""
        self._floor.market(ticker).fees = fees

    def expire(self, now_ms: int) -> None:
        """
        Carry out what time brings: open and close markets, cancel expired orders.

        Every call that takes `now_ms` begins with this; call it before reads too. It costs next to nothing when
        nothing is due. Time never runs backwards: an earlier `now_ms` does nothing.
        """
        self._floor.advance(now_ms)

    def open(self, ticker: str, now_ms: int) -> None:
        """Open trading by hand, from `initialized`, `inactive` or `closed`; a `close_ms` gone by is forgotten."""
        self._unsettled(ticker, now_ms).status = "active"

    def pause(self, ticker: str, now_ms: int) -> None:
        """Pause trading (`inactive`): no new orders; cancels those with `cancel_order_on_pause`."""
        market, floor = self._unsettled(ticker, now_ms), self._floor
        for entry in [*floor.books[ticker].queue("bid"), *floor.books[ticker].queue("ask")]:
            if floor.orders[entry.order_id].cancel_order_on_pause:
                floor.cancel(floor.orders[entry.order_id])
        market.status = "inactive"

    def close(self, ticker: str, now_ms: int) -> None:
        """End trading: cancels all resting orders."""
        market = self._unsettled(ticker, now_ms)
        self._floor.clear(market)
        market.status = "closed"

    def settle(self, ticker: str, result: Result, now_ms: int, *, value: Price | None = None) -> list[Settlement]:
        """
        Settle a market, open or closed: cancels its orders, pays its positions, makes it `finalized`.

        Args:
            ticker: The market.
            result: `yes`, `no` or `scalar`.
            now_ms: Unix milliseconds.
            value: What a YES contract pays; needed with `scalar`, else left out.

        Raises:
            Refusal: 404 `not_found`; 400 `invalid_order`: settled already, or no such result.
        """
        market, floor = self._unsettled(ticker, now_ms), self._floor
        pays = {"yes": DOLLAR, "no": 0}.get(result, value)
        if pays is None or not 0 <= pays <= DOLLAR or (result == "scalar") == (value is None):
            raise invalid_order("a market settles yes, no, or scalar at a value of zero to one dollar")
        floor.clear(market)
        market.status, market.result = "finalized", result
        market.settlement_value, market.settled_ms = pays, floor.now_ms
        accounts = floor.ledger.accounts.values()
        rows = [floor.ledger.settle(account, market, result, pays, floor.now_ms) for account in accounts]
        return [row for row in rows if row is not None]

    def house_micros(self) -> Micros:
        """Return the fees collected so far."""
        return self._floor.ledger.house_micros

    def check(self) -> None:
        """Hold every invariant against the books: money conserved, pairs covered, locks exact (AssertionError)."""
        check(self._floor)

    def _unsettled(self, ticker: str, now_ms: int) -> Market:
        self._floor.advance(now_ms)
        market = self._floor.market(ticker)
        if market.status == "finalized":
            raise invalid_order("market is finalized")
        return market
