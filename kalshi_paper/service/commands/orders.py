"""Commands about orders."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from attrs import define

from kalshi_paper.engine.amounts import Count, Price
from kalshi_paper.engine.orders import BookSide, NewOrder, OrderAmended, OrderCancelled, OrderDecreased, OrderPlaced
from kalshi_paper.service.commands.base import Command
from kalshi_paper.service.service_state import ServiceState


@define(kw_only=True, eq=False)
class CreateOrder(Command[OrderPlaced]):
    """
    Place an order.

    Attributes:
        account: Engine id of the account.
        new: The order.
    """

    journal_name: ClassVar[str] = "create_order"

    account: str
    new: NewOrder

    def run(self, state: ServiceState, at_ms: int) -> OrderPlaced:
        return state.engine.orders.create(self.account, self.new, at_ms)

    @classmethod
    def from_arguments(cls, arguments: dict[str, Any]) -> Self:
        return cls(account=arguments["account"], new=NewOrder(**arguments["new"]))


@define(kw_only=True, eq=False)
class AmendOrder(Command[OrderAmended]):
    """
    Change price, count or expiration time of a resting order; see `OrderEntry.amend`.

    Attributes:
        account: Engine id of the account.
        order_id: Order.
        ticker: Market of the order.
        side: Side of the order.
        price: New price, or the current one.
        count: New total count, or the current one.
        client_order_id: Expected client order id; None skips the check.
        updated_client_order_id: New client order id; None keeps the current one.
        expiration_s: New expiration time, Unix seconds; 0 removes it, None keeps the current one.
    """

    journal_name: ClassVar[str] = "amend_order"

    account: str
    order_id: str
    ticker: str
    side: BookSide
    price: Price
    count: Count
    client_order_id: str | None = None
    updated_client_order_id: str | None = None
    expiration_s: int | None = None

    def run(self, state: ServiceState, at_ms: int) -> OrderAmended:
        return state.engine.orders.amend(
            self.account,
            self.order_id,
            at_ms,
            ticker=self.ticker,
            side=self.side,
            price=self.price,
            count=self.count,
            client_order_id=self.client_order_id,
            updated_client_order_id=self.updated_client_order_id,
            expiration_s=self.expiration_s,
        )


@define(kw_only=True, eq=False)
class DecreaseOrder(Command[OrderDecreased]):
    """
    Reduce a resting order by a count or to a count.

    Attributes:
        account: Engine id of the account.
        order_id: Order.
        reduce_by: Contracts to take off.
        reduce_to: Contracts to keep.
    """

    journal_name: ClassVar[str] = "decrease_order"

    account: str
    order_id: str
    reduce_by: Count | None = None
    reduce_to: Count | None = None

    def run(self, state: ServiceState, at_ms: int) -> OrderDecreased:
        return state.engine.orders.decrease(
            self.account, self.order_id, at_ms, reduce_by=self.reduce_by, reduce_to=self.reduce_to
        )


@define(kw_only=True, eq=False)
class CancelOrder(Command[OrderCancelled]):
    """
    Cancel a resting order.

    Attributes:
        account: Engine id of the account.
        order_id: Order.
    """

    journal_name: ClassVar[str] = "cancel_order"

    account: str
    order_id: str

    def run(self, state: ServiceState, at_ms: int) -> OrderCancelled:
        return state.engine.orders.cancel(self.account, self.order_id, at_ms)


@define(kw_only=True, eq=False)
class CancelAllOrders(Command[list[OrderCancelled]]):
    """
    Cancel all resting orders of an account.

    Attributes:
        account: Engine id of the account.
    """

    journal_name: ClassVar[str] = "cancel_all"

    account: str

    def run(self, state: ServiceState, at_ms: int) -> list[OrderCancelled]:
        return state.engine.orders.cancel_all(self.account, at_ms)
