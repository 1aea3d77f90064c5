"""The document, as this package carries it: operations, parameters, schemas."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any, Final

from attrs import Factory, field, frozen

Json = dict[str, Any]

encoded: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
"""Writes JSON as answers carry it."""
quoted: Final = json.encoder.encode_basestring
"""Writes a text the same way."""

_METHODS: Final = ("get", "put", "post", "delete", "patch")


@frozen
class Parameter:
    """
    One parameter of an operation.

    Attributes:
        name: Its name on the wire.
        place: "path" or "query".
        required: Whether the operation can't do without.
        schema: What it may be.
    """

    name: str
    place: str
    required: bool
    schema: Json = field(repr=False)


@frozen(eq=False)
class Operation:
    """
    One operation of the document.

    Attributes:
        id: Its operationId.
        method: HTTP verb, in capitals.
        path: Path below the base URL, with `{parameters}`.
        tag: The group it is listed in.
        signed: Whether it wants a signature.
        granted: Whether an OAuth access token will do in its place.
        parameters: What it takes besides the body.
        body: Schema of its JSON body, or None.
        body_required: Whether it can't do without a body.
        status: Status of its success.
        answer: Schema of the success's body; None where there is none.
        reading: Whether it only reads.
        scope: The scope that allows it among others; a key may have a finer one.
    """

    id: str
    method: str
    path: str
    tag: str
    signed: bool
    granted: bool
    parameters: tuple[Parameter, ...] = field(repr=False)
    body: Json | None = field(repr=False)
    body_required: bool
    status: int
    answer: Json | None = field(repr=False)

    reading: bool = field(init=False, repr=False, default=Factory(lambda self: self.method == "GET", takes_self=True))
    scope: str = field(
        init=False, repr=False, default=Factory(lambda self: "read" if self.reading else "write", takes_self=True)
    )


class Document:
    """An OpenAPI document."""

    def __init__(self, raw: Json) -> None:
        self.raw = raw
        self.operations = {operation.id: operation for operation in self._operations()}

    def resolve(self, node: Json) -> Json:
        """Follow a reference inside the document."""
        while "$ref" in node:
            found: Any = self.raw
            for step in node["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            node = found
        return node

    def _bearer(self, scheme: str) -> bool:
        """Tell whether a security scheme is a bearer token."""
        schemes: Json = self.raw["components"]["securitySchemes"]
        return bool(schemes[scheme].get("scheme") == "bearer")

    def _operations(self) -> Iterator[Operation]:
        for path, item in self.raw["paths"].items():
            for method in _METHODS:
                if method in item:
                    yield self._operation(path, method, item[method], item.get("parameters", []))

    def _operation(self, path: str, method: str, node: Json, shared: list[Json]) -> Operation:
        parameters = [self.resolve(each) for each in [*shared, *node.get("parameters", [])]]
        body = self.resolve(node["requestBody"]) if "requestBody" in node else {}
        status = min(int(code) for code in node["responses"] if code.startswith("2"))
        return Operation(
            id=node["operationId"],
            method=method.upper(),
            path=path,
            tag=node["tags"][0],
            signed=bool(node.get("security")),
            granted=any(self._bearer(name) for one in node.get("security", []) for name in one),
            parameters=tuple(
                Parameter(each["name"], each["in"], each.get("required", False), self.resolve(each["schema"]))
                for each in parameters
            ),
            body=_schema(body),
            body_required=body.get("required", False),
            status=status,
            answer=_schema(self.resolve(node["responses"][str(status)])),
        )


@cache
def packaged() -> Document:
    """Return the document of this package."""
    return Document(json.loads(files("kalshi_paper.web").joinpath("openapi.json").read_bytes()))


def _schema(node: Json) -> Json | None:
    schema: Json | None = node.get("content", {}).get("application/json", {}).get("schema")
    return schema
