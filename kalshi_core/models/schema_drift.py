"""Log each difference between a response and the OpenAPI document once, so that users learn when to regenerate."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

_MOST_SEEN: Final = 10_000
_MOST_SHOWN: Final = 60


class Owner(NamedTuple):
    """
    Where a value stands in a document.

    Attributes:
        package: The generated package; its name is the logger's, such as `kalshi_trade_api.drift`.
        model: Name of the model, or id of the operation.
        field: Name of the field, as the document spells it.
    """

    package: str
    model: str
    field: str


_seen: Final[set[Owner]] = set()
_trial: Final[Any] = threading.local()


def report(owner: Owner, difference: str) -> None:
    """
    Log a difference from the document, once for each field.

    Args:
        owner: The field.
        difference: What the response did, such as "is null".
    """
    if owner in _seen or len(_seen) >= _MOST_SEEN:
        return
    held: list[Owner] | None = getattr(_trial, "held", None)
    if held is not None:
        held.append(owner)
        return
    _seen.add(owner)
    # The field's name comes from the server: it must not break the line.
    name = owner.field if owner.field.isidentifier() else repr(owner.field)[:_MOST_SHOWN]
    logging.getLogger(f"{owner.package}.drift").warning(
        "%s.%s %s: response and document differ, consider regenerating", owner.model, name, difference
    )


@contextmanager
def trial() -> Iterator[list[Owner]]:
    """Log nothing in this thread; the list collects what would have been logged."""
    before, _trial.held = getattr(_trial, "held", None), []
    try:
        yield _trial.held
    finally:
        _trial.held = before


def forget() -> None:
    """Log every difference again from now on."""
    _seen.clear()
