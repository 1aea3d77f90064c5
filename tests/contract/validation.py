"""Validate requests and bodies with openapi-core, jsonschema-rs and checks that both lack; none knows the client."""

from __future__ import annotations

import json
import re
from functools import cached_property
from typing import Any, Final
from urllib.parse import unquote_to_bytes

import httpx
import jsonschema_rs
from attrs import define
from openapi_core import OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.exceptions import OpenAPIError
from werkzeug.datastructures import Headers, ImmutableMultiDict

from tests.contract.document import JSON, Document, Documented, Json, as_openapi_31

ORIGIN: Final = "https://exchange.test"
_TRANSPORT: Final = {"host", "accept", "accept-encoding", "connection", "user-agent", "content-length"}
"""Headers that httpx adds."""
_WITH_TYPE: Final = {"POST", "PUT", "PATCH"}
"""Methods that need a content type even without a body."""


@define
class SentRequest:
    """A sent request in the form that openapi-core reads."""

    host_url: str
    path: str
    method: str
    parameters: RequestParameters
    content_type: str
    body: bytes | None


class Validator:
    """
    Find violations of the document in requests and bodies.

    Args:
        document: The unamended document.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self._tree = as_openapi_31(document.tree, ORIGIN)
        self._schemas: dict[str, jsonschema_rs.Draft202012Validator] = {}

    @cached_property
    def _core(self) -> OpenAPI:
        return OpenAPI.from_dict(self._tree)

    def body_errors(self, schema: Json, body: Any) -> list[str]:
        """Return a body's violations of a schema of the document."""
        key = json.dumps(schema, sort_keys=True)
        if key not in self._schemas:
            wrapped = {"components": self._tree["components"], **as_openapi_31({"schema": schema}, ORIGIN)["schema"]}
            self._schemas[key] = jsonschema_rs.Draft202012Validator(wrapped, validate_formats=True)
        return [f"{error.instance_path}: {error.message}" for error in self._schemas[key].iter_errors(body)]

    def request_errors(self, operation: Documented, request: httpx.Request) -> list[str]:
        """Return a request's violations of the document: method, path, query, headers, body."""
        faults = []
        if request.method != operation.method:
            faults.append(f"the method is {request.method}, not {operation.method}")
        if self.path_values(operation, request) is None:
            faults.append(f"the path {request.url.raw_path!r} is none of {operation.path}")
        documented = {each["name"] for each in operation.parameters if each["in"] == "query"}
        faults += [
            f"the query parameter {name} is not documented" for name, _ in pairs(request) if name not in documented
        ]
        faults += self._header_faults(operation, request)
        if operation.body is None:
            if request.content:
                faults.append(f"no body is documented, and {request.content!r} is sent")
        elif request.content:
            faults += self.body_errors(operation.body, strict_json(request.content))
        try:
            self._core.validate_request(_sent_request(request))
        except OpenAPIError as error:
            faults.append(f"openapi-core: {error} {error.__cause__ or ''}")
        return faults

    def path_values(self, operation: Documented, request: httpx.Request) -> dict[str, str] | None:
        """Return the path parameters as a server decodes them; None where the path does not match the operation's."""
        template = self.document.base_path + operation.path
        pattern = "".join(
            f"(?P<p{index // 2}>[^/]+)" if index % 2 else re.escape(part)
            for index, part in enumerate(re.split(r"{([^}]+)}", template))
        )
        names = re.findall(r"{([^}]+)}", template)
        found = re.fullmatch(pattern, wire_path(request))
        if found is None:
            return None
        return {name: unquote_to_bytes(found[f"p{index}"]).decode() for index, name in enumerate(names)}

    def signature_headers(self) -> set[str]:
        """Return the documented signature headers, in lower case."""
        schemes = (self.document.tree.get("components") or {}).get("securitySchemes") or {}
        return {each["name"].lower() for each in schemes.values() if each.get("in") == "header"}

    def _header_faults(self, operation: Documented, request: httpx.Request) -> list[str]:
        found = [name.decode().lower() for name, _ in request.headers.raw]
        allowed = _TRANSPORT | {each["name"].lower() for each in operation.parameters if each["in"] == "header"}
        if operation.signed:
            allowed |= self.signature_headers()
        faults = [f"the header {name} stands {found.count(name)} times" for name in set(found) if found.count(name) > 1]
        typed = operation.method in _WITH_TYPE or bool(request.content)
        if typed:
            allowed |= {"content-type", "transfer-encoding"}
            if request.headers.get("content-type") != JSON:
                faults.append(f"the content type is {request.headers.get('content-type')}, not {JSON}")
        return faults + [f"the header {name} is not documented" for name in found if name not in allowed]


def wire_path(request: httpx.Request) -> str:
    """Return the path on the wire, percent-encoding kept."""
    return request.url.raw_path.decode("ascii").partition("?")[0]


def pairs(request: httpx.Request) -> list[tuple[str, str]]:
    """Return the query on the wire, decoded strictly: names and values, in order."""
    _, _, query = request.url.raw_path.decode("ascii").partition("?")
    assert not re.search(r"%(?![0-9A-Fa-f]{2})", query), query
    found = [part.partition("=") for part in query.split("&") if part]
    return [(_plain(name), _plain(value)) for name, _, value in found]


def strict_json(content: bytes) -> Any:
    """Read JSON in which no key stands twice and no number is NaN."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        assert len({key for key, _ in pairs}) == len(pairs), "a key stands twice"
        return dict(pairs)

    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is not JSON")

    return json.loads(content.decode("utf-8"), object_pairs_hook=unique, parse_constant=refuse)


def _plain(text: str) -> str:
    return unquote_to_bytes(text.replace("+", " ")).decode("utf-8")


def _sent_request(request: httpx.Request) -> SentRequest:
    return SentRequest(
        host_url=f"{request.url.scheme}://{request.url.netloc.decode()}",
        path=wire_path(request),
        method=request.method.lower(),
        parameters=RequestParameters(
            query=ImmutableMultiDict(pairs(request)),
            header=Headers(list(request.headers.multi_items())),
            cookie=ImmutableMultiDict(),
            path={},
        ),
        content_type=request.headers.get("content-type", "").lower(),
        body=request.content or None,
    )
