"""
An operation of the document: how its arguments become a request, and its response a value.

Each endpoint module holds one `Operation` and thin typed functions that call it.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from enum import Enum
from functools import cached_property
from typing import Any, Generic, Literal, TypeVar
from urllib.parse import quote

import httpx

from . import jsontext
from .client import AuthenticatedClient, Client, Outgoing
from .codec import codec_for
from .errors import ArgumentError, SigningRequiredError
from .model import layout_of
from .outcome import response_from
from .types import UNSET, Response, Value

T = TypeVar("T")

Place = Literal["path", "query", "header", "cookie", "body"]

_STACK_ABOVE_USER = 5


class Parameter(Value):
    """
    One argument of an operation.

    Attributes:
        name: Its name in Python.
        place: Where it travels.
        kind: Its type, as an annotation.
        wire: Its name on the wire.
        required: Whether the document asks for it.
        explode: Whether a list repeats the name (the default) or is joined with commas.
    """

    name: str
    place: Place
    kind: Any
    wire: str
    required: bool
    explode: bool

    def __init__(
        self, name: str, place: Place, kind: Any, wire: str, required: bool = False, explode: bool = True
    ) -> None:
        vars(self).update(name=name, place=place, kind=kind, wire=wire, required=required, explode=explode)


class Operation(Generic[T]):
    """
    One operation: a method, a path, its parameters, and what it answers.

    Attributes:
        id: The document's operationId.
        method: HTTP verb, in capitals.
        path: Path below the base URL, with `{parameters}`.
        success: Type of the body by documented success status; None where there is no body.
        parameters: Everything that `sync()` takes besides the client.
        signed: Whether the document asks for the three signature headers.
        deprecated: Why not to use it, or "".
    """

    def __init__(
        self,
        id: str,
        method: str,
        path: str,
        success: Mapping[int, Any],
        parameters: tuple[Parameter, ...] = (),
        signed: bool = False,
        deprecated: str = "",
    ) -> None:
        self.id: str = id
        self.method: str = method
        self.path: str = path
        self.success: Mapping[int, Any] = success
        self.parameters: tuple[Parameter, ...] = parameters
        self.signed: bool = signed
        self.deprecated: str = deprecated

    def __repr__(self) -> str:
        return f"{type(self).__name__}(id={self.id!r}, method={self.method!r}, path={self.path!r})"

    def sync(self, client: Client | AuthenticatedClient, **arguments: Any) -> T:
        """Send, and return the decoded body or raise."""
        return self._sync(client, arguments).value()

    async def asyncio(self, client: Client | AuthenticatedClient, **arguments: Any) -> T:
        """Send, and return the decoded body or raise."""
        return (await self._asyncio(client, arguments)).value()

    def sync_detailed(self, client: Client | AuthenticatedClient, **arguments: Any) -> Response[T]:
        """Send, and return the response with what became of it."""
        return self._sync(client, arguments)

    async def asyncio_detailed(self, client: Client | AuthenticatedClient, **arguments: Any) -> Response[T]:
        """Send, and return the response with what became of it."""
        return await self._asyncio(client, arguments)

    def _sync(self, client: Client | AuthenticatedClient, arguments: Mapping[str, Any]) -> Response[T]:
        outgoing = self._outgoing(client, arguments)
        return self._response(outgoing, client.send(outgoing))

    async def _asyncio(self, client: Client | AuthenticatedClient, arguments: Mapping[str, Any]) -> Response[T]:
        outgoing = self._outgoing(client, arguments)
        return self._response(outgoing, await client.asend(outgoing))

    def _response(self, outgoing: Outgoing, response: httpx.Response) -> Response[T]:
        return response_from(response, self.success, self._decoders, outgoing)

    def _outgoing(self, client: Client | AuthenticatedClient, arguments: Mapping[str, Any]) -> Outgoing:
        if self.signed and not isinstance(client, AuthenticatedClient):
            raise SigningRequiredError(
                f"{self.id} has to be signed: pass a signing client, not {type(client).__name__}"
            )
        if self.deprecated:
            warnings.warn(f"{self.id} is deprecated: {self.deprecated}", DeprecationWarning, _STACK_ABOVE_USER)
        return self.request(**arguments)

    def request(self, **arguments: Any) -> Outgoing:
        """
        Turn arguments into a request, without sending it.

        Raises:
            ArgumentError: An argument is missing, or not what the document allows.
        """
        path, query, headers, content = self.path, [], {}, None
        for parameter, codec in self._codecs:
            value = arguments.get(parameter.name, UNSET)
            if value is UNSET or (value is None and not parameter.required):
                if parameter.required:
                    raise ArgumentError(f"{self.id}: {parameter.name} is required")
                continue
            try:
                written = codec.encode(codec.accept(value))
                if parameter.place == "path":
                    path = path.replace(f"{{{parameter.wire}}}", _segment(_text(written)))
                elif parameter.place == "query":
                    query.extend(_pairs(parameter, written))
                elif parameter.place == "header":
                    headers[parameter.wire] = _text(written)
                elif parameter.place == "cookie":
                    cookie = f"{parameter.wire}={_text(written)}"
                    headers["Cookie"] = f"{headers['Cookie']}; {cookie}" if "Cookie" in headers else cookie
                else:
                    content = _json(written)
            except ArgumentError as error:
                raise ArgumentError(f"{self.id}, {parameter.name}: {error}") from None
        if self.method in ("POST", "PUT", "PATCH") or content is not None:
            # The servers want the type even where there is no body.
            headers["Content-Type"] = "application/json"
        return Outgoing(
            operation_id=self.id,
            method=self.method,
            template=self.path,
            path=path,
            query=tuple(query),
            headers=headers,
            content=content,
            signed=self.signed,
            body=arguments.get("body", UNSET),
        )

    @cached_property
    def _codecs(self) -> list[tuple[Parameter, Any]]:
        return [(each, codec_for(each.kind, (self.id, each.wire), layout_of)) for each in self.parameters]

    @cached_property
    def _decoders(self) -> dict[int, Any]:
        return {
            status: codec_for(kind, (self.id, str(status)), layout_of)
            for status, kind in self.success.items()
            if kind is not None
        }


def _segment(text: str) -> str:
    """Encode one path segment; a segment that would vanish would address the collection above."""
    if not text.strip() or text in (".", ".."):
        raise ArgumentError(f"{text!r} can't stand in a path")
    return quote(text, safe="")


def _pairs(parameter: Parameter, value: Any) -> list[tuple[str, str]]:
    if not isinstance(value, list):
        return [(parameter.wire, _text(value))]
    if parameter.explode:
        return [(parameter.wire, _text(item)) for item in value]
    return [(parameter.wire, ",".join(_text(item) for item in value))] if value else []


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    # A user's own enum of strings is a string to isinstance, and str() may spell out its name.
    return str(value.value if isinstance(value, Enum) else value)


def _json(value: Any) -> bytes:
    try:
        return jsontext.written(value)
    except (TypeError, ValueError) as error:
        raise ArgumentError(f"not JSON: {error}") from None
