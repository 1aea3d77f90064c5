"""All rows, by kind: with a response, and with a broken connection."""

from __future__ import annotations

from typing import Final

from tests.contract.faults import error_responses, typed_responses
from tests.contract.faults.calls import Fault

ANSWERS: Final[list[Fault]] = [
    *error_responses.any_status(),
    *error_responses.error_bodies(),
    *error_responses.successes_that_are_errors(),
    *error_responses.unpromised(),
    *error_responses.redirects(),
    *typed_responses.arrivals(),
    *typed_responses.positions(),
    *typed_responses.rows(),
    *typed_responses.writes(),
]
"""DecodedRows with a response."""

BREAKS: Final[list[Fault]] = list(error_responses.transport())
"""DecodedRows with a broken connection."""
