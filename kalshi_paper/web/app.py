"""The ASGI application: from the bytes of a request to its response."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from email.utils import formatdate
from functools import lru_cache
from typing import Final

from attrs import define
from starlette.routing import Mount, Router
from starlette.types import Message, Receive, Scope, Send

from kalshi_paper.engine.errors import (
    ErrorResponse,
    RequestRejected,
    invalid_body,
    not_found,
    server_error,
    too_many_requests,
)
from kalshi_paper.faults.fault import NO_FAULTS, RequestFaults
from kalshi_paper.faults.injector import FaultInjector
from kalshi_paper.service.scopes import missing_scope
from kalshi_paper.service.service import ExchangeService
from kalshi_paper.service.users import User
from kalshi_paper.web.fake_data import FakeData
from kalshi_paper.web.handlers import HANDLERS
from kalshi_paper.web.json_text import encode_json
from kalshi_paper.web.openapi import ApiDocument, Operation
from kalshi_paper.web.request_context import RequestContext
from kalshi_paper.web.request_parsing import RequestParser
from kalshi_paper.web.routing import OperationRouter

BASE_PATH: Final = "/trade-api/v2"

_JSON: Final = b"application/json"
_NO_CONTENT: Final = 204

_Response = tuple[int, bytes, bytes]
"""Status, content type, content."""
_UNUSED_RESPONSE: Final[_Response] = (500, b"", b"")
"""Placeholder for a request that fails before it is processed; never sent."""


@define(eq=False)
class _Received:
    """
    A request as received.

    Attributes:
        headers: Headers, with lower-case names.
        path: Path as sent, percent-encoding kept.
        query_string: Query as sent.
        content: Body.
        operation: Operation of method and path.
        path_parameters: Decoded path parameters.
        faults: Faults that apply.
        wall_ms: The server's clock, with skew, Unix milliseconds.
    """

    headers: dict[bytes, bytes]
    path: bytes
    query_string: bytes
    content: bytes
    operation: Operation
    path_parameters: dict[str, str]
    faults: RequestFaults
    wall_ms: int


class PaperApp:
    """
    ASGI application of the paper exchange, for requests below the base path.

    Args:
        service: The exchange's service.
        faults: Faults of the exchange.
        document: The document, for routing and validation.
        fake_data: Data for operations that the exchange does not implement.
        sleep: Waits for a number of seconds, for latency faults.
    """

    def __init__(
        self,
        service: ExchangeService,
        faults: FaultInjector,
        document: ApiDocument,
        fake_data: FakeData,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._service, self._faults, self._fake_data, self._sleep = service, faults, fake_data, sleep
        self._router = OperationRouter(document.operations.values(), base=BASE_PATH)
        self._parser = RequestParser(document)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        # The signature covers the path as it was sent, so it is not decoded before the check.
        path = scope.get("raw_path") or scope["path"].encode("utf-8")
        found = self._router.find(scope["method"], path)
        clock = self._service.state.clock
        if found is None:
            await _send(send, _NOT_FOUND, clock.wall_ms())
            return
        operation, path_parameters = found
        faults = self._draw_faults(headers, operation) if self._faults.active else NO_FAULTS
        # Read before the latency: a client that gives up waiting has sent its order all the same.
        message = await receive()
        content = message.get("body", b"")
        if message.get("more_body"):
            content += await _rest_of_body(receive)
        if faults.delay_s:
            try:
                await self._sleep(faults.delay_s)
            except asyncio.CancelledError:
                return  # The server is stopping, and the connection is closed.
        wall_ms = clock.wall_ms() + faults.skew_ms
        response = _UNUSED_RESPONSE
        if faults.processed:
            request = _Received(
                headers, path, scope["query_string"], content, operation, path_parameters, faults, wall_ms
            )
            try:
                response = self._respond(request)
            except ErrorResponse as error:
                response = _error_response(error)
        if faults.dropped:
            await _drop_connection(scope, receive)
            return
        if faults.status:
            response = _error_response(server_error(faults.status))
        await _send(send, response, wall_ms)

    def _draw_faults(self, headers: dict[bytes, bytes], operation: Operation) -> RequestFaults:
        """Return the faults of a request; its account is the one it claims, before any check."""
        state = self._service.state
        claimed = state.api_keys.claimed_user(headers) or state.oauth_tokens.claimed_user(headers)
        return self._faults.draw(claimed, operation.id)

    def _respond(self, request: _Received) -> _Response:
        """
        Process a request: credentials, rate limit, validation, handler.

        Raises:
            ErrorResponse: The request is refused.
        """
        service, operation = self._service, request.operation
        with service.lock:
            signer = self._authenticate(request)
            if request.faults.rate_limited:
                raise too_many_requests()
            body = self._parser.body(operation, request.content) if operation.body_schema is not None else None
            limiter = self._faults.rate_limiter
            account = signer.name if signer else None
            if limiter.active and not limiter.take(account, operation.method, operation.path, body):
                raise too_many_requests()
            if operation.method == "POST" and not request.headers.get(b"content-type", b"").startswith(_JSON):
                raise invalid_body("Content-Type must be application/json")
            query = self._parser.query(operation, request.query_string) if operation.parameters else {}
            if operation.read_only:
                service.state.advance_time()
            path = request.path_parameters
            handler = HANDLERS.get(operation.id)
            if handler is not None:
                context = RequestContext(
                    service, self._faults, request.faults, self._fake_data, operation, path, query, body, signer
                )
                found = handler(context)
            else:
                found = self._fake_data.body(operation, {**query, **path}) if operation.response_schema else None
            if operation.response_schema is None:
                return operation.status, _JSON, b""
            text = found if isinstance(found, str) else encode_json(found)
            return operation.status, _JSON, text.encode("utf-8")

    def _authenticate(self, request: _Received) -> User | None:
        """Return the user who signed a request, or granted its access token; None on public operations."""
        state, operation = self._service.state, request.operation
        if operation.accepts_oauth and (user := state.oauth_tokens.verify(request.headers)) is not None:
            return state.users[user]
        if not operation.signed:
            return None
        key = state.api_keys.verify(request.headers, operation.method, request.path, request.wall_ms)
        missing = missing_scope(key.scopes, operation.id, operation.tag, read_only=operation.read_only)
        if missing:
            raise RequestRejected(403, "insufficient_scope", "insufficient scope", f"needs {missing}")
        return state.users[key.user]


def web_app(app: PaperApp) -> Router:
    """Mount the application at its base path. A bare router: Starlette's default middleware has no use here."""
    return Router(routes=[Mount(BASE_PATH, app=app)])


def _error_response(error: ErrorResponse) -> _Response:
    if isinstance(error.body, str):
        return error.status, b"text/html; charset=utf-8", error.body.encode("utf-8")
    return error.status, _JSON, encode_json(error.body).encode("utf-8")


_NOT_FOUND: Final = _error_response(not_found())


@lru_cache(maxsize=4)
def _date_header(second: int) -> tuple[bytes, bytes]:
    return b"date", formatdate(second, usegmt=True).encode("ascii")


async def _rest_of_body(receive: Receive) -> bytes:
    """Receive the chunks of a body after the first one."""
    chunks = []
    while True:
        message = await receive()
        chunks.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(chunks)


async def _send(send: Send, response: _Response, wall_ms: int) -> None:
    await send(_start_message(response, wall_ms))
    await send({"type": "http.response.body", "body": response[2]})


def _start_message(response: _Response, wall_ms: int) -> Message:
    status, content_type, content = response
    # Clients correct their clock by the Date header.
    date = _date_header(wall_ms // 1000)
    if content:
        headers = [(b"content-length", b"%d" % len(content)), (b"content-type", content_type), date]
    else:
        headers = [date] if status == _NO_CONTENT else [(b"content-length", b"0"), date]
    return {"type": "http.response.start", "status": status, "headers": headers}


async def _drop_connection(scope: Scope, receive: Receive) -> None:
    """Close the connection without a response; returns when the server has noticed."""
    transport = scope["state"]["transport"]
    transport.abort()
    while (await receive())["type"] != "http.disconnect":
        pass
