"""Orders over HTTP: create, amend, decrease, cancel, queue positions."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from kalshi_trade_api import AuthenticatedClient
from kalshi_trade_api.api.orders import (
    amend_order_v2,
    batch_create_orders_v2,
    cancel_order_v2,
    decrease_order_v2,
    get_order,
    get_order_queue_position,
    get_order_queue_positions,
)
from kalshi_trade_api.api.portfolio import (
    get_fills,
)
from kalshi_trade_api.models import (
    AmendOrderV2Request,
    BatchCreateOrdersV2Request,
    DecreaseOrderV2Request,
)

from kalshi_core.errors import ApiError, BadRequestError, ConflictError, NotFoundError
from kalshi_paper import PaperExchange
from tests.paper.clients import EMPTY, QUOTED, order_of, place, send


def _refused(kind: type[ApiError], code: str, act: Any) -> ApiError:
    with pytest.raises(kind) as refused:
        act()
    assert refused.value.has_code(code)
    return refused.value


def test_two_accounts_trade_by_price_then_time(client: AuthenticatedClient, bob: AuthenticatedClient) -> None:
    """The better price fills first, then the older order, and both sides see their fill."""
    first = place(client, price="0.40", count="5")
    second = place(bob, price="0.40", count="5")
    best = place(client, price="0.41", count="1")
    taken = place(bob, side="ask", price="0.40", count="4", self_trade_prevention_type="maker")
    assert taken.fill_count == Decimal(4)
    assert taken.average_fill_price == Decimal("0.4025")
    by_order = {fill.order_id: fill.count_fp for fill in get_fills.sync(client=client).fills}
    assert by_order == {best.order_id: Decimal(1), first.order_id: Decimal(3)}
    assert get_order.sync(client=bob, order_id=second.order_id).order.status == "resting"


def test_queue_positions_move_as_trades_happen(client: AuthenticatedClient, bob: AuthenticatedClient) -> None:
    """Both endpoints tell the contracts ahead, filters narrow the list, and a trade moves it up."""
    place(bob, count="7")
    mine = place(client)
    place(client, ticker="KXGAME-FINAL-AWAY")
    assert get_order_queue_position.sync(client=client, order_id=mine.order_id).queue_position_fp == Decimal(7)
    place(client, side="ask", price="0.40", count="3", time_in_force="immediate_or_cancel")
    rows = get_order_queue_positions.sync(client=client, market_tickers=EMPTY).queue_positions
    assert [(row.order_id, row.queue_position_fp) for row in rows] == [(mine.order_id, Decimal(4))]
    both = get_order_queue_positions.sync(client=client, event_ticker="KXGAME-FINAL").queue_positions
    assert len(both) == 2


def test_decrease_and_amend_keep_or_lose_the_place(client: AuthenticatedClient, bob: AuthenticatedClient) -> None:
    """A decrease and an amend to less keep the place in the queue, an amend to more loses it."""
    mine = place(client)
    place(bob, count="5")

    def ahead() -> Decimal:
        return get_order_queue_position.sync(client=client, order_id=mine.order_id).queue_position_fp

    def amend(count: str) -> None:
        body = AmendOrderV2Request(ticker=EMPTY, side="bid", price="0.40", count=count)
        amend_order_v2.sync(client=client, order_id=mine.order_id, body=body)

    decreased = decrease_order_v2.sync(
        client=client, order_id=mine.order_id, body=DecreaseOrderV2Request(reduce_by="1")
    )
    assert (decreased.remaining_count, ahead()) == (Decimal(9), Decimal(0))
    amend("8")
    assert ahead() == Decimal(0)
    amend("20")
    assert ahead() == Decimal(5)


def test_cancelled_order_is_not_found_again(client: AuthenticatedClient) -> None:
    """Cancelling a cancelled and an unknown order gives the same 404."""
    mine = place(client, client_order_id="once")
    assert cancel_order_v2.sync(client=client, order_id=mine.order_id).reduced_by == Decimal(10)
    again = _refused(NotFoundError, "not_found", lambda: cancel_order_v2.sync(client=client, order_id=mine.order_id))
    never = _refused(NotFoundError, "not_found", lambda: cancel_order_v2.sync(client=client, order_id="unknown"))
    assert again.content == never.content
    _refused(ConflictError, "order_already_exists", lambda: place(client, client_order_id="once"))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"price": "0.4005"}, "invalid_price"),
        ({"ticker": QUOTED, "price": "0.405"}, "invalid_price"),
        ({"count": "1000000"}, "insufficient_balance"),
        ({"ticker": "KXGAME-FINAL-TIE"}, "invalid_order"),
        ({"ticker": "UNKNOWN"}, "invalid_order"),
        ({"ticker": QUOTED, "price": "0.99", "post_only": True}, "invalid_order"),
        ({"count": "0"}, "invalid_order"),
        ({"reduce_only": True}, "invalid_order"),
    ],
)
def test_order_is_refused_with_the_real_code(client: AuthenticatedClient, changes: dict[str, Any], code: str) -> None:
    """What the exchange does not take is refused with 400 and its code."""
    _refused(BadRequestError, code, lambda: place(client, **changes))


def test_client_order_id_comes_back_as_it_was_sent(exchange: PaperExchange, client: AuthenticatedClient) -> None:
    """Quotes, backslashes, control characters and any script survive in the answer, alone and in a batch."""
    odd = 'a "b" \\ \n \x01 é 漢 🂡 </'
    assert place(client, client_order_id=odd).client_order_id == odd
    orders = [order_of(client_order_id=f"{odd}{number}") for number in (1, 1)]
    made, refused = batch_create_orders_v2.sync(client=client, body=BatchCreateOrdersV2Request(orders=orders)).orders
    assert made.client_order_id == refused.client_order_id == f"{odd}1"
    assert made.remaining_count == Decimal("10.00")


def test_numbers_for_count_and_price_are_refused(exchange: PaperExchange) -> None:
    """A JSON number where a decimal string belongs gives 400 in the shape of decoding errors."""
    order = {**order_of().to_dict(), "count": 10}
    refused = send(exchange, "POST", "/portfolio/events/orders", json=order)
    assert refused.status_code == 400
    assert set(refused.json()) == {"code", "message", "details"}
