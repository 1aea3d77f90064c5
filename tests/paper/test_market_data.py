"""Public market data over HTTP."""

from __future__ import annotations

from decimal import Decimal

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

from kalshi_paper import PaperExchange
from tests.paper.clients import EMPTY, QUOTED, place


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
