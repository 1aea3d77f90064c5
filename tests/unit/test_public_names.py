"""The names that users may import."""

from __future__ import annotations

from importlib.resources import files
from types import ModuleType

import httpx
import pytest

import kalshi_auth


def test_public_names_are_these_and_no_others() -> None:
    """A name comes or goes here by intention."""
    assert sorted(kalshi_auth.__all__) == [
        "AsyncSigner",
        "BudgetError",
        "CredentialsError",
        "DEMO",
        "Ed25519Signer",
        "NotSentError",
        "OrderExistsError",
        "OriginError",
        "PRODUCTION",
        "RateLimit",
        "RetryPolicy",
        "RsaPssSigner",
        "SignedFlow",
        "Signer",
        "WriteFateUnknownError",
        "WriteNotSentError",
        "deadline",
        "public_client",
        "signed_client",
        "signer_from_env",
        "signer_from_file",
        "signer_from_pem",
        "signing_headers",
        "signing_message",
    ]


def test_public_names_are_all_there_and_nothing_else_is() -> None:
    """Every listed name can be imported, and everything else in the package is a module of it, or Python's."""
    assert all(hasattr(kalshi_auth, name) for name in kalshi_auth.__all__)
    names = {name for name in vars(kalshi_auth) if not name.startswith("__")} - {"TYPE_CHECKING", "annotations"}
    modules = {name for name in names if isinstance(getattr(kalshi_auth, name), ModuleType)}
    assert names - modules == set(kalshi_auth.__all__)
    assert len(kalshi_auth.__all__) == len(set(kalshi_auth.__all__))


def test_a_name_that_is_not_there_is_missed() -> None:
    """The package says so like any other module."""
    with pytest.raises(AttributeError, match="module 'kalshi_auth' has no attribute 'RateLimits'"):
        kalshi_auth.RateLimits  # type: ignore[attr-defined]  # noqa: B018


def test_public_classes_and_functions_say_what_they_are() -> None:
    """Every class and function that a user may import has a docstring."""
    named = {name: getattr(kalshi_auth, name) for name in kalshi_auth.__all__}
    assert [name for name, value in named.items() if callable(value) and not value.__doc__] == []


def test_base_urls_are_the_exchange_s() -> None:
    """The two environments are the recommended hosts, and differ."""
    assert kalshi_auth.PRODUCTION == "https://external-api.kalshi.com/trade-api/v2"
    assert kalshi_auth.DEMO == "https://external-api.demo.kalshi.co/trade-api/v2"


def test_errors_tell_sent_from_not_sent() -> None:
    """Errors before sending share a base class, which the errors about an unknown fate don't have."""
    assert issubclass(kalshi_auth.CredentialsError, kalshi_auth.NotSentError)
    assert issubclass(kalshi_auth.CredentialsError, ValueError)
    assert issubclass(kalshi_auth.OriginError, kalshi_auth.NotSentError)
    assert issubclass(kalshi_auth.OriginError, ValueError)
    assert issubclass(kalshi_auth.WriteNotSentError, kalshi_auth.NotSentError)
    assert issubclass(kalshi_auth.WriteNotSentError, httpx.TransportError)
    assert not issubclass(kalshi_auth.WriteFateUnknownError, kalshi_auth.NotSentError)
    assert not issubclass(kalshi_auth.OrderExistsError, kalshi_auth.NotSentError)


def test_package_says_that_it_is_typed() -> None:
    """The marker that type checkers look for is in the package."""
    assert files(kalshi_auth).joinpath("py.typed").is_file()
