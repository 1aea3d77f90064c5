"""Who may do what: the signature checks of the real exchange, answering with its recorded bodies."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from kalshi_trade_api.api.account import get_account_api_limits
from kalshi_trade_api.api.api_keys import create_api_key, delete_api_key, generate_api_key, get_api_keys
from kalshi_trade_api.api.exchange import get_exchange_status
from kalshi_trade_api.api.orders import get_orders
from kalshi_trade_api.api.portfolio import get_balance
from kalshi_trade_api.models import CreateApiKeyRequest, GenerateApiKeyRequest

from kalshi_auth import public_client, signer_from_pem, signing_headers
from kalshi_core.errors import ForbiddenError, UnauthorizedError
from kalshi_paper import PaperExchange
from kalshi_paper.service.signer import KeyType
from kalshi_paper.web.openapi import packaged_document
from tests.paper.clients import BASE, DIRECT, client_of, place, send

BALANCE = "/portfolio/balance"
NOW_MS = 1_795_430_000_000


@pytest.fixture
def exchange() -> Iterator[PaperExchange]:
    with PaperExchange(wall_ms=lambda: NOW_MS) as found:
        yield found


def _error(response: httpx.Response) -> dict[str, str]:
    assert response.status_code == 401
    body: dict[str, str] = response.json()["error"]
    return body


@pytest.mark.parametrize("key_type", ["rsa", "ed25519"])
def test_both_kinds_of_key_sign(key_type: KeyType) -> None:
    """An RSA key and an Ed25519 key are taken alike, from PEM too."""
    with PaperExchange(key_type=key_type) as exchange:
        signer = signer_from_pem(exchange.signer.key_id, exchange.signer.pem())
        with client_of(exchange, signer) as client:
            assert get_balance.sync(client=client).balance == 1_000_000


def test_another_kind_of_key_is_refused(exchange: PaperExchange) -> None:
    """What signs with neither is not made, as anything else."""
    with pytest.raises(ValueError, match="'ed25519' or 'rsa', not 'dsa'"):
        exchange.account().key("dsa")  # type: ignore[arg-type]


@pytest.mark.parametrize("off_s", [-10, -5, 0, 5, 10])
def test_clock_a_little_off_passes(exchange: PaperExchange, off_s: int) -> None:
    """Ten seconds either way pass."""
    assert send(exchange, "GET", BALANCE, timestamp_ms=NOW_MS + off_s * 1000).status_code == 200


@pytest.mark.parametrize("off_s", [-60, -30, -11, 11, 30, 60])
def test_clock_far_off_is_refused(exchange: PaperExchange, off_s: int) -> None:
    """More than ten seconds give 401 `header_timestamp_expired`, and a `Date` to set the clock by."""
    refused = send(exchange, "GET", BALANCE, timestamp_ms=NOW_MS + off_s * 1000)
    assert _error(refused)["code"] == "header_timestamp_expired"
    assert refused.headers["Date"] == "Mon, 23 Nov 2026 10:33:20 GMT"


@pytest.mark.parametrize("text", ["soon", "1795430000", "-5", "1_795_430_000_000", "٣", ""])
def test_timestamp_that_is_no_number_is_refused(exchange: PaperExchange, text: str) -> None:
    """A timestamp in seconds, or no number at all, is refused."""
    headers = signing_headers(exchange.signer, "GET", BASE + BALANCE, timestamp_ms=NOW_MS)
    sent: Any = {**headers, "KALSHI-ACCESS-TIMESTAMP": text.encode()}
    assert _error(send(exchange, "GET", BALANCE, headers=sent))["code"]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("KALSHI-ACCESS-SIGNATURE", "signature_is_missing_from_headers"),
        ("KALSHI-ACCESS-KEY", "key_is_missing_from_headers"),
        ("KALSHI-ACCESS-TIMESTAMP", "timestamp_is_missing_from_headers"),
    ],
)
def test_missing_header_is_named(exchange: PaperExchange, name: str, code: str) -> None:
    """Each of the three headers is asked for."""
    headers = signing_headers(exchange.signer, "GET", BASE + BALANCE, timestamp_ms=NOW_MS)
    del headers[name]
    assert _error(send(exchange, "GET", BALANCE, headers=headers))["code"] == code


def test_unknown_key_is_not_found(exchange: PaperExchange) -> None:
    """A key id that the exchange does not know gives `NOT_FOUND`."""
    headers = signing_headers(exchange.signer, "GET", BASE + BALANCE, timestamp_ms=NOW_MS)
    headers["KALSHI-ACCESS-KEY"] = "00000000-0000-4000-8000-000000000000"
    found = _error(send(exchange, "GET", BALANCE, headers=headers))
    assert (found["code"], found["details"]) == ("authentication_error", "NOT_FOUND")


@pytest.mark.parametrize(
    ("method", "path", "timestamp_ms"),
    [
        ("POST", BASE + BALANCE, NOW_MS),
        ("GET", BALANCE, NOW_MS),
        ("GET", BASE + BALANCE + "/", NOW_MS),
        ("GET", BASE + BALANCE, NOW_MS + 1),
    ],
)
def test_signature_over_anything_else_is_incorrect(
    exchange: PaperExchange, method: str, path: str, timestamp_ms: int
) -> None:
    """Method, whole path and timestamp are all signed."""
    headers = signing_headers(exchange.signer, method, path, timestamp_ms=timestamp_ms)
    headers["KALSHI-ACCESS-TIMESTAMP"] = str(NOW_MS)
    found = _error(send(exchange, "GET", BALANCE, headers=headers))
    assert (found["code"], found["details"]) == ("authentication_error", "INCORRECT_API_KEY_SIGNATURE")


@pytest.mark.parametrize("signature", ["not base64!", "AAAA", "é"])
def test_garbage_for_a_signature_is_incorrect(exchange: PaperExchange, signature: str) -> None:
    """What is no signature at all is refused like a wrong one."""
    headers = signing_headers(exchange.signer, "GET", BASE + BALANCE, timestamp_ms=NOW_MS)
    sent: Any = {**headers, "KALSHI-ACCESS-SIGNATURE": signature.encode()}
    assert _error(send(exchange, "GET", BALANCE, headers=sent))["details"] == "INCORRECT_API_KEY_SIGNATURE"


class _LongSalt:
    """Sign as many libraries do unless they are told the salt's length."""

    def __init__(self) -> None:
        self.key = generate_private_key(public_exponent=65537, key_size=2048)
        self.key_id = ""

    def sign(self, message: bytes) -> bytes:
        return self.key.sign(message, PSS(mgf=MGF1(SHA256()), salt_length=PSS.MAX_LENGTH), SHA256())


def test_salt_of_another_length_is_incorrect(exchange: PaperExchange) -> None:
    """A PSS salt that is not 32 bytes long is refused."""
    long = _LongSalt()
    public = long.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    headers = {
        **signing_headers(exchange.signer, "POST", f"{BASE}/api_keys", timestamp_ms=NOW_MS),
        "Content-Type": "application/json",
    }
    made = send(exchange, "POST", "/api_keys", headers=headers, json={"name": "long", "public_key": public})
    long.key_id = made.json()["api_key_id"]
    headers = signing_headers(long, "GET", BASE + BALANCE, timestamp_ms=NOW_MS)
    found = _error(send(exchange, "GET", BALANCE, headers=headers))
    assert found["details"] == "INCORRECT_API_KEY_SIGNATURE"


def test_query_is_not_signed_and_path_is_signed_as_sent(exchange: PaperExchange) -> None:
    """The query string is no part of the message; an encoded path is signed with its encoding."""
    assert send(exchange, "GET", BALANCE, params={"subaccount": 0}, timestamp_ms=NOW_MS).status_code == 200
    assert send(exchange, "GET", "/portfolio/orders/a%2Fb%20c", timestamp_ms=NOW_MS).status_code == 404


def test_public_operation_needs_no_key(exchange: PaperExchange) -> None:
    """The public operations answer without headers."""
    with public_client(base_url=exchange.base_url, httpx_args=DIRECT) as client:
        assert get_exchange_status.sync(client=client).trading_active
    assert send(exchange, "GET", BALANCE, headers={}).status_code == 401


@pytest.fixture
def today() -> Iterator[PaperExchange]:
    with PaperExchange() as found:
        yield found


def test_a_key_with_a_scope_that_nothing_asks_for_is_refused(today: PaperExchange) -> None:
    """A typing error shows where it was made, not as 403 later."""
    with pytest.raises(ValueError, match="'raed'; there are read, "):
        today.account().key(scopes=["raed"])


def test_key_that_only_reads_does_not_trade(today: PaperExchange) -> None:
    """A key with the scope `read` reads, and gets 403 for an order."""
    with client_of(today, today.account().key(scopes=["read"])) as client:
        assert get_account_api_limits.sync(client=client).usage_tier == "paper"
        with pytest.raises(ForbiddenError) as refused:
            place(client)
    assert refused.value.code == "insufficient_scope"


def test_finer_scopes_cover_what_they_name(today: PaperExchange) -> None:
    """`write::trade` places orders and nothing else, `read::portfolio_balance` reads the balance and nothing else."""
    with client_of(today, today.account().key(scopes=["write::trade", "read::portfolio_balance"])) as client:
        place(client)
        assert get_balance.sync(client=client).balance
        for read in (get_api_keys, get_orders):
            with pytest.raises(ForbiddenError):
                read.sync(client=client)
        with pytest.raises(ForbiddenError):
            generate_api_key.sync(client=client, body=GenerateApiKeyRequest(name="more"))


def test_keys_are_made_listed_and_deleted_over_the_wire(today: PaperExchange) -> None:
    """A generated key signs until it is deleted; another user's key can't be deleted."""
    with client_of(today) as client:
        made = generate_api_key.sync(client=client, body=GenerateApiKeyRequest(name="bot", key_type="ed25519"))
        with client_of(today, signer_from_pem(made.api_key_id, made.private_key)) as other:
            assert get_balance.sync(client=other).balance
            assert made.api_key_id in {key.api_key_id for key in get_api_keys.sync(client=other).api_keys}
            delete_api_key.sync(client=client, api_key=made.api_key_id)
            with pytest.raises(UnauthorizedError):
                get_balance.sync(client=other)
        foreign = today.account("bob").signer.key_id
        response = delete_api_key.sync_detailed(client=client, api_key=foreign)
        assert response.status_code == 404


def test_public_key_that_is_none_is_refused(today: PaperExchange) -> None:
    """A key that is no PEM gives 400."""
    with client_of(today) as client:
        body = CreateApiKeyRequest(name="broken", public_key="none")
        assert create_api_key.sync_detailed(client=client, body=body).status_code == 400


def test_accounts_do_not_see_each_others_orders(today: PaperExchange) -> None:
    """Another account's order is not found."""
    with client_of(today) as client:
        path = f"/portfolio/orders/{place(client).order_id}"
    assert send(today, "GET", path).status_code == 200
    assert send(today, "GET", path, signer=today.account("bob").signer).status_code == 404


GRANTED = ["/portfolio/fills", "/portfolio/positions", "/historical/fills"]


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize("path", GRANTED)
def test_access_token_stands_in_for_a_signature(today: PaperExchange, path: str) -> None:
    """The three operations whose security names it answer a bearer of a token; one that nobody granted gets 401."""
    assert send(today, "GET", path, headers=_bearer(today.account().token())).status_code == 200
    assert _error(send(today, "GET", path, headers=_bearer("unknown")))["details"] == "NOT_FOUND"
    assert _error(send(today, "GET", path, headers={"Authorization": "Basic eW91Og=="}))["code"]


def test_access_token_reads_its_own_account(today: PaperExchange) -> None:
    """A token shows the fills of the account that granted it."""
    bob = today.account("bob")
    with client_of(today) as client, client_of(today, bob.signer) as other:
        place(client, count="3"), place(other, side="ask", count="3"), place(other, count="1")
    found = [
        send(today, "GET", "/portfolio/fills", headers=_bearer(account.token())).json()["fills"]
        for account in (bob, today.account("carol"))
    ]
    assert [[fill["book_side"] for fill in fills] for fills in found] == [["ask"], []]


def test_access_token_opens_nothing_else(today: PaperExchange) -> None:
    """Every other operation asks for a signature all the same."""
    headers = {**_bearer(today.account().token()), "Content-Type": "application/json"}
    for method, path in [("GET", BALANCE), ("GET", "/portfolio/orders"), ("POST", "/portfolio/events/orders")]:
        refused = send(today, method, path, headers=headers, json=None if method == "GET" else {})
        assert _error(refused)["code"] == "signature_is_missing_from_headers"


def test_operations_that_take_an_access_token_are_the_documents() -> None:
    """Three operations of the document take an access token."""
    granted = {operation.path for operation in packaged_document().operations.values() if operation.accepts_oauth}
    assert granted == set(GRANTED)


def test_signer_keeps_its_key_to_itself(today: PaperExchange) -> None:
    """Neither its repr nor the account's shows the private key, and it is not pickled."""
    assert "PRIVATE" not in repr(today.signer) + repr(today.account())
    with pytest.raises(TypeError):
        pickle.dumps(today.signer)
