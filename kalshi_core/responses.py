"""Turn an HTTP response into a decoded body or an error; a success is never made up."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

import httpx

from kalshi_core.errors import ApiError, DecodeError, ResponseDecodeError, api_error_class, one_line
from kalshi_core.models import json_text
from kalshi_core.models.scalars import excerpt, reject
from kalshi_core.types import PreparedRequest, Response

_EXCERPT: Final = 200
_SCANNED: Final = 8_000
"""Bytes of a body that is not an error object, in which readable text is searched."""
_TAG: Final = r"<[^<>]*>"
_LONG: Final = 16_384
"""Bytes of a page from which on its rows are decoded while it is parsed."""


def response_from(
    response: httpx.Response, success: Mapping[int, Any], decoders: Mapping[int, Any], prepared: PreparedRequest
) -> Response[Any]:
    """
    Decode a response.

    Args:
        response: The response, read.
        success: Type of the body by documented success status.
        decoders: Codec of the body by documented success status that has one.
        prepared: The request.

    Returns:
        The response with its body, or with the error that it stands for; nothing is raised.
    """
    status_code = response.status_code
    received: dict[str, Any] = {
        "status_code": status_code,
        "headers": response.headers,
        "content": response.content,
    }
    stop = None
    if status_code < 400:
        try:
            return Response(**received, parsed=_success(response, success, decoders), error=None)
        except DecodeError as found:
            stop = found
    path = response.request.url.raw_path.decode("ascii").partition("?")[0]
    facts: dict[str, Any] = {**received, "method": prepared.method, "path": path}
    body = json_text.parse_or_none(response.content)
    error: ApiError | ResponseDecodeError
    if stop is None:
        error = api_error_class(status_code)(**facts, **_error_fields(body, response.content))
    elif _is_error_body(body):
        error = ApiError(**facts, **_error_fields(body, response.content))
    else:
        error = ResponseDecodeError(**facts, place=stop.place, problem=stop.problem)
    return Response(**received, parsed=None, error=error)


def _success(response: httpx.Response, success: Mapping[int, Any], decoders: Mapping[int, Any]) -> Any:
    if not 200 <= response.status_code <= 299:
        raise DecodeError("expected a success status; redirects are not followed")
    decoder = decoders.get(response.status_code)
    if decoder is None and response.status_code not in success:
        # An undocumented success status is decoded like the documented one, if there is exactly one.
        decoder = next(iter(decoders.values())) if len(decoders) == 1 else None
        if decoder is None and decoders:
            raise DecodeError("a success status that is not documented")
    if decoder is None:
        return _check_no_body(response.content)
    body = _page(response.content, decoder) or _parse(response.content)
    if isinstance(body, dict) and hasattr(decoder, "required") and not _is_promised_object(body, decoder):
        raise DecodeError(f"expected {decoder.kind.__name__}, found {excerpt(body)}")
    return decoder.decode(body)


def _page(content: bytes, decoder: Any) -> dict[str, Any] | None:
    """Parse a long page with its rows already decoded; None where the body is short, or not a page."""
    if len(content) < _LONG or not getattr(decoder, "lists", None):
        return None
    from kalshi_core.models import list_decoder  # loaded by the first long page

    return list_decoder.parse_page(content, decoder)


def _check_no_body(content: bytes) -> None:
    """Check a body where none is documented: it may be empty, null, or an object that is not an error."""
    if not content.strip():
        return
    try:
        body = _parse(content)
    except DecodeError:
        reject(content, "no body")
    if _is_error_body(body) or not (body is None or isinstance(body, dict)):
        reject(body, "no body")


def _is_promised_object(body: dict[str, Any], layout: Any) -> bool:
    """Return whether an object is the documented one; decoding any other would make up an empty one."""
    known = layout.wires & body.keys()
    if _is_error_body(body):
        # An order was placed if the response has every required field, whatever else it contains.
        return all(body.get(wire) is not None for wire in layout.required) and any(body[wire] for wire in known)
    return bool(known) or not (layout.required or (layout.wires and body))


def _parse(content: bytes) -> Any:
    if not content.strip():
        raise DecodeError("expected JSON, found an empty body")
    try:
        return json_text.parse(content)
    except (ValueError, RecursionError) as error:
        raise DecodeError(f"expected JSON: {error}") from None


def _is_error_body(body: Any) -> bool:
    """Return whether a body has one of the four shapes of error bodies that the exchange sends."""
    if not isinstance(body, dict):
        return False
    code = body.get("code")
    coded = isinstance(code, str) or (type(code) is int and "message" in body)
    return bool(body.get("error") or body.get("msg") or (coded and code != ""))


def _error_fields(body: Any, content: bytes) -> dict[str, Any]:
    """Return code, message, details and service from an error body of any shape."""
    inner = body.get("error") if isinstance(body, dict) else body if isinstance(body, str) else None
    sources = [each for each in (inner, body) if isinstance(each, dict)]
    code = _first(sources, "code")
    message = _first(sources, "message", "msg")
    if message is None and not isinstance(inner, dict):
        message = _text(inner)
    if message is None and code is None:
        message = _text(_beginning(content))
    return {
        "code": code,
        "message": message,
        "details": _first(sources, "details"),
        "service": _first(sources, "service"),
    }


def _first(sources: list[dict[str, Any]], *names: str) -> str | None:
    found = (_text(source.get(name)) for source in sources for name in names)
    return next((text for text in found if text), None)


def _text(value: Any) -> str | None:
    if value is None or value in ("", [], {}):
        return None
    if isinstance(value, str):
        return value if value.strip() else None
    try:
        return json.dumps(value, ensure_ascii=False)
    except RecursionError:
        return excerpt(value)


def _beginning(content: bytes) -> str:
    """Return the readable beginning of a body that is not an error object, such as a gateway's HTML."""
    # The charset of the response's headers is not used: it may name any codec, or an unknown one.
    text = content[:_SCANNED].decode("utf-8", "backslashreplace")
    plain = one_line(re.sub(_TAG, " ", text), _EXCERPT) if text.lstrip().startswith("<") else ""
    return plain or one_line(text, _EXCERPT)
