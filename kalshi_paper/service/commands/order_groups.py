"""Commands about order groups."""

from __future__ import annotations

from typing import ClassVar

from attrs import define

from kalshi_paper.engine.amounts import Count
from kalshi_paper.engine.order_groups import OrderGroup
from kalshi_paper.service.commands.base import Command
from kalshi_paper.service.service_state import ServiceState


@define(kw_only=True, eq=False)
class CreateOrderGroup(Command[OrderGroup]):
    """
    Create an order group.

    Attributes:
        account: Engine id of the account.
        contracts_limit: Maximum number of contracts traded within any 15 seconds.
    """

    journal_name: ClassVar[str] = "create_group"

    account: str
    contracts_limit: Count

    def run(self, state: ServiceState, at_ms: int) -> OrderGroup:
        return state.engine.order_groups.create(self.account, self.contracts_limit, at_ms)


@define(kw_only=True, eq=False)
class OrderGroupCommand(Command[None]):
    """
    Base class of the commands that change an existing order group.

    Attributes:
        account: Engine id of the account.
        order_group_id: Group.
    """

    account: str
    order_group_id: str


@define(kw_only=True, eq=False)
class SetOrderGroupLimit(OrderGroupCommand):
    """
    Change the limit of an order group.

    Attributes:
        contracts_limit: New limit.
    """

    journal_name: ClassVar[str] = "limit_group"

    contracts_limit: Count

    def run(self, state: ServiceState, at_ms: int) -> None:
        state.engine.order_groups.set_limit(self.account, self.order_group_id, self.contracts_limit, at_ms)


class ResetOrderGroup(OrderGroupCommand):
    """Reset an order group."""

    __slots__ = ()

    journal_name: ClassVar[str] = "reset_group"

    def run(self, state: ServiceState, at_ms: int) -> None:
        state.engine.order_groups.reset(self.account, self.order_group_id, at_ms)


class TriggerOrderGroup(OrderGroupCommand):
    """Cancel the orders of a group, which then rejects orders until it is reset."""

    __slots__ = ()

    journal_name: ClassVar[str] = "trigger_group"

    def run(self, state: ServiceState, at_ms: int) -> None:
        state.engine.order_groups.trigger(self.account, self.order_group_id, at_ms)


class DeleteOrderGroup(OrderGroupCommand):
    """Delete an order group and cancel its orders."""

    __slots__ = ()

    journal_name: ClassVar[str] = "delete_group"

    def run(self, state: ServiceState, at_ms: int) -> None:
        state.engine.order_groups.delete(self.account, self.order_group_id, at_ms)
