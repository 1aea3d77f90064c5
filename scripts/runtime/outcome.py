"""From an HTTP response to a decoded body or an error: never a success that was not sent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NoReturn

import httpx

from .client import Outgoing
from .errors import ApiError, DecodeError, ResponseDecodeError, api_error_class
from .types import Response

_EXCERPT = 200


def response_from(
    response: httpx.Response, success: Mapping[int, Any], decoders: Mapping[int, Any], outgoing: Outgoing
) -> Response[Any]:
    """
    Judge a response.

    Args:
        response: The response, read.
        success: Type of the body by documented success status.
        decoders: Codec of the body by documented success status that has one.
        outgoing: What was asked.
    """
    status_code = response.status_code
    received: dict[str, Any] = {
        "status_code": status_code,
        "headers": response.headers,
        "content": response.content,
    }
    path = response.request.url.raw_path.decode("ascii").partition("?")[0]
    facts: dict[str, Any] = {**received, "method": outgoing.method, "path": path}
    parsed = None
    error: ApiError | ResponseDecodeError | None = None
    if status_code >= 400:
        error = api_error_class(status_code)(**facts, **_said(_loose_json(response.content), response))
    else:
        try:
            parsed = _success(response, success, decoders)
        except DecodeError as stop:
            body = _loose_json(response.content)
            if _speaks_of_error(body):
                error = ApiError(**facts, **_said(body, response))
            else:
                error = ResponseDecodeError(**facts, place=stop.place, problem=stop.problem)
    return Response(**received, parsed=parsed, error=error)


def _success(response: httpx.Response, success: Mapping[int, Any], decoders: Mapping[int, Any]) -> Any:
    if not 200 <= response.status_code <= 299:
        raise DecodeError("expected a success")
    decoder = decoders.get(response.status_code)
    if decoder is None and response.status_code not in success:
        # An undocumented success has the body of a documented one, if there is just one to choose.
        decoder = next(iter(decoders.values())) if len(decoders) == 1 else None
        if decoder is None and decoders:
            raise DecodeError("a success status that the document does not know")
    if decoder is None:
        body = _loose_json(response.content)
        if _speaks_of_error(body):
            raise DecodeError("an error body")
        return None
    body = _strict_json(response.content)
    required = getattr(decoder, "required", None)
    if isinstance(body, dict) and required is not None:
        known = decoder.wires & body.keys()
        if not known and (required or _speaks_of_error(body)):
            raise DecodeError(f"expected {decoder.kind.__name__}, found an object without any of its fields")
    return decoder.decode(body)


def _strict_json(content: bytes) -> Any:
    if not content.strip():
        raise DecodeError("expected JSON, found an empty body")
    try:
        return json.loads(content, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise DecodeError(f"expected JSON: {error}") from None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _loose_json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _speaks_of_error(body: Any) -> bool:
    """Tell an error body by its shape: one of the four that were seen."""
    if not isinstance(body, dict):
        return False
    if isinstance(body.get("error"), dict | str) and body["error"]:
        return True
    return isinstance(body.get("msg"), str) or (isinstance(body.get("code"), str) and "message" in body)


def _said(body: Any, response: httpx.Response) -> dict[str, Any]:
    """Read the words of an error out of whichever body it has."""
    fields = body
    if isinstance(body, dict) and "error" in body:
        fields = body["error"] if isinstance(body["error"], dict) else {"message": body["error"]}
    if not isinstance(fields, dict):
        fields = {"message": " ".join(response.text.split())[:_EXCERPT]}
    return {
        "code": _words(fields.get("code")),
        "message": _words(fields.get("message", fields.get("msg"))),
        "details": _words(fields.get("details")),
        "service": _words(fields.get("service")),
    }


def _words(value: Any) -> str | None:
    if value is None or value == "":
        return None
    return value if isinstance(value, str) else json.dumps(value)
