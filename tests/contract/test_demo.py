"""The demo, run as a reader of the README runs it, and the stand-in it talks to."""

from __future__ import annotations

import base64
import http.client
import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from scripts.demo.signature import PublicKey
from scripts.demo.standin import StandIn
from scripts.demo.table import table

ROOT = Path(__file__).parents[2]
NOW_MS = 1_795_435_200_123
WINDOW_MS = 10_000
RSA_ID, ED25519_ID = "11111111-2222-4333-8444-555555555555", "66666666-7777-4888-9999-000000000000"
BALANCE = "/trade-api/v2/portfolio/balance"
ORDERS = "/trade-api/v2/portfolio/orders"
POSITIONS = "/trade-api/v2/portfolio/orders/queue_positions"
CREATE = "/trade-api/v2/portfolio/events/orders"
ORDER = {
    "ticker": "KXHIGHNY-26NOV23-T55",
    "client_order_id": "a-name-of-mine",
    "side": "bid",
    "count": "10.00",
    "price": "0.4300",
    "time_in_force": "good_till_canceled",
    "self_trade_prevention_type": "taker_at_cross",
}

RSA_KEY = generate_private_key(65537, 2048)
ED25519_KEY = Ed25519PrivateKey.generate()


@pytest.fixture
def exchange() -> Iterator[StandIn]:
    keys: dict[str, PublicKey] = {RSA_ID: RSA_KEY.public_key(), ED25519_ID: ED25519_KEY.public_key()}
    with StandIn(keys, clock=lambda: NOW_MS * 1_000_000) as exchange:
        yield exchange


@pytest.fixture
def http_client(exchange: StandIn) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=exchange.base_url.removesuffix("/trade-api/v2"), trust_env=False) as client:
        yield client


def ed25519_headers(method: str, path: str) -> dict[str, str]:
    return headers(ED25519_ID, NOW_MS, ED25519_KEY.sign(message(method, path)))


def headers(key_id: str, timestamp_ms: int | str, signature: bytes) -> dict[str, str]:
    return {
        "KALSHI-ACCESS-KEY": key_id,
        "KALSHI-ACCESS-TIMESTAMP": str(timestamp_ms),
        "KALSHI-ACCESS-SIGNATURE": base64.b64encode(signature).decode(),
    }


def message(method: str, path: str, timestamp_ms: int = NOW_MS) -> bytes:
    return f"{timestamp_ms}{method}{path}".encode()


def pss(
    text: bytes, *, salt: int = 32, mask: Any = SHA256, digest: Any = SHA256, key: RSAPrivateKey = RSA_KEY
) -> bytes:
    return key.sign(text, PSS(MGF1(mask()), salt), digest())


def asked(client: httpx.Client, path: str, **params: str) -> Any:
    """Return the body of a signed GET that is granted."""
    answer = client.get(path, params=params, headers=ed25519_headers("GET", path))
    assert answer.status_code == 200, answer.text
    return answer.json()


def placed(client: httpx.Client, **changes: Any) -> httpx.Response:
    return client.post(CREATE, json={**ORDER, **changes}, headers=ed25519_headers("POST", CREATE))


# The demo


def run_demo(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith(("KALSHI", "COVERAGE"))}
    kept = {name: value for name, value in kept.items() if not name.upper().endswith("_PROXY")}
    path = os.pathsep.join([str(ROOT), str(ROOT / "generated")])
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "scripts.demo", *arguments],
        cwd=ROOT,
        env={**kept, "PYTHONPATH": path, **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture(scope="module")
def shown() -> str:
    """What the demo prints; without any environment of the user's, it passes in silence on stderr."""
    run = run_demo()
    assert (run.returncode, run.stderr) == (0, ""), run.stdout + run.stderr
    return run.stdout


@pytest.fixture
def dead_proxy() -> Iterator[str]:
    """A loopback address that refuses connections: bound, so nobody else's, and not listening."""
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{reserved.getsockname()[1]}"


def test_the_last_line_says_that_the_demo_passed(shown: str) -> None:
    """The last line tells success and the number of verified requests, as the stand-in counted them."""
    lines = shown.splitlines()
    last = re.fullmatch(r"demo passed: (\d+) signed requests verified, RSA and Ed25519, sync and async", lines[-1])
    assert last is not None
    assert f"verified {last[1]} signatures" in lines[-2]


def test_the_demo_fits_a_terminal(shown: str) -> None:
    """No line is wider than 80 columns or holds anything but ASCII."""
    assert [line for line in shown.splitlines() if len(line) > 80 or not line.isascii()] == []


def test_the_demo_shows_queue_positions_as_a_table(shown: str) -> None:
    """Each resting order stands in a row of its own, with the contracts ahead of it below their head."""
    lines = shown.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("TICKER"))
    rows = lines[start + 1 : lines.index("", start)]
    assert lines[start].split() == ["TICKER", "SIDE", "PRICE", "RESTING", "AHEAD"]
    assert {len(row) for row in rows} == {len(lines[start])}
    assert [row.split() for row in rows] == [
        ["KXFED-26DEC-T3.75", "ask", "0.8800", "15.00", "0.00"],
        ["KXHIGHNY-26NOV23-B53.5", "bid", "0.0610", "250.50", "86.25"],
        ["KXHIGHNY-26NOV23-T55", "ask", "0.4700", "40.00", "12,408.00"],
        ["KXHIGHNY-26NOV23-T55", "bid", "0.4300", "25.00", "311.00"],
        ["KXHIGHNY-26NOV23-T55", "bid", "0.4300", "10.00", "336.00"],
        ["KXHIGHNY-26NOV23-T55", "bid", "0.4200", "100.00", "1,250.00"],
    ]


def test_the_demo_reads_in_every_way(shown: str) -> None:
    """Public operations go unsigned, and the account is read with both kinds of key, sync and async."""
    ways = [tuple(line.split()[:2]) for line in shown.splitlines() if "balance $" in line or line.startswith("public")]
    assert ways == [
        ("public", "unsigned"),
        ("RSA", "sync"),
        ("RSA", "async"),
        ("Ed25519", "sync"),
        ("Ed25519", "async"),
    ]


def test_the_demo_shows_a_refusal_in_a_line(shown: str) -> None:
    """A signer with the wrong key is refused, and the error is told in one line."""
    assert "wrong key       401 authentication_error: INCORRECT_API_KEY_SIGNATURE\n" in shown


def test_a_proxy_of_the_environment_is_not_asked_for_the_stand_in(dead_proxy: str) -> None:
    """The demo passes where the environment names a proxy that can't reach this machine."""
    assert run_demo(HTTP_PROXY=dead_proxy, ALL_PROXY=dead_proxy).returncode == 0


@pytest.mark.parametrize(
    ("variables", "missing"),
    [
        ({}, "KALSHI_KEY_ID"),
        ({"KALSHI_PRIVATE_KEY_FILE": "key.pem"}, "KALSHI_KEY_ID"),
        ({"KALSHI_KEY_ID": ED25519_ID}, "KALSHI_PRIVATE_KEY"),
    ],
    ids=["nothing set", "only the key", "only the id"],
)
def test_without_credentials_the_demo_environment_is_not_read(variables: dict[str, str], missing: str) -> None:
    """What is missing stands in the last line, the variables above it, and there is no traceback."""
    run = run_demo("--demo", **variables)
    lines = run.stdout.splitlines()
    assert (run.returncode, run.stderr) == (1, "")
    assert lines[-1].startswith("demo failed: ")
    assert missing in lines[-1]
    for variable in ("KALSHI_KEY_ID", "KALSHI_PRIVATE_KEY", "KALSHI_PRIVATE_KEY_FILE"):
        assert any(line.split()[:1] == [variable] for line in lines[:-1])


def test_a_network_error_is_one_readable_line(dead_proxy: str) -> None:
    """Where no answer comes, the last line says so without a traceback or the key."""
    pem = ED25519_KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    run = run_demo("--demo", KALSHI_KEY_ID=ED25519_ID, KALSHI_PRIVATE_KEY=pem, HTTPS_PROXY=dead_proxy)
    assert (run.returncode, run.stderr) == (1, "")
    assert run.stdout.splitlines()[-1].startswith("demo failed: no answer (ConnectError: ")
    assert pem.splitlines()[1] not in run.stdout


def test_columns_are_as_wide_as_their_widest_cell() -> None:
    """Text begins and numbers end below their head, and no line ends in blanks."""
    assert table(("A", "NUMBER", "C"), [("long", "1", "text"), ("b", "1,000,000", "")], "<><") == (
        "A        NUMBER  C\nlong          1  text\nb     1,000,000"
    )


# Signatures


def good_rsa() -> dict[str, str]:
    return headers(RSA_ID, NOW_MS, pss(message("GET", BALANCE)))


@pytest.mark.parametrize(
    "offset_ms", [-WINDOW_MS, 0, WINDOW_MS], ids=["ten seconds late", "on time", "ten seconds early"]
)
def test_a_good_signature_is_granted(exchange: StandIn, http_client: httpx.Client, offset_ms: int) -> None:
    """Both kinds of key pass, up to ten seconds off, and the requests count as verified."""
    moment = NOW_MS + offset_ms
    text = message("GET", BALANCE, moment)
    for good in (headers(RSA_ID, moment, pss(text)), headers(ED25519_ID, moment, ED25519_KEY.sign(text))):
        assert http_client.get(BALANCE, params={"subaccount": 0}, headers=good).status_code == 200
    assert (exchange.verified, exchange.refused) == (2, [])


INCORRECT = ("authentication_error", "INCORRECT_API_KEY_SIGNATURE")
EXPIRED = ("header_timestamp_expired", None)
MISSING = ("signature_is_missing_from_headers", None)
BAD: dict[str, tuple[Callable[[], dict[str, str]], tuple[str, str | None]]] = {
    "salt of 20": (lambda: headers(RSA_ID, NOW_MS, pss(message("GET", BALANCE), salt=20)), INCORRECT),
    "longest salt": (lambda: headers(RSA_ID, NOW_MS, pss(message("GET", BALANCE), salt=222)), INCORRECT),
    "mask of SHA-384": (lambda: headers(RSA_ID, NOW_MS, pss(message("GET", BALANCE), mask=SHA384)), INCORRECT),
    "digest of SHA-384": (lambda: headers(RSA_ID, NOW_MS, pss(message("GET", BALANCE), digest=SHA384)), INCORRECT),
    "PKCS#1 padding": (
        lambda: headers(RSA_ID, NOW_MS, RSA_KEY.sign(message("GET", BALANCE), PKCS1v15(), SHA256())),
        INCORRECT,
    ),
    "another RSA key": (
        lambda: headers(RSA_ID, NOW_MS, pss(message("GET", BALANCE), key=generate_private_key(65537, 2048))),
        INCORRECT,
    ),
    "another Ed25519 key": (
        lambda: headers(ED25519_ID, NOW_MS, Ed25519PrivateKey.generate().sign(message("GET", BALANCE))),
        INCORRECT,
    ),
    "the other kind of key": (
        lambda: headers(RSA_ID, NOW_MS, ED25519_KEY.sign(message("GET", BALANCE))),
        INCORRECT,
    ),
    "another path": (lambda: headers(RSA_ID, NOW_MS, pss(message("GET", ORDERS))), INCORRECT),
    "path without prefix": (
        lambda: headers(RSA_ID, NOW_MS, pss(message("GET", "/portfolio/balance"))),
        INCORRECT,
    ),
    "path with query": (lambda: headers(RSA_ID, NOW_MS, pss(message("GET", f"{BALANCE}?subaccount=0"))), INCORRECT),
    "another verb": (lambda: headers(RSA_ID, NOW_MS, pss(message("POST", BALANCE))), INCORRECT),
    "verb in small letters": (lambda: headers(RSA_ID, NOW_MS, pss(message("get", BALANCE))), INCORRECT),
    "another moment signed": (lambda: headers(RSA_ID, NOW_MS, pss(message("GET", BALANCE, NOW_MS - 1))), INCORRECT),
    "not base64": (lambda: {**good_rsa(), "KALSHI-ACCESS-SIGNATURE": "@@@@"}, INCORRECT),
    "base64 with a blank": (
        lambda: {**good_rsa(), "KALSHI-ACCESS-SIGNATURE": parted(good_rsa()["KALSHI-ACCESS-SIGNATURE"])},
        INCORRECT,
    ),
    "unpadded base64": (
        lambda: {**good_rsa(), "KALSHI-ACCESS-SIGNATURE": good_rsa()["KALSHI-ACCESS-SIGNATURE"].rstrip("=")},
        INCORRECT,
    ),
    "too old": (
        lambda: headers(RSA_ID, NOW_MS - WINDOW_MS - 1, pss(message("GET", BALANCE, NOW_MS - WINDOW_MS - 1))),
        EXPIRED,
    ),
    "too far ahead": (
        lambda: headers(RSA_ID, NOW_MS + WINDOW_MS + 1, pss(message("GET", BALANCE, NOW_MS + WINDOW_MS + 1))),
        EXPIRED,
    ),
    "seconds": (lambda: headers(RSA_ID, NOW_MS // 1000, pss(message("GET", BALANCE, NOW_MS // 1000))), EXPIRED),
    "no number": (lambda: headers(RSA_ID, "today", pss(f"todayGET{BALANCE}".encode())), EXPIRED),
    "unknown key id": (
        lambda: headers("no-such-key", NOW_MS, pss(message("GET", BALANCE))),
        ("authentication_error", "NOT_FOUND"),
    ),
    "no key id": (lambda: without("KALSHI-ACCESS-KEY"), MISSING),
    "no timestamp": (lambda: without("KALSHI-ACCESS-TIMESTAMP"), MISSING),
    "no signature": (lambda: without("KALSHI-ACCESS-SIGNATURE"), MISSING),
    "no header at all": (dict, MISSING),
}


def parted(text: str) -> str:
    return f"{text[:40]} {text[40:]}"


def without(name: str) -> dict[str, str]:
    return {each: value for each, value in good_rsa().items() if each != name}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_signature_is_refused(exchange: StandIn, http_client: httpx.Client, name: str) -> None:
    """Each fault gives 401 in the nested shape with its code, and is remembered as not verified."""
    made, (code, details) = BAD[name]
    answer = http_client.get(BALANCE, params={"subaccount": 0}, headers=made())
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error.get("details")) == (401, code, details)
    assert [(seen.status, seen.code) for seen in exchange.refused] == [(401, code)]
    assert exchange.verified == 0


def test_public_operations_need_no_signature(exchange: StandIn, http_client: httpx.Client) -> None:
    """Status and markets are answered unsigned, and don't count as verified."""
    for path in ("/trade-api/v2/exchange/status", "/trade-api/v2/markets"):
        assert http_client.get(path).status_code == 200
    assert (len(exchange.seen), exchange.verified, exchange.refused) == (2, 0, [])


# Answers


@pytest.fixture(scope="module")
def schemas() -> Any:
    return yaml.safe_load((ROOT / "openapi.yaml").read_text("utf-8"))["components"]["schemas"]


@pytest.mark.parametrize(
    ("method", "path", "schema"),
    [
        ("GET", "/trade-api/v2/exchange/status", "ExchangeStatus"),
        ("GET", "/trade-api/v2/markets", "GetMarketsResponse"),
        ("GET", BALANCE, "GetBalanceResponse"),
        ("GET", ORDERS, "GetOrdersResponse"),
        ("GET", POSITIONS, "GetOrderQueuePositionsResponse"),
        ("POST", CREATE, "CreateOrderV2Response"),
    ],
)
def test_answers_are_what_the_document_promises(
    http_client: httpx.Client, schemas: Any, method: str, path: str, schema: str
) -> None:
    """Every body has the required fields of its schema, each of the right kind, and no unknown ones."""
    body = http_client.request(method, path, json=ORDER, headers=ed25519_headers(method, path)).json()
    closed = {name: {**each, "additionalProperties": False} for name, each in schemas.items() if "properties" in each}
    document = {"$ref": f"#/components/schemas/{schema}", "components": {"schemas": {**schemas, **closed}}}
    validator = jsonschema_rs.Draft4Validator(document, validate_formats=True)
    assert [f"{error.instance_path}: {error.message}" for error in validator.iter_errors(body)] == []


def test_orders_come_on_two_pages(http_client: httpx.Client) -> None:
    """The first page's cursor leads to the rest; the last page's is empty; no order comes twice."""
    first = asked(http_client, ORDERS)
    second = asked(http_client, ORDERS, cursor=first["cursor"])
    ids = [order["order_id"] for page in (first, second) for order in page["orders"]]
    assert first["cursor"]
    assert second["cursor"] == ""
    assert len(ids) == len(set(ids)) == 6


def test_a_garbage_cursor_starts_over(http_client: httpx.Client) -> None:
    """A cursor that nobody gave out is answered with the first page, without an error."""
    assert asked(http_client, ORDERS, cursor="garbage") == asked(http_client, ORDERS)


def test_a_limit_over_the_maximum_is_refused(http_client: httpx.Client) -> None:
    """A limit of 1001 gives 400 in the shape of parameter errors; it is not clamped."""
    answer = http_client.get(ORDERS, params={"limit": 1001}, headers=ed25519_headers("GET", ORDERS))
    assert (answer.status_code, set(answer.json())) == (400, {"msg"})


@pytest.mark.parametrize(
    ("filters", "tickers"),
    [
        ({"market_tickers": "KXFED-26DEC-T3.75"}, ["KXFED-26DEC-T3.75"]),
        (
            {"market_tickers": "KXFED-26DEC-T3.75,KXHIGHNY-26NOV23-B53.5"},
            ["KXFED-26DEC-T3.75", "KXHIGHNY-26NOV23-B53.5"],
        ),
        ({"event_ticker": "KXHIGHNY-26NOV23"}, ["KXHIGHNY-26NOV23-B53.5", *["KXHIGHNY-26NOV23-T55"] * 3]),
        ({"event_ticker": "KXHIGHNY"}, []),
    ],
    ids=["a market", "two markets", "an event", "no event of that name"],
)
def test_queue_positions_are_filtered(http_client: httpx.Client, filters: dict[str, str], tickers: list[str]) -> None:
    """Market tickers, separated by commas, and an event ticker keep their own resting orders."""
    rows = asked(http_client, POSITIONS, **filters)["queue_positions"]
    assert sorted(row["market_ticker"] for row in rows) == tickers


@pytest.mark.parametrize(
    ("side", "price", "ahead"),
    [
        ("bid", "0.4400", "0.00"),
        ("bid", "0.4300", "336.00"),
        ("bid", "0.4200", "1350.00"),
        ("ask", "0.4800", "12448.00"),
    ],
)
def test_a_placed_order_rests_behind_those_that_go_first(
    http_client: httpx.Client, side: str, price: str, ahead: str
) -> None:
    """An order on the grid gets 201, rests, and queues behind the account's own orders at its price or better."""
    answer = placed(http_client, side=side, price=price)
    order_id = answer.json()["order_id"]
    assert (answer.status_code, answer.json()["remaining_count"]) == (201, "10.00")
    places = {row["order_id"]: row["queue_position_fp"] for row in asked(http_client, POSITIONS)["queue_positions"]}
    assert places[order_id] == ahead


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"price": "0.4305"}, 400, "invalid_price"),
        ({"price": "0.9995"}, 400, "invalid_price"),
        ({"price": "0"}, 400, "invalid_price"),
        ({"price": "1.0000"}, 400, "invalid_price"),
        ({"price": "cheap"}, 400, "invalid_price"),
        ({"price": 0.43}, 400, "bad_request"),
        ({"count": 10}, 400, "bad_request"),
        ({"count": "0.00"}, 400, "invalid_order"),
        ({"count": "1.005"}, 400, "invalid_order"),
        ({"time_in_force": "GTT"}, 400, None),
        ({"side": None}, 400, None),
        ({"ticker": "KXNOTHING"}, 404, "not_found"),
    ],
    ids=str,
)
def test_an_order_that_the_exchange_would_not_take_is_refused(
    exchange: StandIn, http_client: httpx.Client, changes: dict[str, Any], status: int, code: str | None
) -> None:
    """The signature is verified, the order refused with its code, and nothing rests that did not before."""
    before = asked(http_client, POSITIONS)
    assert placed(http_client, **changes).status_code == status
    assert [(seen.status, seen.code, seen.verified) for seen in exchange.refused] == [(status, code, True)]
    assert asked(http_client, POSITIONS) == before


@pytest.mark.parametrize("price", ["0.0610", "0.1", "0.43", "0.9000", "0.999"])
def test_a_price_on_the_grid_is_taken(http_client: httpx.Client, price: str) -> None:
    """Each band's own step holds within it, its ends included, however many zeros are written."""
    assert placed(http_client, price=price).status_code == 201


def test_an_order_that_may_not_rest_is_cancelled(http_client: httpx.Client) -> None:
    """Nothing trades here, so an immediate-or-cancel order is left with nothing, and never rests."""
    before = asked(http_client, POSITIONS)
    assert placed(http_client, time_in_force="immediate_or_cancel").json()["remaining_count"] == "0.00"
    assert asked(http_client, POSITIONS) == before


def test_a_client_order_id_is_taken_once(http_client: httpx.Client) -> None:
    """A second order with the same client order id gets 409."""
    assert placed(http_client).status_code == 201
    again = placed(http_client)
    assert (again.status_code, again.json()["error"]["code"]) == (409, "order_already_exists")


def test_a_body_that_is_no_json_is_refused_in_the_flat_shape(http_client: httpx.Client) -> None:
    """A body that can't be read gives 400 with code and message at the top."""
    answer = http_client.post(CREATE, content=b"{", headers=ed25519_headers("POST", CREATE))
    assert (answer.status_code, set(answer.json())) == (400, {"code", "message"})


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/trade-api/v2/nothing"), ("DELETE", BALANCE), ("GET", "/portfolio/balance"), ("GET", CREATE)],
)
def test_an_unknown_operation_is_not_found(http_client: httpx.Client, method: str, path: str) -> None:
    """Other paths and other verbs give 404 with the code `not_found`."""
    answer = http_client.request(method, path, headers=ed25519_headers(method, path))
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


def test_a_connection_is_kept(exchange: StandIn) -> None:
    """A second request goes over the first one's connection, after a refused body too."""
    host = exchange.base_url.split("/")[2]
    connection = http.client.HTTPConnection(host, timeout=10)
    connection.request("POST", CREATE, body=b"refused without a look", headers={})
    with connection.getresponse() as refused:
        refused.read()
    kept = connection.sock
    connection.request("GET", "/trade-api/v2/exchange/status")
    with connection.getresponse() as granted:
        assert (refused.status, granted.status) == (401, 200)
        assert connection.sock is kept is not None
        granted.read()
    connection.close()


def test_an_answer_is_one_piece(exchange: StandIn) -> None:
    """Head and body arrive in one read: apart, each would wait for an acknowledgement of the other."""
    host, port = exchange.base_url.split("/")[2].split(":")
    with socket.create_connection((host, int(port)), timeout=10) as wire:
        wire.sendall(b"GET /trade-api/v2/exchange/status HTTP/1.1\r\nHost: here\r\n\r\n")
        assert wire.recv(65536).endswith(b"}")
