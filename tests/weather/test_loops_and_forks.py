"""One client in several event loops, and in a forked process."""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from kalshi_trade_api.api.orders import create_order_v2

from tests.weather.calls import TLS, client_of, order
from tests.weather.faultserver import FaultServer

pytestmark = pytest.mark.usefixtures("no_leaks")


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
def test_a_client_moves_on_to_the_next_event_loop(private_key: RSAPrivateKey) -> None:
    """One loop after the other: each has connections of its own, every order is placed once and told of."""
    with FaultServer(private_key.public_key()) as server:
        client = client_of(server, private_key)
        for number in range(3):
            placed = asyncio.run(create_order_v2.asyncio(client=client, body=order(None)))
            assert placed.order_id == f"order-{number + 1}"
        asyncio.run(client.aclose())
        with pytest.raises(RuntimeError, match="closed"):
            asyncio.run(create_order_v2.asyncio(client=client, body=order(None)))
        assert (server.connections, len(server.placed)) == (3, 3)
        del client, placed
        gc.collect()


def test_a_client_in_use_in_one_event_loop_says_so_in_another(private_key: RSAPrivateKey) -> None:
    """A second loop beside the first is refused before anything is sent, and the first works on."""
    refused: list[BaseException | None] = []

    async def second() -> None:
        with pytest.raises(RuntimeError, match="Nothing was sent: the client is in use in another event loop"):
            await create_order_v2.asyncio(client=client, body=order(None))
        refused.append(None)

    async def first() -> None:
        async with client:
            await create_order_v2.asyncio(client=client, body=order(None))
            await asyncio.to_thread(lambda: asyncio.run(second()))
            await create_order_v2.asyncio(client=client, body=order(None))

    with FaultServer(private_key.public_key()) as server:
        client = client_of(server, private_key)
        asyncio.run(first())
        assert refused == [None]
        assert (server.connections, len(server.placed)) == (1, 2)


@pytest.mark.parametrize("passed", ["transport", "client"])
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
def test_connections_that_were_passed_in_end_with_their_event_loop(passed: str, private_key: RSAPrivateKey) -> None:
    """Where a client can't renew its connections, a later loop is refused before anything is sent, until it has new."""
    with FaultServer(private_key.public_key()) as server:
        args = {"httpx_args": {"transport": httpx.AsyncHTTPTransport(verify=TLS)}} if passed == "transport" else {}
        client = client_of(server, private_key, **args)
        if passed == "client":
            client.set_async_httpx_client(httpx.AsyncClient(verify=TLS))
        asyncio.run(create_order_v2.asyncio(client=client, body=order(None)))
        for _ in range(2):
            with pytest.raises(RuntimeError, match="Nothing was sent"):
                asyncio.run(create_order_v2.asyncio(client=client, body=order(None)))
        assert len(server.seen) == 1
        client.set_async_httpx_client(httpx.AsyncClient(verify=TLS))
        asyncio.run(create_order_v2.asyncio(client=client, body=order(None)))
        assert len(server.placed) == 2
        del client, args
        gc.collect()


def test_a_transport_that_was_passed_in_is_refused_in_a_loop_beside_its_own(private_key: RSAPrivateKey) -> None:
    """An order is not sent over a connection on which another loop would hear the answer."""

    async def first() -> None:
        async with client:
            await create_order_v2.asyncio(client=client, body=order(None))
            with pytest.raises(RuntimeError, match="Nothing was sent: the client is in use in another event loop"):
                await asyncio.to_thread(lambda: asyncio.run(create_order_v2.asyncio(client=client, body=order(None))))

    with FaultServer(private_key.public_key()) as server:
        client = client_of(server, private_key, httpx_args={"transport": httpx.AsyncHTTPTransport(verify=TLS)})
        asyncio.run(first())
        assert len(server.seen) == 1


FORKING = """
import os, sys
from kalshi_trade_api.api.orders import create_order_v2
from kalshi_trade_api.api.portfolio import get_balance
from kalshi_auth import signed_client, signer_from_env
from tests.weather.calls import order

client = signed_client(signer_from_env(), base_url=sys.argv[1], timeout=20.0)
assert get_balance.sync(client=client).balance == 7
child = os.fork()
if child == 0:
    right = get_balance.sync(client=client).balance == 7
    os._exit(0 if right else 1)
assert create_order_v2.sync(client=client, body=order("own")).order_id == "order-1"
assert os.waitpid(child, 0)[1] == 0
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_process_shares_no_connection_with_its_parent(private_key: RSAPrivateKey) -> None:
    """Parent and child ask at the same time, and each hears its own answer, on a connection of its own."""
    pem = private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    more = {"PYTHONPATH": os.pathsep.join(sys.path), "KALSHI_KEY_ID": "kid", "KALSHI_PRIVATE_KEY": pem}
    with FaultServer(private_key.public_key(), delay_s=0.3) as server:
        ran = subprocess.run(
            [sys.executable, "-c", FORKING, server.base_url],
            env={**os.environ, **more},
            capture_output=True,
            timeout=60,
        )
        assert ran.returncode == 0, ran.stderr.decode()
        assert (server.connections, len(server.seen), len(server.placed)) == (2, 3, 1)


FORKING_WITH_OWN = """
import os, sys
import httpx
from kalshi_trade_api.api.portfolio import get_balance
from kalshi_auth import signed_client, signer_from_env

args = {"httpx_args": {"transport": httpx.HTTPTransport()}} if sys.argv[2] != "client" else {}
client = signed_client(signer_from_env(), base_url=sys.argv[1], timeout=20.0, **args)
if sys.argv[2] == "client":
    client.set_httpx_client(httpx.Client())
if sys.argv[2] != "unused":
    assert get_balance.sync(client=client).balance == 7
child = os.fork()
if child == 0:
    sibling = client if sys.argv[2] == "client" else client.with_timeout(5.0)
    for each in (client, sibling):
        try:
            found = str(get_balance.sync(client=each).balance)
        except RuntimeError as error:
            found = str(error)
        if not found.startswith("7" if sys.argv[2] == "unused" else "Nothing was sent"):
            os._exit(1)
    os._exit(0)
assert get_balance.sync(client=client).balance == 7
assert os.waitpid(child, 0)[1] == 0
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.parametrize("passed", ["transport", "client", "unused"])
def test_a_forked_process_refuses_connections_that_it_can_not_renew(passed: str, private_key: RSAPrivateKey) -> None:
    """A transport, or an httpx client, that the parent has used is no more used in its child; an unused one is."""
    pem = private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    more = {"PYTHONPATH": os.pathsep.join(sys.path), "KALSHI_KEY_ID": "kid", "KALSHI_PRIVATE_KEY": pem}
    with FaultServer(private_key.public_key()) as server:
        ran = subprocess.run(
            [sys.executable, "-c", FORKING_WITH_OWN, server.base_url, passed],
            env={**os.environ, **more},
            capture_output=True,
            timeout=60,
        )
        assert ran.returncode == 0, ran.stderr.decode()
        assert len(server.seen) == (3 if passed == "unused" else 2)
