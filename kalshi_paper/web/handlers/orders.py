"""Orders: placing, changing, cancelling, reading, and their places in the queue."""

from __future__ import annotations

from typing import Any, Final

from kalshi_paper.engine.amounts import Count, count_from_text, count_text, price_from_text
from kalshi_paper.engine.errors import Refusal
from kalshi_paper.engine.orders import Amended, Cancelled, NewOrder, Placed
from kalshi_paper.web import account_json as rows
from kalshi_paper.web.error_responses import bad_parameter, words
from kalshi_paper.web.openapi import Json, encoded, quoted
from kalshi_paper.web.request_context import Call

_STATUSES: Final = ("resting", "canceled", "executed")
_MOST_EVENTS: Final = 10


def create_order(call: Call) -> str:
    return _create(call, call.body)


def create_orders(call: Call) -> str:
    placed = []
    for item in call.body["orders"]:
        try:
            placed.append(_create(call, item))
        except Refusal as refusal:
            placed.append(encoded(_error(item, refusal)))
    return f'{{"orders":[{",".join(placed)}]}}'


def amend_order(call: Call) -> Json:
    body = call.body
    amended: Amended = call.desk.do(
        "amend_order",
        account=call.account(),
        order_id=call.path["order_id"],
        ticker=body["ticker"],
        side=body["side"],
        price=price_from_text(body["price"]),
        count=count_from_text(body["count"]),
        client_order_id=body.get("client_order_id") or None,
        updated_client_order_id=body.get("updated_client_order_id") or None,
        expiration_s=body.get("expiration_time"),
    )
    found = {**_ids(amended.order), "ts_ms": amended.ts_ms}
    if amended.remaining_count is not None:
        found["remaining_count"] = count_text(amended.remaining_count)
    if amended.filled is not None:
        found |= {"fill_count": count_text(amended.filled.count), **rows.filled(amended.filled)}
    return found


def decrease_order(call: Call) -> Json:
    decreased = call.desk.do(
        "decrease_order",
        account=call.account(),
        order_id=call.path["order_id"],
        reduce_by=_count(call.body.get("reduce_by")),
        reduce_to=_count(call.body.get("reduce_to")),
    )
    return {
        **_ids(decreased.order),
        "remaining_count": count_text(decreased.remaining_count),
        "ts_ms": decreased.ts_ms,
    }


def cancel_order(call: Call) -> Json:
    return _cancel(call, {"order_id": call.path["order_id"]})


def cancel_orders(call: Call) -> Json:
    cancelled = []
    for item in call.body["orders"]:
        try:
            cancelled.append(_cancel(call, item))
        except Refusal as refusal:
            cancelled.append({"order_id": item["order_id"], "reduced_by": "0.00", **_error(item, refusal)})
    return {"orders": cancelled}


def cancel_all(call: Call) -> None:
    def cancel() -> None:
        for account in call.user.several(call.query.get("subaccount")).values():
            call.desk.do("cancel_all", account=account)

    call.cancelling(cancel, call.resting)


def get_order(call: Call) -> Json:
    order, number = call.anywhere(lambda account: call.exchange.get_order(account, call.path["order_id"]))
    return {"order": call.weather.seen(rows.order(order, number))}


def get_orders(call: Call) -> Json:
    asked, status = call.query, call.query.get("status")
    if status and status not in _STATUSES:
        raise bad_parameter(f"status is not one of {', '.join(_STATUSES)}")
    events = asked["event_ticker"].split(",") if "event_ticker" in asked else None
    if events and len(events) > _MOST_EVENTS:
        raise bad_parameter(f"event_ticker has more than {_MOST_EVENTS} tickers")
    found = every = call.of_all(
        lambda account: call.exchange.orders(
            account,
            ticker=asked.get("ticker"),
            event_tickers=events,
            min_ms=call.milliseconds("min_ts"),
            max_ms=call.milliseconds("max_ts", 999),
        ),
        lambda order: order.created_ms,
    )
    if status:
        # By what reads show: a lagging one still says resting.
        found = [pair for pair in every if call.weather.seen(_brief(pair[0]))["status"] == status]
    page, cursor = call.page(found, lambda pair: pair[0].order_id, among=(order.order_id for order, _ in every))
    return {"orders": [call.weather.seen(rows.order(order, number)) for order, number in page], "cursor": cursor}


def get_queue_position(call: Call) -> Json:
    ahead, _ = call.anywhere(lambda account: call.exchange.queue_position(account, call.path["order_id"]))
    return {"queue_position_fp": count_text(ahead)}


def get_queue_positions(call: Call) -> Json:
    asked = call.query
    places = call.exchange.queue_positions(
        call.account(),
        market_tickers=asked["market_tickers"].split(",") if asked.get("market_tickers") else None,
        event_ticker=asked.get("event_ticker") or None,
    )
    return {
        "queue_positions": [
            {
                "order_id": place.order_id,
                "market_ticker": place.ticker,
                "queue_position_fp": count_text(place.ahead),
            }
            for place in places
        ]
    }


def _create(call: Call, body: Json) -> str:
    """Place an order, and return the answer, written out: it is what is asked for most."""
    more = body.get
    new = NewOrder(
        ticker=body["ticker"],
        side=body["side"],
        price=price_from_text(body["price"]),
        count=count_from_text(body["count"]),
        time_in_force=body["time_in_force"],
        self_trade_prevention_type=body["self_trade_prevention_type"],
        client_order_id=more("client_order_id"),
        post_only=more("post_only") or False,
        reduce_only=more("reduce_only") or False,
        expiration_s=more("expiration_time"),
        order_group_id=more("order_group_id"),
        cancel_order_on_pause=more("cancel_order_on_pause") or False,
    )
    placed: Placed = call.desk.do("create_order", account=call.account(more("subaccount")), new=new)
    order, filled = placed.order, placed.filled
    label = f'"client_order_id":{quoted(order.client_order_id)},' if order.client_order_id else ""
    averages = f"{encoded(rows.filled(filled))[1:-1]}," if filled.count else ""
    return (
        f'{{"order_id":"{order.order_id}",{label}"fill_count":"{count_text(filled.count)}",'
        f'"remaining_count":"{count_text(placed.remaining_count)}",{averages}"ts_ms":{placed.ts_ms}}}'
    )


def _cancel(call: Call, body: Json) -> Json:
    account, order_id = call.account(body.get("subaccount")), body["order_id"]

    def resting() -> list[Json]:
        order = call.exchange.get_order(account, order_id)
        return [rows.order(order, call.query.get("subaccount") or 0)] if order.status == "resting" else []

    cancelled: Cancelled = call.cancelling(
        lambda: call.desk.do("cancel_order", account=account, order_id=order_id), resting
    )
    return {**_ids(cancelled.order), "reduced_by": count_text(cancelled.reduced_by), "ts_ms": cancelled.ts_ms}


def _error(item: Json, refusal: Refusal) -> Json:
    """Say what is wrong with one item of a batch."""
    ours = {"client_order_id": item["client_order_id"]} if item.get("client_order_id") else {}
    return {**ours, "error": words(refusal)}


def _ids(order: Any) -> Json:
    ours = {"client_order_id": order.client_order_id} if order.client_order_id else {}
    return {"order_id": order.order_id, **ours}


def _brief(order: Any) -> Json:
    return {"order_id": order.order_id, "status": order.status}


def _count(text: str | None) -> Count | None:
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
