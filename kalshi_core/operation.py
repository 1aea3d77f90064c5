"""
An operation of the document: turns arguments into a request, and the response into a value.

Each endpoint module has one `Operation` and thin typed functions that call it.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from enum import Enum
from functools import cached_property
from typing import Any, Generic, Literal, TypeVar
from urllib.parse import quote

from kalshi_core.client import AuthenticatedClient, Client
from kalshi_core.errors import ArgumentError, SigningRequiredError
from kalshi_core.models import json_text
from kalshi_core.models.codecs import codec_for
from kalshi_core.models.layout import layout_of
from kalshi_core.models.schema_drift import Owner
from kalshi_core.responses import response_from
from kalshi_core.types import UNSET, PreparedRequest, Response, Value

T = TypeVar("T")

ParameterLocation = Literal["path", "query", "header", "cookie", "body"]

_STACK_ABOVE_USER = 5


class Parameter(Value):
    """
    One argument of an operation.

    Attributes:
        name: Its name in Python.
        location: Where in the request it is sent.
        kind: Its type, as an annotation.
        wire: Its name on the wire.
        required: Whether the document requires it.
        explode: Whether a list repeats the name (the default) or is joined with commas.
    """

    name: str
    location: ParameterLocation
    kind: Any
    wire: str
    required: bool
    explode: bool

    def __init__(
        self, name: str, location: ParameterLocation, kind: Any, wire: str, required: bool = False, explode: bool = True
    ) -> None:
        vars(self).update(name=name, location=location, kind=kind, wire=wire, required=required, explode=explode)


class Operation(Generic[T]):
    """
    One operation: method, path, parameters and the types of its responses.

    Attributes:
        id: The document's operationId.
        method: HTTP verb, in capitals.
        path: Path below the base URL, with `{parameters}`.
        success: Type of the body by documented success status; None where there is no body.
        parameters: Everything that `sync()` takes besides the client.
        signed: Whether the document requires the three signature headers.
        deprecated: Why not to use it, or "".
        package: The generated package, for the drift log.
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
        package: str = "kalshi_core",
    ) -> None:
        self.id: str = id
        self.method: str = method
        self.path: str = path
        self.success: Mapping[int, Any] = success
        self.parameters: tuple[Parameter, ...] = parameters
        self.signed: bool = signed
        self.deprecated: str = deprecated
        self.package: str = package

    def __repr__(self) -> str:
        return f"{type(self).__name__}(id={self.id!r}, method={self.method!r}, path={self.path!r})"

    def sync(self, client: Client | AuthenticatedClient, **arguments: Any) -> T:
        """Send a request and return the decoded body, or raise."""
        return self._sync(client, arguments).value()

    async def asyncio(self, client: Client | AuthenticatedClient, **arguments: Any) -> T:
        """Send a request and return the decoded body, or raise."""
        return (await self._asyncio(client, arguments)).value()

    def sync_detailed(self, client: Client | AuthenticatedClient, **arguments: Any) -> Response[T]:
        """Send a request and return the response, decoded or with its error."""
        return self._sync(client, arguments)

    async def asyncio_detailed(self, client: Client | AuthenticatedClient, **arguments: Any) -> Response[T]:
        """Send a request and return the response, decoded or with its error."""
        return await self._asyncio(client, arguments)

    def _sync(self, client: Client | AuthenticatedClient, arguments: Mapping[str, Any]) -> Response[T]:
        prepared = self._prepare(client, arguments)
        return response_from(client.send(prepared), self.success, self._decoders, prepared)

    async def _asyncio(self, client: Client | AuthenticatedClient, arguments: Mapping[str, Any]) -> Response[T]:
        prepared = self._prepare(client, arguments)
        return response_from(await client.asend(prepared), self.success, self._decoders, prepared)

    def _prepare(self, client: Client | AuthenticatedClient, arguments: Mapping[str, Any]) -> PreparedRequest:
        if self.signed and not isinstance(client, AuthenticatedClient):
            raise SigningRequiredError(f"{self.id} must be signed: pass a signing client, not {type(client).__name__}")
        if self.deprecated:
            warnings.warn(f"{self.id} is deprecated: {self.deprecated}", DeprecationWarning, _STACK_ABOVE_USER)
        return self.request(**arguments)

    def request(self, **arguments: Any) -> PreparedRequest:
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
                if parameter.location == "path":
                    path = path.replace(f"{{{parameter.wire}}}", _segment(_text(written)))
                elif parameter.location == "query":
                    query.extend(_pairs(parameter, written))
                elif parameter.location == "header":
                    headers[parameter.wire] = _text(written)
                elif parameter.location == "cookie":
                    cookie = f"{parameter.wire}={_text(written)}"
                    headers["Cookie"] = f"{headers['Cookie']}; {cookie}" if "Cookie" in headers else cookie
                else:
                    content = _json(written)
            except ArgumentError as error:
                raise ArgumentError(f"{self.id}, {parameter.name}: {error}") from None
        if self.method in ("POST", "PUT", "PATCH") or content is not None:
            # The servers require the type even where there is no body.
            headers["Content-Type"] = "application/json"
        return PreparedRequest(
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
        return [
            (each, codec_for(each.kind, Owner(self.package, self.id, each.wire), layout_of)) for each in self.parameters
        ]

    @cached_property
    def _decoders(self) -> dict[int, Any]:
        return {
            status: codec_for(kind, Owner(self.package, self.id, str(status)), layout_of)
            for status, kind in self.success.items()
            if kind is not None
        }


def _segment(text: str) -> str:
    """Percent-encode a path segment; an empty or dotted one would address the collection above."""
    if not text.strip() or text in (".", ".."):
        raise ArgumentError(f"{text!r} is not allowed in a path")
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
    # str() of a member of the user's own (str, Enum) may be its name.
    return str(value.value if isinstance(value, Enum) else value)


def _json(value: Any) -> bytes:
    try:
        return json_text.dump(value)
    except (TypeError, ValueError) as error:
        raise ArgumentError(f"not JSON: {error}") from None
