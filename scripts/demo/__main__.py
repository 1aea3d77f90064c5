"""
Demonstrate the client: `python -m scripts.demo`.

Starts a paper exchange on this machine and trades on it, without a key and without the network. With --demo, it reads
from Kalshi's demo environment instead.

Exit status: 0 passed, 1 failed.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import sys
from typing import Final

import httpx
from kalshi_trade_api import Client
from kalshi_trade_api.api.exchange import get_exchange_status
from kalshi_trade_api.api.market import get_markets
from kalshi_trade_api.errors import MissingFieldError, TradeApiError

from kalshi_auth import DEMO, CredentialsError, NotSentError, public_client, signed_client, signer_from_env
from kalshi_paper import PaperExchange
from scripts.demo.account_snapshot import queue_table, read
from scripts.demo.screen import Screen
from scripts.demo.trading import DemoError, trade

_COLUMNS: Final = 80
_LINES: Final = 16
"""Size of terminal on which a picture may replace the one before."""
_NEEDS: Final = """\
--demo needs an API key of the demo environment, in these variables:
  KALSHI_KEY_ID            the key id
  KALSHI_PRIVATE_KEY       the private key, PEM, or
  KALSHI_PRIVATE_KEY_FILE  the path of a PEM file
"""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.demo", description="Demonstrate the client on a paper exchange."
    )
    parser.add_argument("--demo", action="store_true", help="read from Kalshi's demo environment, with your API key")
    try:
        passed = read_from_demo() if parser.parse_args(arguments).demo else trade_on_paper()
    except CredentialsError as error:
        print(_NEEDS)
        return _failed(str(error))
    except httpx.HTTPError as error:
        return _failed(f"no response ({type(error).__name__}: {error})")
    except (DemoError, MissingFieldError, NotSentError, OSError, TradeApiError) as error:
        return _failed(str(error))
    print(f"demo passed: {passed}")
    return 0


def trade_on_paper() -> str:
    """Trade on a paper exchange and show the order book; return a summary."""
    screen = Screen(sys.stdout, live=_is_live(), sleep=asyncio.sleep)
    with PaperExchange() as exchange:
        done = asyncio.run(trade(exchange, screen))
    screen.write("The code that ran: scripts/demo/trading.py")
    return done


def read_from_demo() -> str:
    """Read market and account data from Kalshi's demo environment, and place nothing; return a summary."""
    signer = signer_from_env()
    print(f"Kalshi's demo environment, {DEMO}\n")
    with public_client(base_url=DEMO) as client:
        print(f"public   unsigned  {_market_summary(client)}")
    with signed_client(signer, base_url=DEMO) as client:
        account = read(client)
    print(f"account  signed    {account}\n\n{queue_table(account)}\n")
    return "read from Kalshi's demo environment, nothing was placed"


def _is_live() -> bool:
    columns, lines = shutil.get_terminal_size()
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb" and columns >= _COLUMNS and lines >= _LINES


def _market_summary(client: Client) -> str:
    status = get_exchange_status.sync(client=client)
    markets = get_markets.sync(client=client, limit=3).markets or []
    return f"trading is {'open' if status.trading_active else 'closed'}, {len(markets)} markets on the first page"


def _failed(why: str) -> int:
    print(f"demo failed: {' '.join(why.split())}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
