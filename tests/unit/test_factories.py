"""The two factories: the base URLs and arguments that they accept, and what stays secret."""

from __future__ import annotations

import base64
import logging
import traceback
from typing import Any

import httpx
import pytest
from kalshi_trade_api.api.exchange import get_exchange_status
from kalshi_trade_api.api.portfolio import get_balance

from kalshi_auth import (
    DEMO,
    PRODUCTION,
    CredentialsError,
    NotSentError,
    OriginError,
    RateLimit,
    RetryPolicy,
    public_client,
    signed_client,
    signer_from_file,
)
from kalshi_core.client import AuthenticatedClient, Client
from kalshi_core.errors import SigningRequiredError
from tests.unit.factories import (
    BASE,
    FACTORIES,
    MODES,
    SIGNER,
    Exchange,
    Metronome,
    Mode,
    ask,
    public,
    signed,
)
from tests.vectors.material import KEY_ID, PASSPHRASE, SIGNED_HEADERS, key_file, pem


def test_signed_client_has_no_default_environment() -> None:
    """Without a base URL there is no signing client: real money moves only where PRODUCTION is written."""
    with pytest.raises(TypeError, match="base_url"):
        signed_client(SIGNER)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="positional"):
        signed_client(SIGNER, DEMO)  # type: ignore[call-arg]


@pytest.mark.parametrize(("signer", "kind"), [(signer_from_file, "function"), (None, "NoneType"), (KEY_ID, "str")])
def test_what_does_not_sign_is_refused_when_the_client_is_made(signer: Any, kind: str) -> None:
    """A function that was not called, or a key id alone, is refused at once, not at the first order."""
    with pytest.raises(CredentialsError, match=f"found a signer of type {kind}; expected one that signs"):
        signed_client(signer, base_url=DEMO)


@FACTORIES
@pytest.mark.parametrize("retry", [3, True, "none"])
def test_retries_are_a_policy_or_none(factory: Any, retry: Any) -> None:
    """A number of retries is not a policy: it is rejected when the client is created."""
    with pytest.raises(TypeError, match="retry must be a RetryPolicy"):
        factory(retry=retry)


@FACTORIES
@pytest.mark.parametrize("rate_limit", [10, 0, True, "basic", RateLimit, RetryPolicy()])
def test_a_rate_limit_is_one_or_none(factory: Any, rate_limit: Any) -> None:
    """A number, or the class itself, is rejected when the client is created."""
    with pytest.raises(TypeError, match="rate_limit must be a RateLimit"):
        factory(rate_limit=rate_limit)


class Louder(Metronome, RateLimit):
    """A rate limit that builds on the one here."""


@MODES
@FACTORIES
@pytest.mark.parametrize("kind", [Metronome, Louder])
def test_a_rate_limit_of_the_user_s_own_paces(factory: Any, mode: Mode, kind: type[Metronome]) -> None:
    """Anything that does what a rate limit does is one."""
    limit = kind()
    ask(mode, get_exchange_status, factory(httpx_args=Exchange().args, rate_limit=limit))
    assert limit.asked == ["GetExchangeStatus"]


def test_public_client_reads_production_unless_told() -> None:
    """Public operations move no money, so their client has a default."""
    assert public_client().base_url == PRODUCTION
    assert public_client(base_url=DEMO).base_url == DEMO


def test_factories_return_the_generated_classes() -> None:
    """There is no wrapper to learn."""
    assert type(signed()) is AuthenticatedClient
    assert type(public()) is Client


@FACTORIES
@pytest.mark.parametrize(
    "base_url",
    [
        PRODUCTION,
        DEMO,
        "https://exchange.test",
        "https://exchange.test:8443/x/v9",
        "HTTPS://EXCHANGE.TEST/x",
        "http://127.0.0.1:8080/trade-api/v2",
        "http://127.8.9.10",
        "http://[::1]:8080",
        "http://localhost:8080/proxy/trade-api/v2",
        "http://LOCALHOST",
    ],
)
def test_base_url_over_tls_or_on_this_machine_is_taken(factory: Any, base_url: str) -> None:
    """Any https URL will do, and http on loopback, with or without a path; slashes at its end go."""
    assert factory(base_url).base_url == base_url
    assert factory(base_url + "/").base_url == base_url


@FACTORIES
@pytest.mark.parametrize(
    ("base_url", "found"),
    [
        ("http://exchange.test/trade-api/v2", "found http:// to exchange.test"),
        ("http://10.0.0.1/", "found http:// to 10.0.0.1"),
        ("http://0.0.0.0/", "found http:// to 0.0.0.0"),
        ("http://[fe80::1]/", "found http:// to fe80::1"),
        ("http://localhost.exchange.test/", "found http:// to localhost.exchange.test"),
        ("http://127.0.0.1.exchange.test/", "found http:// to 127.0.0.1.exchange.test"),
        ("https://me:hunter2@exchange.test/", "found a base URL with credentials"),
        ("https://hunter2@exchange.test/", "found a base URL with credentials"),
        ("http://127.0.0.1@exchange.test/", "found a base URL with credentials"),
        ("https://exchange.test/x?key=hunter2", "found a base URL with credentials, a query"),
        ("https://exchange.test/x?", "found a base URL with credentials, a query"),
        ("https://exchange.test/x#hunter2", "found a base URL with credentials, a query or a fragment"),
        ("https://exchange.test/x#", "found a base URL with credentials, a query or a fragment"),
        ("exchange.test/trade-api/v2", "found a base URL without https://"),
        ("me:hunter2@exchange.test/x", "found a base URL without https://"),
        ("//exchange.test/trade-api/v2", "found a base URL without https://"),
        ("/trade-api/v2", "found a base URL without https://"),
        ("", "found a base URL without https://"),
        (" https://exchange.test", "found a base URL without https://"),
        ("https://", "found a base URL without https:// or without a host"),
        ("https:///trade-api/v2", "found a base URL without https:// or without a host"),
        ("wss://exchange.test/trade-api/ws/v2", "found a base URL without https://"),
        ("ftp://exchange.test/", "found a base URL without https://"),
        ("https://me:hunter2/x@exchange.test/", "found a base URL that cannot be parsed"),
        ("https://exchange.test:port/", "found a base URL that cannot be parsed"),
        ("https://exchange.test\n/x", "found a base URL that cannot be parsed"),
        ("https://[::1/x", "found a base URL that cannot be parsed"),
        (None, "found a base URL of type NoneType"),
        (b"https://exchange.test", "found a base URL of type bytes"),
        (httpx.URL("https://exchange.test"), "found a base URL of type URL"),
    ],
)
def test_base_url_that_would_give_secrets_away_is_refused(factory: Any, base_url: Any, found: str) -> None:
    """Clear text, credentials, a query, a fragment, and what is no URL are an OriginError that quotes no secret."""
    with pytest.raises(OriginError) as caught:
        factory(base_url)
    assert str(caught.value).startswith(found)
    assert str(caught.value).endswith("; expected 'https://host/path'")
    assert "hunter2" not in "".join(traceback.format_exception(caught.value))
    assert isinstance(caught.value, NotSentError)
    assert isinstance(caught.value, ValueError)


@FACTORIES
@pytest.mark.parametrize("name", ["auth", "base_url", "cookies", "follow_redirects", "headers", "timeout"])
def test_httpx_args_that_the_client_sets_itself_are_refused(factory: Any, name: str) -> None:
    """An argument that would undo signing, origin or redirects is a TypeError that names it."""
    with pytest.raises(TypeError, match=f"httpx_args must not contain {name}:"):
        factory(httpx_args={name: None, "verify": True})


@MODES
@FACTORIES
def test_httpx_args_reach_httpx_and_are_not_kept_by_reference(factory: Any, mode: Mode) -> None:
    """Other arguments go to httpx's client; changing the mapping afterwards changes nothing."""
    exchange = Exchange()
    args: dict[str, Any] = {**exchange.args, "params": {"more": "1"}}
    headers = {"X-More": "1"}
    client = factory(httpx_args=args, headers=headers)
    args["follow_redirects"] = True
    headers["X-More"] = "2"
    ask(mode, get_exchange_status, client)
    assert exchange.requests[0].url.query == b"more=1"
    assert exchange.requests[0].headers["X-More"] == "1"


@MODES
def test_public_client_refuses_to_send_what_has_to_be_signed(mode: Mode) -> None:
    """A signed operation on a public client is an error, and nothing is sent."""
    exchange = Exchange()
    with pytest.raises(SigningRequiredError, match="GetBalance must be signed"):
        ask(mode, get_balance, public(httpx_args=exchange.args))
    assert exchange.requests == []


@MODES
@FACTORIES
def test_public_operation_goes_out_unsigned_from_both(factory: Any, mode: Mode) -> None:
    """A public operation carries none of the three headers, whichever client sends it."""
    exchange = Exchange()
    ask(mode, get_exchange_status, factory(httpx_args=exchange.args))
    assert [name for name in exchange.requests[0].headers if name.lower().startswith("kalshi")] == []


class Vault:
    """A signer of a user's own, which shares nothing with the ones here."""

    key_id = "vault-key"

    def __init__(self) -> None:
        self.asked: list[bytes] = []

    def sign(self, message: bytes) -> bytes:
        """Keep the message, and answer with something to recognise."""
        self.asked.append(message)
        return b"signature %d" % len(self.asked)


@MODES
def test_signer_of_the_user_s_own_is_asked_for_every_request(mode: Mode) -> None:
    """Anything with a key id and a sign method signs."""
    exchange, vault = Exchange(), Vault()
    client = signed_client(vault, base_url=BASE, httpx_args=exchange.args)
    for operation in (get_balance, get_exchange_status, get_balance):
        ask(mode, operation, client)
    first, _, last = exchange.requests
    assert [base64.b64decode(each.headers[SIGNED_HEADERS[2]]) for each in (first, last)] == [
        b"signature 1",
        b"signature 2",
    ]
    assert [each.headers[SIGNED_HEADERS[0]] for each in (first, last)] == ["vault-key", "vault-key"]
    stamps = [each.headers[SIGNED_HEADERS[1]] for each in (first, last)]
    assert vault.asked == [f"{stamp}GET/trade-api/v2/portfolio/balance".encode() for stamp in stamps]


@MODES
def test_signer_that_fails_sends_nothing(mode: Mode) -> None:
    """An error of the user's own signer comes through as it is, and no request goes out unsigned."""

    class Broken(Vault):
        def sign(self, message: bytes) -> bytes:
            raise PermissionError("the vault is locked")

    exchange = Exchange()
    client = signed_client(Broken(), base_url=BASE, httpx_args=exchange.args)
    with pytest.raises(PermissionError, match="the vault is locked"):
        ask(mode, get_balance, client)
    assert exchange.requests == []


@MODES
@pytest.mark.parametrize(
    ("name", "passphrase"), [("rsa_pkcs8", None), ("ed25519", None), ("ed25519_encrypted", PASSPHRASE)]
)
def test_nothing_secret_is_shown_or_logged(
    mode: Mode, name: str, passphrase: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither texts of the objects nor logs down to DEBUG hold key, key id, passphrase, signature or user headers."""
    caplog.set_level(logging.DEBUG)
    exchange = Exchange()
    signer = signer_from_file(KEY_ID, key_file(name), passphrase=passphrase)
    headers = {"Authorization": "Bearer hunter2"}
    client = signed_client(signer, base_url=BASE, httpx_args=exchange.args, headers=headers)
    client = client.with_cookies({"session": "hunter3"})
    response = ask(mode, get_balance, client)
    raw = client.get_httpx_client() if mode == "sync" else client.get_async_httpx_client()
    shown = [signer, client, client.auth, client.sender, response, raw, exchange.requests[0]]
    told = caplog.text + "".join(f"{each!r} {each!s} {each}" for each in shown)
    assert "GET https://exchange.test/trade-api/v2/portfolio/balance" in caplog.text
    signature = exchange.requests[0].headers[SIGNED_HEADERS[2]]
    lines = [line for line in pem(name).splitlines() if "-----" not in line]
    secrets = [KEY_ID, PASSPHRASE, signature, "hunter2", "hunter3", *lines]
    assert [secret for secret in secrets if secret in told] == []


def test_refused_origin_shows_no_signature_and_no_path() -> None:
    """The error about a stranger names origins alone: its URL may carry what nobody should read."""
    client = signed_client(SIGNER, base_url=BASE)
    with pytest.raises(OriginError) as caught:
        client.get_httpx_client().get("https://stranger.test/hunter2?token=hunter3")
    assert str(caught.value) == (
        "https://stranger.test:443 is not this client's origin https://exchange.test:443; nothing was sent"
    )
