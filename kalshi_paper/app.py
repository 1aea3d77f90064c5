"""The web application: one request, from its bytes to its answer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from typing import Final

from starlette.routing import Mount, Router
from starlette.types import Receive, Scope, Send

from kalshi_paper.answers import Answers
from kalshi_paper.auth import check_scope
from kalshi_paper.calls import Call
from kalshi_paper.desk import Desk, User
from kalshi_paper.document import Document, Operation
from kalshi_paper.failures import FailureError, from_refusal, server_failure, too_many_requests, undecodable
from kalshi_paper.faults import FAIR, Conditions
from kalshi_paper.handlers import HANDLERS
from kalshi_paper.refusals import Refusal, not_found
from kalshi_paper.requests import Reader
from kalshi_paper.routes import Routes
from kalshi_paper.weather import Weather

BASE_PATH: Final = "/trade-api/v2"

_JSON: Final = b"application/json"
_encode: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

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
        self._routes = Routes(document.operations.values())
        self._reader = Reader(document)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        # The path is signed as it was sent, so nothing may be decoded before the check.
        path = (scope.get("raw_path") or scope["path"].encode("utf-8")).decode("latin-1").partition("?")[0]
        found = self._routes.find(scope["method"], path.removeprefix(BASE_PATH))
        if found is None:
            await self._send(_failed(from_refusal(not_found())), 0.0, send)
            return
        operation, parameters = found
        conditions = FAIR
        if not self._weather.fair:
            claimed = self._desk.keyring.claimed(headers) or self._desk.grants.claimed(headers)
            conditions = self._weather.conditions(claimed, operation.id)
        if conditions.delay_s:
            try:
                await self._sleep(conditions.delay_s)
            except asyncio.CancelledError:
                return  # The server is ending, and the connection is gone.
        content = await _content(receive)
        answer: _Answer = _LOST
        if conditions.executed or not conditions.broken:
            try:
                answer = self._answer(scope, headers, path, operation, parameters, content, conditions)
            except FailureError as failure:
                answer = _failed(failure)
        if conditions.dropped:
            await _drop(scope, receive)
            return
        if conditions.status is not None:
            answer = _failed(server_failure(conditions.status))
        await self._send(answer, conditions.skew_s, send)

    def _answer(
        self,
        scope: Scope,
        headers: dict[bytes, bytes],
        path: str,
        operation: Operation,
        parameters: dict[str, str],
        content: bytes,
        conditions: Conditions,
    ) -> _Answer:
        method = scope["method"]
        try:
            with self._desk.lock:
                signer = self._signer(operation, headers, method, path, conditions)
                if conditions.refused:
                    raise too_many_requests()
                body = self._reader.body(operation, content)
                if not self._weather.tokens.take(signer.name if signer else None, operation, body):
                    raise too_many_requests()
                if method == "POST" and not headers.get(b"content-type", b"").startswith(_JSON):
                    raise undecodable("Content-Type must be application/json")
                query = self._reader.query(operation, scope["query_string"])
                self._desk.tick()
                call = Call(
                    self._desk,
                    self._weather,
                    conditions,
                    self._answers,
                    operation,
                    parameters,
                    query,
                    body,
                    signer,
                )
                return _answered(call)
        except Refusal as refusal:
            raise from_refusal(refusal) from None

    def _signer(
        self, operation: Operation, headers: dict[bytes, bytes], method: str, path: str, conditions: Conditions
    ) -> User | None:
        """Return who signed, or granted the token; None where nobody has to."""
        if not operation.signed:
            return None
        if operation.granted and (user := self._desk.grants.check(headers)) is not None:
            return self._desk.users[user]
        now_ms = self._desk.clock.wall_ms() + round(conditions.skew_s * 1000)
        key = self._desk.keyring.check(headers, method, path, now_ms)
        check_scope(key, operation)
        return self._desk.users[key.user]

    async def _send(self, answer: _Answer, skew_s: float, send: Send) -> None:
        status, kind, content = answer
        headers = [(b"content-length", b"%d" % len(content))] if status != HTTPStatus.NO_CONTENT else []
        if content:
            headers.append((b"content-type", kind))
        # A client that lost its clock sets it by this.
        headers.append((b"date", _date(self._desk.clock.wall_ms() // 1000 + int(skew_s))))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content})


def web_app(paper: PaperApp) -> Router:
    """Put the exchange at its base path; a router of Starlette's, whose middleware would do nothing here but cost."""
    return Router(routes=[Mount(BASE_PATH, app=paper)])


def _answered(call: Call) -> _Answer:
    operation = call.operation
    handler = HANDLERS.get(operation.id)
    if handler is not None:
        body = handler(call)
    else:
        body = call.answers.body(operation, {**call.query, **call.path}) if operation.answer else None
    return operation.status, _JSON, b"" if operation.answer is None else _encode(body).encode("utf-8")


def _failed(failure: FailureError) -> _Answer:
    if isinstance(failure.body, str):
        return failure.status, b"text/html; charset=utf-8", failure.body.encode("utf-8")
    return failure.status, _JSON, _encode(failure.body).encode("utf-8")


@lru_cache(maxsize=4)
def _date(second: int) -> bytes:
    return formatdate(second, usegmt=True).encode("ascii")


async def _content(receive: Receive) -> bytes:
    """Return the whole body."""
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return parts[0] if len(parts) == 1 else b"".join(parts)


async def _drop(scope: Scope, receive: Receive) -> None:
    """Break the connection; the server is told that it is gone before this returns."""
    transport = scope["state"]["transport"]
    transport.abort()
    while (await receive())["type"] != "http.disconnect":
        pass
