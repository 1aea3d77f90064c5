"""Calls of an operation through its synchronous and asynchronous functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import frozen
from kalshi_trade_api import AuthenticatedClient

from kalshi_auth import Ed25519Signer, SignedFlow, signer_from_pem
from kalshi_core.retry.policy import RetryPolicy
from kalshi_core.retry.sender import RetryingSender
from kalshi_core.retry.server_clock import ServerClock
from kalshi_core.types import Response
from tests.contract.faults.calls import (
    Call,
)
from tests.vectors.material import KEY_ID, pem


@frozen(eq=False)
class CallStyle:
    """Calls operations synchronously, or asynchronously in an event loop, by the same three methods."""

    client: AuthenticatedClient
    run: Callable[[Any], Any] | None

    def plain(self, call: Call) -> Any:
        """Return what `sync` or `asyncio` returns."""
        return self._called(call, "sync", "asyncio")

    def detailed(self, call: Call) -> Response[Any]:
        """Return what `sync_detailed` or `asyncio_detailed` returns."""
        found: Response[Any] = self._called(call, "sync_detailed", "asyncio_detailed")
        return found

    def listed(self, call: Call, form: str = "iterate", **more: Any) -> tuple[list[Any], Exception | None]:
        """Return the items that `iterate` or `pages` yielded, and the error that ended it."""
        found: list[Any] = []

        async def collect() -> None:
            async for each in getattr(call.module, f"a{form}")(client=self.client, **call.arguments, **more):
                found.append(each)

        try:
            if self.run:
                self.run(collect())
            else:
                for each in getattr(call.module, form)(client=self.client, **call.arguments, **more):
                    found.append(each)
        except Exception as error:
            return found, error
        return found, None

    def _called(self, call: Call, form: str, aform: str) -> Any:
        if self.run:
            return self.run(getattr(call.module, aform)(client=self.client, **call.arguments))
        return getattr(call.module, form)(client=self.client, **call.arguments)


def caught(act: Callable[[], Any]) -> tuple[Any, Exception | None]:
    """Return the result of a call and the error that it raised; one of them is None."""
    try:
        return act(), None
    except Exception as error:
        return None, error


def retrying(client: AuthenticatedClient) -> AuthenticatedClient:
    """Return a client with the same connections and the default retries, without waiting."""

    async def asleep(seconds: float) -> None:
        pass

    sending = RetryingSender(policy=RetryPolicy(), clock=ServerClock(), sleep=lambda seconds: None, async_sleep=asleep)
    made = AuthenticatedClient(client.base_url, auth=SignedFlow(signer(), client.base_url), sender=sending)
    made.set_httpx_client(client.get_httpx_client())
    return made.set_async_httpx_client(client.get_async_httpx_client())


def signer() -> Ed25519Signer:
    made = signer_from_pem(KEY_ID, pem("ed25519"))
    assert isinstance(made, Ed25519Signer)
    return made
