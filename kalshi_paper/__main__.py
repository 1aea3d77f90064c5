"""
Run a paper exchange until interrupted: `python -m kalshi_paper`.

It prints its base URL and a new key as environment variables, ready to paste.
"""

from __future__ import annotations

import argparse
import math
import os
import signal
import sys
import tempfile
import threading
from pathlib import Path

from kalshi_paper.exchange import PaperExchange
from kalshi_paper.service.journal import StateError


def main(arguments: list[str] | None = None) -> int:
    """Run an exchange until SIGINT or SIGTERM; return the exit status."""
    options = _parser().parse_args(arguments)
    end = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: end.set())
    try:
        exchange = PaperExchange(
            port=options.port,
            seed=options.seed,
            latency_ms=options.latency,
            state=options.state,
            key_type=options.key,
        )
        with exchange, tempfile.TemporaryDirectory(prefix="kalshi-paper-") as folder:
            print(_announcement(exchange, Path(folder)), flush=True)
            end.wait()
    except (OSError, StateError) as error:
        print(f"kalshi_paper can't start: {error}", file=sys.stderr)
        return 1
    return 0


def _announcement(exchange: PaperExchange, folder: Path) -> str:
    """Write the private key to a file that only its owner can read, and return the lines to print."""
    file, signer = folder / "key.pem", exchange.signer
    # The mode is set on creation, so that no other user can ever read the file.
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as opened:
        opened.write(signer.pem())
    return "\n".join(
        [
            f"export KALSHI_BASE_URL={exchange.base_url}",
            f"export KALSHI_KEY_ID={signer.key_id}",
            f"export KALSHI_PRIVATE_KEY_FILE={file}",
            f"# to trade: {' '.join(exchange.tickers)}",
            "# Ctrl-C stops the exchange and deletes the key file",
        ]
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m kalshi_paper", description="Run a paper exchange on this machine.", allow_abbrev=False
    )
    parser.add_argument("--port", type=_port, default=0, metavar="N", help="port to listen on (default: any free port)")
    seed_help = "seed of ids, books and random faults (default: the seed stored in FILE, or 0)"
    parser.add_argument("--seed", type=int, metavar="N", help=seed_help)
    latency_help = "latency of every request, milliseconds (default: 0)"
    parser.add_argument("--latency", type=_latency, default=0.0, metavar="MS", help=latency_help)
    parser.add_argument("--state", type=Path, metavar="FILE", help="file that keeps the state across restarts")
    parser.add_argument("--key", choices=("rsa", "ed25519"), default="rsa", help="type of the key (default: rsa)")
    return parser


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number < 1 << 16:
        raise argparse.ArgumentTypeError("port must be from 0 to 65535")
    return number


def _latency(text: str) -> float:
    milliseconds = float(text)
    if not 0 <= milliseconds < math.inf:
        raise argparse.ArgumentTypeError("latency must be a finite number of milliseconds, not negative")
    return milliseconds


if __name__ == "__main__":
    sys.exit(main())
