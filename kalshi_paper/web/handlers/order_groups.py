"""Handlers for order groups."""

from __future__ import annotations

from typing import Final

from kalshi_paper.engine.amounts import CONTRACT, Count, count_from_text, count_text
from kalshi_paper.engine.errors import invalid_parameter
from kalshi_paper.engine.order_groups import OrderGroup
from kalshi_paper.service.commands.order_groups import (
    CreateOrderGroup,
    DeleteOrderGroup,
    OrderGroupCommand,
    ResetOrderGroup,
    SetOrderGroupLimit,
    TriggerOrderGroup,
)
from kalshi_paper.web.openapi import Json
from kalshi_paper.web.request_context import RequestContext


def create_order_group(request: RequestContext) -> Json:
    number = request.body.get("subaccount") or 0
    command = CreateOrderGroup(account=request.account_id(number), contracts_limit=_limit(request.body))
    group = request.service.execute(command)
    return {"order_group_id": group.order_group_id, "subaccount": number, "exchange_index": 0}


def get_order_groups(request: RequestContext) -> Json:
    account_ids = request.user.account_ids(request.query.get("subaccount")).values()
    found = [group for account_id in account_ids for group in request.engine.order_groups.all_of(account_id)]
    return {"order_groups": [{"id": group.order_group_id, **_group_json(group)} for group in found]}


def get_order_group(request: RequestContext) -> Json:
    group_id = request.path["order_group_id"]
    group, _ = request.find_in_accounts(lambda account_id: request.engine.order_groups.get(account_id, group_id))
    return {**_group_json(group), "orders": list(group.resting)}


def set_limit(request: RequestContext) -> Json:
    limit = _limit(request.body)
    account, group_id = request.account_id(), request.path["order_group_id"]
    return _execute(request, SetOrderGroupLimit(account=account, order_group_id=group_id, contracts_limit=limit))


def reset(request: RequestContext) -> Json:
    account, group_id = request.account_id(), request.path["order_group_id"]
    return _execute(request, ResetOrderGroup(account=account, order_group_id=group_id))


def trigger(request: RequestContext) -> Json:
    account, group_id = request.account_id(), request.path["order_group_id"]
    return _execute(request, TriggerOrderGroup(account=account, order_group_id=group_id))


def delete(request: RequestContext) -> Json:
    account, group_id = request.account_id(), request.path["order_group_id"]
    return _execute(request, DeleteOrderGroup(account=account, order_group_id=group_id))


def _execute(request: RequestContext, command: OrderGroupCommand) -> Json:
    """Execute a command that may cancel the orders of the group."""
    request.cancel(
        lambda: request.service.execute(command),
        lambda: [order for order in request.resting_orders() if order["order_group_id"] == command.order_group_id],
    )
    return {}


def _group_json(group: OrderGroup) -> Json:
    return {
        "is_auto_cancel_enabled": not group.triggered,
        "contracts_limit_fp": count_text(group.contracts_limit),
        "exchange_index": 0,
    }


def _limit(body: Json) -> Count:
    """Return the limit of a request, given in whole contracts, as a fixed-point string, or both."""
    whole, fixed_point = body.get("contracts_limit"), body.get("contracts_limit_fp")
    if fixed_point is not None:
        count = count_from_text(fixed_point)
        if whole is not None and count != whole * CONTRACT:
            raise invalid_parameter("contracts_limit and contracts_limit_fp differ")
        return count
    if whole is None:
        raise invalid_parameter("contracts_limit or contracts_limit_fp is required")
    return int(whole * CONTRACT)


HANDLERS: Final = {
    "CreateOrderGroup": create_order_group,
    "GetOrderGroups": get_order_groups,
    "GetOrderGroup": get_order_group,
    "UpdateOrderGroupLimit": set_limit,
    "ResetOrderGroup": reset,
    "TriggerOrderGroup": trigger,
    "DeleteOrderGroup": delete,
}
