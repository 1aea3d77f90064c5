"""Both factories with a base URL, and an exchange that responds from a list."""

from __future__ import annotations

import asyncio
from types import ModuleType
from typing import Any, Literal

import httpx
import pytest

from kalshi_auth import (
    public_client,
    signed_client,
    signer_from_file,
)
from kalshi_core.client import Client
from tests.vectors.material import KEY_ID, key_file

BASE = "https://exchange.test/trade-api/v2"


SIGNER = signer_from_file(KEY_ID, key_file("rsa_pkcs8"))


Mode = Literal["sync", "async"]


MODES = pytest.mark.parametrize("mode", ["sync", "async"])


def signed(base_url: Any = BASE, **options: Any) -> Client:
    """Build a signing client."""
    return signed_client(SIGNER, base_url=base_url, **options)


def public(base_url: Any = BASE, **options: Any) -> Client:
    """Build a client that does not sign."""
    return public_client(base_url=base_url, **options)


FACTORIES = pytest.mark.parametrize("factory", [signed, public])


class Exchange:
    """An exchange that keeps every request, and responds from a list, then with successes."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.requests: list[httpx.Request] = []
        self.args = {"transport": httpx.MockTransport(self._answer)}
        self._answers = [*answers]

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self._answers.pop(0) if self._answers else httpx.Response(200, json={})
        if isinstance(answer, Exception):
            raise answer
        return answer


def ask(mode: Mode, operation: ModuleType, client: Client) -> Any:
    """Call an operation, in either mode."""
    if mode == "sync":
        return operation.sync_detailed(client=client)
    return asyncio.run(operation.asyncio_detailed(client=client))


class Metronome:
    """A rate limit of the user's own, without a base class."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def acquire(self, prepared: Any, most_s: float | None = None) -> None:
        """Keep the operation."""
        self.asked.append(prepared.operation_id)

    async def aacquire(self, prepared: Any, most_s: float | None = None) -> None:
        """Keep the operation, in an event loop."""
        self.acquire(prepared)

    def exhausted(self, prepared: Any) -> None:
        """Learn nothing."""
