"""Handlers for orders: create, amend, decrease, cancel, read, and queue positions."""

from __future__ import annotations

from typing import Final

from kalshi_paper.engine.amounts import Count, count_from_text, count_text, price_from_text
from kalshi_paper.engine.errors import RequestRejected, invalid_parameter
from kalshi_paper.engine.orders import NewOrder, Order
from kalshi_paper.service.commands.orders import AmendOrder, CancelAllOrders, CancelOrder, CreateOrder, DecreaseOrder
from kalshi_paper.web.account_json import average_fill_json, order_json
from kalshi_paper.web.json_text import encode_json, encode_string
from kalshi_paper.web.openapi import Json
from kalshi_paper.web.request_context import RequestContext

_STATUSES: Final = ("resting", "canceled", "executed")
_MAX_EVENT_TICKERS: Final = 10


def create_order(request: RequestContext) -> str:
    return _create(request, request.body)


def create_orders(request: RequestContext) -> str:
    results = []
    for item in request.body["orders"]:
        try:
            results.append(_create(request, item))
        except RequestRejected as rejected:
            results.append(encode_json(_error_json(item, rejected)))
    return f'{{"orders":[{",".join(results)}]}}'


def amend_order(request: RequestContext) -> Json:
    body = request.body
    command = AmendOrder(
        account=request.account_id(),
        order_id=request.path["order_id"],
        ticker=body["ticker"],
        side=body["side"],
        price=price_from_text(body["price"]),
        count=count_from_text(body["count"]),
        client_order_id=body.get("client_order_id") or None,
        updated_client_order_id=body.get("updated_client_order_id") or None,
        expiration_s=body.get("expiration_time"),
    )
    amended = request.service.execute(command)
    found = {**_ids_json(amended.order), "ts_ms": amended.ts_ms}
    if amended.remaining_count is not None:
        found["remaining_count"] = count_text(amended.remaining_count)
    if amended.filled is not None:
        found |= {"fill_count": count_text(amended.filled.count), **average_fill_json(amended.filled)}
    return found


def decrease_order(request: RequestContext) -> Json:
    command = DecreaseOrder(
        account=request.account_id(),
        order_id=request.path["order_id"],
        reduce_by=_optional_count(request.body.get("reduce_by")),
        reduce_to=_optional_count(request.body.get("reduce_to")),
    )
    decreased = request.service.execute(command)
    return {
        **_ids_json(decreased.order),
        "remaining_count": count_text(decreased.remaining_count),
        "ts_ms": decreased.ts_ms,
    }


def cancel_order(request: RequestContext) -> Json:
    return _cancel(request, {"order_id": request.path["order_id"]})


def cancel_orders(request: RequestContext) -> Json:
    results = []
    for item in request.body["orders"]:
        try:
            results.append(_cancel(request, item))
        except RequestRejected as rejected:
            results.append({"order_id": item["order_id"], "reduced_by": "0.00", **_error_json(item, rejected)})
    return {"orders": results}


def cancel_all(request: RequestContext) -> None:
    def cancel() -> None:
        for account_id in request.user.account_ids(request.query.get("subaccount")).values():
            request.service.execute(CancelAllOrders(account=account_id))

    request.cancel(cancel, request.resting_orders)


def get_order(request: RequestContext) -> Json:
    order_id = request.path["order_id"]
    order, number = request.find_in_accounts(lambda account_id: request.engine.portfolio.order(account_id, order_id))
    return {"order": request.faults.as_read(order_json(order, number))}


def get_orders(request: RequestContext) -> Json:
    query, status = request.query, request.query.get("status")
    if status and status not in _STATUSES:
        raise invalid_parameter(f"status is not one of {', '.join(_STATUSES)}")
    event_tickers = query["event_ticker"].split(",") if "event_ticker" in query else None
    if event_tickers and len(event_tickers) > _MAX_EVENT_TICKERS:
        raise invalid_parameter(f"event_ticker has more than {_MAX_EVENT_TICKERS} tickers")
    rows = request.rows_of_accounts(
        lambda account_id: request.engine.portfolio.orders(
            account_id,
            ticker=query.get("ticker"),
            event_tickers=event_tickers,
            min_ms=request.start_ms("min_ts"),
            max_ms=request.end_ms("max_ts"),
        ),
        lambda order: order.created_ms,
    )
    found = rows
    if status:
        # The status that reads show: a lagging read still shows a cancelled order as resting.
        found = [pair for pair in rows if request.faults.as_read(_status_json(pair[0]))["status"] == status]
    page, cursor = request.page(found, lambda pair: pair[0].order_id, all_keys=(order.order_id for order, _ in rows))
    orders = [request.faults.as_read(order_json(order, number)) for order, number in page]
    return {"orders": orders, "cursor": cursor}


def get_queue_position(request: RequestContext) -> Json:
    order_id = request.path["order_id"]
    ahead, _ = request.find_in_accounts(
        lambda account_id: request.engine.portfolio.queue_position(account_id, order_id)
    )
    return {"queue_position_fp": count_text(ahead)}


def get_queue_positions(request: RequestContext) -> Json:
    query = request.query
    positions = request.engine.portfolio.queue_positions(
        request.account_id(),
        market_tickers=query["market_tickers"].split(",") if query.get("market_tickers") else None,
        event_ticker=query.get("event_ticker") or None,
    )
    return {
        "queue_positions": [
            {
                "order_id": position.order_id,
                "market_ticker": position.ticker,
                "queue_position_fp": count_text(position.contracts_ahead),
            }
            for position in positions
        ]
    }


def _create(request: RequestContext, body: Json) -> str:
    """Place an order, and return the response as JSON text, written by hand because it is the most frequent one."""
    optional = body.get
    new = NewOrder(
        ticker=body["ticker"],
        side=body["side"],
        price=price_from_text(body["price"]),
        count=count_from_text(body["count"]),
        time_in_force=body["time_in_force"],
        self_trade_prevention_type=body["self_trade_prevention_type"],
        client_order_id=optional("client_order_id"),
        post_only=optional("post_only") or False,
        reduce_only=optional("reduce_only") or False,
        expiration_s=optional("expiration_time"),
        order_group_id=optional("order_group_id"),
        cancel_order_on_pause=optional("cancel_order_on_pause") or False,
    )
    placed = request.service.execute(CreateOrder(account=request.account_id(optional("subaccount")), new=new))
    order, filled = placed.order, placed.filled
    client_id = f'"client_order_id":{encode_string(order.client_order_id)},' if order.client_order_id else ""
    averages = f"{encode_json(average_fill_json(filled))[1:-1]}," if filled.count else ""
    return (
        f'{{"order_id":"{order.order_id}",{client_id}"fill_count":"{count_text(filled.count)}",'
        f'"remaining_count":"{count_text(placed.remaining_count)}",{averages}"ts_ms":{placed.ts_ms}}}'
    )


def _cancel(request: RequestContext, body: Json) -> Json:
    account_id, order_id = request.account_id(body.get("subaccount")), body["order_id"]

    def resting() -> list[Json]:
        order = request.engine.portfolio.order(account_id, order_id)
        return [order_json(order, request.query.get("subaccount") or 0)] if order.status == "resting" else []

    cancelled = request.cancel(
        lambda: request.service.execute(CancelOrder(account=account_id, order_id=order_id)), resting
    )
    return {
        **_ids_json(cancelled.order),
        "reduced_by": count_text(cancelled.reduced_by),
        "ts_ms": cancelled.ts_ms,
    }


def _error_json(item: Json, rejected: RequestRejected) -> Json:
    """Return the result of a rejected item of a batch."""
    client_id = {"client_order_id": item["client_order_id"]} if item.get("client_order_id") else {}
    return {**client_id, "error": rejected.error}


def _ids_json(order: Order) -> Json:
    client_id = {"client_order_id": order.client_order_id} if order.client_order_id else {}
    return {"order_id": order.order_id, **client_id}


def _status_json(order: Order) -> Json:
    return {"order_id": order.order_id, "status": order.status}


def _optional_count(text: str | None) -> Count | None:
    return None if text is None else count_from_text(text)


HANDLERS: Final = {
    "CreateOrderV2": create_order,
    "BatchCreateOrdersV2": create_orders,
    "AmendOrderV2": amend_order,
    "DecreaseOrderV2": decrease_order,
    "CancelOrderV2": cancel_order,
    "BatchCancelOrdersV2": cancel_orders,
    "CancelAllOrders": cancel_all,
    "GetOrder": get_order,
    "GetOrders": get_orders,
    "GetOrderQueuePosition": get_queue_position,
    "GetOrderQueuePositions": get_queue_positions,
}
