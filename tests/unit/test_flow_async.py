"""Signing in an event loop: awaited, in the loop or in a thread, as the signer requires."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any, cast

import pytest

from kalshi_auth import (
    Ed25519Signer,
    OriginError,
    RsaPssSigner,
    SignedFlow,
    Signer,
)
from kalshi_core.client import AuthenticatedClient
from tests.unit.signed_requests import (
    BASE,
    GET_BALANCE,
    GET_ORDER,
    NOW_MS,
    SIGNER,
    Exchange,
    Mode,
    ask,
    is_signed,
    raw,
)
from tests.unit.spied_keys import EdKey, RsaKey
from tests.vectors.material import KEY_ID


class Awaited:
    """A signer that can only be awaited."""

    key_id = KEY_ID

    def __init__(self) -> None:
        self.asked = 0

    def sign(self, message: bytes) -> bytes:
        raise AssertionError(message)

    async def asign(self, message: bytes) -> bytes:
        self.asked += 1
        await asyncio.sleep(0)
        return SIGNER.sign(message)


def test_an_async_signer_is_awaited() -> None:
    """In an event loop only `asign` is called, once for each request, when it is sent."""
    exchange, signer = Exchange(), Awaited()
    stamps = iter(range(NOW_MS * 10**6, NOW_MS * 10**6 + 20 * 10**9, 10**9))
    flow = SignedFlow(signer, BASE, clock=lambda: next(stamps))
    client = AuthenticatedClient(BASE, auth=flow, httpx_args={"transport": exchange.transport})

    async def ask_together() -> None:
        await asyncio.gather(*(GET_ORDER.asyncio_detailed(client, order_id=f"a%/{number}") for number in range(20)))

    asyncio.run(ask_together())
    assert signer.asked == len({request.headers["KALSHI-ACCESS-TIMESTAMP"] for request in exchange.requests}) == 20
    assert all(is_signed(request) for request in exchange.requests)


def test_an_async_signer_without_a_signature_signs_by_its_sign() -> None:
    """Where `asign` returns None, `sign` is called, with a new timestamp."""

    class Away(Awaited):
        def sign(self, message: bytes) -> bytes:
            return SIGNER.sign(message)

        async def asign(self, message: bytes) -> None:  # type: ignore[override]
            self.asked += 1

    exchange, signer, stamps = Exchange(), Away(), iter([NOW_MS * 10**6, NOW_MS * 10**6 + 10**9])
    flow = SignedFlow(signer, BASE, clock=lambda: next(stamps))
    client = AuthenticatedClient(BASE, auth=flow, httpx_args={"transport": exchange.transport})
    ask("async", GET_BALANCE, client)
    assert signer.asked == 1
    assert is_signed(exchange.requests[0])
    assert exchange.requests[0].headers["KALSHI-ACCESS-TIMESTAMP"] == str(NOW_MS + 1000)


def test_a_test_double_with_any_attribute_is_not_awaited() -> None:
    """Only the class decides whether a signer has `asign`."""

    class StandIn:
        key_id = KEY_ID

        def __getattr__(self, name: str) -> Any:
            return SIGNER.sign

    exchange = Exchange()
    flow = SignedFlow(cast("Signer", StandIn()), BASE)
    ask("async", GET_BALANCE, AuthenticatedClient(BASE, auth=flow, httpx_args={"transport": exchange.transport}))
    assert is_signed(exchange.requests[0])


def test_a_signer_is_not_awaited_for_a_request_that_may_not_leave() -> None:
    """A request to another origin is refused before anything is signed."""
    exchange, signer = Exchange(), Awaited()
    client = AuthenticatedClient(BASE, auth=SignedFlow(signer, BASE), httpx_args={"transport": exchange.transport})
    with pytest.raises(OriginError, match="nothing was sent"):
        raw("async", client, "GET", "https://stranger.test/")
    assert signer.asked == len(exchange.requests) == 0


def client_with(signer: Any, exchange: Exchange) -> AuthenticatedClient:
    """Return a client that signs by a signer, without retries."""
    return AuthenticatedClient(
        BASE, auth=SignedFlow(signer, BASE), httpx_args={"transport": exchange.transport, "trust_env": False}
    )


class Renamed(RsaPssSigner):
    """A signer that inherits `sign`."""

    __slots__ = ()


class Audited(RsaPssSigner):
    """A signer that overrides `sign`."""

    __slots__ = ()

    def sign(self, message: bytes) -> bytes:
        return super().sign(message)


class AuditedEd25519(Ed25519Signer):
    """A signer that overrides `sign`."""

    __slots__ = ()

    def sign(self, message: bytes) -> bytes:
        return super().sign(message)


class Wrapper:
    """A signer of the user's own, around another."""

    def __init__(self, key: RsaKey) -> None:
        self._inner = RsaPssSigner(KEY_ID, key)
        self.key_id = KEY_ID

    def sign(self, message: bytes) -> bytes:
        return self._inner.sign(message)


class Unavailable(Wrapper):
    """An async signer whose `asign` has no signature."""

    async def asign(self, message: bytes) -> None:
        return None


@pytest.mark.parametrize(
    ("make", "key", "in_loop"),
    [
        (lambda key: RsaPssSigner(KEY_ID, key), RsaKey, True),
        (lambda key: Ed25519Signer(KEY_ID, key), EdKey, True),
        (lambda key: Renamed(KEY_ID, key), RsaKey, True),
        (lambda key: Audited(KEY_ID, key), RsaKey, False),
        (lambda key: AuditedEd25519(KEY_ID, key), EdKey, False),
        (Wrapper, RsaKey, False),
        (Unavailable, RsaKey, False),
    ],
    ids=["rsa", "ed25519", "subclass", "overridden rsa", "overridden ed25519", "own", "unavailable"],
)
def test_only_keys_in_memory_sign_in_the_loop(make: Any, key: Any, in_loop: bool) -> None:
    """Their own `sign` takes a moment; any other may wait for a device or a network, and signs in a thread."""
    exchange, spied = Exchange(), key()
    client = client_with(make(spied), exchange)

    async def call_together() -> None:
        await asyncio.gather(*(GET_BALANCE.asyncio_detailed(client) for _ in range(5)))

    asyncio.run(call_together())
    assert len(exchange.requests) == len(spied.threads) == 5
    assert {thread == threading.get_ident() for thread in spied.threads} == {in_loop}
    spied.threads.clear()
    GET_BALANCE.sync_detailed(client)
    assert spied.threads == [threading.get_ident()]


def test_the_loop_runs_while_a_signer_signs_in_a_thread() -> None:
    """What the signer waits for may be done by the loop itself."""
    ready = threading.Event()

    class Device(Wrapper):
        def sign(self, message: bytes) -> bytes:
            assert ready.wait(30)
            return super().sign(message)

    exchange = Exchange()
    client = client_with(Device(RsaKey()), exchange)

    async def run() -> None:
        call = asyncio.ensure_future(GET_BALANCE.asyncio_detailed(client))
        await asyncio.sleep(0.05)
        assert not call.done()
        ready.set()
        await call

    asyncio.run(run())
    assert is_signed(exchange.requests[0])


def test_signers_sign_in_several_threads_at_once() -> None:
    """Two signatures that wait for each other are both made."""
    both = threading.Barrier(2, timeout=30)

    class Device(Wrapper):
        def sign(self, message: bytes) -> bytes:
            both.wait()
            return super().sign(message)

    exchange = Exchange()
    client = client_with(Device(RsaKey()), exchange)

    async def run() -> None:
        await asyncio.gather(*(GET_BALANCE.asyncio_detailed(client) for _ in range(2)))

    asyncio.run(run())
    assert all(is_signed(request) for request in exchange.requests)


def test_a_signer_in_a_thread_sees_the_caller_s_context() -> None:
    """Context variables, such as a tracing library's, are those of the task that calls."""
    trace: ContextVar[str] = ContextVar("trace")
    seen: list[str] = []

    class Traced(Wrapper):
        def sign(self, message: bytes) -> bytes:
            seen.append(trace.get())
            return super().sign(message)

    client = client_with(Traced(RsaKey()), Exchange())

    async def call(name: str) -> None:
        trace.set(name)
        await GET_BALANCE.asyncio_detailed(client)

    async def run() -> None:
        await asyncio.gather(call("a"), call("b"))

    asyncio.run(run())
    assert sorted(seen) == ["a", "b"]


@pytest.mark.parametrize("mode", ["sync", "async"])
@pytest.mark.parametrize("error", [ZeroDivisionError("by hand"), KeyError("device"), PermissionError("denied")])
def test_an_error_of_a_signer_is_raised_as_it_is(error: Exception, mode: Mode) -> None:
    """The caller gets the same error, from a thread too, and nothing is sent."""

    class Failing(Wrapper):
        def sign(self, message: bytes) -> bytes:
            raise error

    exchange = Exchange()
    with pytest.raises(type(error)) as caught:
        ask(mode, GET_BALANCE, client_with(Failing(RsaKey()), exchange))
    assert caught.value is error
    assert exchange.requests == []


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_a_signer_that_runs_out_of_signatures_is_an_error(mode: Mode) -> None:
    """A StopIteration cannot be raised from a coroutine; it becomes a RuntimeError, and no call waits for ever."""
    left: Iterator[bytes] = iter(())

    class Recorded(Wrapper):
        def sign(self, message: bytes) -> bytes:
            return next(left)

    client = client_with(Recorded(RsaKey()), Exchange())

    async def call() -> None:
        await asyncio.wait_for(GET_BALANCE.asyncio_detailed(client), 5)

    with pytest.raises(RuntimeError) as caught:
        GET_BALANCE.sync_detailed(client) if mode == "sync" else asyncio.run(call())
    assert isinstance(caught.value.__cause__, StopIteration)


def test_a_call_that_is_cancelled_while_its_signer_signs_ends_at_once() -> None:
    """The thread is not waited for, and nothing is sent."""
    begun, free = threading.Event(), threading.Event()

    class Device(Wrapper):
        def sign(self, message: bytes) -> bytes:
            begun.set()
            assert free.wait(30)
            return super().sign(message)

    exchange = Exchange()
    client = client_with(Device(RsaKey()), exchange)

    async def run() -> None:
        call = asyncio.ensure_future(GET_BALANCE.asyncio_detailed(client))
        while not begun.is_set():
            await asyncio.sleep(0.001)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(call, 5)
        assert not free.is_set()
        free.set()

    asyncio.run(run())
    assert exchange.requests == []
