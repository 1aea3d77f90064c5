"""
JSON text, read and written strictly: what JSON can't say is refused.

Reading goes through `msgspec` where it is installed (the extra `fast`): it loses nothing, not a digit of an integer,
and what it refuses the standard library reads, so that both say the same of every text.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final, NoReturn

FAST: Any = None
REFUSED: tuple[type[Exception], ...] = (ValueError, RecursionError)
try:
    import msgspec
except ImportError:
    pass
else:
    FAST = msgspec.json.Decoder()
    REFUSED = (msgspec.MsgspecError, ValueError, RecursionError)


def read(content: bytes) -> Any:
    """
    Read a text.

    Raises:
        ValueError: It is not JSON.
        RecursionError: It is nested too deep.
    """
    if FAST is not None:
        try:
            return FAST.decode(content)
        except REFUSED:
            pass  # the standard library tells why, or reads it after all
    return _STRICT.decode(text(content))


def strict(object_hook: Callable[[dict[str, Any]], Any] | None = None) -> json.JSONDecoder:
    """Return the standard library's reader; a hook's results stand for the objects that it is called with."""
    return json.JSONDecoder(object_hook=object_hook, parse_constant=_refuse)


def text(content: bytes) -> str:
    """Return a text's characters; ValueError where it is none."""
    return content.decode(json.detect_encoding(content), "surrogatepass")


def read_loosely(content: bytes) -> Any:
    """Read a text that may be anything; None where it is not JSON."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def written(value: Any) -> bytes:
    """
    Write a value, as UTF-8.

    Raises:
        TypeError: It has parts that JSON has no form for.
        ValueError: It holds a NaN, an infinity or itself, or text that is no Unicode.
    """
    return _WRITER.encode(value).encode("utf-8")


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_STRICT: Final = strict()
_WRITER: Final = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))
