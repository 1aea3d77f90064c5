"""What a request costs that can be counted: signatures, URLs, modules, copies. Nothing here is timed."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from functools import cached_property
from types import FrameType
from typing import Any

import httpx
import pytest
from kalshi_trade_api.api.portfolio import get_balance
from kalshi_trade_api.client import AuthenticatedClient
from kalshi_trade_api.model import layout_of
from kalshi_trade_api.models import GetOrderQueuePositionsResponse
from kalshi_trade_api.types import Response

from kalshi_auth import signed_client

BODY = b'{"balance":1,"balance_dollars":"0.0100","portfolio_value":2,"updated_ts":3}'
WAYS = ["sync", "asyncio"]


class Counting:
    """A signer that counts."""

    key_id = "3f1b2c4d-0000-4000-8000-00000000beef"

    def __init__(self) -> None:
        self.signatures = 0

    def sign(self, message: bytes) -> bytes:
        self.signatures += 1
        return b"signature"


class Exchange:
    """A client, whose requests are counted, and two ways to call it."""

    def __init__(self) -> None:
        self.signer = Counting()
        self.requests = 0

    @cached_property
    def client(self) -> AuthenticatedClient:
        transport = httpx.MockTransport(self.answer)
        return signed_client(self.signer, base_url="https://host/trade-api/v2", httpx_args={"transport": transport})

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.requests += 1
        return httpx.Response(200, content=BODY)

    def ask(self, way: str, *, times: int) -> Response[Any]:
        """Ask several times; return the last response."""
        if way == "sync":
            return [get_balance.sync_detailed(client=self.client) for _ in range(times)][-1]
        return asyncio.run(self._asked(times))

    async def _asked(self, times: int) -> Response[Any]:
        return [await get_balance.asyncio_detailed(client=self.client) for _ in range(times)][-1]


def calls(act: Callable[[], object]) -> Counter[str]:
    """Count calls of Python functions, by module and name, in threads that start meanwhile too."""
    counted: Counter[str] = Counter()

    def profile(frame: FrameType, event: str, argument: Any) -> None:
        if event == "call":
            counted[f"{frame.f_globals.get('__name__')}:{frame.f_code.co_qualname}"] += 1

    before = sys.getprofile()
    threading.setprofile(profile)
    sys.setprofile(profile)
    try:
        act()
    finally:
        sys.setprofile(before)
        threading.setprofile(None)
    return counted


def loaded(code: str) -> set[str]:
    """Return the modules that a fresh interpreter has loaded after some code."""
    return printed(f"{code}\nprint(*sys.modules)")


def printed(code: str) -> set[str]:
    """Return the words that a fresh interpreter prints."""
    paths = [path for path in sys.path if path]
    script = f"import sys\nsys.path[:0] = {paths!r}\n{code}"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("way", WAYS)
def test_a_request_is_signed_once(way: str) -> None:
    """Ten requests have ten signatures."""
    exchange = Exchange()
    exchange.ask(way, times=10)
    assert (exchange.signer.signatures, exchange.requests) == (10, 10)


@pytest.mark.parametrize("way", WAYS)
def test_a_repeated_request_parses_and_joins_no_url(way: str) -> None:
    """When the same is asked again, httpx gets a URL that is parsed already and has nothing to be joined with."""
    exchange = Exchange()
    exchange.ask(way, times=1)
    counted = calls(lambda: exchange.ask(way, times=10))
    assert exchange.requests == 11
    assert counted["httpx._urlparse:urlparse"] == 0
    assert counted["httpx._urls:URL.join"] == 0
    # httpx wraps the URL it is given, when a request is merged and when it is made; neither parses text.
    assert counted["httpx._urls:URL.__init__"] <= 20


def test_counting_sees_a_url_that_is_parsed() -> None:
    """The functions that must not be called are those that httpx calls for a URL given as text."""
    counted = calls(lambda: httpx.URL("https://host/a").join("b"))
    assert counted["httpx._urlparse:urlparse"] >= 1
    assert counted["httpx._urls:URL.join"] == 1


@pytest.mark.parametrize("way", WAYS)
def test_a_request_is_built_once(way: str) -> None:
    """Ten requests are ten of httpx's, each with one run of the signing flow."""
    exchange = Exchange()
    exchange.ask(way, times=1)
    counted = calls(lambda: exchange.ask(way, times=10))
    assert counted["httpx._models:Request.__init__"] == 10
    assert counted["kalshi_auth.message:signing_message"] == 10


@pytest.mark.parametrize("way", WAYS)
def test_a_body_is_not_copied(way: str) -> None:
    """What a response holds as its content is the very object that the transport handed over."""
    assert Exchange().ask(way, times=1).content is BODY


@pytest.mark.parametrize("way", WAYS)
def test_a_body_is_read_as_bytes(way: str) -> None:
    """Nobody asks httpx to find out a charset and decode the body to text."""
    exchange = Exchange()
    exchange.ask(way, times=1)
    counted = calls(lambda: exchange.ask(way, times=10))
    assert counted["httpx._models:Response.text"] == 0


@pytest.mark.parametrize(("reader", "dictionaries"), [("rows.read_standard", 100), ("structs.read", 0)])
def test_a_row_is_decoded_once(reader: str, dictionaries: int) -> None:
    """Reading a page makes each row once, and nothing is left for the pass over the page but the page."""
    module, _, name = reader.partition(".")
    read = getattr(pytest.importorskip(f"kalshi_trade_api.{module}"), name)
    layout = layout_of(GetOrderQueuePositionsResponse)
    place = {"order_id": "o", "market_ticker": "M", "queue_position_fp": "1.00"}
    content = json.dumps({"queue_positions": [place] * 100}).encode()
    layout.decode(read(content, layout))
    page = read(content, layout)
    assert calls(lambda: layout.decode(page))["kalshi_trade_api.model:Layout.decode"] == 1
    counted = calls(lambda: read(content, layout))
    assert counted["kalshi_trade_api.model:Layout.decode"] == dictionaries
    assert counted["None:decode"] == 100  # compiled code is of no module
    assert counted["kalshi_trade_api.model:Layout.plain"] == 0
    assert counted["json.decoder:JSONDecoder.raw_decode"] <= 1


def test_importing_the_package_and_an_endpoint_loads_only_what_it_needs() -> None:
    """One endpoint brings the runtime and its own answer's model, none of the others."""
    modules = loaded("import kalshi_trade_api\nfrom kalshi_trade_api.api.portfolio import get_balance")
    ours = {name.removeprefix("kalshi_trade_api.") for name in modules if name.startswith("kalshi_trade_api.")}
    runtime = {
        "client", "codec", "deadline", "drift", "errors", "fastpath", "home", "http", "jsontext", "model", "moments",
        "operation", "outcome", "scalars", "types",
    }  # fmt: skip
    own = {"api", "api.portfolio", "api.portfolio.get_balance", "models", "models.get_balance_response"}
    assert ours <= runtime | own
    assert {name for name in ours if name.startswith(("api.", "models."))} == own - {"api", "models"}


def test_the_package_brings_no_third_party_beyond_its_dependencies() -> None:
    """Importing it loads nothing that httpx and attrs do not, but for the standard library and the extra's msgspec."""
    floor = loaded("import attrs, httpx")
    more = loaded("import kalshi_trade_api\nfrom kalshi_trade_api.api.portfolio import get_balance") - floor
    tops = {name.partition(".")[0] for name in more}
    assert tops - sys.stdlib_module_names <= {"kalshi_trade_api", "msgspec", "typing_extensions"}


START = (
    "from kalshi_auth import signed_client, signer_from_file\nfrom kalshi_trade_api.api.portfolio import get_balance\n"
)


def test_a_signed_client_and_an_endpoint_load_little_beside_their_dependencies() -> None:
    """The rate limit is not there yet, and little more of the standard library than the dependencies need."""
    floor = loaded(
        "import attrs, httpx\n"
        "from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa\n"
        "from cryptography.hazmat.primitives import hashes, serialization"
    )
    more = loaded(f"sys.modules['msgspec'] = None\n{START}") - floor - {"msgspec"}
    own = {name for name in more if name.startswith("kalshi_")}
    assert len(own) <= 37
    assert own.isdisjoint({"kalshi_auth.aio", "kalshi_auth.bucket", "kalshi_auth.costs", "kalshi_auth.pacing"})
    assert more - own <= {"_contextvars", "_decimal", "contextvars", "decimal", "numbers"}


def test_attrs_makes_no_class_but_the_models() -> None:
    """That takes it half a millisecond a class, so of all that is loaded at first only the answer's model is one."""
    code = (
        f"{START}import attrs, inspect\n"
        "modules = [module for name, module in sys.modules.items() if name.startswith('kalshi_')]\n"
        "kinds = {kind for module in modules for kind in vars(module).values() if inspect.isclass(kind)}\n"
        "print(*(kind.__module__ for kind in kinds if kind.__module__.startswith('kalshi_') and attrs.has(kind)))"
    )
    assert printed(code) == {"kalshi_trade_api.models.get_balance_response"}


def test_decoding_one_type_loads_only_the_models_in_it() -> None:
    """A balance loads itself and the rows it may hold."""
    modules = loaded("from kalshi_trade_api.models import GetBalanceResponse\nGetBalanceResponse.from_dict({})")
    models = {name for name in modules if name.startswith("kalshi_trade_api.models.")}
    assert models == {f"kalshi_trade_api.models.{name}" for name in ("get_balance_response", "indexed_balance")}
