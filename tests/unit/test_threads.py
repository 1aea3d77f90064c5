"""An event loop's threads do what it hands out, and it gives way to them."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
import weakref
from collections.abc import Callable
from contextvars import ContextVar
from functools import partial
from hashlib import pbkdf2_hmac

import pytest
from kalshi_auth.threads import Threads


def test_the_loop_waits_for_a_thread_in_its_next_turn() -> None:
    """A busy loop would hardly ever let the thread have the interpreter."""

    def slow() -> int:
        time.sleep(0.05)
        return threading.get_ident()

    async def run() -> tuple[bool, int]:
        threads = Threads(asyncio.get_running_loop(), 1)
        piece = asyncio.ensure_future(threads.done(slow, longest_s=2))
        for _ in range(3):  # it is handed out; it is waited for; who waits for it goes on
            await asyncio.sleep(0)
        return piece.done(), await piece

    done, where = asyncio.run(run())
    assert done
    assert where != threading.get_ident()


def test_the_loop_does_not_wait_for_work_that_takes_longer_than_usual() -> None:
    """What the thread is waiting for may be the loop itself; what it has done is announced."""
    free = threading.Event()

    async def run() -> bool:
        threads = Threads(asyncio.get_running_loop(), 1)
        piece = asyncio.ensure_future(threads.done(lambda: free.wait(5), longest_s=0.001))
        await asyncio.sleep(0.02)
        free.set()
        return await asyncio.wait_for(piece, 5)

    assert asyncio.run(run())


def test_a_loop_that_is_never_idle_does_not_starve_its_threads() -> None:
    """With all that it has to do, a piece is done in each of its turns."""

    def spin(milliseconds: float) -> None:
        end = time.perf_counter() + milliseconds / 1000
        while time.perf_counter() < end:
            pass

    def signed() -> None:
        pbkdf2_hmac("sha256", b"", b"", 200)  # like a signature, it needs the interpreter only in the end

    async def run() -> int:
        threads, turns = Threads(asyncio.get_running_loop(), 1), 0
        pieces = asyncio.gather(*(threads.done(signed, longest_s=1) for _ in range(20)))
        while not pieces.done() and turns < 100:
            turns += 1
            spin(1)
            await asyncio.sleep(0)
        return turns

    assert asyncio.run(run()) < 30


def test_threads_whose_work_hangs_are_late_until_it_ends() -> None:
    """The loop waits for them in a few turns, no more, and says so."""
    free = threading.Event()

    async def run() -> list[bool]:
        threads, late = Threads(asyncio.get_running_loop(), 1), list[bool]()
        piece = asyncio.ensure_future(threads.done(lambda: free.wait(60), longest_s=0.001))
        for _ in range(20):
            await asyncio.sleep(0)
            late.append(threads.late)
        assert threads._in_vain == 16
        free.set()
        await asyncio.wait_for(piece, 5)
        return [*late, threads.late]

    assert asyncio.run(run()) == [False] * 16 + [True] * 4 + [False]


def test_work_is_done_here_where_no_thread_is_to_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system that is short of threads for a moment does not cost a request, nor the threads that come later."""
    start, refusals = threading.Thread.start, [RuntimeError("can't start new thread")]

    def started(self: threading.Thread) -> None:
        if refusals:
            raise refusals.pop()
        start(self)

    monkeypatch.setattr(threading.Thread, "start", started)

    async def run() -> list[int]:
        threads = Threads(asyncio.get_running_loop(), 1)
        return [await asyncio.wait_for(threads.done(threading.get_ident, longest_s=0.001), 5) for _ in range(4)]

    first, *later = asyncio.run(run())
    assert first == threading.get_ident()
    assert first not in later


def test_what_interrupts_the_loop_while_it_waits_costs_nobody_the_result() -> None:
    """Whoever goes on with the loop finds everything as it was."""
    free = threading.Event()
    loop = asyncio.new_event_loop()
    threads = Threads(loop, 1)

    class Interrupting:
        def __init__(self) -> None:
            self._news, self._calm = threads._news, False

        def __getattr__(self, name: str) -> object:
            return getattr(self._news, name)

        def get(self, timeout: float | None = None) -> Callable[[], None]:
            if timeout and not self._calm:
                self._calm = True
                raise KeyboardInterrupt
            return self._news.get(timeout=timeout)

    threads._news = Interrupting()  # type: ignore[assignment]
    piece = loop.create_task(threads.done(lambda: free.wait(60), longest_s=0.001))
    with pytest.raises(KeyboardInterrupt):
        loop.run_forever()
    free.set()
    assert loop.run_until_complete(asyncio.wait_for(piece, 5))
    loop.close()


def test_each_thread_does_a_piece() -> None:
    """Two that wait for each other both come to their end."""
    together = threading.Barrier(2, timeout=5)

    async def run() -> list[int]:
        threads = Threads(asyncio.get_running_loop(), 2)
        pieces = [threads.done(together.wait, longest_s=0.001) for _ in range(4)]
        return await asyncio.wait_for(asyncio.gather(*pieces), 9)

    assert sorted(asyncio.run(run())) == [0, 0, 1, 1]


def test_threads_that_stopped_start_again() -> None:
    """Piece after piece, each when nothing waits any more."""

    async def run() -> list[int]:
        threads = Threads(asyncio.get_running_loop(), 1)
        return [await asyncio.wait_for(threads.done(partial(abs, n), longest_s=0.001), 5) for n in range(20)]

    assert asyncio.run(run()) == list(range(20))


def test_an_error_comes_back_as_it_is() -> None:
    """It is the one that was raised, in its thread, and keeps nothing alive."""

    class Held:
        pass

    held = Held()
    alive, kept = weakref.ref(held), [held]
    del held

    def fail() -> None:
        local = kept.pop()
        raise ZeroDivisionError(type(local).__name__)

    async def run() -> None:
        threads = Threads(asyncio.get_running_loop(), 1)
        with pytest.raises(ZeroDivisionError, match="Held"):
            await threads.done(fail, longest_s=0.001)

    gc.disable()
    try:
        asyncio.run(run())
        assert alive() is None
    finally:
        gc.enable()


def test_nothing_is_done_for_those_who_have_gone() -> None:
    """A piece whose task was cancelled while it waited is left out."""
    free, done, wrong = threading.Event(), list[int](), list[object]()

    async def run() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: wrong.append(context))
        threads = Threads(asyncio.get_running_loop(), 1)
        held = asyncio.ensure_future(threads.done(lambda: free.wait(60), longest_s=0.001))
        late = [asyncio.ensure_future(threads.done(partial(done.append, n), longest_s=0.001)) for n in range(3)]
        await asyncio.sleep(0)
        late[1].cancel()
        held.cancel()  # its own, which a thread is at, ends unheard
        await asyncio.sleep(0)
        free.set()
        await asyncio.wait_for(asyncio.gather(*late, return_exceptions=True), 5)

    asyncio.run(run())
    assert done == [0, 2]
    assert not wrong


def test_threads_leave_a_loop_that_was_closed() -> None:
    """What nobody waits for any more is not done."""
    free, begun, done = threading.Event(), threading.Event(), list[int]()
    loop = asyncio.new_event_loop()
    threads = Threads(loop, 1)

    def held() -> None:
        begun.set()
        free.wait(60)

    async def left() -> None:
        for each in waiting:
            each.send(None)
        await asyncio.to_thread(begun.wait, 60)

    waiting = [threads.done(work, longest_s=0.001) for work in (held, partial(done.append, 1))]
    loop.run_until_complete(left())
    loop.close()
    free.set()
    threads._executor.shutdown()
    for each in waiting:
        each.close()
    assert done == []


def test_a_thread_sees_the_variables_of_who_asked() -> None:
    """A remote signer's own requests have the caller's deadline."""
    asked: ContextVar[int] = ContextVar("asked", default=0)

    async def ask(threads: Threads, number: int) -> int:
        asked.set(number)
        return await threads.done(asked.get, longest_s=0.001)

    async def run() -> list[int]:
        threads = Threads(asyncio.get_running_loop(), 1)
        return await asyncio.gather(*(ask(threads, number) for number in (1, 2)))

    assert asyncio.run(run()) == [1, 2]
