"""
Strict JSON: what the standard forbids (NaN, infinities) is an error, in both directions.

Parsing uses `msgspec` where it is installed (the extra `fast`): it keeps every digit of an integer. What it rejects is
parsed again by the standard library, so that both accept the same text and report the same error.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final, NoReturn

MSGSPEC_DECODER: Any = None
PARSE_ERRORS: tuple[type[Exception], ...] = (ValueError, RecursionError)
try:
    import msgspec
except ImportError:
    pass
else:
    MSGSPEC_DECODER = msgspec.json.Decoder()
    PARSE_ERRORS = (msgspec.MsgspecError, ValueError, RecursionError)


def parse(content: bytes) -> Any:
    """
    Parse JSON.

    Raises:
        ValueError: It is not JSON.
        RecursionError: It is nested too deeply.
    """
    if MSGSPEC_DECODER is not None:
        try:
            return MSGSPEC_DECODER.decode(content)
        except PARSE_ERRORS:
            pass  # the standard library raises the error, or parses it after all
    return _STRICT.decode(decode_text(content))


def parse_or_none(content: bytes) -> Any:
    """Parse a body that may be anything; return None where it is not JSON."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def strict_decoder(object_hook: Callable[[dict[str, Any]], Any] | None = None) -> json.JSONDecoder:
    """Return a standard-library decoder; what `object_hook` returns replaces the object it was called with."""
    return json.JSONDecoder(object_hook=object_hook, parse_constant=_reject_constant)


def decode_text(content: bytes) -> str:
    """Return the characters of JSON bytes in UTF-8, UTF-16 or UTF-32; raise ValueError where they are not text."""
    return content.decode(json.detect_encoding(content), "surrogatepass")


def dump(value: Any) -> bytes:
    """
    Write a value as JSON, in UTF-8.

    Raises:
        TypeError: It contains a value that JSON cannot represent.
        ValueError: It contains NaN, an infinity, itself, or text that is not Unicode.
    """
    return _ENCODER.encode(value).encode("utf-8")


def _reject_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_STRICT: Final = strict_decoder()
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))
