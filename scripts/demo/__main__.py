"""
Show the client at work: `python -m scripts.demo`.

By itself it needs neither key nor network: it talks to a stand-in for the exchange on this machine, which
verifies every signature with the public key. With --demo it reads from Kalshi's demo environment.

Exit status: 0 passed, 1 failed.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable
from typing import Final
from uuid import uuid4

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from kalshi_trade_api import AuthenticatedClient, Client
from kalshi_trade_api.api.exchange import get_exchange_status
from kalshi_trade_api.api.market import get_markets
from kalshi_trade_api.api.orders import create_order_v2
from kalshi_trade_api.api.portfolio import get_balance
from kalshi_trade_api.errors import ApiError, MissingFieldError, TradeApiError
from kalshi_trade_api.models.create_order_v2_request import CreateOrderV2Request

from kalshi_auth import (
    DEMO,
    CredentialsError,
    Ed25519Signer,
    NotSentError,
    RsaPssSigner,
    Signer,
    public_client,
    signed_client,
    signer_from_env,
)
from scripts.demo.reading import Reading, aread, queue_table, read
from scripts.demo.signature import PublicKey
from scripts.demo.standin import StandIn

# A proxy that the environment names would look for the stand-in on its own machine.
_DIRECT: Final = {"trust_env": False}
_NEEDS: Final = """\
--demo reads with a key of the demo environment, from these variables:
  KALSHI_KEY_ID            the key's id
  KALSHI_PRIVATE_KEY       the key in PEM, or instead of it
  KALSHI_PRIVATE_KEY_FILE  the path of the PEM file
"""


class DemoError(Exception):
    """Something went otherwise than a demonstration should."""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m scripts.demo", description="Show the client at work.")
    parser.add_argument("--demo", action="store_true", help="read from Kalshi's demo environment, with your key")
    try:
        passed = read_from_demo() if parser.parse_args(arguments).demo else talk_to_stand_in()
    except CredentialsError as error:
        print(_NEEDS)
        return _failed(str(error))
    except httpx.HTTPError as error:
        return _failed(f"no answer ({type(error).__name__}: {error})")
    except (DemoError, MissingFieldError, NotSentError, OSError, TradeApiError) as error:
        return _failed(str(error))
    print(f"demo passed: {passed}")
    return 0


def talk_to_stand_in() -> str:
    """Read and trade on the stand-in, in every way there is."""
    rsa, ed25519 = generate_private_key(65537, 2048), Ed25519PrivateKey.generate()
    signers: dict[str, Signer] = {
        "RSA": RsaPssSigner(str(uuid4()), rsa),
        "Ed25519": Ed25519Signer(str(uuid4()), ed25519),
    }
    public_keys: dict[str, PublicKey] = {
        signers["RSA"].key_id: rsa.public_key(),
        signers["Ed25519"].key_id: ed25519.public_key(),
    }
    with StandIn(public_keys) as exchange:
        print(f"A stand-in for the exchange listens at {exchange.base_url}")
        print("It has public keys only, and verifies every signature with them.\n")
        with public_client(base_url=exchange.base_url, httpx_args=_DIRECT) as client:
            print(f"public   unsigned  {_market_news(client)}")
        with _connected(signers["RSA"], exchange) as client:
            print(f"RSA      sync      {_place(client, price='0.4300')}")

        readings = []
        for name, signer in signers.items():
            readings += [_read(_connected(signer, exchange)), asyncio.run(_aread(_connected(signer, exchange)))]
            print(f"{name:<9}sync      {readings[-2]}\n{name:<9}async     {readings[-1]}")
        if any(reading != readings[0] for reading in readings):
            raise DemoError("the same account was read differently")
        print(f"\n{queue_table(readings[0])}\n")

        print("Refused, as they should be:")
        stranger = Ed25519Signer(signers["Ed25519"].key_id, Ed25519PrivateKey.generate())
        with _connected(stranger, exchange) as client:
            print(f"  wrong key       {_refused(lambda: get_balance.sync(client=client))}")
        with _connected(signers["RSA"], exchange) as client:
            print(f"  price off grid  {_refused(lambda: _place(client, price='0.4305'))}")
        print(f"\nThe stand-in answered {len(exchange.seen)} requests and verified {exchange.verified} signatures.")
        return f"{exchange.verified} signed requests verified, RSA and Ed25519, sync and async"


def read_from_demo() -> str:
    """Read from Kalshi's demo environment; nothing is placed."""
    signer = signer_from_env()
    print(f"Kalshi's demo environment, {DEMO}\n")
    with public_client(base_url=DEMO) as client:
        print(f"public   unsigned  {_market_news(client)}")
    reading = _read(signed_client(signer, base_url=DEMO))
    print(f"account  signed    {reading}\n\n{queue_table(reading)}\n")
    return "read from Kalshi's demo environment, nothing was placed"


def _connected(signer: Signer, exchange: StandIn) -> AuthenticatedClient:
    return signed_client(signer, base_url=exchange.base_url, httpx_args=_DIRECT)


def _market_news(client: Client) -> str:
    status = get_exchange_status.sync(client=client)
    markets = get_markets.sync(client=client, limit=3).markets or []
    return f"trading is {'open' if status.trading_active else 'closed'}, {len(markets)} markets on the first page"


def _place(client: AuthenticatedClient, *, price: str) -> str:
    order = CreateOrderV2Request(
        ticker="KXHIGHNY-26NOV23-T55",
        client_order_id=str(uuid4()),
        side="bid",
        count=10,
        price=price,
        time_in_force="good_till_canceled",
        self_trade_prevention_type="taker_at_cross",
    )
    placed = create_order_v2.sync(client=client, body=order)
    return f"bid {price} for {order.ticker}, {placed.remaining_count} contracts rest"


def _read(client: AuthenticatedClient) -> Reading:
    with client:
        return read(client)


async def _aread(client: AuthenticatedClient) -> Reading:
    async with client:
        return await aread(client)


def _refused(call: Callable[[], object]) -> str:
    try:
        call()
    except ApiError as error:
        return f"{error.status_code} {error.code}: {error.details or error.message}"
    raise DemoError("a request was granted that should have been refused")


def _failed(why: str) -> int:
    print(f"demo failed: {' '.join(why.split())}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
