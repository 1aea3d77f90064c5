"""
Trade on a paper exchange: the code of the demo.

Ana signs with RSA and uses synchronous calls; Bob and Carol sign with Ed25519 and use asynchronous calls. Ana and Bob
quote, Carol trades.
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
from scripts.demo.account_snapshot import AccountSnapshot, aread, read
from scripts.demo.order_book_table import ladder, queue_positions, side_by_side
from scripts.demo.screen import Screen
from scripts.demo.table import table

TICKER: Final = "KXGAME-FINAL-HOME"
BOB_QUOTES: Final = (("ask", "0.4600", 40), ("ask", "0.4500", 25), ("bid", "0.4200", 30), ("bid", "0.4100", 50))
ANA_QUOTES: Final = (("ask", "0.4700", 30), ("ask", "0.4500", 15), ("bid", "0.4200", 20), ("bid", "0.4100", 10))
CAROL_ORDERS: Final = (
    ("ask", "0.4200", 12),
    ("bid", "0.4500", 10),
    ("ask", "0.4200", 18),
    ("bid", "0.4500", 20),
    ("ask", "0.4100", 25),
    ("bid", "0.4600", 15),
)
_PICTURE_S: Final = 0.5
# A proxy named in the environment would connect to its own loopback address.
_DIRECT: Final = {"trust_env": False}


class DemoError(Exception):
    """The demonstration had an unexpected result."""


async def trade(exchange: PaperExchange, screen: Screen) -> str:
    """
    Place orders, trade against them, cancel the rest and show balances and fills.

    Returns:
        A summary, one line.

    Raises:
        DemoError: A result is not the expected one.
    """
    url, bob_key_id = exchange.base_url, exchange.account("bob", key_type="ed25519").signer.key_id
    screen.write(f"A paper exchange listens at {url}\nand verifies every signature.\n")
    with public_client(base_url=url, httpx_args=_DIRECT) as public, _client(_rsa(exchange, "ana"), url) as ana:
        async with (
            _client(_ed25519(exchange, "bob"), url) as bob,
            _client(_ed25519(exchange, "carol"), url) as carol,
        ):
            await asyncio.gather(*(create_order_v2.asyncio(client=bob, body=_order(*each)) for each in BOB_QUOTES))
            for each in ANA_QUOTES:
                create_order_v2.sync(client=ana, body=_order(*each))
            screen.write(
                f"bob  Ed25519  async  {len(BOB_QUOTES)} orders placed\n"
                f"ana  RSA      sync   {len(ANA_QUOTES)} orders placed\n"
            )

            now = await _show_book(public, ana, bob, {}, screen, f"{TICKER}: the book as placed")
            for number, each in enumerate(CAROL_ORDERS, 1):
                done = await _take(carol, *each)
                now = await _show_book(
                    public, ana, bob, now, screen, f"{TICKER}: trade {number} of {len(CAROL_ORDERS)}, {done}"
                )

            cancelled = [cancel_order_v2.sync(order.order_id, client=ana) for order in now["ana"].orders]
            cancelled += await asyncio.gather(
                *(cancel_order_v2.asyncio(order.order_id, client=bob) for order in now["bob"].orders)
            )
            if read(ana).orders or (await aread(bob)).orders:
                raise DemoError("an order still rests after its cancellation")
            removed = sum(each.reduced_by for each in cancelled)
            screen.write(f"Cancelled {len(cancelled)} orders, {removed:.2f} contracts removed from the book.\n")

            fills = {"ana": list(get_fills.iterate(client=ana))}
            for name, client in (("bob", bob), ("carol", carol)):
                fills[name] = [fill async for fill in get_fills.aiterate(client=client)]
            balances = {"ana": get_balance.sync(client=ana).balance_dollars}
            balances["bob"] = (await get_balance.asyncio(client=bob)).balance_dollars
            balances["carol"] = (await get_balance.asyncio(client=carol)).balance_dollars
            screen.write(f"{_accounts(balances, fills)}\n\nAna's fills:\n{_fills(fills['ana'])}\n")
    _check_books(exchange)
    screen.write(f"Refused, with a wrong key: {_rejection(bob_key_id, url)}")
    placed = len(BOB_QUOTES) + len(ANA_QUOTES)
    return f"{placed} orders placed, {len(CAROL_ORDERS)} trades, {len(cancelled)} cancelled, 1 request refused"


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
        client_order_id=str(uuid4()),  # an order with its own id is safe to retry
        time_in_force=time_in_force,
        self_trade_prevention_type="taker_at_cross",
    )


async def _take(client: AuthenticatedClient, side: str, price: str, count: int) -> str:
    done = await create_order_v2.asyncio(client=client, body=_order(side, price, count, "immediate_or_cancel"))
    if done.fill_count != count:
        raise DemoError(f"{done.fill_count} contracts traded, {count} expected")
    return f"carol {'buys' if side == 'bid' else 'sells'} {count} at {done.average_fill_price:.4f}"


async def _show_book(
    public: Client,
    ana: AuthenticatedClient,
    bob: AuthenticatedClient,
    before: dict[str, AccountSnapshot],
    screen: Screen,
    title: str,
) -> dict[str, AccountSnapshot]:
    book = get_market_orderbook.sync(TICKER, client=public).orderbook_fp
    now = {"ana": read(ana), "bob": await aread(bob)}
    await screen.show(f"{title}\n\n{side_by_side(ladder(book), queue_positions(now, before))}", for_s=_PICTURE_S)
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


def _check_books(exchange: PaperExchange) -> None:
    try:
        exchange.check()
    except AssertionError as error:
        raise DemoError(f"the exchange's books are not consistent: {error}") from None


def _rejection(key_id: str, url: str) -> str:
    with _client(Ed25519Signer(key_id, Ed25519PrivateKey.generate()), url) as stranger:
        try:
            get_balance.sync(client=stranger)
        except ApiError as error:
            return f"{error.status_code} {error.code}: {error.details or error.message}"
    raise DemoError("a request with a wrong signature was accepted")
