"""The reference of the paper exchange: the same web stack with a constant response."""

from __future__ import annotations

from email.utils import formatdate

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from benchmarks.load import PATH
from kalshi_paper.web.app import BASE_PATH

_ANSWER = (
    b'{"order_id":"d3b07384-d9a0-4c9b-a1b6-0d5c7b1d7e55","client_order_id":"d3b07384-d9a0-4c9b-a1b6-0d5c7b1d7e55",'
    b'"fill_count":"0.00","remaining_count":"10.00","ts_ms":1795430000000}'
)


def constant() -> ASGIApp:
    """Return as little as an application can be, at the exchange's own base path."""
    date = formatdate(usegmt=True).encode("ascii")
    headers = [
        (b"content-length", b"%d" % len(_ANSWER)),
        (b"content-type", b"application/json"),
        (b"date", date),
    ]

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive()).get("more_body", False):
            pass
        await send({"type": "http.response.start", "status": 201, "headers": headers})
        await send({"type": "http.response.body", "body": _ANSWER})

    return Router(routes=[Mount(BASE_PATH, app=answer)])


def endpoint() -> ASGIApp:
    """Return an application as the framework's manual has it."""

    async def answer(request: Request) -> Response:
        await request.body()
        return Response(_ANSWER, 201, media_type="application/json")

    return Starlette(routes=[Route(PATH, answer, methods=["POST"])])
