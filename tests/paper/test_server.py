"""The paper exchange over HTTP: orders, queue, money, markets, paging, refusals."""

from __future__ import annotations

import ast
import asyncio
import json
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from kalshi_trade_api import AuthenticatedClient
from kalshi_trade_api.api.events import get_event, get_events
from kalshi_trade_api.api.market import (
    get_market,
    get_market_candlesticks,
    get_market_orderbook,
    get_market_orderbooks,
    get_markets,
    get_series_list,
    get_trades,
)
from kalshi_trade_api.api.order_groups import (
    create_order_group,
    get_order_group,
    get_order_groups,
    reset_order_group,
    trigger_order_group,
    update_order_group_limit,
)
from kalshi_trade_api.api.orders import (
    amend_order_v2,
    batch_cancel_orders_v2,
    batch_create_orders_v2,
    cancel_all_orders,
    cancel_order_v2,
    create_order_v2,
    decrease_order_v2,
    get_order,
    get_order_queue_position,
    get_order_queue_positions,
    get_orders,
)
from kalshi_trade_api.api.portfolio import (
    apply_subaccount_transfer,
    create_subaccount,
    get_balance,
    get_fills,
    get_portfolio_resting_order_total_value,
    get_positions,
    get_settlements,
    get_subaccount_balances,
)
from kalshi_trade_api.errors import ApiError, BadRequestError, ConflictError, NotFoundError
from kalshi_trade_api.models import (
    AmendOrderV2Request,
    ApplySubaccountTransferRequest,
    BatchCancelOrdersV2Request,
    BatchCreateOrdersV2Request,
    CreateOrderGroupRequest,
    DecreaseOrderV2Request,
    UpdateOrderGroupLimitRequest,
)

from kalshi_auth import signed_client, signer_from_file
from kalshi_paper import PaperExchange
from kalshi_paper.__main__ import main
from scripts import paper_openapi
from tests.paper.clients import DIRECT, EMPTY, QUOTED, client_of, order_of, place, send


@pytest.fixture
def exchange() -> Iterator[PaperExchange]:
    with PaperExchange() as found:
        yield found
        found.check()


@pytest.fixture
def client(exchange: PaperExchange) -> Iterator[AuthenticatedClient]:
    with client_of(exchange) as found:
        yield found


@pytest.fixture
def bob(exchange: PaperExchange) -> Iterator[AuthenticatedClient]:
    with client_of(exchange, exchange.account("bob").signer) as found:
        yield found


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


def test_markets_come_in_several_statuses_and_grids(client: AuthenticatedClient) -> None:
    """The universe has every status, three price structures, and filters that tell them apart."""
    markets = get_markets.sync(client=client).markets
    assert {market.status for market in markets} == {"active", "initialized", "closed", "finalized", "inactive"}
    assert {market.price_level_structure for market in markets} == {"linear_cent", "tapered_deci_cent", "deci_cent"}
    settled = get_markets.sync(client=client, status="settled", series_ticker="KXHIGHNY").markets
    assert {market.result for market in settled} == {"yes", "no"}
    named = get_markets.sync(client=client, tickers=f"{EMPTY},{QUOTED}").markets
    assert {market.ticker for market in named} == {EMPTY, QUOTED}


def test_events_and_series_are_told_apart(client: AuthenticatedClient) -> None:
    """Events filter by series and status, and nest their markets when asked."""
    events = get_events.sync(client=client, series_ticker="KXHIGHNY", status="settled").events
    assert [event.event_ticker for event in events] == ["KXHIGHNY-YESTERDAY"]
    nested = get_event.sync(client=client, event_ticker="KXGAME-FINAL", with_nested_markets=True)
    assert nested.event.markets
    assert len(nested.event.markets) == 3
    assert get_series_list.sync(client=client, category="Sports").series[0].ticker == "KXGAME"


def test_order_book_lists_bids_of_both_legs(client: AuthenticatedClient) -> None:
    """A NO bid at p is a YES ask at 1 - p, and the best bid is the last one."""
    place(client, price="0.30"), place(client, price="0.40"), place(client, side="ask", price="0.55")
    book = get_market_orderbook.sync(client=client, ticker=EMPTY).orderbook_fp
    assert [level[0] for level in book.yes_dollars] == [Decimal("0.3"), Decimal("0.4")]
    assert [level[0] for level in book.no_dollars] == [Decimal("0.45")]
    shallow = get_market_orderbook.sync(client=client, ticker=EMPTY, depth=1).orderbook_fp
    assert [level[0] for level in shallow.yes_dollars] == [Decimal("0.4")]
    books = get_market_orderbooks.sync(client=client, tickers=[EMPTY, QUOTED]).orderbooks
    assert [each.ticker for each in books] == [EMPTY, QUOTED]
    market = get_market.sync(client=client, ticker=EMPTY).market
    assert (market.yes_bid_dollars, market.yes_ask_dollars) == (Decimal("0.4"), Decimal("0.55"))
    assert (market.no_bid_dollars, market.no_ask_dollars) == (Decimal("0.45"), Decimal("0.6"))


def test_trades_make_candlesticks(exchange: PaperExchange, client: AuthenticatedClient) -> None:
    """Trades are public, and add up to the volume of the candlesticks."""
    trades = get_trades.sync(client=client, ticker=QUOTED).trades
    now_s = exchange.clock.now_ms() // 1000
    sticks = get_market_candlesticks.sync(
        client=client,
        series_ticker="KXHIGHNY",
        ticker=QUOTED,
        start_ts=now_s - 3600,
        end_ts=now_s + 3600,
        period_interval=60,
        include_latest_before_start=True,
    ).candlesticks
    assert sum(stick.volume_fp for stick in sticks) == sum(trade.count_fp for trade in trades) > 0


def test_batch_items_succeed_and_fail_on_their_own(client: AuthenticatedClient) -> None:
    """A batch answers 201 with an entry per order, refused ones with their error."""
    orders = [order_of(), order_of(price="0.4005", client_order_id="bad")]
    made = batch_create_orders_v2.sync(client=client, body=BatchCreateOrdersV2Request(orders=orders)).orders
    assert made[0].order_id
    assert made[1].error
    assert (made[1].error.code, made[1].client_order_id) == ("invalid_price", "bad")
    body = BatchCancelOrdersV2Request.from_dict({"orders": [{"order_id": made[0].order_id}, {"order_id": "unknown"}]})
    gone = batch_cancel_orders_v2.sync(client=client, body=body).orders
    assert [row.reduced_by for row in gone] == [Decimal(10), Decimal(0)]
    assert gone[1].error
    assert gone[1].error.code == "not_found"


def test_cancel_all_empties_the_book(client: AuthenticatedClient, bob: AuthenticatedClient) -> None:
    """Cancelling all takes one's own orders off, and nobody else's."""
    place(client), place(client, price="0.20"), place(bob, price="0.30")
    cancel_all_orders.sync(client=client)
    assert get_orders.sync(client=client, status="resting").orders == []
    assert len(get_orders.sync(client=bob, status="resting").orders) == 1


def test_order_group_triggers_and_resets(client: AuthenticatedClient) -> None:
    """A triggered group cancels its orders and takes none until it is reset."""
    group_id = create_order_group.sync(client=client, body=CreateOrderGroupRequest(contracts_limit=5)).order_group_id
    update_order_group_limit.sync(
        client=client, order_group_id=group_id, body=UpdateOrderGroupLimitRequest(contracts_limit=50)
    )
    mine = place(client, order_group_id=group_id)
    found = get_order_group.sync(client=client, order_group_id=group_id)
    assert (found.orders, found.contracts_limit_fp) == ([mine.order_id], Decimal(50))
    trigger_order_group.sync(client=client, order_group_id=group_id)
    assert get_order.sync(client=client, order_id=mine.order_id).order.status == "canceled"
    _refused(BadRequestError, "invalid_order", lambda: place(client, order_group_id=group_id))
    reset_order_group.sync(client=client, order_group_id=group_id)
    place(client, order_group_id=group_id)
    groups = get_order_groups.sync(client=client).order_groups
    assert groups
    assert [each.id for each in groups] == [group_id]


def test_money_moves_as_orders_fill_and_markets_settle(
    exchange: PaperExchange, client: AuthenticatedClient, bob: AuthenticatedClient
) -> None:
    """Resting orders lock money, fills turn it into positions, settlement pays them, to the cent."""
    place(client, price="0.40", count="10")
    assert get_balance.sync(client=client).balance == 999_600
    assert get_portfolio_resting_order_total_value.sync(client=client).total_resting_order_value == 400
    place(bob, side="ask", price="0.40", count="10")
    position = get_positions.sync(client=client).market_positions[0]
    assert (position.position_fp, position.market_exposure_dollars) == (Decimal(10), Decimal(4))
    exchange.clock.settle(EMPTY, "yes")
    assert get_balance.sync(client=client).balance == 1_000_600
    settlement = get_settlements.sync(client=client, ticker=EMPTY).settlements[0]
    assert (settlement.market_result, settlement.revenue, settlement.value) == ("yes", 1000, 100)
    assert get_positions.sync(client=client).market_positions == []


def test_settled_positions_are_listed_when_asked_for(
    exchange: PaperExchange, client: AuthenticatedClient, bob: AuthenticatedClient
) -> None:
    """A settled position is among `settled` and `all`, closed and with its profit, and no longer among `unsettled`."""
    for ticker in (EMPTY, "KXGAME-FINAL-AWAY"):
        place(client, ticker=ticker, price="0.40", count="10")
        place(bob, ticker=ticker, side="ask", price="0.40", count="10")
    exchange.clock.settle(EMPTY, "yes")

    def tickers(**asked: Any) -> list[str]:
        return [row.ticker for row in get_positions.sync(client=client, **asked).market_positions]

    assert tickers() == tickers(settlement_status="unsettled") == ["KXGAME-FINAL-AWAY"]
    assert tickers(settlement_status="settled") == tickers(settlement_status="all", ticker=EMPTY) == [EMPTY]
    assert tickers(settlement_status="all") == [EMPTY, "KXGAME-FINAL-AWAY"]
    assert tickers(settlement_status="all", count_filter="position") == ["KXGAME-FINAL-AWAY"]
    first = get_positions.sync(client=client, settlement_status="all", limit=1)
    assert tickers(settlement_status="all", limit=1, cursor=first.cursor) == ["KXGAME-FINAL-AWAY"]
    found = get_positions.sync(client=client, settlement_status="settled")
    (market,), (event,) = found.market_positions, found.event_positions
    assert [market.position_fp, market.market_exposure_dollars, market.realized_pnl_dollars] == [0, 0, 6]
    assert [event.total_cost_dollars, event.event_exposure_dollars, event.realized_pnl_dollars] == [4, 0, 6]
    (both,) = get_positions.sync(client=client, settlement_status="all").event_positions
    assert [both.total_cost_dollars, both.event_exposure_dollars, both.realized_pnl_dollars] == [8, 4, 6]
    assert get_balance.sync(client=client).balance_dollars == 10_000 - both.event_exposure_dollars + Decimal(6)


def test_rows_of_another_shard_are_none(
    exchange: PaperExchange, client: AuthenticatedClient, bob: AuthenticatedClient
) -> None:
    """Lists narrowed to the exchange's one shard are whole, those of any other empty."""
    place(client), place(bob, side="ask")
    for path, name in [("orders", "orders"), ("fills", "fills"), ("positions", "market_positions")]:
        found = [
            len(send(exchange, "GET", f"/portfolio/{path}", params={"exchange_index": shard}).json()[name])
            for shard in (0, 1)
        ]
        assert found == [1, 0]


def test_settlement_status_of_another_name_is_refused(exchange: PaperExchange) -> None:
    """Any other status of settlement gives 400."""
    refused = send(exchange, "GET", "/portfolio/positions", params={"settlement_status": "archived"})
    assert (refused.status_code, refused.json()) == (
        400,
        {"msg": "settlement_status is not one of unsettled, settled, all"},
    )


def test_clock_closes_markets_and_expires_orders(exchange: PaperExchange, client: AuthenticatedClient) -> None:
    """Time that is driven expires orders and closes markets; a driven clock breaks no signature."""
    expiry_s = exchange.clock.now_ms() // 1000 + 30
    mine = place(client, expiration_time=expiry_s)
    exchange.clock.advance(60)
    assert get_order.sync(client=client, order_id=mine.order_id).order.status == "canceled"
    exchange.clock.advance(8 * 86_400)
    assert get_market.sync(client=client, ticker=EMPTY).market.status == "closed"
    exchange.clock.open(EMPTY)
    assert place(client).remaining_count == Decimal(10)


def test_frozen_clock_stands_still(exchange: PaperExchange, client: AuthenticatedClient) -> None:
    """A frozen clock gives every order the same moment, and goes on from there."""
    exchange.clock.freeze()
    moments = {place(client, price="0.10").ts_ms for _ in range(3)}
    assert len(moments) == 1
    exchange.clock.run()
    assert exchange.clock.now_ms() - moments.pop() < 60_000


def test_subaccounts_have_their_own_money(client: AuthenticatedClient) -> None:
    """A subaccount trades with what was moved to it, and lists join all of them."""
    number = create_subaccount.sync(client=client).subaccount_number
    _refused(BadRequestError, "insufficient_balance", lambda: place(client, subaccount=number))
    transfer = ApplySubaccountTransferRequest.from_dict(
        {
            "client_transfer_id": "2f0c8b0e-55a5-4d5b-9d4b-6a5f4a1f2c11",
            "from_subaccount": 0,
            "to_subaccount": number,
            "amount_cents": 500,
        }
    )
    apply_subaccount_transfer.sync(client=client, body=transfer)
    mine = place(client, subaccount=number)
    balances = get_subaccount_balances.sync(client=client).subaccount_balances
    assert [row.balance for row in balances] == [Decimal(9995), Decimal(1)]
    assert get_orders.sync(client=client).orders[0].subaccount_number == number
    assert get_orders.sync(client=client, subaccount=0).orders == []
    cancel_order_v2.sync(client=client, order_id=mine.order_id, subaccount=number)


def test_async_client_is_served_alike(exchange: PaperExchange) -> None:
    """Twenty orders placed at once by an async client all rest, each with an id of its own."""

    async def run() -> set[str]:
        async with client_of(exchange) as client:
            made = await asyncio.gather(
                *(create_order_v2.asyncio(client=client, body=order_of(count="1")) for _ in range(20))
            )
        return {row.order_id for row in made}

    assert len(asyncio.run(run())) == 20


def test_command_prints_what_a_client_needs(tmp_path: Any) -> None:
    """`python -m kalshi_paper` prints variables that a client signs with, and ends with status 0 when told to."""
    with subprocess.Popen(
        [sys.executable, "-m", "kalshi_paper", "--seed", "3", "--latency", "1"], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(5)]
        variables = dict(line.removeprefix("export ").strip().split("=", 1) for line in lines[:3])
        try:
            signer = signer_from_file(variables["KALSHI_KEY_ID"], variables["KALSHI_PRIVATE_KEY_FILE"])
            with signed_client(signer, base_url=variables["KALSHI_BASE_URL"], httpx_args=DIRECT) as client:
                assert get_balance.sync(client=client).balance == 1_000_000
        finally:
            process.terminate()
            process.wait(10)
    assert process.returncode == 0


def test_port_that_is_taken_is_said_so(exchange: PaperExchange) -> None:
    """A port in use ends the command with one line and status 1."""
    port = exchange.base_url.partition("/trade")[0].rpartition(":")[2]
    command = [sys.executable, "-m", "kalshi_paper", "--port", port]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("kalshi_paper can't start: ")
    assert f"port {port}: " in done.stderr


@pytest.mark.parametrize(
    "arguments", [["--port", "65536"], ["--port", "-1"], ["--latency", "-1"], ["--latency", "nan"]]
)
def test_argument_out_of_range_is_said_so(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A port or a latency that can't be ends the command with status 2 and the range."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert f"argument {arguments[0]}: {arguments[0].lstrip('-')} must be " in capsys.readouterr().err


def test_interrupted_command_ends_cleanly() -> None:
    """Ctrl-C ends the command with status 0, nothing on standard error, and its key removed."""
    command = [sys.executable, "-W", "error", "-m", "kalshi_paper"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(5)]
        key = Path(lines[2].strip().partition("=")[2])
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
        assert stat.S_IMODE(key.parent.stat().st_mode) == 0o700
        process.send_signal(signal.SIGINT)
        _, complaints = process.communicate(timeout=30)
    assert (process.returncode, complaints, key.parent.exists()) == (0, "", False)


def test_document_is_the_repositorys() -> None:
    """The document data of the package is what the repository's document gives, without prose."""
    assert paper_openapi.TARGET.read_text("utf-8") == paper_openapi.text(paper_openapi.SOURCE)
    data = json.loads(paper_openapi.TARGET.read_bytes())
    assert data.keys() == {"operations", "schemas"}
    assert "description" not in data["schemas"]["GetBalanceResponse"]


def test_package_imports_neither_of_the_others() -> None:
    """The paper exchange stands alone: it imports neither the client nor the signing package."""
    found = set()
    for file in paper_openapi.TARGET.parents[1].rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom):
                found.add((node.module or "").partition(".")[0])
            elif isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
    assert not found & {"kalshi_auth", "kalshi_trade_api", "scripts", "tests"}
