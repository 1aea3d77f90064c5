"""
Compare the paper exchange over HTTP with a constant response of the same web stack on the same core.

    python -m benchmarks.paper [--rounds 40] [--requests 400] [--connections 8]

Each lane is a server process of its own; all of them are pinned to one core, and the load generator to another.
In each round every lane answers the same number of requests, and its figures are divided by the constant's of that
round. Requests are signed before the clock starts, and sent over raw sockets, as many at a time as there are
connections, so that the server is what everything waits for.

- `constant`: the exchange's own server and router; the application reads the body and sends bytes made beforehand.
- `endpoint`: the same as the framework's manual has it: `Starlette`, a `Route`, a `Request`, a `Response`.
- `rsa`, `ed25519`: the paper exchange; each order is signed, has a client order id of its own, and rests.

Then it times how long `python -m kalshi_paper` takes until its key can be pasted. Linux only: no other system pins
processes to cores.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from attrs import define, field

from benchmarks.load import Load, orders
from kalshi_auth import Signer, signer_from_pem

_LANES = ("constant", "endpoint", "rsa", "ed25519")


@define
class Lane:
    """
    One server and what it took, a figure a round.

    Attributes:
        name: The lane's name in the table.
        process: The server.
        control: Answers the CPU seconds it has used.
        load: The load generator.
        signer: Signs the orders.
        wall_s: Seconds of each round.
        cpu_s: CPU seconds of each round.
    """

    name: str
    process: BaseProcess
    control: Connection
    load: Load
    signer: Signer
    wall_s: list[float] = field(factory=list)
    cpu_s: list[float] = field(factory=list)

    def used_s(self) -> float:
        """Return the CPU seconds that the server has used."""
        self.control.send(None)
        found: float = self.control.recv()
        return found

    def run(self, requests: Sequence[bytes]) -> tuple[float, float]:
        """Have requests answered, and return the seconds and the CPU seconds it took."""
        used_s, start_s = self.used_s(), time.perf_counter()
        self.load.run(requests)
        return time.perf_counter() - start_s, self.used_s() - used_s


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description="The paper exchange over HTTP, against a constant.")
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--requests", type=int, default=400, help="of each lane in each round")
    parser.add_argument("--connections", type=int, default=8, help="requests on their way at a time")
    parser.add_argument("--starts", type=int, default=15, help="starts of the command to take the median of")
    options = parser.parse_args()
    ours, *others = sorted(os.sched_getaffinity(0))
    cores = {ours}, set(others[:1]) or {ours}
    os.sched_setaffinity(0, cores[0])
    lanes = [_lane(name, cores[1], options.connections) for name in _LANES]
    for number in range(-2, options.rounds):
        # In turn from another one each time, so that none always comes after the same.
        for lane in lanes[number % len(lanes) :] + lanes[: number % len(lanes)]:
            wall_s, cpu_s = lane.run(orders(lane.signer, options.requests, f"{lane.name} {number}"))
            if number >= 0:
                lane.wall_s.append(wall_s)
                lane.cpu_s.append(cpu_s)
    for lane in lanes:
        lane.process.terminate()
        lane.process.join()
    _print(lanes, options.requests)
    os.sched_setaffinity(0, cores[0] | cores[1])
    taken = sorted(_start_s() for _ in range(options.starts))
    middle = statistics.median(taken)
    print(f"\n`python -m kalshi_paper` until its key is printed: median {middle:.2f} s, slowest {taken[-1]:.2f} s")


def serve(name: str, core: set[int], control: Connection) -> None:
    """Be the server of a lane; tell the port and the signer, then the CPU seconds as often as asked."""
    from benchmarks.constant import constant, endpoint
    from kalshi_paper import PaperExchange
    from kalshi_paper.web.uvicorn_server import UvicornServer

    os.sched_setaffinity(0, core)
    exchange = PaperExchange(key_type="rsa" if name == "rsa" else "ed25519", balance=900_000_000)
    signer = exchange.signer
    if name in ("constant", "endpoint"):
        port = UvicornServer(constant() if name == "constant" else endpoint(), 0).port
    else:
        port = int(exchange.start().base_url.split("/")[2].partition(":")[2])
    control.send((port, signer.key_id, signer.pem()))
    while True:
        control.recv()
        control.send(time.process_time())


def _lane(name: str, core: set[int], connections: int) -> Lane:
    ours, theirs = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=serve, args=(name, core, theirs), daemon=True)
    process.start()
    port, key_id, pem = ours.recv()
    return Lane(name, process, ours, Load(port, connections), signer_from_pem(key_id, pem))


def _print(lanes: Sequence[Lane], requests: int) -> None:
    print("| lane | requests/s | CPU µs a request | rate: of the constant's | CPU: the constant's of it |")
    print("|---|---|---|---|---|")
    for lane in lanes:
        rate = [base / own for base, own in zip(lanes[0].wall_s, lane.wall_s, strict=True)]
        cpu = [base / own for base, own in zip(lanes[0].cpu_s, lane.cpu_s, strict=True)]
        print(
            f"| {lane.name} | {requests / statistics.median(lane.wall_s):,.0f} "
            f"| {statistics.median(lane.cpu_s) / requests * 1e6:.0f} | {_spread(rate)} | {_spread(cpu)} |"
        )


def _spread(several: Sequence[float]) -> str:
    low, middle, high = statistics.quantiles(several, n=4)
    return f"{middle:.2f} ({low:.2f} to {high:.2f})"


def _start_s() -> float:
    """Return the seconds until the command has printed its key."""
    start_s = time.perf_counter()
    with subprocess.Popen([sys.executable, "-m", "kalshi_paper"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for _ in range(5):
            process.stdout.readline()
        taken_s = time.perf_counter() - start_s
        process.terminate()
    return taken_s


if __name__ == "__main__":
    main()
