"""From an HTTP response to a decoded body or an error: never a success that was not sent."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

import httpx

from . import jsontext
from .client import Outgoing
from .errors import ApiError, DecodeError, ResponseDecodeError, api_error_class, one_line
from .scalars import excerpt, refuse
from .types import Response

_EXCERPT: Final = 200
_LOOKED_AT: Final = 8_000
"""Bytes of a body that is no error body in which words for people are looked for."""
_TAG: Final = r"<[^<>]*>"
_LONG: Final = 16_384
"""Bytes of a page, from which on it is worth a thought how to read it."""


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
    stop = None
    if status_code < 400:
        try:
            return Response(**received, parsed=_success(response, success, decoders), error=None)
        except DecodeError as found:
            stop = found
    path = response.request.url.raw_path.decode("ascii").partition("?")[0]
    facts: dict[str, Any] = {**received, "method": outgoing.method, "path": path}
    body = jsontext.read_loosely(response.content)
    error: ApiError | ResponseDecodeError
    if stop is None:
        error = api_error_class(status_code)(**facts, **_said(body, response.content))
    elif _speaks_of_error(body):
        error = ApiError(**facts, **_said(body, response.content))
    else:
        error = ResponseDecodeError(**facts, place=stop.place, problem=stop.problem)
    return Response(**received, parsed=None, error=error)


def _success(response: httpx.Response, success: Mapping[int, Any], decoders: Mapping[int, Any]) -> Any:
    if not 200 <= response.status_code <= 299:
        raise DecodeError("expected a success, and redirects are not followed")
    decoder = decoders.get(response.status_code)
    if decoder is None and response.status_code not in success:
        # An undocumented success has the body of a documented one, if there is just one to choose.
        decoder = next(iter(decoders.values())) if len(decoders) == 1 else None
        if decoder is None and decoders:
            raise DecodeError("a success status that the document does not know")
    if decoder is None:
        return _nothing(response.content)
    body = _page(response.content, decoder) or _strict_json(response.content)
    if isinstance(body, dict) and hasattr(decoder, "required") and not _holds(body, decoder):
        raise DecodeError(f"expected {decoder.kind.__name__}, found {excerpt(body)}")
    return decoder.decode(body)


def _page(content: bytes, decoder: Any) -> dict[str, Any] | None:
    """Read a long page with its rows made already; None where that is not worth it, or no page."""
    if len(content) < _LONG or not getattr(decoder, "lists", None):
        return None
    from . import rows  # loaded by the first long page

    return rows.read(content, decoder)


def _nothing(content: bytes) -> None:
    """Let pass where no body is promised: none, or an object that does not speak of an error."""
    if not content.strip():
        return
    try:
        body = _strict_json(content)
    except DecodeError:
        refuse(content, "no body")
    if _speaks_of_error(body) or not (body is None or isinstance(body, dict)):
        refuse(body, "no body")


def _holds(body: dict[str, Any], layout: Any) -> bool:
    """Tell whether an object is the promised one, so that decoding it does not make up an empty one."""
    known = layout.wires & body.keys()
    if _speaks_of_error(body):
        # An order was placed if the answer says so in full, whatever else it says.
        return all(body.get(wire) is not None for wire in layout.required) and any(body[wire] for wire in known)
    return bool(known) or not (layout.required or (layout.wires and body))


def _strict_json(content: bytes) -> Any:
    if not content.strip():
        raise DecodeError("expected JSON, found an empty body")
    try:
        return jsontext.read(content)
    except (ValueError, RecursionError) as error:
        raise DecodeError(f"expected JSON: {error}") from None


def _speaks_of_error(body: Any) -> bool:
    """Tell an error body by its shape: one of the four that were seen."""
    if not isinstance(body, dict):
        return False
    code = body.get("code")
    coded = isinstance(code, str) or (type(code) is int and "message" in body)
    return bool(body.get("error") or body.get("msg") or (coded and code != ""))


def _said(body: Any, content: bytes) -> dict[str, Any]:
    """Read the words of an error out of whichever body it has."""
    inner = body.get("error") if isinstance(body, dict) else body if isinstance(body, str) else None
    sources = [each for each in (inner, body) if isinstance(each, dict)]
    code = _first(sources, "code")
    message = _first(sources, "message", "msg")
    if message is None and not isinstance(inner, dict):
        message = _words(inner)
    if message is None and code is None:
        message = _words(_beginning(content))
    return {
        "code": code,
        "message": message,
        "details": _first(sources, "details"),
        "service": _first(sources, "service"),
    }


def _first(sources: list[dict[str, Any]], *names: str) -> str | None:
    found = (_words(source.get(name)) for source in sources for name in names)
    return next((words for words in found if words), None)


def _words(value: Any) -> str | None:
    if value is None or value in ("", [], {}):
        return None
    if isinstance(value, str):
        return value if value.strip() else None
    try:
        return json.dumps(value, ensure_ascii=False)
    except RecursionError:
        return excerpt(value)


def _beginning(content: bytes) -> str:
    """Return what people can read of a body that is no error body, such as a gateway's HTML."""
    # Not by the charset of the response's headers, which may name any of Python's codecs, or none.
    text = content[:_LOOKED_AT].decode("utf-8", "backslashreplace")
    plain = one_line(re.sub(_TAG, " ", text), _EXCERPT) if text.lstrip().startswith("<") else ""
    return plain or one_line(text, _EXCERPT)
