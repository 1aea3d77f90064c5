"""The web application: one request, from its bytes to its answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from email.utils import formatdate
from functools import lru_cache
from typing import Final

from starlette.routing import Mount, Router
from starlette.types import Message, Receive, Scope, Send

from kalshi_paper.engine.errors import Refusal, not_found
from kalshi_paper.faults.fault import FAIR, Conditions
from kalshi_paper.faults.injector import Weather
from kalshi_paper.service.api_keys import check_scope
from kalshi_paper.service.service import Desk
from kalshi_paper.web.error_responses import FailureError, from_refusal, server_failure, too_many_requests, undecodable
from kalshi_paper.web.fake_data import Answers
from kalshi_paper.web.handlers import HANDLERS
from kalshi_paper.web.openapi import Document, Operation, encoded
from kalshi_paper.web.request_context import Call
from kalshi_paper.web.request_parsing import Reader
from kalshi_paper.web.routing import Routes

BASE_PATH: Final = "/trade-api/v2"

_JSON: Final = b"application/json"
_NO_CONTENT: Final = 204

_Answer = tuple[int, bytes, bytes]
"""Status, content type, content."""
_LOST: Final[_Answer] = (500, b"", b"")
"""What is never sent: the answer of a request that fails before it is carried out."""


class PaperApp:
    """
    What answers requests below the base path; an ASGI application.

    Args:
        desk: Where things are done.
        weather: The faults there are.
        document: What requests and answers are held against.
        answers: Who makes up what is not kept.
        sleep: Waits, for latency.
    """

    def __init__(
        self,
        desk: Desk,
        weather: Weather,
        document: Document,
        answers: Answers,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._desk, self._weather, self._answers, self._sleep = desk, weather, answers, sleep
        self._routes = Routes(document.operations.values(), base=BASE_PATH)
        self._reader = Reader(document)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        # The path is signed as it was sent, so nothing may be decoded before the check.
        path = scope.get("raw_path") or scope["path"].encode("utf-8")
        found = self._routes.find(scope["method"], path)
        if found is None:
            await send(_start(_NOT_FOUND, self._desk.clock.wall_ms()))
            await send({"type": "http.response.body", "body": _NOT_FOUND[2]})
            return
        operation, parameters = found
        conditions = FAIR if self._weather.fair else self._drawn(headers, operation)
        # Read before any latency: who gives up waiting has sent the order nevertheless.
        message = await receive()
        content = message.get("body", b"")
        if message.get("more_body"):
            content += await _rest(receive)
        if conditions.delay_s:
            try:
                await self._sleep(conditions.delay_s)
            except asyncio.CancelledError:
                return  # The server is ending, and the connection is gone.
        wall_ms = self._desk.clock.wall_ms() + conditions.skew_ms
        answer = _LOST
        if conditions.answered:
            try:
                answer = self._answer(scope, headers, path, operation, parameters, content, conditions, wall_ms)
            except Refusal as refusal:
                answer = _failed(from_refusal(refusal))
            except FailureError as failure:
                answer = _failed(failure)
        if conditions.dropped:
            await _drop(scope, receive)
            return
        if conditions.status:
            answer = _failed(server_failure(conditions.status))
        await send(_start(answer, wall_ms))
        await send({"type": "http.response.body", "body": answer[2]})

    def _drawn(self, headers: dict[bytes, bytes], operation: Operation) -> Conditions:
        """Draw what a request meets, by whose it says it is."""
        claimed = self._desk.keyring.claimed(headers) or self._desk.grants.claimed(headers)
        return self._weather.conditions(claimed, operation.id)

    def _answer(
        self,
        scope: Scope,
        headers: dict[bytes, bytes],
        path: bytes,
        operation: Operation,
        parameters: dict[str, str],
        content: bytes,
        conditions: Conditions,
        wall_ms: int,
    ) -> _Answer:
        desk = self._desk
        with desk.lock:
            signer = None
            if operation.granted and (user := desk.grants.check(headers)) is not None:
                signer = desk.users[user]
            elif operation.signed:
                key = desk.keyring.check(headers, operation.method, path, wall_ms)
                if operation.scope not in key.scopes:
                    check_scope(key, operation)
                signer = desk.users[key.user]
            if conditions.refused:
                raise too_many_requests()
            body = self._reader.body(operation, content) if operation.body is not None else None
            tokens = self._weather.tokens
            if tokens.limiting and not tokens.take(signer.name if signer else None, operation, body):
                raise too_many_requests()
            if operation.method == "POST" and not headers.get(b"content-type", b"").startswith(_JSON):
                raise undecodable("Content-Type must be application/json")
            query = self._reader.query(operation, scope["query_string"]) if operation.parameters else {}
            if operation.reading:
                desk.tick()
            call = Call(desk, self._weather, conditions, self._answers, operation, parameters, query, body, signer)
            handler = HANDLERS.get(operation.id)
            if handler is not None:
                answer = handler(call)
            else:
                answer = self._answers.body(operation, {**query, **parameters}) if operation.answer else None
            if operation.answer is None:
                return operation.status, _JSON, b""
            text = answer if isinstance(answer, str) else encoded(answer)
            return operation.status, _JSON, text.encode("utf-8")


def web_app(paper: PaperApp) -> Router:
    """Put the exchange at its base path; a router of Starlette's, whose middleware would do nothing here but cost."""
    return Router(routes=[Mount(BASE_PATH, app=paper)])


def _failed(failure: FailureError) -> _Answer:
    if isinstance(failure.body, str):
        return failure.status, b"text/html; charset=utf-8", failure.body.encode("utf-8")
    return failure.status, _JSON, encoded(failure.body).encode("utf-8")


_NOT_FOUND: Final = _failed(from_refusal(not_found()))


@lru_cache(maxsize=4)
def _date(second: int) -> tuple[bytes, bytes]:
    return b"date", formatdate(second, usegmt=True).encode("ascii")


async def _rest(receive: Receive) -> bytes:
    """Return what comes after the beginning of a body."""
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


def _start(answer: _Answer, wall_ms: int) -> Message:
    """Return the beginning of a response."""
    status, kind, content = answer
    # A client that lost its clock sets it by the date.
    date = _date(wall_ms // 1000)
    if content:
        headers = [(b"content-length", b"%d" % len(content)), (b"content-type", kind), date]
    else:
        headers = [date] if status == _NO_CONTENT else [(b"content-length", b"0"), date]
    return {"type": "http.response.start", "status": status, "headers": headers}


async def _drop(scope: Scope, receive: Receive) -> None:
    """Break the connection; the server is told that it is gone before this returns."""
    transport = scope["state"]["transport"]
    transport.abort()
    while (await receive())["type"] != "http.disconnect":
        pass
