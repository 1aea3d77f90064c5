"""Order entry: create, amend, decrease and cancel orders."""

from __future__ import annotations

from attrs import evolve, frozen

from kalshi_paper.engine.amounts import Count, Price
from kalshi_paper.engine.errors import invalid_order
from kalshi_paper.engine.execution import execute
from kalshi_paper.engine.order_validation import active_market, affordable_plan, check_expiration, validated_order
from kalshi_paper.engine.orders import (
    BookSide,
    FillSummary,
    NewOrder,
    Order,
    OrderAmended,
    OrderCancelled,
    OrderDecreased,
    OrderPlaced,
)
from kalshi_paper.engine.state import EngineState


@frozen(eq=False)
class OrderEntry:
    """
    Create, amend, decrease and cancel orders.

    Every method raises RequestRejected, before anything has changed, and 404 `not_found` for an order that does not
    rest, whatever its status.

    Args:
        state: State of the engine.
    """

    _state: EngineState

    def create(self, account_id: str, new: NewOrder, now_ms: int) -> OrderPlaced:
        """
        Place an order.

        Raises:
            RequestRejected: 409 `order_already_exists`; 409 `fill_or_kill_insufficient_resting_volume`;
                400 `invalid_price`; 400 `insufficient_balance`; 400 `invalid_order` with details: market unknown or
                not active, post only cross, nothing to reduce, expiration time in the past or with another time in
                force, order group unknown or triggered, count not positive.
        """
        state = self._state
        state.advance_time(now_ms)
        account = state.ledger.account(account_id)
        order = validated_order(state, account, new)
        may_rest = new.time_in_force == "good_till_canceled"
        plan = affordable_plan(state, order, may_rest=may_rest, fill_or_kill=new.time_in_force == "fill_or_kill")
        # Rejected orders use up no id, so a journal does not have to record them.
        order.order_id = state.new_id()
        state.orders[order.order_id] = order
        account.orders.append(order)
        if order.client_order_id:
            state.client_order_ids[account.user_id].add(order.client_order_id)
        if order.expiration_s is not None:
            state.schedule(order.expiration_s * 1000, "expiry", order.order_id)
        filled = execute(state, order, plan, may_rest=may_rest)
        return OrderPlaced(order=order, filled=filled, remaining_count=order.remaining_count, ts_ms=state.now_ms)

    def amend(
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
    ) -> OrderAmended:
        """
        Change the price, the total count (filled plus resting) or the expiration time of a resting order.

        The order keeps its place in the queue if the price stays the same and the count does not increase. Otherwise
        it moves to the end of the queue of its price, and fills what it crosses.

        Args:
            account_id: Account.
            order_id: Order to amend.
            now_ms: Unix milliseconds.
            ticker: Market of the order; cannot be changed.
            side: Side of the order; cannot be changed.
            price: New price, or the current one.
            count: New total count, or the current one.
            client_order_id: Expected client order id; None skips the check.
            updated_client_order_id: New client order id; None or empty keeps the current one.
            expiration_s: New expiration time, Unix seconds; 0 removes it, None keeps the current one.

        Raises:
            RequestRejected: 400 `invalid_price`; 400 `insufficient_balance`; 400 `invalid_order`: other market or
                side, count not above the filled count, post only cross, other client order id, new client order id
                used before, expiration time in the past, market not active.
        """
        state = self._state
        state.advance_time(now_ms)
        order = state.resting_order(state.ledger.account(account_id), order_id)
        remaining = self._amended_remaining(order, ticker, side, price, count, client_order_id, updated_client_order_id)
        if expiration_s:
            check_expiration(state, expiration_s)
        count_before = order.remaining_count
        filled = FillSummary()
        if price == order.price and remaining <= order.remaining_count:
            if remaining < order.remaining_count:
                state.reduce_order(order, remaining)
        else:
            amended = evolve(order, price=price, remaining_count=remaining)
            plan = affordable_plan(state, amended, may_rest=True, replaces=order)
            state.remove_from_book(order)
            order.price, order.remaining_count = price, remaining
            filled = execute(state, order, plan, may_rest=True)
        self._set_identity(order, updated_client_order_id, expiration_s)
        order.updated_ms = state.now_ms
        changed = order.remaining_count != count_before or filled.count > 0
        return OrderAmended(
            order=order,
            filled=filled if changed else None,
            remaining_count=order.remaining_count if changed else None,
            ts_ms=state.now_ms,
        )

    def decrease(
        self,
        account_id: str,
        order_id: str,
        now_ms: int,
        *,
        reduce_by: Count | None = None,
        reduce_to: Count | None = None,
    ) -> OrderDecreased:
        """
        Reduce a resting order, which keeps its place in the queue; reducing it to zero cancels it.

        Raises:
            RequestRejected: 400 `invalid_order`: not exactly one of `reduce_by` and `reduce_to`, or out of range.
        """
        state = self._state
        state.advance_time(now_ms)
        order = state.resting_order(state.ledger.account(account_id), order_id)
        if reduce_by is not None and reduce_to is None:
            remaining = order.remaining_count - reduce_by
        elif reduce_to is not None and reduce_by is None:
            remaining = reduce_to
        else:
            raise invalid_order("set either reduce_by or reduce_to")
        if not 0 <= remaining <= order.remaining_count:
            raise invalid_order("an order decreases by no less than zero and no more than rests")
        if remaining < order.remaining_count:
            state.reduce_order(order, remaining)
        return OrderDecreased(order=order, remaining_count=remaining, ts_ms=state.now_ms)

    def cancel(self, account_id: str, order_id: str, now_ms: int) -> OrderCancelled:
        """Cancel a resting order."""
        state = self._state
        state.advance_time(now_ms)
        order = state.resting_order(state.ledger.account(account_id), order_id)
        return OrderCancelled(order=order, reduced_by=state.cancel_order(order), ts_ms=state.now_ms)

    def cancel_all(self, account_id: str, now_ms: int) -> list[OrderCancelled]:
        """Cancel all resting orders of an account, oldest first."""
        self._state.advance_time(now_ms)
        resting = list(self._state.ledger.account(account_id).resting)
        return [self.cancel(account_id, order_id, now_ms) for order_id in resting]

    def _amended_remaining(
        self,
        order: Order,
        ticker: str,
        side: BookSide,
        price: Price,
        count: Count,
        client_order_id: str | None,
        updated_client_order_id: str | None,
    ) -> Count:
        """Validate an amend, and return the contracts that would rest."""
        if (ticker, side) != (order.ticker, order.side):
            raise invalid_order("ticker and side must be those of the order")
        if client_order_id and client_order_id != order.client_order_id:
            raise invalid_order("client_order_id must be that of the order")
        if updated_client_order_id and updated_client_order_id in self._state.client_order_ids[order.user_id]:
            raise invalid_order("updated_client_order_id was used before")
        active_market(self._state, ticker).check_price(price)
        if count <= order.fill_count:
            raise invalid_order("count must be above what has filled")
        return count - order.fill_count

    def _set_identity(self, order: Order, client_order_id: str | None, expiration_s: int | None) -> None:
        """Set the client order id and the expiration time of an amended order."""
        if client_order_id:
            order.client_order_id = client_order_id
            self._state.client_order_ids[order.user_id].add(client_order_id)
        if expiration_s is not None:
            order.expiration_s = expiration_s or None
            if expiration_s:
                self._state.schedule(expiration_s * 1000, "expiry", order.order_id)
