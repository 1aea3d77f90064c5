"""
Count calls, files and moves of a signed request, and the size of each room.

`python -m benchmarks.moves [--tree FOLDER] [--trace]`. The same script works on any checkout of this project. It sends
one warm `get_balance` and one warm `create_order_v2`
(building the body included) through an `httpx.MockTransport`, both synchronous, signed with an Ed25519 key, and watches
them with `sys.setprofile`. Only functions whose code is in a file of kalshi_trade_api, kalshi_core or kalshi_auth
count; httpx, attrs and compiled decoders don't. A generator that is resumed counts as called again.

- calls: function calls.
- files: distinct files of these functions.
- moves: calls of a function in another file than that of the call before. The first call is a move.
- crossings: the same by package: calls in another package than that of the call before (in and back out is two).
- border: crossings between kalshi_auth and everything else.
- entries: calls of kalshi_auth's functions whose nearest caller in these packages is not in kalshi_auth.

Lines are all lines of Python files, blank ones and comments included.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from types import FrameType
from typing import Any, Final, NamedTuple

_PACKAGES: Final = ("kalshi_trade_api", "kalshi_core", "kalshi_auth")
_AUTH: Final = "kalshi_auth"
_BASE_URL: Final = "http://127.0.0.1/trade-api/v2"
_BALANCE: Final = b'{"balance":123456,"balance_dollars":"1234.5600","portfolio_value":98765,"updated_ts":1795478400}'
_ORDER: Final = (
    b'{"order_id":"d3b07384-d9a0-4c9b-a1b6-0d5c7b1d7e55","client_order_id":"d3b07384-d9a0-4c9b-a1b6-0d5c7b1d7e55",'
    b'"fill_count":"0.00","remaining_count":"10.00","ts_ms":1795430000000}'
)
_WARM: Final = 5
"""Calls before the one that is watched: a decoder is compiled when its keys come for the second time."""
_ROOMS: Final = ("kalshi_auth", "kalshi_core", "kalshi_paper", "scripts", "benchmarks", "tests")
_GENERATED: Final = ("api", "models")


class Step(NamedTuple):
    """
    One call of a function.

    Attributes:
        package: Top-level package.
        file: Path of the file, from the package on.
        function: Qualified name.
        depth: Calls around it that count.
        caller: Package of the nearest caller that counts; empty where there is none.
    """

    package: str
    file: str
    function: str
    depth: int
    caller: str


def steps_of(act: Callable[[], object], homes: dict[str, str]) -> list[Step]:
    """
    Return the calls of one act, in order.

    Args:
        act: What to watch.
        homes: Top-level package by its folder.
    """
    steps: list[Step] = []

    def package_of(frame: FrameType) -> tuple[str, str]:
        name = frame.f_code.co_filename
        for home, package in homes.items():
            if name.startswith(home):
                return package, f"{package}/{name.removeprefix(home)}"
        return "", ""

    def profile(frame: FrameType, event: str, argument: Any) -> None:
        if event != "call":
            return
        package, file = package_of(frame)
        if package:
            callers = [found for each in _callers(frame) if (found := package_of(each)[0])]
            steps.append(Step(package, file, frame.f_code.co_qualname, len(callers), callers[0] if callers else ""))

    sys.setprofile(profile)
    try:
        act()
    finally:
        sys.setprofile(None)
    return steps


def _callers(frame: FrameType) -> Iterator[FrameType]:
    above = frame.f_back
    while above is not None:
        yield above
        above = above.f_back


def summary(steps: list[Step]) -> str:
    """Return the counts in one line."""
    crossed = Counter((one.package, two.package) for one, two in pairwise(steps) if one.package != two.package)
    moves = 1 + sum(one.file != two.file for one, two in pairwise(steps))
    border = sum(count for pair, count in crossed.items() if _AUTH in pair)
    entries = sum(each.package == _AUTH != each.caller for each in steps)
    by_pair = ", ".join(f"{one} -> {two} {count}" for (one, two), count in sorted(crossed.items()))
    return (
        f"{len(steps)} calls, {len({each.file for each in steps})} files, {moves} moves, "
        f"{crossed.total()} crossings, {border} at the border of {_AUTH}, {entries} entries into it ({by_pair})"
    )


def trace(steps: list[Step]) -> Iterator[str]:
    """Yield a line for each move, and for each call within it."""
    number, file = 0, ""
    for step in steps:
        if step.file != file:
            number, file = number + 1, step.file
            yield f"{number:4}  {file}"
        yield f"      {'. ' * step.depth}{step.function}"


def requests(tree: Path) -> dict[str, list[Step]]:
    """Return the calls of a warm GET and a warm order of a checkout's client."""
    sys.path[:0] = [str(tree), str(tree / "generated")]
    import httpx
    import kalshi_trade_api
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from kalshi_trade_api.api.orders import create_order_v2
    from kalshi_trade_api.api.portfolio import get_balance
    from kalshi_trade_api.models import CreateOrderV2Request

    from kalshi_auth import Ed25519Signer, signed_client

    homes: dict[str, str] = {}
    for name in _PACKAGES:
        if name in sys.modules:
            home = Path(str(sys.modules[name].__file__)).parent
            if not home.is_relative_to(tree):
                sys.exit(f"{name} comes from {home}, not from {tree}")
            homes[f"{home}/"] = name
    assert kalshi_trade_api

    def answer(request: httpx.Request) -> httpx.Response:
        is_read = request.method == "GET"
        return httpx.Response(200 if is_read else 201, content=_BALANCE if is_read else _ORDER)

    client = signed_client(
        Ed25519Signer("3f1b2c4d-0000-4000-8000-00000000beef", Ed25519PrivateKey.generate()),
        base_url=_BASE_URL,
        httpx_args={"transport": httpx.MockTransport(answer)},
    )

    def order() -> object:
        body = CreateOrderV2Request(
            ticker="KXGAME-FINAL-HOME",
            side="bid",
            price="0.5600",
            count="10.00",
            time_in_force="good_till_canceled",
            self_trade_prevention_type="taker_at_cross",
            client_order_id="d3b07384-d9a0-4c9b-a1b6-0d5c7b1d7e55",
        )
        return create_order_v2.sync(client=client, body=body)

    acts: dict[str, Callable[[], object]] = {"GET": lambda: get_balance.sync(client=client), "order": order}
    found = {}
    for name, act in acts.items():
        for _ in range(_WARM):
            act()
        found[name] = steps_of(act, homes)
    return found


def rooms(tree: Path) -> dict[str, tuple[int, int]]:
    """Return files and lines by room; a package's own files are its name, those of its folders have the folder's."""
    found: dict[str, tuple[int, int]] = {}

    def add(room: str, path: Path) -> None:
        files, lines = found.get(room, (0, 0))
        found[room] = files + 1, lines + len(path.read_text("utf-8").splitlines())

    for room in _ROOMS:
        for path in sorted((tree / room).rglob("*.py")):
            within = path.relative_to(tree / room).parts
            add(f"{room}, in all", path)
            add(f"  {room}/{within[0] if len(within) > 1 else ''}", path)
    for package in sorted(path for path in (tree / "generated").iterdir() if (path / "__init__.py").is_file()):
        for path in sorted(package.rglob("*.py")):
            within = path.relative_to(package).parts
            part = within[0] if len(within) > 1 and within[0] in _GENERATED else "the rest"
            add(f"generated/{package.name}, {part}", path)
    return found


def main(arguments: list[str] | None = None) -> None:
    """Print the counts."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.moves", description=__doc__.splitlines()[1])
    parser.add_argument("--tree", type=Path, default=Path(), metavar="FOLDER", help="a checkout; by default this one")
    parser.add_argument("--trace", action="store_true", help="list the moves as well, with the functions called")
    options = parser.parse_args(arguments)
    tree = options.tree.resolve()
    for name, steps in requests(tree).items():
        print(f"{name}: {summary(steps)}")
        if options.trace:
            print("\n".join(trace(steps)))
    print(f"\n{'files':>6} {'lines':>7}  room")
    for room, (files, lines) in rooms(tree).items():
        print(f"{files:6} {lines:7,}  {room}")


if __name__ == "__main__":
    main()
