"""
Trade on a paper exchange: the code that the demo runs.

Ana signs with RSA and calls without `await`; Bob and Carol sign with Ed25519 and call with it. Ana and Bob quote,
Carol trades.
"""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Final
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from kalshi_trade_api import AuthenticatedClient, Client
from kalshi_trade_api.api.market import get_market_orderbook
from kalshi_trade_api.api.orders import cancel_order_v2, create_order_v2
from kalshi_trade_api.api.portfolio import get_balance, get_fills
from kalshi_trade_api.errors import ApiError
from kalshi_trade_api.models.create_order_v2_request import CreateOrderV2Request
from kalshi_trade_api.models.fill import Fill

from kalshi_auth import Ed25519Signer, Signer, public_client, signed_client, signer_from_pem
from kalshi_paper import PaperAccount, PaperExchange
from scripts.demo.account_snapshot import Reading, aread, read
from scripts.demo.order_book_table import beside, ladder, places
from scripts.demo.screen import Screen
from scripts.demo.table import table

TICKER: Final = "KXGAME-FINAL-HOME"
BOBS: Final = (("ask", "0.4600", 40), ("ask", "0.4500", 25), ("bid", "0.4200", 30), ("bid", "0.4100", 50))
ANAS: Final = (("ask", "0.4700", 30), ("ask", "0.4500", 15), ("bid", "0.4200", 20), ("bid", "0.4100", 10))
CAROLS: Final = (
    ("ask", "0.4200", 12),
    ("bid", "0.4500", 10),
    ("ask", "0.4200", 18),
    ("bid", "0.4500", 20),
    ("ask", "0.4100", 25),
    ("bid", "0.4600", 15),
)
_BEAT_S: Final = 0.5
# A proxy that the environment names would look for the exchange on its own machine.
_DIRECT: Final = {"trust_env": False}


class DemoError(Exception):
    """Something went otherwise than a demonstration should."""


async def trade(exchange: PaperExchange, screen: Screen) -> str:
    """Place a small book, trade against it, cancel the rest and count the money; return what was done."""
    url, bobs_key_id = exchange.base_url, exchange.account("bob", key_type="ed25519").signer.key_id
    screen.say(f"A paper exchange listens at {url}\nand verifies every signature.\n")
    with public_client(base_url=url, httpx_args=_DIRECT) as anybody, _client(_rsa(exchange, "ana"), url) as ana:
        async with (
            _client(_ed25519(exchange, "bob"), url) as bob,
            _client(_ed25519(exchange, "carol"), url) as carol,
        ):
            await asyncio.gather(*(create_order_v2.asyncio(client=bob, body=_order(*each)) for each in BOBS))
            for each in ANAS:
                create_order_v2.sync(client=ana, body=_order(*each))
            screen.say(
                f"bob  Ed25519  async  {len(BOBS)} orders placed\nana  RSA      sync   {len(ANAS)} orders placed\n"
            )

            now = await _look(anybody, ana, bob, {}, screen, f"{TICKER}: the book as placed")
            for number, each in enumerate(CAROLS, 1):
                told = await _hit(carol, *each)
                now = await _look(anybody, ana, bob, now, screen, f"{TICKER}: trade {number} of {len(CAROLS)}, {told}")

            cancelled = [cancel_order_v2.sync(order.order_id, client=ana) for order in now["ana"].orders]
            cancelled += await asyncio.gather(
                *(cancel_order_v2.asyncio(order.order_id, client=bob) for order in now["bob"].orders)
            )
            if read(ana).orders or (await aread(bob)).orders:
                raise DemoError("an order rests after it was cancelled")
            taken = sum(each.reduced_by for each in cancelled)
            screen.say(f"Cancelled {len(cancelled)} orders, {taken:.2f} contracts taken off the book.\n")

            fills = {"ana": list(get_fills.iterate(client=ana))}
            for name, client in (("bob", bob), ("carol", carol)):
                fills[name] = [fill async for fill in get_fills.aiterate(client=client)]
            balances = {"ana": get_balance.sync(client=ana).balance_dollars}
            balances["bob"] = (await get_balance.asyncio(client=bob)).balance_dollars
            balances["carol"] = (await get_balance.asyncio(client=carol)).balance_dollars
            screen.say(f"{_accounts(balances, fills)}\n\nAna's fills:\n{_fills(fills['ana'])}\n")
    _count(exchange)
    screen.say(f"Refused, with a wrong key: {_refusal(bobs_key_id, url)}")
    placed = len(BOBS) + len(ANAS)
    return f"{placed} orders placed, {len(CAROLS)} trades, {len(cancelled)} cancelled, 1 request refused"


def _rsa(exchange: PaperExchange, name: str) -> Signer:
    return _signer(exchange.account(name, key_type="rsa"))


def _ed25519(exchange: PaperExchange, name: str) -> Signer:
    return _signer(exchange.account(name, key_type="ed25519"))


def _signer(account: PaperAccount) -> Signer:
    return signer_from_pem(account.signer.key_id, account.signer.pem())


def _client(signer: Signer, url: str) -> AuthenticatedClient:
    return signed_client(signer, base_url=url, httpx_args=_DIRECT)


def _order(side: str, price: str, count: int, time_in_force: str = "good_till_canceled") -> CreateOrderV2Request:
    return CreateOrderV2Request(
        ticker=TICKER,
        side=side,
        price=price,
        count=count,
        client_order_id=str(uuid4()),  # with an id of its own, an order is safe to retry
        time_in_force=time_in_force,
        self_trade_prevention_type="taker_at_cross",
    )


async def _hit(client: AuthenticatedClient, side: str, price: str, count: int) -> str:
    done = await create_order_v2.asyncio(client=client, body=_order(side, price, count, "immediate_or_cancel"))
    if done.fill_count != count:
        raise DemoError(f"{done.fill_count} contracts traded: {count} were expected")
    return f"carol {'buys' if side == 'bid' else 'sells'} {count} at {done.average_fill_price:.4f}"


async def _look(
    anybody: Client,
    ana: AuthenticatedClient,
    bob: AuthenticatedClient,
    before: dict[str, Reading],
    screen: Screen,
    title: str,
) -> dict[str, Reading]:
    book = get_market_orderbook.sync(TICKER, client=anybody).orderbook_fp
    now = {"ana": read(ana), "bob": await aread(bob)}
    await screen.show(f"{title}\n\n{beside(ladder(book), places(now, before))}", for_s=_BEAT_S)
    return now


def _accounts(balances: dict[str, Decimal], fills: dict[str, list[Fill]]) -> str:
    rows = []
    for name, own in fills.items():
        held = sum(fill.count_fp if fill.book_side == "bid" else -fill.count_fp for fill in own)
        fees = sum(fill.fee_cost for fill in own)
        rows.append((name, f"${balances[name]:,.4f}", f"{held:+,.2f}", str(len(own)), f"${fees:.4f}"))
    return table(("WHO", "BALANCE", "HOLDS", "FILLS", "FEES"), rows, "<>>>>")


def _fills(fills: list[Fill]) -> str:
    rows = [
        (
            fill.book_side.value,
            f"{fill.yes_price_dollars:.4f}",
            f"{fill.count_fp:,.2f}",
            "taker" if fill.is_taker else "maker",
        )
        for fill in reversed(fills)
    ]
    return table(("SIDE", "PRICE", "COUNT", "ROLE"), rows, "<>><")


def _count(exchange: PaperExchange) -> None:
    try:
        exchange.check()
    except AssertionError as error:
        raise DemoError(f"the exchange's books don't add up: {error}") from None


def _refusal(key_id: str, url: str) -> str:
    with _client(Ed25519Signer(key_id, Ed25519PrivateKey.generate()), url) as stranger:
        try:
            get_balance.sync(client=stranger)
        except ApiError as error:
            return f"{error.status_code} {error.code}: {error.details or error.message}"
    raise DemoError("a request was granted that should have been refused")
