"""Parameters, bodies and pages of requests."""

from __future__ import annotations

import json
from typing import Any

import pytest
from kalshi_trade_api import AuthenticatedClient
from kalshi_trade_api.api.events import get_events
from kalshi_trade_api.api.market import (
    get_markets,
)
from kalshi_trade_api.api.orders import (
    cancel_all_orders,
    cancel_order_v2,
    get_orders,
)
from kalshi_trade_api.api.portfolio import (
    get_positions,
)

from kalshi_core.errors import ApiError
from kalshi_paper import PaperExchange
from tests.paper.clients import EMPTY, QUOTED, order_of, place, send


def _refused(kind: type[ApiError], code: str, act: Any) -> ApiError:
    with pytest.raises(kind) as refused:
        act()
    assert refused.value.has_code(code)
    return refused.value


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/markets?limit=1001", "limit is greater than 1000"),
        ("/markets?limit=many", "limit is not of type integer"),
        ("/markets?status=odd", "status is not one of"),
        ("/markets?min_close_ts=1&min_settled_ts=1", "can't be combined"),
        ("/markets/orderbooks", "tickers is required"),
        (f"/series/KXGAME/markets/{EMPTY}/candlesticks?start_ts=0&end_ts=60", "period_interval is required"),
        (f"/series/KXGAME/markets/{EMPTY}/candlesticks?start_ts=0&end_ts=60&period_interval=7", "is not one of"),
        ("/portfolio/orders?limit=1001", "limit is greater than 1000"),
        ("/portfolio/orders?status=lost", "status is not one of"),
    ],
)
def test_parameter_is_refused_with_a_msg(exchange: PaperExchange, path: str, words: str) -> None:
    """A parameter that the document does not allow gives 400 with `msg`, never a clamped value."""
    route, _, query = path.partition("?")
    refused = send(exchange, "GET", route, params=query)
    assert refused.status_code == 400
    assert words in refused.json()["msg"]


def test_body_that_is_no_json_is_refused(exchange: PaperExchange) -> None:
    """A body that can't be decoded, or is missing, gives 400 in the flat shape."""
    # Half a surrogate pair is no character: what was kept of it could never be told again.
    for content in (b"{", b"", b"{} {}", b'{"name": "\xff"}', b"\x0b{}", rb'{"contracts_limit": 1, "name": "\ud800"}'):
        refused = send(exchange, "POST", "/portfolio/order_groups/create", content=content)
        assert refused.status_code == 400
        assert set(refused.json()) == {"code", "message", "details"}
        assert "Content-Type" not in refused.json()["details"]
    refused = send(exchange, "POST", "/portfolio/order_groups/create", json=[])
    assert refused.json()["details"] == "body: expected object, found list"


def test_blanks_around_a_body_mean_nothing(exchange: PaperExchange) -> None:
    """A body is read past blanks, tabs and line ends before and after it: what is missing here is its type."""
    padded = b" \r\n\t" + json.dumps(order_of().to_dict()).encode("ascii") + b"\n "
    refused = send(exchange, "POST", "/portfolio/events/orders", content=padded)
    assert refused.json()["details"] == "Content-Type must be application/json"


def test_post_without_content_type_is_refused(exchange: PaperExchange) -> None:
    """A POST wants `Content-Type: application/json` even without a body."""
    assert send(exchange, "POST", "/account/api_usage_level/upgrade").status_code == 400


def test_unknown_path_is_not_found(exchange: PaperExchange) -> None:
    """A path or method that the document does not have gives 404."""
    assert send(exchange, "GET", "/nowhere").status_code == 404
    assert send(exchange, "PATCH", "/markets").status_code == 404


def test_paging_ends_and_garbage_starts_again(exchange: PaperExchange, client: AuthenticatedClient) -> None:
    """Pages cover every row once and end with an empty cursor; a garbage cursor is the first page, with 200."""
    all_tickers = [market.ticker for market in get_markets.sync(client=client).markets]
    paged = [market.ticker for market in get_markets.iterate(client=client, limit=5)]
    assert paged == all_tickers
    first = get_markets.sync(client=client, limit=5)
    assert [row.ticker for row in get_markets.sync(client=client, limit=5, cursor="garbage").markets] == [
        row.ticker for row in first.markets
    ]
    orders = [place(client, price="0.10", count="1").order_id for _ in range(5)]
    assert [order.order_id for order in get_orders.iterate(client=client, limit=2)] == orders[::-1]


def test_paging_goes_on_behind_an_order_that_was_cancelled(client: AuthenticatedClient) -> None:
    """Who cancels while paging through what rests meets every order once, whichever goes."""
    for gone in range(5):
        orders = [place(client, price="0.10", count="1").order_id for _ in range(5)][::-1]
        met = []
        for order in get_orders.iterate(client=client, status="resting", limit=2):
            met.append(order.order_id)
            if order.order_id == orders[gone]:
                cancel_order_v2.sync(client=client, order_id=order.order_id)
        assert met == orders
        cancel_all_orders.sync(client=client)


def test_paging_goes_on_behind_what_closed_or_was_settled(
    exchange: PaperExchange, client: AuthenticatedClient, bob: AuthenticatedClient
) -> None:
    """A market that leaves its status, an event with it, and a position that is settled, don't start paging anew."""
    place(client, ticker=QUOTED, price="0.99", count="1")
    for ticker in (EMPTY, "KXGAME-FINAL-AWAY"):
        place(client, ticker=ticker, price="0.40", count="1")
        place(bob, ticker=ticker, side="ask", price="0.40", count="1")
    first = get_positions.sync(client=client, limit=2)
    assert [row.ticker for row in first.market_positions] == [QUOTED, EMPTY]
    exchange.clock.settle(EMPTY, "yes")
    rest = get_positions.sync(client=client, limit=2, cursor=first.cursor).market_positions
    assert [row.ticker for row in rest] == ["KXGAME-FINAL-AWAY"]

    tickers = [row.ticker for row in get_markets.sync(client=client, status="open").markets]
    opened = get_markets.sync(client=client, status="open", limit=2)
    exchange.clock.pause(opened.markets[1].ticker)
    more = get_markets.sync(client=client, status="open", cursor=opened.cursor).markets
    assert [row.ticker for row in more] == tickers[2:]

    events = [row.event_ticker for row in get_events.sync(client=client, status="open").events]
    two = get_events.sync(client=client, status="open", limit=2)
    for status in ("open", "paused"):
        for market in get_markets.sync(client=client, event_ticker=events[1], status=status).markets:
            exchange.clock.close(market.ticker)
    assert events[1] not in [row.event_ticker for row in get_events.sync(client=client, status="open").events]
    others = get_events.sync(client=client, status="open", cursor=two.cursor).events
    assert [row.event_ticker for row in others] == events[2:]
