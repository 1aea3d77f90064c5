"""What a call and an import cost, where it can be counted: signatures, requests, JSON texts read, modules loaded."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import httpx
import pytest
from kalshi_trade_api.api.portfolio import get_balance
from kalshi_trade_api.errors import ApiError
from kalshi_trade_api.types import Response

from kalshi_auth import signed_client

BODY = b'{"balance":1,"balance_dollars":"0.0100","portfolio_value":2,"updated_ts":3}'
REFUSAL = b'{"error":{"code":"bad_request","message":"no"}}'
WAYS = ["sync", "asyncio"]


class Counting:
    """A signer that counts its signatures."""

    key_id = "3f1b2c4d-0000-4000-8000-00000000beef"

    def __init__(self) -> None:
        self.signatures = 0

    def sign(self, message: bytes) -> bytes:
        self.signatures += 1
        return b"signature"


class Exchange:
    """A signing client whose transport counts the requests, and two ways to call it."""

    def __init__(self, status: int = 200, body: bytes = BODY) -> None:
        self.signer = Counting()
        self.requests = 0
        self._status, self._body = status, body
        self.client = signed_client(
            self.signer,
            base_url="https://host/trade-api/v2",
            httpx_args={"transport": httpx.MockTransport(self._answer)},
        )

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests += 1
        return httpx.Response(self._status, content=self._body)

    def ask(self, way: str, *, times: int) -> list[Response[Any]]:
        """Call several times; return the responses."""
        if way == "sync":
            return [get_balance.sync_detailed(client=self.client) for _ in range(times)]
        return asyncio.run(self._asked(times))

    async def _asked(self, times: int) -> list[Response[Any]]:
        return [await get_balance.asyncio_detailed(client=self.client) for _ in range(times)]


def texts_read(act: Callable[[], object]) -> int:
    """Count the JSON texts that are read, by the decoders of msgspec and of the standard library."""
    count = 0

    def profile(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal count
        if event == "c_call":
            count += type(getattr(argument, "__self__", None)).__module__ == "msgspec.json"
        elif event == "call":
            module, name = frame.f_globals.get("__name__"), frame.f_code.co_qualname
            count += (module, name) == ("json.decoder", "JSONDecoder.raw_decode")

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        act()
    finally:
        sys.setprofile(before)
    return count


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
def test_a_call_is_one_signature_and_one_request(way: str) -> None:
    """Ten calls are ten signatures and ten requests at the transport."""
    exchange = Exchange()
    exchange.ask(way, times=10)
    assert (exchange.signer.signatures, exchange.requests) == (10, 10)


@pytest.mark.parametrize("way", WAYS)
def test_a_body_is_not_copied(way: str) -> None:
    """The content of a response is the very object that the transport returned."""
    (response,) = Exchange().ask(way, times=1)
    assert response.content is BODY


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("status", "body"), [(200, BODY), (400, REFUSAL)], ids=["success", "error"])
def test_a_body_is_parsed_once(way: str, status: int, body: bytes) -> None:
    """Ten calls read ten JSON texts, and reading the results reads none."""
    exchange = Exchange(status, body)
    responses: list[Response[Any]] = []
    assert texts_read(lambda: responses.extend(exchange.ask(way, times=10))) == 10
    assert texts_read(lambda: [results(each) for each in responses]) == 0


def results(response: Response[Any]) -> tuple[object, ...]:
    """Read all that a response says: its value twice, or its error."""
    if response.error is None:
        parsed: Any = response.parsed
        return parsed.balance, response.value().balance
    assert isinstance(response.error, ApiError)
    return response.error.code, response.error.message, str(response.error)


def test_an_endpoint_loads_no_other_endpoint_and_no_model_but_its_own() -> None:
    """Importing one endpoint loads the model of its response, and none of the other endpoints and models."""
    modules = loaded("import kalshi_trade_api\nfrom kalshi_trade_api.api.portfolio import get_balance")
    ours = {name.removeprefix("kalshi_trade_api.") for name in modules if name.startswith("kalshi_trade_api.")}
    assert {name for name in ours if name.startswith(("api.", "models."))} == {
        "api.portfolio", "api.portfolio.get_balance", "models.get_balance_response",
    }  # fmt: skip


def test_the_package_loads_no_third_party_module_beyond_its_dependencies() -> None:
    """Importing it loads what httpx and attrs load, the standard library, and msgspec where it is installed."""
    floor = loaded("import attrs, httpx")
    more = loaded("import kalshi_trade_api\nfrom kalshi_trade_api.api.portfolio import get_balance") - floor
    tops = {name.partition(".")[0] for name in more if not name.startswith("kalshi_")}
    assert tops - sys.stdlib_module_names <= {"msgspec", "typing_extensions"}


START = (
    "from kalshi_auth import signed_client, signer_from_file\nfrom kalshi_trade_api.api.portfolio import get_balance\n"
)


def test_a_signed_client_loads_little_beside_its_dependencies() -> None:
    """Beyond what the dependencies load, only modules for decimal numbers are loaded from the standard library."""
    floor = loaded(
        "import attrs, httpx\n"
        "from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa\n"
        "from cryptography.hazmat.primitives import hashes, serialization"
    )
    more = loaded(f"sys.modules['msgspec'] = None\n{START}") - floor - {"msgspec"}
    others = {name for name in more if not name.startswith("kalshi_")}
    assert others <= {"_contextvars", "_decimal", "contextvars", "decimal", "numbers"}


def test_decoding_one_type_loads_only_the_models_in_it() -> None:
    """A balance loads its own model and that of the rows it may hold."""
    modules = loaded("from kalshi_trade_api.models import GetBalanceResponse\nGetBalanceResponse.from_dict({})")
    models = {name for name in modules if name.startswith("kalshi_trade_api.models.")}
    assert models == {f"kalshi_trade_api.models.{name}" for name in ("get_balance_response", "indexed_balance")}
