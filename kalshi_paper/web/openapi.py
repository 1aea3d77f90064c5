"""Operations and schemas of the OpenAPI document, loaded from the data that `scripts/paper_openapi.py` writes."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

from attrs import Factory, field, frozen

Json = dict[str, Any]


@frozen
class Parameter:
    """
    A parameter of an operation.

    Attributes:
        name: Name in the request.
        location: "path" or "query".
        required: Whether the parameter is required.
        schema: Schema of the value, references resolved at the top level.
    """

    name: str
    location: str
    required: bool
    schema: Json = field(repr=False)


@frozen(eq=False)
class Operation:
    """
    An operation of the document.

    Attributes:
        id: operationId.
        method: HTTP verb, upper case.
        path: Path below the base URL, with `{parameters}`.
        tag: First tag.
        signed: Whether a signature is required.
        accepts_oauth: Whether an OAuth access token is accepted in place of a signature.
        parameters: Parameters in path and query.
        body_schema: Schema of the JSON request body; None for none.
        body_required: Whether the request body is required.
        status: Status of a successful response.
        response_schema: Schema of the body of a successful response; None for none.
        read_only: Whether the operation is a GET.
    """

    id: str
    method: str
    path: str
    tag: str
    signed: bool
    accepts_oauth: bool
    parameters: tuple[Parameter, ...] = field(repr=False)
    body_schema: Json | None = field(repr=False)
    body_required: bool
    status: int
    response_schema: Json | None = field(repr=False)

    read_only: bool = field(init=False, repr=False, default=Factory(lambda self: self.method == "GET", takes_self=True))


class ApiDocument:
    """
    The operations and named schemas of the document.

    A schema is a JSON schema in which `ref` names another schema.

    Args:
        data: The data file, decoded.

    Attributes:
        operations: Operations by operationId, in the document's order.
    """

    def __init__(self, data: Json) -> None:
        self._schemas: dict[str, Json] = data["schemas"]
        self.operations = {each["id"]: self._operation(each) for each in data["operations"]}

    def resolve(self, schema: Json) -> Json:
        """Follow the reference of a schema, if it is one."""
        while "ref" in schema:
            schema = self._schemas[schema["ref"]]
        return schema

    def _operation(self, data: Json) -> Operation:
        return Operation(
            id=data["id"],
            method=data["method"],
            path=data["path"],
            tag=data["tag"],
            signed=data["signed"],
            accepts_oauth=data["accepts_oauth"],
            parameters=tuple(
                Parameter(each["name"], each["location"], each["required"], self.resolve(each["schema"]))
                for each in data["parameters"]
            ),
            body_schema=data["body"],
            body_required=data["body_required"],
            status=data["status"],
            response_schema=data["response"],
        )


@cache
def packaged_document() -> ApiDocument:
    """Return the document of this package."""
    return ApiDocument(json.loads(files("kalshi_paper.web").joinpath("openapi.json").read_bytes()))
