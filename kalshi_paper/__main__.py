"""
Start a paper exchange, and stay: `python -m kalshi_paper`.

It prints where it listens, and a fresh key as environment variables, ready to paste.
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
    """Run until interrupted."""
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
    """Write the private key where only its owner reads it, and return the lines to paste."""
    file, signer = folder / "key.pem", exchange.signer
    # Made with its rights, so that it is never anybody else's to read.
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as opened:
        opened.write(signer.pem())
    return "\n".join(
        [
            f"export KALSHI_BASE_URL={exchange.base_url}",
            f"export KALSHI_KEY_ID={signer.key_id}",
            f"export KALSHI_PRIVATE_KEY_FILE={file}",
            f"# to trade: {' '.join(exchange.tickers)}",
            "# Ctrl-C ends it; the key goes with it",
        ]
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m kalshi_paper", description="Run a paper exchange on this machine.", allow_abbrev=False
    )
    parser.add_argument("--port", type=_port, default=0, metavar="N", help="where to listen (default: any free port)")
    begins = "where ids, books and chance come from (default: 0, or the one FILE was begun with)"
    parser.add_argument("--seed", type=int, metavar="N", help=begins)
    waits = "milliseconds that every request waits (default: 0)"
    parser.add_argument("--latency", type=_latency, default=0.0, metavar="MS", help=waits)
    parser.add_argument("--state", type=Path, metavar="FILE", help="keep everything over a restart")
    parser.add_argument("--key", choices=("rsa", "ed25519"), default="rsa", help="kind of key to make (default: rsa)")
    return parser


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number < 1 << 16:
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return number


def _latency(text: str) -> float:
    milliseconds = float(text)
    if not 0 <= milliseconds < math.inf:
        raise argparse.ArgumentTypeError("a latency is a number of milliseconds, none below zero")
    return milliseconds


if __name__ == "__main__":
    sys.exit(main())
