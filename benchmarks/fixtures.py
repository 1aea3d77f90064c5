"""Keys made for one run, and seeded response bodies of realistic size."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

KEY_ID: Final = "3f1b2c4d-0000-4000-8000-00000000beef"
PAGE: Final = 1000
_PAGES: Final = 10
_SERIES: Final = 48
"""Pages of the largest size in a series: no worker decodes as many."""
_SIZES: Final = (10, 100, PAGE)
_PROSE: Final = (
    "if the highest temperature recorded in central park new york on the given day is strictly greater than value "
    "according to national weather service climatological report then market resolves yes otherwise no"
)


def written(folder: Path) -> dict[str, Any]:
    """Write keys and pages; return the arguments of all works."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    for name, key in (("rsa", generate_private_key(65537, 2048)), ("ed25519", Ed25519PrivateKey.generate())):
        path = folder / f"{name}.pem"
        path.touch(0o600)
        path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    for number in range(_PAGES):
        (folder / f"markets_{number}.json").write_bytes(markets(PAGE, number))
    return {
        "key_id": KEY_ID,
        "rsa": str(folder / "rsa.pem"),
        "ed25519": str(folder / "ed25519.pem"),
        "pages": str(folder / "pages"),
    }


def write_series(folder: Path) -> None:
    """
    Write pages of markets, in a folder for each size.

    No two pages are alike, and they differ as real ones do: prices on the grid and whole-second times come again, while
    tickers, volumes, open interests, microseconds and texts differ. Keys are always the same.
    """
    if folder.exists():
        return
    for size in _SIZES:
        (folder / str(size)).mkdir(parents=True)
    for number in range(_SERIES):
        seed = 1000 + number
        chance = random.Random(seed)  # noqa: S311
        rows = [_market(chance, seed * PAGE + index) for index in range(PAGE)]
        for size in _SIZES:
            for part in range(min(PAGE // size, 10)):
                content = _body("markets", rows[part * size : (part + 1) * size])
                (folder / str(size) / f"{number:03}_{part}.json").write_bytes(content)


def markets(count: int, seed: int) -> bytes:
    """Return a page of markets, of about 2.2 kB each."""
    chance = random.Random(seed)  # noqa: S311
    return _body("markets", [_market(chance, seed * PAGE + number) for number in range(count)])


def trades(count: int, seed: int) -> bytes:
    """Return a page of trades, of about 300 bytes each."""
    chance = random.Random(seed)  # noqa: S311
    return _body("trades", [_trade(chance, number) for number in range(count)])


def _body(name: str, rows: list[dict[str, Any]]) -> bytes:
    return json.dumps({name: rows, "cursor": ""}, separators=(",", ":")).encode()


def _market(chance: random.Random, number: int) -> dict[str, Any]:
    bid, day = chance.randrange(1, 98), chance.randrange(300)
    ask = bid + chance.randrange(1, 100 - bid)
    strike, event = 40 + number % 60, f"KXHIGHNY-26N{day:03}"
    return {
        "ticker": f"{event}-T{strike}-{number}",
        "event_ticker": event,
        "market_type": "binary",
        "title": f"Will the high temp in NYC be >{strike}° on day {day}?",
        "subtitle": f"{strike}° or above",
        "yes_sub_title": f"{strike}° or above",
        "no_sub_title": f"{strike}° or above",
        "created_time": _moment(chance, day - 3),
        "updated_time": _moment(chance, day),
        "open_time": _moment(None, day - 2),
        "close_time": _moment(None, day + 1),
        "expected_expiration_time": _moment(None, day + 1),
        "expiration_time": _moment(None, day + 8),
        "latest_expiration_time": _moment(None, day + 8),
        "settlement_timer_seconds": 1800,
        "status": "active",
        "yes_bid_dollars": _price(bid),
        "yes_bid_size_fp": _count(chance),
        "yes_ask_dollars": _price(ask),
        "yes_ask_size_fp": _count(chance),
        "no_bid_dollars": _price(100 - ask),
        "no_ask_dollars": _price(100 - bid),
        "last_price_dollars": _price(bid),
        "volume_fp": _count(chance, 10**8),
        "volume_24h_fp": _count(chance, 10**6),
        "result": "",
        "can_close_early": True,
        "open_interest_fp": _count(chance, 10**7),
        "notional_value_dollars": "1.0000",
        "previous_yes_bid_dollars": _price(chance.randrange(1, 99)),
        "previous_yes_ask_dollars": _price(chance.randrange(1, 99)),
        "previous_price_dollars": _price(chance.randrange(1, 99)),
        "expiration_value": "",
        "early_close_condition": "This market closes and expires early if the event occurs.",
        "strike_type": "greater",
        "floor_strike": strike,
        "rules_primary": _words(chance, 50),
        "rules_secondary": _words(chance, 70),
        "price_level_structure": "linear_cent",
        "price_ranges": [{"start": "0.0000", "end": "1.0000", "step": "0.0100"}],
        "settlement_bounds_type": "default",
        "is_provisional": False,
        "exchange_index": 0,
    }


def _trade(chance: random.Random, number: int) -> dict[str, Any]:
    price, side = chance.randrange(1, 100), chance.choice(["yes", "no"])
    return {
        "trade_id": f"{chance.getrandbits(128):032x}",
        "ticker": f"KXHIGHNY-26N{number % 300:03}-T{40 + number % 60}",
        "count_fp": _count(chance),
        "yes_price_dollars": _price(price),
        "no_price_dollars": _price(100 - price),
        "taker_outcome_side": side,
        "taker_book_side": "bid" if side == "yes" else "ask",
        "created_time": _moment(chance, number % 300),
        "is_block_trade": False,
    }


def _moment(chance: random.Random | None, day: int) -> str:
    moment = datetime(2026, 1, 5, 15, tzinfo=UTC) + timedelta(days=day)
    if chance is None:
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    return (moment + timedelta(microseconds=chance.randrange(86_400 * 10**6))).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _price(cents: int) -> str:
    return f"{cents / 100:.4f}"


def _count(chance: random.Random, most: int = 10**6) -> str:
    return f"{chance.randrange(most) / 100:.2f}"


def _words(chance: random.Random, count: int) -> str:
    return " ".join(chance.choices(_PROSE.split(), k=count))
