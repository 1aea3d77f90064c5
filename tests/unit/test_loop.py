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


def test_a_loop_that_comes_later_starts_anew() -> None:
    """A turn that a closed loop never ended does not send the next loop's work to threads for ever."""
    work = Work(MS)
    aside = Aside(clock=work.clock)

    async def last() -> None:
        await aside.done(work)

    asyncio.run(last())
    done = asyncio.run(_one_by_one(aside, work, 3))
    assert done == [threading.get_ident()] * 3
