"""Order groups."""

from __future__ import annotations

from typing import Any, Final

from kalshi_paper.engine.amounts import CONTRACT, Count, count_from_text, count_text
from kalshi_paper.engine.order_group import OrderGroup
from kalshi_paper.web.error_responses import bad_parameter
from kalshi_paper.web.openapi import Json
from kalshi_paper.web.request_context import Call


def create(call: Call) -> Json:
    number = call.body.get("subaccount") or 0
    group = call.desk.do("create_group", account=call.account(number), contracts_limit=_limit(call.body))
    return {"order_group_id": group.order_group_id, "subaccount": number, "exchange_index": 0}


def get_several(call: Call) -> Json:
    accounts = call.user.several(call.query.get("subaccount")).values()
    found = [group for account in accounts for group in call.exchange.order_groups(account)]
    return {"order_groups": [{"id": group.order_group_id, **_row(group)} for group in found]}


def get(call: Call) -> Json:
    account = call.path["order_group_id"]
    group, _ = call.anywhere(lambda each: call.exchange.order_group(each, account))
    return {**_row(group), "orders": list(group.resting)}


def limit(call: Call) -> Json:
    return _change(call, "limit_group", contracts_limit=_limit(call.body))


def reset(call: Call) -> Json:
    return _change(call, "reset_group")


def trigger(call: Call) -> Json:
    return _change(call, "trigger_group")


def delete(call: Call) -> Json:
    return _change(call, "delete_group")


def _change(call: Call, action: str, **more: Any) -> Json:
    account, group_id = call.account(), call.path["order_group_id"]
    call.cancelling(
        lambda: call.desk.do(action, account=account, order_group_id=group_id, **more),
        lambda: [row for row in call.resting() if row["order_group_id"] == group_id],
    )
    return {}


def _row(group: OrderGroup) -> Json:
    return {
        "is_auto_cancel_enabled": not group.triggered,
        "contracts_limit_fp": count_text(group.contracts_limit),
        "exchange_index": 0,
    }


def _limit(body: Json) -> Count:
    whole, fixed_point = body.get("contracts_limit"), body.get("contracts_limit_fp")
    if fixed_point is not None:
        count = count_from_text(fixed_point)
        if whole is not None and count != whole * CONTRACT:
            raise bad_parameter("contracts_limit and contracts_limit_fp differ")
        return count
    if whole is None:
        raise bad_parameter("contracts_limit or contracts_limit_fp is required")
    return int(whole * CONTRACT)


HANDLERS: Final = {
    "CreateOrderGroup": create,
    "GetOrderGroups": get_several,
    "GetOrderGroup": get,
    "UpdateOrderGroupLimit": limit,
    "ResetOrderGroup": reset,
    "TriggerOrderGroup": trigger,
    "DeleteOrderGroup": delete,
}
