"""Say once where servers and document part, so that a user learns that it is time to regenerate."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

_LOGGER: Final = logging.getLogger("kalshi_trade_api.drift")
_MOST_SEEN: Final = 10_000
_MOST_SHOWN: Final = 60
_seen: Final[set[tuple[str, str]]] = set()
_trial: Final[Any] = threading.local()


def report(model: str, field: str, what: str) -> None:
    """
    Log a departure from the document, once for each model and field.

    Args:
        model: Name of the model.
        field: Name of the field, as the document spells it.
        what: What the response did, such as "is null".
    """
    if (model, field) in _seen or len(_seen) >= _MOST_SEEN:
        return
    held: list[tuple[str, str]] | None = getattr(_trial, "held", None)
    if held is not None:
        held.append((model, field))
        return
    _seen.add((model, field))
    # A field's name comes from the server: it must not break the line.
    name = field if field.isidentifier() else repr(field)[:_MOST_SHOWN]
    _LOGGER.warning("%s.%s %s: server and document differ, consider regenerating", model, name, what)


@contextmanager
def trial() -> Iterator[list[tuple[str, str]]]:
    """Log nothing in this thread: what would have been logged, by model and field, comes into the list."""
    before, _trial.held = getattr(_trial, "held", None), []
    try:
        yield _trial.held
    finally:
        _trial.held = before


def forget() -> None:
    """Log everything anew from here on."""
    _seen.clear()
