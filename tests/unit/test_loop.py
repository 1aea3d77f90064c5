"""In an event loop, what holds it is done at once while it is short or nothing else is under way."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

import pytest
from kalshi_auth.loop import Aside
from kalshi_auth.threads import Threads

MS = 1_000_000
_T = TypeVar("_T")


class Work:
    """Work that takes as long as it says, on a clock of its own, and notes which thread did it."""

    def __init__(self, took_ns: int) -> None:
        self.took_ns = took_ns
        self.now_ns = 0
        self.threads: list[int] = []
        self._lock = threading.Lock()

    def clock(self) -> int:
        # Only differences count: each call is one end of a piece of work.
        with self._lock:
            self.now_ns += self.took_ns
            return self.now_ns

    def __call__(self) -> int:
        self.threads.append(threading.get_ident())
        return threading.get_ident()


async def _request(aside: Aside, work: Callable[[], _T]) -> _T:
    """Do work as a request does: there is an answer to wait for after it."""
    with aside.under_way() as threads:
        done = await aside.done(work, threads)
        await asyncio.sleep(0)
        return done


async def _together(aside: Aside, work: Work, times: int) -> list[int]:
    return list(await asyncio.gather(*(_request(aside, work) for _ in range(times))))


async def _one_by_one(aside: Aside, work: Work, times: int) -> list[int]:
    return [await _request(aside, work) for _ in range(times)]


@pytest.mark.parametrize(
    ("took_ns", "way", "here"),
    [
        (MS // 20, _together, 20),
        (MS, _together, 1),
        (MS, _one_by_one, 20),
        (50 * MS, _together, 0),
        (50 * MS, _one_by_one, 0),
    ],
)
def test_work_is_done_here_for_who_is_alone(
    took_ns: int, way: Callable[[Aside, Work, int], Awaitable[list[int]]], here: int
) -> None:
    """Short work stays here, longer work while nobody else is under way, and work that is longer still never."""
    work = Work(took_ns)
    aside = Aside(clock=work.clock)

    async def run() -> list[int]:
        await _request(aside, work)  # shows how long it takes
        work.threads.clear()
        return await way(aside, work, 20)

    done = asyncio.run(run())
    assert len(work.threads) == 20
    assert sorted(done) == sorted(work.threads)
    assert done.count(threading.get_ident()) == here


def test_work_that_fails_says_so_wherever_it_was_done() -> None:
    """An error comes back as it is, from here and from a thread."""
    aside = Aside(clock=Work(MS).clock)

    def fail() -> None:
        raise ZeroDivisionError("by hand")

    async def run() -> list[BaseException | None]:
        return await asyncio.gather(*(_request(aside, fail) for _ in range(3)), return_exceptions=True)

    assert [repr(error) for error in asyncio.run(run())] == ["ZeroDivisionError('by hand')"] * 3


@pytest.mark.parametrize("failed_ns", [MS // 100, MS, 80 * MS])
def test_work_that_failed_does_not_look_shorter_than_it_is(failed_ns: int) -> None:
    """A remote signer that refuses a connection at once may take its time again for the next signature."""
    work = Work(50 * MS)
    aside = Aside(clock=work.clock)

    def fail() -> None:
        raise ZeroDivisionError

    async def run() -> int:
        await _request(aside, work)
        work.took_ns = failed_ns
        with pytest.raises(ZeroDivisionError):
            await _request(aside, fail)
        return await _request(aside, work)

    assert asyncio.run(run()) != threading.get_ident()


@pytest.mark.parametrize("took_ns", [MS // 100, MS, 50 * MS])
def test_work_that_runs_out_says_so(took_ns: int) -> None:
    """A stand-in for a signer that has no signature left is an error, as it is in a coroutine, and nobody waits."""
    work = Work(took_ns)
    aside = Aside(clock=work.clock)
    left: Iterator[bytes] = iter(())

    async def run() -> list[BaseException | bytes]:
        await _request(aside, work)
        asked = (_request(aside, lambda: next(left)) for _ in range(2))
        return await asyncio.wait_for(asyncio.gather(*asked, return_exceptions=True), timeout=5)

    for error in asyncio.run(run()):
        assert isinstance(error, RuntimeError)
        assert isinstance(error.__cause__, StopIteration)


def test_work_that_fails_slowly_is_long_work() -> None:
    """It would hold the loop each time."""
    work = Work(50 * MS)
    aside = Aside(clock=work.clock)

    def fail() -> None:
        raise ZeroDivisionError

    async def run() -> int:
        with pytest.raises(ZeroDivisionError):
            await _request(aside, fail)
        return await _request(aside, work)

    assert asyncio.run(run()) != threading.get_ident()


def test_work_that_hangs_in_a_thread_does_not_stop_the_others() -> None:
    """They get other threads."""
    work, free = Work(MS), threading.Event()
    aside = Aside(clock=work.clock, threads=1)

    async def run() -> list[int]:
        await _request(aside, work)
        hung = [asyncio.ensure_future(_request(aside, each)) for each in (work, lambda: free.wait(60))]
        await asyncio.sleep(0.05)
        done = [await asyncio.wait_for(_request(aside, work), 5) for _ in range(3)]
        free.set()
        await asyncio.gather(*hung)
        return done

    assert threading.get_ident() not in asyncio.run(run())


def test_the_loop_waits_for_threads_no_longer_than_work_usually_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that took long, as some RSA signatures do, and what it takes in a thread, say nothing about the others."""
    work, asked = Work(MS), list[float]()
    aside = Aside(clock=work.clock)
    done = Threads.done

    async def noted(self: Threads, work: Callable[[], _T], *, longest_s: float) -> _T:
        asked.append(longest_s)
        return await done(self, work, longest_s=longest_s)

    monkeypatch.setattr(Threads, "done", noted)

    async def run() -> None:
        await _request(aside, work)
        for took_ns, times in ((2 * MS, 3), (3 * MS, 2)):
            work.took_ns = took_ns
            await _together(aside, work, times)

    asyncio.run(run())
    assert asked == pytest.approx([0.0005, 0.0005, 0.001])


def test_a_loop_that_comes_later_starts_anew() -> None:
    """What a loop that is gone never ended does not send the next loop's work to threads for ever."""
    work, free = Work(MS), threading.Event()
    aside = Aside(clock=work.clock)
    gone = asyncio.new_event_loop()

    def held() -> int:
        free.wait(60)
        return work()

    async def last() -> None:
        await _request(aside, work)
        left.extend(gone.create_task(_request(aside, each)) for each in (work, held))
        await asyncio.sleep(0)

    left: list[asyncio.Task[int]] = []
    gone.run_until_complete(last())
    done = asyncio.run(_one_by_one(aside, work, 3))
    free.set()
    gone.run_until_complete(asyncio.gather(*left))
    gone.close()
    assert done == [threading.get_ident()] * 3
