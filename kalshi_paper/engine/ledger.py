"""The money: every account's cash, what is locked, the house's fees; exact to a millionth of a dollar."""

from __future__ import annotations

from typing import Final

from attrs import evolve, frozen

from kalshi_paper.engine.accounts import Account
from kalshi_paper.engine.amounts import DOLLAR, Count, Micros, Price
from kalshi_paper.engine.errors import insufficient_balance, not_found
from kalshi_paper.engine.fees import charged, units
from kalshi_paper.engine.markets import Market, Result
from kalshi_paper.engine.orders import Order
from kalshi_paper.engine.positions import Holding, leg_price
from kalshi_paper.engine.records import Settlement

_MOST_MICROS: Final[Micros] = 10**18
"""A ninth of what a signed 64-bit number holds: sums over orders that this money backs stay within it."""


@frozen(kw_only=True)
class Cost:
    """
    What a request will do to its account, as planned.

    Attributes:
        count: Contracts filled at once.
        cost_micros: Sum of YES price times contracts.
        fee_units: Exact fees on them, before rounding.
    """

    count: Count
    cost_micros: Micros
    fee_units: int


class Ledger:
    """All accounts, and the house that collects the fees."""

    def __init__(self) -> None:
        self.accounts: dict[str, Account] = {}
        self.house_micros: Micros = 0
        self.paid_in_micros: Micros = 0

    def account(self, account_id: str) -> Account:
        """Return an account; 404 `not_found`."""
        try:
            return self.accounts[account_id]
        except KeyError:
            raise not_found() from None

    def pay_in(self, account: Account, amount_micros: Micros, now_ms: int) -> None:
        """
        Move money in from outside, or out when below zero.

        Raises:
            Refusal: 400 `insufficient_balance`; more is taken out than is free.
            ValueError: The exchange would hold more than it can count.
        """
        if self.paid_in_micros + amount_micros > _MOST_MICROS:
            raise ValueError("a paper exchange holds a trillion dollars at most")
        if account.free_micros + min(amount_micros, 0) < 0:
            raise insufficient_balance()
        account.cash_micros += amount_micros
        account.updated_ms = now_ms
        self.paid_in_micros += amount_micros

    def afford(self, held: Holding, order: Order, cost: Cost, rests: Count, out: list[Order]) -> None:
        """
        Hold a plan against the money of its account, to the last millionth; nothing is changed.

        Args:
            held: The account's holding in the market.
            order: The order before the plan, not counted in.
            cost: What fills at once.
            rests: Contracts that would rest.
            out: The account's orders, counted in, that would leave the book.

        Raises:
            Refusal: 400 `insufficient_balance`.
        """
        free = self.accounts[held.account_id].free_micros
        fee_units = order.fee_units + cost.fee_units
        fee = charged(fee_units) - charged(order.fee_units)
        resting_fee = charged(fee_units + units(order.fees.maker_rate, rests, order.price)) - charged(fee_units)
        if leg_price(order.side, order.price) * (cost.count + rests) + fee + resting_fee <= free:
            return  # Nothing costs more than its limit price, whatever it closes, releases or replaces.
        spent = cost.cost_micros if order.side == "bid" else DOLLAR * cost.count - cost.cost_micros
        released = DOLLAR * min(cost.count, held.closable(order.side))
        left = evolve(order, remaining_count=rests, fee_units=fee_units)
        for leaving in out:
            held.reserve(leaving, -1)
        held.reserve(left, 1)
        required = held.required(held.count + (cost.count if order.side == "bid" else -cost.count))
        held.reserve(left, -1)
        for leaving in out:
            held.reserve(leaving, 1)
        change = released - spent - fee - required + held.locked_micros
        if change < 0 and free + change < 0:
            raise insufficient_balance()

    def fill(self, order: Order, market: Market, count: Count, price: Price, now_ms: int, *, taker: bool) -> Micros:
        """Carry out one order's half of a trade, on its account and on itself, and return the fee."""
        account = self.accounts[order.account_id]
        held = account.holding(market)
        yes_before = max(0, held.count)
        if not taker:
            held.reserve(order, -1)
        account.cash_micros += held.trade(order.side, count, price)
        order.remaining_count -= count
        fee = self._charge(order, units(order.fees.taker_rate if taker else order.fees.maker_rate, count, price))
        cost = count * leg_price(order.side, price)
        if taker:
            order.taker_fees_micros += fee
            order.taker_fill_cost_micros += cost
        else:
            order.maker_fees_micros += fee
            order.maker_fill_cost_micros += cost
            held.reserve(order, 1)
        order.fill_count += count
        account.cash_micros -= fee
        self.house_micros += fee
        held.fees_micros += fee
        held.updated_ms = account.updated_ms = order.updated_ms = now_ms
        market.open_interest += max(0, held.count) - yes_before
        account.relock(held)
        return fee

    def settle(self, account: Account, market: Market, result: Result, value: Price, now_ms: int) -> Settlement | None:
        """Pay an account's position in a market; None when it holds nothing there."""
        held = account.holdings.get(market.ticker)
        if held is None or held.settled:
            return None
        held.settled = True
        yes, no = max(0, held.count), max(0, -held.count)
        if not held.count:
            return None
        revenue = yes * value + no * (DOLLAR - value)
        settlement = Settlement(
            account_id=account.account_id,
            ticker=market.ticker,
            event_ticker=market.event_ticker,
            result=result,
            value=value,
            yes_count=yes,
            yes_cost_micros=held.cost_micros if yes else 0,
            no_count=no,
            no_cost_micros=held.cost_micros if no else 0,
            revenue_micros=revenue,
            fees_micros=held.fees_micros,
            settled_ms=now_ms,
        )
        account.cash_micros += revenue
        account.settlements.append(settlement)
        held.realized_micros += revenue - held.cost_micros
        held.count = held.cost_micros = 0
        held.updated_ms = account.updated_ms = now_ms
        market.open_interest -= yes
        return settlement

    def _charge(self, order: Order, fee_units: int) -> Micros:
        before = charged(order.fee_units)
        order.fee_units += fee_units
        return charged(order.fee_units) - before
