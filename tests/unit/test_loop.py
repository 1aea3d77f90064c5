"""In an event loop, what holds it is done at once while it is short, and beyond that once in a turn."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable

import pytest

from kalshi_auth.loop import Aside

MS = 1_000_000


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


async def _together(aside: Aside, work: Work, times: int) -> list[int]:
    return list(await asyncio.gather(*(aside.done(work) for _ in range(times))))


async def _one_by_one(aside: Aside, work: Work, times: int) -> list[int]:
    done = []
    for _ in range(times):
        done.append(await aside.done(work))
        await asyncio.sleep(0)
    return done


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
def test_the_loop_is_held_for_one_piece_of_work_in_a_turn(
    took_ns: int, way: Callable[[Aside, Work, int], Awaitable[list[int]]], here: int
) -> None:
    """Short work stays here, longer work once in a turn, and work that is longer still never."""
    work = Work(took_ns)
    aside = Aside(clock=work.clock)

    async def run() -> list[int]:
        await aside.done(work)  # shows how long it takes
        await asyncio.sleep(0)
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
        return await asyncio.gather(*(aside.done(fail) for _ in range(3)), return_exceptions=True)

    assert [repr(error) for error in asyncio.run(run())] == ["ZeroDivisionError('by hand')"] * 3


def test_the_loop_helps_once_threads_have_enough() -> None:
    """A thread that works has one more piece waiting; what comes then is done here, once in a turn."""
    work, free = Work(MS), threading.Event()
    aside = Aside(clock=work.clock, threads=1)

    def held() -> int:
        free.wait(60)
        return work()

    async def run() -> list[int]:
        await aside.done(work)
        await asyncio.sleep(0)
        started = [asyncio.ensure_future(aside.done(each)) for each in (work, held)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)  # another turn, in which the thread has one piece
        waiting = asyncio.ensure_future(aside.done(held))
        await asyncio.sleep(0)
        done = [await aside.done(work)]
        free.set()
        return done + await asyncio.gather(*started, waiting)

    here = threading.get_ident()
    assert [each == here for each in asyncio.run(run())] == [True, True, False, False]


def test_a_loop_that_comes_later_starts_anew() -> None:
    """What a loop that is gone never ended does not send the next loop's work to threads for ever."""
    work, free = Work(MS), threading.Event()
    aside = Aside(clock=work.clock)
    gone = asyncio.new_event_loop()

    def held() -> int:
        free.wait(60)
        return work()

    async def last() -> None:
        await aside.done(work)
        await asyncio.sleep(0)
        left.extend(gone.create_task(aside.done(each)) for each in (work, held))
        await asyncio.sleep(0)

    left: list[asyncio.Task[int]] = []
    gone.run_until_complete(last())
    done = asyncio.run(_one_by_one(aside, work, 3))
    free.set()
    gone.run_until_complete(asyncio.gather(*left))
    gone.close()
    assert done == [threading.get_ident()] * 3
