"""The package under test, called as users call it: modules by operationId, clients whose transport is a function."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import pkgutil
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from types import ModuleType
from typing import Any, Final

import attrs
import httpx
import kalshi_trade_api.api
import pytest
from kalshi_trade_api import errors, models

from kalshi_auth import public_client, signed_client, signer_from_file
from kalshi_core.models.base import Model
from tests.contract.document import Document, Documented, Json, canonical
from tests.contract.validation import ORIGIN
from tests.vectors.material import KEY_ID, key_file

SIGNER: Final = signer_from_file(KEY_ID, key_file("rsa_pkcs8"))
MODES: Final = pytest.mark.parametrize("mode", ["sync", "async"])
FUNCTIONS: Final = {
    "sync": ("sync", "sync_detailed", "pages", "iterate"),
    "async": ("asyncio", "asyncio_detailed", "apages", "aiterate"),
}


@cache
def modules() -> dict[str, ModuleType]:
    """Return every endpoint module by its operation's id."""
    package = kalshi_trade_api.api
    found = {}
    for each in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        module = importlib.import_module(each.name)
        if hasattr(module, "OPERATION"):
            found[module.OPERATION.id] = module
    return found


class RecordingClients:
    """
    A signing and a public client that record their requests; a function makes the responses.

    Args:
        document: The unamended document.
        answer: Given a request, returns its response.
    """

    def __init__(self, document: Document, answer: Callable[[httpx.Request], httpx.Response]) -> None:
        self.requests: list[httpx.Request] = []
        self._answer = answer
        arguments: Json = {
            "base_url": ORIGIN + document.base_path,
            "httpx_args": {"transport": httpx.MockTransport(self._keep)},
            "retry": None,
        }
        self.signed: Any = signed_client(SIGNER, **arguments)
        self.public: Any = public_client(**arguments)

    def client(self, operation: Documented) -> Any:
        """Return the signing client for a signed operation, and the public one for any other."""
        return self.signed if operation.signed else self.public

    def _keep(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self._answer(request)


def call(operation: Documented, name: str, client: Any, arguments: Json, *, most: int = 1) -> Any:
    """
    Call one of an operation's functions.

    Args:
        operation: The operation; a deprecated one has to warn.
        name: The function.
        client: The client.
        arguments: Its arguments, by Python name.
        most: Number of pages or rows after which an iteration is stopped.
    """
    function = getattr(modules()[operation.id], name)
    with _warned(operation):
        if name.startswith(("pages", "iterate")):
            return [each for each, _ in zip(function(client=client, **arguments), range(most), strict=False)]
        if name.startswith(("apages", "aiterate")):
            return asyncio.run(_taken(function(client=client, **arguments), most))
        found = function(client=client, **arguments)
        return asyncio.run(found) if inspect.iscoroutine(found) else found


def _warned(operation: Documented) -> AbstractContextManager[Any]:
    return pytest.warns(DeprecationWarning, match=operation.id) if operation.deprecated else nullcontext()


async def _taken(items: Any, most: int) -> list[Any]:
    found: list[Any] = []
    async for item in items:
        found.append(item)
        if len(found) == most:
            break
    await items.aclose()
    return found


def as_json(value: Any) -> Any:
    """Return a decoded value as the JSON it was decoded from."""
    if isinstance(value, list):
        return [as_json(each) for each in value]
    return value.to_dict() if isinstance(value, Model) else value


def error_class(status: int) -> type[errors.ApiError]:
    """Return the exception that an error status is raised as."""
    return _ERROR_CLASSES.get(status, errors.ServerError if 500 <= status <= 599 else errors.ApiError)


_ERROR_CLASSES: Final[dict[int, type[errors.ApiError]]] = {
    400: errors.BadRequestError,
    401: errors.UnauthorizedError,
    403: errors.ForbiddenError,
    404: errors.NotFoundError,
    409: errors.ConflictError,
    429: errors.RateLimitError,
}


def class_of(name: str) -> Any:
    """Return the class that was generated for a component."""
    (found,) = [each for each in models.__all__ if canonical(each) == canonical(name)]
    return getattr(models, found)


def attribute_of(kind: type, wire: str) -> str:
    """Return the attribute of a model for a documented field name."""
    fields = attrs.fields(kind)
    spelt = [each.name for each in fields if canonical(each.name) == canonical(wire)]
    if len(spelt) == 1:
        return str(spelt[0])
    (found,) = [each.name for each in fields if each.metadata.get("wire", each.name) == wire]
    return str(found)
