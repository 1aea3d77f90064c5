"""Signed requests over a socket: a server that verifies them itself, and redirects that are not followed."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from kalshi_auth import (
    SignedFlow,
    signed_client,
)
from kalshi_core.operation import Operation
from tests.unit.signed_requests import (
    CANCEL_ORDER,
    CREATE_GROUP,
    GET_BALANCE,
    GET_ORDER,
    GET_ORDERS,
    GET_STATUS,
    MODES,
    SIGNER,
    Limit,
    Mode,
)
from tests.vectors.material import KEY_ID, SIGNED_HEADERS, headers_verify


class Verifier(BaseHTTPRequestHandler):
    """Answer as the exchange does: 200 when the headers sign the request line's verb and path, else 401."""

    protocol_version = "HTTP/1.1"
    # Unbuffered, the body of an answer waits until its head is acknowledged.
    wbufsize = -1

    def answer(self) -> None:
        """Verify with cryptography alone, and answer."""
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        names = [name.upper() for name in self.headers if name.upper().startswith("KALSHI-")]
        public = self.path.endswith("/exchange/status")
        good = not names if public else len(names) == 3 and headers_verify(self.headers, self.command, self.path)
        fresh = public or abs(int(self.headers["KALSHI-ACCESS-TIMESTAMP"]) - time.time_ns() // 10**6) < 30_000
        body = b"{}"
        self.send_response(200 if good and fresh else 401)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815

    def log_message(self, *arguments: Any) -> None:
        """Say nothing."""


@contextmanager
def listening(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """Serve on a loopback port, and yield its URL."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@MODES
@pytest.mark.parametrize("prefix", ["/trade-api/v2", "/proxy/trade-api/v2", "/x/v9", ""])
def test_verifying_server_accepts_what_goes_over_a_socket(
    mode: Mode, prefix: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A server that reads the request line itself finds every signature good, and no log holds one."""
    calls: list[tuple[Operation[Any], dict[str, Any]]] = [
        (GET_STATUS, {}),
        (GET_BALANCE, {}),
        (GET_ORDERS, {"ticker": "KX A/B", "limit": 5}),
        (GET_ORDER, {"order_id": "a/b c é"}),
        (CANCEL_ORDER, {"order_id": "an-id"}),
        (CREATE_GROUP, {"body": Limit(contracts_limit=5)}),
    ]
    caplog.set_level(logging.DEBUG)
    signatures: list[str] = []

    def keep(request: httpx.Request) -> None:
        signatures.extend(request.headers.get_list("KALSHI-ACCESS-SIGNATURE"))

    async def akeep(request: httpx.Request) -> None:
        keep(request)

    with listening(Verifier) as root:
        hooks = {"request": [keep if mode == "sync" else akeep]}
        client = signed_client(SIGNER, base_url=root + prefix, httpx_args={"trust_env": False, "event_hooks": hooks})

        async def all_of_them() -> list[int]:
            async with client:
                return [
                    (await operation.asyncio_detailed(client, **arguments)).status_code
                    for operation, arguments in calls
                ]

        if mode == "sync":
            with client:
                codes = [operation.sync_detailed(client, **arguments).status_code for operation, arguments in calls]
        else:
            codes = asyncio.run(all_of_them())
    assert codes == [200] * len(calls)
    assert len(signatures) == len(calls) - 1
    assert "portfolio/balance" in caplog.text
    assert not [secret for secret in (*signatures, KEY_ID, "PRIVATE KEY") if secret in caplog.text]


def test_verifying_server_refuses_an_unsigned_and_a_forged_request() -> None:
    """The server above does tell good from bad: no headers, another path and another verb are 401."""
    with listening(Verifier) as root, httpx.Client(base_url=root, trust_env=False) as http:
        request = httpx.Request("GET", f"{root}/trade-api/v2/portfolio/balance")
        [signed] = list(SignedFlow(SIGNER, root).auth_flow(request))
        headers = {name: signed.headers[name] for name in SIGNED_HEADERS}
        codes = [
            http.get("/trade-api/v2/portfolio/balance", headers=headers).status_code,
            http.get("/trade-api/v2/portfolio/orders", headers=headers).status_code,
            http.post("/trade-api/v2/portfolio/balance", headers=headers).status_code,
            http.get("/trade-api/v2/exchange/status", headers=headers).status_code,
        ]
    assert codes == [200, 401, 401, 401]


@MODES
def test_redirect_over_a_socket_reaches_nobody_else(mode: Mode) -> None:
    """A redirect to another port of this machine is not followed, even when the httpx client is told to."""
    reached: list[str] = []

    class Stranger(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            reached.append(self.path)
            self.send_error(500)

        def log_message(self, *arguments: Any) -> None:
            """Say nothing."""

    with listening(Stranger) as elsewhere:

        class Redirector(Stranger):
            def do_GET(self) -> None:
                self.send_response(307)
                self.send_header("Location", f"{elsewhere}/stolen")
                self.send_header("Content-Length", "0")
                self.end_headers()

        with listening(Redirector) as root:
            client = signed_client(SIGNER, base_url=root, httpx_args={"trust_env": False})

            async def told_to_follow() -> httpx.Response:
                async with client:
                    return await client.get_async_httpx_client().get("portfolio/balance", follow_redirects=True)

            if mode == "sync":
                with client:
                    response = client.get_httpx_client().get("portfolio/balance", follow_redirects=True)
            else:
                response = asyncio.run(told_to_follow())
    assert response.status_code == 307
    assert reached == []
