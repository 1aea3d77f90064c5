"""
The matching engine as one object.

It reads no clock, file, socket or random number. The current time is an argument of every method that changes
something, and ids come from a function given to the constructor. The same calls with the same times and ids give the
same state, so a journal of the calls is a complete backup.

Units (see `amounts`): prices are ints of ten-thousandths of a dollar, counts ints of hundredths of a contract, money
(`*_micros`) ints of millionths of a dollar. All prices are those of the YES leg.

A request that cannot be carried out raises `errors.RequestRejected`, before anything has changed.
"""

from __future__ import annotations

from collections.abc import Callable

from kalshi_paper.engine.accounts import Account
from kalshi_paper.engine.amounts import Micros
from kalshi_paper.engine.errors import invalid_order
from kalshi_paper.engine.invariants import check_invariants
from kalshi_paper.engine.market_lifecycle import MarketLifecycle
from kalshi_paper.engine.market_queries import MarketQueries
from kalshi_paper.engine.order_entry import OrderEntry
from kalshi_paper.engine.order_group_entry import OrderGroupEntry
from kalshi_paper.engine.portfolio_queries import PortfolioQueries
from kalshi_paper.engine.state import EngineState


class MatchingEngine:
    """
    Accounts, and the parts that take orders, run markets and read data; all share one state.

    Args:
        new_id: Returns a new unique id on every call, for orders, trades and groups.

    Attributes:
        orders: Create, amend, decrease and cancel orders.
        order_groups: Create, change and delete order groups.
        lifecycle: List, open, pause, close and settle markets.
        market_data: Read markets, order books, trades and candlesticks.
        portfolio: Read the orders, positions, fills and balance of an account.
    """

    def __init__(self, *, new_id: Callable[[], str]) -> None:
        self._state = state = EngineState(new_id)
        self.orders = OrderEntry(state)
        self.order_groups = OrderGroupEntry(state)
        self.lifecycle = MarketLifecycle(state)
        self.market_data = MarketQueries(state)
        self.portfolio = PortfolioQueries(state)

    def advance_time(self, now_ms: int) -> None:
        """
        Process everything that is due: open and close markets, cancel expired orders.

        Every method that takes `now_ms` does this first; call it before reads too. It costs almost nothing when
        nothing is due. Time never goes back: an earlier `now_ms` does nothing.
        """
        self._state.advance_time(now_ms)

    def add_account(self, account_id: str, balance_micros: Micros = 0, *, user_id: str | None = None) -> Account:
        """
        Open an account with a balance.

        Accounts with the same `user_id` are subaccounts of one user: a `client_order_id` can be used once for all of
        them, and they never trade with each other (self-trade prevention). `user_id` defaults to the account id.

        Raises:
            ValueError: The account exists, or the balance is negative.
        """
        state = self._state
        if account_id in state.ledger.accounts:
            raise ValueError(f"account {account_id!r} already exists")
        if balance_micros < 0:
            raise ValueError("balance must not be negative")
        account = Account(account_id=account_id, user_id=account_id if user_id is None else user_id)
        state.ledger.accounts[account_id] = account
        state.client_order_ids.setdefault(account.user_id, set())
        state.ledger.deposit(account, balance_micros, state.now_ms)
        return account

    def accounts(self) -> list[Account]:
        """Return all accounts, in order of opening."""
        return list(self._state.ledger.accounts.values())

    def deposit(self, account_id: str, amount_micros: Micros) -> None:
        """
        Add money to an account, or withdraw it when the amount is negative.

        Raises:
            RequestRejected: 400 `insufficient_balance`: the withdrawal exceeds the free money.
        """
        ledger = self._state.ledger
        ledger.deposit(ledger.account(account_id), amount_micros, self._state.now_ms)

    def transfer(self, source_id: str, target_id: str, amount_micros: Micros) -> None:
        """
        Move free money from one account to another.

        Raises:
            RequestRejected: 400 `insufficient_balance`; 400 `invalid_order`: the amount is not positive.
        """
        ledger = self._state.ledger
        source, target = ledger.account(source_id), ledger.account(target_id)
        if amount_micros <= 0:
            raise invalid_order("the amount of a transfer must be above zero")
        ledger.deposit(source, -amount_micros, self._state.now_ms)
        ledger.deposit(target, amount_micros, self._state.now_ms)

    def collected_fees_micros(self) -> Micros:
        """Return the fees collected from all accounts."""
        return self._state.ledger.collected_fees_micros

    def check_invariants(self) -> None:
        """Check that money is conserved, contracts are paired and collateral is exact; raises AssertionError."""
        check_invariants(self._state)
