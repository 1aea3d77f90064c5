"""Order groups, from outside."""

from __future__ import annotations

from typing import Final

from kalshi_paper.engine.amounts import Count
from kalshi_paper.engine.errors import invalid_order, not_found
from kalshi_paper.engine.order_group import OrderGroup
from kalshi_paper.engine.state import Floor

_MOST_GROUPS: Final = 100_000


class Grouping:
    """
    The part of `Exchange` that keeps order groups.

    Args:
        floor: The state.
    """

    def __init__(self, floor: Floor) -> None:
        self._floor = floor

    def create_order_group(self, account_id: str, contracts_limit: Count, now_ms: int) -> OrderGroup:
        """Create a group; 400 `invalid_order` for a limit below 0.01, or past 100,000 groups."""
        floor = self._floor
        floor.advance(now_ms)
        account = floor.ledger.account(account_id)
        _check_limit(contracts_limit)
        if len(account.groups) >= _MOST_GROUPS:
            raise invalid_order("an account holds at most 100,000 order groups")
        group = OrderGroup(order_group_id=floor.new_id(), account_id=account_id, contracts_limit=contracts_limit)
        floor.groups[group.order_group_id] = account.groups[group.order_group_id] = group
        return group

    def order_group(self, account_id: str, order_group_id: str) -> OrderGroup:
        """Return a group; the ids of its resting orders are in `resting`; 404 `not_found`."""
        try:
            return self._floor.ledger.account(account_id).groups[order_group_id]
        except KeyError:
            raise not_found() from None

    def order_groups(self, account_id: str) -> list[OrderGroup]:
        """Return the account's groups, oldest first."""
        return list(self._floor.ledger.account(account_id).groups.values())

    def reset_order_group(self, account_id: str, order_group_id: str, now_ms: int) -> None:
        """Count from zero again, and take orders again; 404 `not_found`."""
        self._floor.advance(now_ms)
        self.order_group(account_id, order_group_id).reset()

    def trigger_order_group(self, account_id: str, order_group_id: str, now_ms: int) -> None:
        """Cancel the group's orders, and take no more until reset; 404 `not_found`."""
        self._floor.advance(now_ms)
        self._floor.trigger(self.order_group(account_id, order_group_id))

    def limit_order_group(self, account_id: str, order_group_id: str, contracts_limit: Count, now_ms: int) -> None:
        """Change the limit; one already reached triggers at once; 404 `not_found`."""
        now_ms = self._floor.advance(now_ms)
        group = self.order_group(account_id, order_group_id)
        _check_limit(contracts_limit)
        group.contracts_limit = contracts_limit
        if not group.triggered and group.allowance(now_ms) == 0:
            self._floor.trigger(group)

    def delete_order_group(self, account_id: str, order_group_id: str, now_ms: int) -> None:
        """Cancel the group's orders and forget it; 404 `not_found`."""
        self._floor.advance(now_ms)
        group = self.order_group(account_id, order_group_id)
        self._floor.trigger(group)
        del self._floor.groups[order_group_id]
        del self._floor.ledger.accounts[account_id].groups[order_group_id]


def _check_limit(contracts_limit: Count) -> None:
    if contracts_limit <= 0:
        raise invalid_order("the limit of an order group must be above zero")
