"""The money of the exchange: cash and collateral of every account, collected fees; exact to $0.000001."""

from __future__ import annotations

from typing import Final

from attrs import evolve, frozen

from kalshi_paper.engine.accounts import Account
from kalshi_paper.engine.amounts import DOLLAR, Count, Micros, Price
from kalshi_paper.engine.errors import insufficient_balance, not_found
from kalshi_paper.engine.fees import exact_fee, rounded_fee
from kalshi_paper.engine.markets import Market, Result
from kalshi_paper.engine.orders import Order
from kalshi_paper.engine.positions import Position, leg_price
from kalshi_paper.engine.records import Settlement

_MAX_MICROS: Final[Micros] = 10**18
"""A ninth of the signed 64-bit range, so that sums over the orders that this money covers do not overflow."""


@frozen(kw_only=True)
class PlannedCost:
    """
    Cost of the fills that are planned for an incoming order.

    Attributes:
        count: Contracts that fill at once.
        cost_micros: Sum of YES price times contracts.
        fee_units: Fees before rounding.
    """

    count: Count
    cost_micros: Micros
    fee_units: int


class Ledger:
    """
    Accounts, deposits and collected fees.

    Attributes:
        accounts: Accounts by id.
        collected_fees_micros: Fees collected from all accounts.
        deposited_micros: Deposits minus withdrawals.
    """

    def __init__(self) -> None:
        self.accounts: dict[str, Account] = {}
        self.collected_fees_micros: Micros = 0
        self.deposited_micros: Micros = 0

    def account(self, account_id: str) -> Account:
        """Return an account; RequestRejected 404 `not_found` if it does not exist."""
        try:
            return self.accounts[account_id]
        except KeyError:
            raise not_found() from None

    def deposit(self, account: Account, amount_micros: Micros, now_ms: int) -> None:
        """
        Add money to an account, or withdraw it when the amount is negative.

        Raises:
            RequestRejected: 400 `insufficient_balance`: the withdrawal exceeds the free money.
            ValueError: The deposits of all accounts would exceed a trillion dollars.
        """
        if self.deposited_micros + amount_micros > _MAX_MICROS:
            raise ValueError("deposit: a paper exchange holds at most a trillion dollars")
        if account.free_micros + min(amount_micros, 0) < 0:
            raise insufficient_balance()
        account.cash_micros += amount_micros
        account.updated_ms = now_ms
        self.deposited_micros += amount_micros

    def check_affordable(
        self, position: Position, order: Order, cost: PlannedCost, rests: Count, leaving: list[Order]
    ) -> None:
        """
        Reject a planned order that its account cannot pay for; nothing is changed.

        Args:
            position: The account's position in the market.
            order: The order before the plan; its contracts are not part of the position's collateral yet.
            cost: Cost of the planned fills.
            rests: Contracts that would rest.
            leaving: Resting orders of the account that the plan takes off the book.

        Raises:
            RequestRejected: 400 `insufficient_balance`.
        """
        free = self.accounts[position.account_id].free_micros
        fee_units = order.fee_units + cost.fee_units
        fee = rounded_fee(fee_units) - rounded_fee(order.fee_units)
        resting_units = fee_units + exact_fee(order.fees.maker_rate, rests, order.price)
        resting_fee = rounded_fee(resting_units) - rounded_fee(fee_units)
        if leg_price(order.side, order.price) * (cost.count + rests) + fee + resting_fee <= free:
            return  # The limit price is the maximum cost, so nothing else has to be computed.
        spent = cost.cost_micros if order.side == "bid" else DOLLAR * cost.count - cost.cost_micros
        released = DOLLAR * min(cost.count, position.closable(order.side))
        remainder = evolve(order, remaining_count=rests, fee_units=fee_units)
        for gone in leaving:
            position.remove_resting(gone)
        position.add_resting(remainder)
        collateral = position.collateral(position.count + (cost.count if order.side == "bid" else -cost.count))
        position.remove_resting(remainder)
        for gone in leaving:
            position.add_resting(gone)
        change = released - spent - fee - collateral + position.locked_micros
        if change < 0 and free + change < 0:
            raise insufficient_balance()

    def apply_fill(
        self, order: Order, market: Market, count: Count, price: Price, now_ms: int, *, is_taker: bool
    ) -> Micros:
        """Update an order and its account for one side of a trade, and return the fee."""
        account = self.accounts[order.account_id]
        position = account.position_in(market)
        yes_before = max(0, position.count)
        if not is_taker:
            position.remove_resting(order)
        account.cash_micros += position.apply_fill(order.side, count, price)
        order.remaining_count -= count
        rate = order.fees.taker_rate if is_taker else order.fees.maker_rate
        fee = self._charge_fee(order, exact_fee(rate, count, price))
        cost = count * leg_price(order.side, price)
        if is_taker:
            order.taker_fees_micros += fee
            order.taker_fill_cost_micros += cost
        else:
            order.maker_fees_micros += fee
            order.maker_fill_cost_micros += cost
            position.add_resting(order)
        order.fill_count += count
        account.cash_micros -= fee
        self.collected_fees_micros += fee
        position.fees_micros += fee
        position.updated_ms = account.updated_ms = order.updated_ms = now_ms
        market.open_interest += max(0, position.count) - yes_before
        account.update_locked(position)
        return fee

    def settle(self, account: Account, market: Market, result: Result, value: Price, now_ms: int) -> Settlement | None:
        """Pay out an account's position in a market; returns None when it holds no contracts."""
        position = account.positions.get(market.ticker)
        if position is None or position.settled:
            return None
        position.settled = True
        yes, no = max(0, position.count), max(0, -position.count)
        if not position.count:
            return None
        revenue = yes * value + no * (DOLLAR - value)
        settlement = Settlement(
            account_id=account.account_id,
            ticker=market.ticker,
            event_ticker=market.event_ticker,
            result=result,
            value=value,
            yes_count=yes,
            yes_cost_micros=position.cost_micros if yes else 0,
            no_count=no,
            no_cost_micros=position.cost_micros if no else 0,
            revenue_micros=revenue,
            fees_micros=position.fees_micros,
            settled_ms=now_ms,
        )
        account.cash_micros += revenue
        account.settlements.append(settlement)
        position.realized_micros += revenue - position.cost_micros
        position.count = position.cost_micros = 0
        position.updated_ms = account.updated_ms = now_ms
        market.open_interest -= yes
        return settlement

    def _charge_fee(self, order: Order, fee_units: int) -> Micros:
        """Add to an order's unrounded fees, and return the increase of the rounded total."""
        before = rounded_fee(order.fee_units)
        order.fee_units += fee_units
        return rounded_fee(order.fee_units) - before
