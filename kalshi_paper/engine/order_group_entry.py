"""Requests about order groups: create, read, reset, trigger, change the limit, delete."""

from __future__ import annotations

from typing import Final

from attrs import frozen

from kalshi_paper.engine.amounts import Count
from kalshi_paper.engine.errors import invalid_order, not_found
from kalshi_paper.engine.order_groups import OrderGroup
from kalshi_paper.engine.state import EngineState

_MAX_GROUPS: Final = 100_000


@frozen(eq=False)
class OrderGroupEntry:
    """
    Create, read, change and delete order groups.

    Every method raises RequestRejected 404 `not_found` for an unknown account or group.

    Args:
        state: State of the engine.
    """

    _state: EngineState

    def create(self, account_id: str, contracts_limit: Count, now_ms: int) -> OrderGroup:
        """
        Create a group.

        Raises:
            RequestRejected: 400 `invalid_order`: the limit is not positive, or the account has 100,000 groups.
        """
        state = self._state
        state.advance_time(now_ms)
        account = state.ledger.account(account_id)
        _check_limit(contracts_limit)
        if len(account.groups) >= _MAX_GROUPS:
            raise invalid_order("an account holds at most 100,000 order groups")
        group = OrderGroup(order_group_id=state.new_id(), account_id=account_id, contracts_limit=contracts_limit)
        state.groups[group.order_group_id] = account.groups[group.order_group_id] = group
        return group

    def get(self, account_id: str, order_group_id: str) -> OrderGroup:
        """Return a group."""
        try:
            return self._state.ledger.account(account_id).groups[order_group_id]
        except KeyError:
            raise not_found() from None

    def all_of(self, account_id: str) -> list[OrderGroup]:
        """Return the groups of an account, oldest first."""
        return list(self._state.ledger.account(account_id).groups.values())

    def reset(self, account_id: str, order_group_id: str, now_ms: int) -> None:
        """Set the traded contracts to zero and accept orders again."""
        self._state.advance_time(now_ms)
        self.get(account_id, order_group_id).reset()

    def trigger(self, account_id: str, order_group_id: str, now_ms: int) -> None:
        """Cancel the group's orders and reject new ones until it is reset."""
        self._state.advance_time(now_ms)
        self._state.trigger_group(self.get(account_id, order_group_id))

    def set_limit(self, account_id: str, order_group_id: str, contracts_limit: Count, now_ms: int) -> None:
        """Change the limit; a group that has already traded as much is triggered."""
        now_ms = self._state.advance_time(now_ms)
        group = self.get(account_id, order_group_id)
        _check_limit(contracts_limit)
        group.contracts_limit = contracts_limit
        if not group.triggered and group.allowance(now_ms) == 0:
            self._state.trigger_group(group)

    def delete(self, account_id: str, order_group_id: str, now_ms: int) -> None:
        """Cancel the group's orders and delete it."""
        self._state.advance_time(now_ms)
        group = self.get(account_id, order_group_id)
        self._state.trigger_group(group)
        del self._state.groups[order_group_id]
        del self._state.ledger.accounts[account_id].groups[order_group_id]


def _check_limit(contracts_limit: Count) -> None:
    if contracts_limit <= 0:
        raise invalid_order("the limit of an order group must be above zero")
