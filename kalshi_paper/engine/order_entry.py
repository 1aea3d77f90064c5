"""Order entry: create, amend, decrease, cancel."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from attrs import evolve

from kalshi_paper.engine.amounts import Count, Price
from kalshi_paper.engine.errors import Refusal, invalid_order
from kalshi_paper.engine.execution import carry_out
from kalshi_paper.engine.order_validation import active_market, admitted, affordable_plan, check_expiry
from kalshi_paper.engine.orders import Amended, BookSide, Cancelled, Decreased, Filled, NewOrder, Order, Placed
from kalshi_paper.engine.state import Floor

_Asked = TypeVar("_Asked")
_Answer = TypeVar("_Answer")


class Entry:
    """
    The part of `Exchange` that orders come in by.

    Args:
        floor: The state.
    """

    def __init__(self, floor: Floor) -> None:
        self._floor = floor

    def create_order(self, account_id: str, new: NewOrder, now_ms: int) -> Placed:
        """
        Place an order.

        Raises:
            Refusal: 409 `order_already_exists`; 409 `fill_or_kill_insufficient_resting_volume`; 400 `invalid_price`;
                400 `insufficient_balance`; 400 `invalid_order` with details: market unknown or not active, post only
                cross, nothing to reduce, expiry gone by or with another time in force, group unknown or triggered,
                count not above zero.
        """
        floor = self._floor
        floor.advance(now_ms)
        account = floor.ledger.account(account_id)
        order = admitted(floor, account, new)
        may_rest = new.time_in_force == "good_till_canceled"
        made = affordable_plan(floor, order, may_rest=may_rest, whole=new.time_in_force == "fill_or_kill")
        # Ids only for orders that are taken: a journal need not hold those that were refused.
        order.order_id = floor.new_id()
        floor.orders[order.order_id] = order
        account.orders.append(order)
        if order.client_order_id:
            floor.client_order_ids[account.user_id].add(order.client_order_id)
        if order.expiration_s is not None:
            floor.schedule(order.expiration_s * 1000, "expiry", order.order_id)
        filled = carry_out(floor, order, made, may_rest=may_rest)
        return Placed(order=order, filled=filled, remaining_count=order.remaining_count, ts_ms=floor.now_ms)

    def create_orders(self, account_id: str, news: Sequence[NewOrder], now_ms: int) -> list[Placed | Refusal]:
        """Place several orders in turn, each on its own."""
        return _each(news, lambda new: self.create_order(account_id, new, now_ms))

    def amend_order(
        self,
        account_id: str,
        order_id: str,
        now_ms: int,
        *,
        ticker: str,
        side: BookSide,
        price: Price,
        count: Count,
        client_order_id: str | None = None,
        updated_client_order_id: str | None = None,
        expiration_s: int | None = None,
    ) -> Amended:
        """
        Change price, total count (filled and resting together) or expiry of a resting order.

        It keeps its place when the price stays and the count does not rise; otherwise it goes to the end of the queue
        of its price, and fills what crosses.

        Args:
            account_id: The account.
            order_id: The order.
            now_ms: Unix milliseconds.
            ticker: The order's market.
            side: The order's side.
            price: New price, or the old one.
            count: New total count, or the old one.
            client_order_id: The order's client order id; None if it need not be checked.
            updated_client_order_id: Its client order id from now on; None, or empty, leaves it.
            expiration_s: Unix seconds in the future; 0 takes the expiry away; None leaves it.

        Raises:
            Refusal: 404 `not_found`; 400 `invalid_price`; 400 `insufficient_balance`; 400 `invalid_order`: other
                market or side, count not above what has filled, post only cross, client order id other than the
                order's, new one used before, expiry gone by, market not active.
        """
        floor = self._floor
        floor.advance(now_ms)
        order = floor.resting(floor.ledger.account(account_id), order_id)
        remaining = self._amendable(order, ticker, side, price, count, client_order_id, updated_client_order_id)
        if expiration_s:
            check_expiry(floor, expiration_s)
        rested = order.remaining_count
        filled = Filled()
        if price == order.price and remaining <= order.remaining_count:
            if remaining < order.remaining_count:
                floor.shrink(order, remaining)
        else:
            amended = evolve(order, price=price, remaining_count=remaining)
            made = affordable_plan(floor, amended, may_rest=True, replaces=order)
            floor.lift(order)
            order.price, order.remaining_count = price, remaining
            filled = carry_out(floor, order, made, may_rest=True)
        self._relabel(order, updated_client_order_id, expiration_s)
        order.updated_ms = floor.now_ms
        told = order.remaining_count != rested or filled.count > 0
        return Amended(
            order=order,
            filled=filled if told else None,
            remaining_count=order.remaining_count if told else None,
            ts_ms=floor.now_ms,
        )

    def decrease_order(
        self,
        account_id: str,
        order_id: str,
        now_ms: int,
        *,
        reduce_by: Count | None = None,
        reduce_to: Count | None = None,
    ) -> Decreased:
        """
        Make a resting order smaller, in its place; down to nothing cancels it.

        Raises:
            Refusal: 404 `not_found`; 400 `invalid_order`: not exactly one of the two, or more than rests.
        """
        floor = self._floor
        floor.advance(now_ms)
        order = floor.resting(floor.ledger.account(account_id), order_id)
        if reduce_by is not None and reduce_to is None:
            left = order.remaining_count - reduce_by
        elif reduce_to is not None and reduce_by is None:
            left = reduce_to
        else:
            raise invalid_order("set either reduce_by or reduce_to")
        if not 0 <= left <= order.remaining_count:
            raise invalid_order("an order decreases by no less than zero and no more than rests")
        if left < order.remaining_count:
            floor.shrink(order, left)
        return Decreased(order=order, remaining_count=left, ts_ms=floor.now_ms)

    def cancel_order(self, account_id: str, order_id: str, now_ms: int) -> Cancelled:
        """Cancel a resting order; 404 `not_found` for any other, the same whatever became of it."""
        floor = self._floor
        floor.advance(now_ms)
        order = floor.resting(floor.ledger.account(account_id), order_id)
        return Cancelled(order=order, reduced_by=floor.cancel(order), ts_ms=floor.now_ms)

    def cancel_orders(self, account_id: str, order_ids: Sequence[str], now_ms: int) -> list[Cancelled | Refusal]:
        """Cancel several orders in turn, each on its own."""
        return _each(order_ids, lambda order_id: self.cancel_order(account_id, order_id, now_ms))

    def cancel_all(self, account_id: str, now_ms: int) -> list[Cancelled]:
        """Cancel all resting orders of the account."""
        self._floor.advance(now_ms)
        resting = list(self._floor.ledger.account(account_id).resting)
        return [self.cancel_order(account_id, order_id, now_ms) for order_id in resting]

    def _amendable(
        self, order: Order, ticker: str, side: BookSide, price: Price, count: Count, label: str | None, new: str | None
    ) -> Count:
        """Refuse an amend that cannot be, and return the contracts that would rest."""
        if (ticker, side) != (order.ticker, order.side):
            raise invalid_order("ticker and side must be those of the order")
        if label and label != order.client_order_id:
            raise invalid_order("client_order_id must be that of the order")
        if new and new in self._floor.client_order_ids[order.user_id]:
            raise invalid_order("updated_client_order_id was used before")
        active_market(self._floor, ticker).check_price(price)
        if count <= order.fill_count:
            raise invalid_order("count must be above what has filled")
        return count - order.fill_count

    def _relabel(self, order: Order, client_order_id: str | None, expiration_s: int | None) -> None:
        if client_order_id:
            order.client_order_id = client_order_id
            self._floor.client_order_ids[order.user_id].add(client_order_id)
        if expiration_s is not None:
            order.expiration_s = expiration_s or None
            if expiration_s:
                self._floor.schedule(expiration_s * 1000, "expiry", order.order_id)


def _each(asked: Iterable[_Asked], act: Callable[[_Asked], _Answer]) -> list[_Answer | Refusal]:
    answers: list[_Answer | Refusal] = []
    for one in asked:
        try:
            answers.append(act(one))
        except Refusal as refusal:
            answers.append(refusal)
    return answers
