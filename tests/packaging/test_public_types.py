"""The types of the installed wheel, as a strict checker shows them to somebody else's project."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import Any, Final

import pytest

import kalshi_auth
from tests.packaging.built import Environment, run

pytestmark = pytest.mark.slow

USER: Final = f"""
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from typing import assert_type

from kalshi_auth import {", ".join(kalshi_auth.__all__)}
from kalshi_trade_api import AuthenticatedClient, Client
from kalshi_trade_api.api.account import get_account_api_limits
from kalshi_trade_api.api.api_keys import delete_api_key
from kalshi_trade_api.api.events import get_event, get_events
from kalshi_trade_api.api.exchange import get_exchange_status
from kalshi_trade_api.api.market import get_market, get_market_orderbook, get_markets, get_trades
from kalshi_trade_api.api.orders import cancel_order_v2, create_order_v2, get_order_queue_positions, get_orders
from kalshi_trade_api.api.portfolio import get_balance, get_fills, get_positions
from kalshi_trade_api.errors import ApiError, MissingFieldError, RateLimitError, ResponseDecodeError
from kalshi_trade_api.models import (
    CreateOrderV2Request, CreateOrderV2Response, GetMarketsResponse, GetOrdersResponse, Market, Order,
)
from kalshi_trade_api.types import UNSET, Response

everything: tuple[object, ...] = ({", ".join(kalshi_auth.__all__)})


class Vault:
    key_id = "from elsewhere"

    def sign(self, message: bytes) -> bytes:
        return message


def reads(client: Client) -> Decimal:
    assert_type(get_exchange_status.sync(client=client).exchange_active, bool)
    assert_type(get_markets.sync(client=client, status="open", limit=5), GetMarketsResponse)
    assert_type(get_markets.iterate(client=client, max_items=3), Iterator[Market])
    assert_type(get_market.sync("T", client=client).market.ticker, str)
    for event in get_events.sync(client=client).events:
        assert_type(get_event.sync(event.event_ticker, client=client).event.event_ticker, str)
    for trade in get_trades.iterate(client=client, ticker="T"):
        assert_type(trade.count_fp, Decimal)
    book = get_market_orderbook.sync("T", client=client, depth=3)
    return sum((Decimal(level[1]) for level in book.orderbook_fp.yes_dollars), Decimal(0))


def trades(signer: Signer) -> None:
    with signed_client(signer, base_url=DEMO, retry=RetryPolicy(attempts=2), rate_limit=RateLimit()) as client:
        assert_type(client, AuthenticatedClient)
        order = CreateOrderV2Request(
            ticker="T", side="bid", count=10, price="0.56", time_in_force="good_till_canceled",
            self_trade_prevention_type="maker",
        )
        try:
            with deadline(2.0):
                placed = assert_type(create_order_v2.sync(client=client, body=order), CreateOrderV2Response)
            assert_type(cancel_order_v2.sync(placed.order_id, client=client).reduced_by, Decimal)
        except RateLimitError as error:
            print(error.status_code, error.code)
        except (NotSentError, WriteFateUnknownError, MissingFieldError):
            raise
        detailed = assert_type(get_orders.sync_detailed(client=client), Response[GetOrdersResponse])
        assert_type(detailed.error, ApiError | ResponseDecodeError | None)
        assert_type(get_balance.sync(client=client).balance, int)
        for fill in get_fills.iterate(client=client):
            assert_type(fill.count_fp, Decimal)
        print(get_positions.sync(client=client).market_positions)
        print(get_order_queue_positions.sync(client=client).queue_positions)
        print(get_account_api_limits.sync(client=client).read)
        delete_api_key.sync("key", client=client)
        if order.client_order_id is not UNSET:
            print(order.client_order_id)


async def later(signer: Signer) -> None:
    async with signed_client(signer, base_url=DEMO) as client:
        orders = assert_type(get_orders.aiterate(client=client, status="resting"), AsyncIterator[Order])
        print([order.order_id async for order in orders])


reads(public_client())
trades(Vault())
"""
# Were the packages untyped where they are installed, none of these would be seen.
MISTAKES: Final = """
from kalshi_auth import public_client, signed_client
from kalshi_trade_api.api.market import get_markets
from kalshi_trade_api.api.orders import get_orders

signed_client(object(), base_url="https://host")
get_orders.sync(client=public_client())
get_markets.sync(client=public_client(), limti=5)
get_markets.sync(client=public_client(), limit="5")
get_markets.sync(client=public_client()).market
"""
WRONG_LINES: Final = {6, 7, 8, 9, 10}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a project that uses the packages, rightly and wrongly."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "user.py").write_text(USER, "utf-8")
    (folder / "mistakes.py").write_text(MISTAKES, "utf-8")
    settings = {"typeCheckingMode": "strict", "pythonVersion": "3.11", "include": ["user.py", "mistakes.py"]}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings), "utf-8")
    return folder


def test_mypy_in_strict_mode_finds_the_mistakes_and_no_others(environment: Environment, project: Path) -> None:
    """Right code is clean, and each wrong line is reported, with the types that the wheel ships."""
    done = run(
        [
            sys.executable, "-m", "mypy", "--strict", "--config-file=", "--python-version=3.11", "--cache-dir=.cache",
            f"--python-executable={environment.python}", "--no-error-summary", "user.py", "mistakes.py",
        ],
        project,
    )  # fmt: skip
    found = re.findall(r"^(\w+)\.py:(\d+): error: ", done.stdout, re.M)
    assert [line for line in done.stdout.splitlines() if line.startswith("user.py")] == []
    assert {int(line) for name, line in found if name == "mistakes"} == WRONG_LINES, done.stdout + done.stderr


def test_pyright_in_strict_mode_finds_the_mistakes_and_no_others(environment: Environment, project: Path) -> None:
    """Right code is clean, and each wrong line is reported, with the types that the wheel ships."""
    done = run(
        [sys.executable, "-m", "basedpyright", "--pythonpath", environment.python, "--outputjson", "-p", "."], project
    )
    found = json.loads(done.stdout)
    assert found["summary"]["filesAnalyzed"] == 2
    reports = [
        (Path(report["file"]).stem, report["range"]["start"]["line"] + 1, report["message"])
        for report in found["generalDiagnostics"]
    ]
    assert [report for report in reports if report[0] != "mistakes"] == []
    assert {line for _, line, _ in reports} == WRONG_LINES


@pytest.mark.parametrize(("package", "least"), [("kalshi_auth", 50), ("kalshi_core", 200), ("kalshi_trade_api", 3000)])
def test_every_public_name_has_a_known_type(package: str, least: int, environment: Environment, tmp_path: Path) -> None:
    """Pyright's count of public names without a type, or with one to guess at, is nought."""
    # Here the environment is found through the path: --pythonpath is not heeded.
    done = run(
        [sys.executable, "-m", "basedpyright", "--verifytypes", package, "--ignoreexternal", "--outputjson"], tmp_path,
        PATH=f"{environment.python.parent}{os.pathsep}{os.environ['PATH']}",
    )  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout)["typeCompleteness"]
    assert Path(found["pyTypedPath"]).resolve() == environment.site_packages / package / "py.typed"
    vague = [
        (symbol["name"], [report["message"] for report in symbol["diagnostics"]])
        for symbol in found["symbols"]
        if symbol["isTypeAmbiguous"] or not symbol["isTypeKnown"]
    ]
    assert vague == []
    assert found["exportedSymbolCounts"]["withKnownType"] > least
    assert found["completenessScore"] == 1
