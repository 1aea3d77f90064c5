"""The package under test, as a user meets it: modules found by operationId, clients that end in a function."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from types import ModuleType
from typing import Any, Final, get_args, get_origin

import attrs
import httpx
import kalshi_trade_api.api
import pytest
from kalshi_trade_api.model import Model
from kalshi_trade_api.moments import moment_from_text
from kalshi_trade_api.operation import Parameter
from kalshi_trade_api.types import Unset

from kalshi_auth import public_client, signed_client, signer_from_file
from tests.contract.document import Document, Documented, Json, canonical
from tests.contract.judge import ORIGIN
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


class Wire:
    """
    Clients whose requests are kept, and answered by a function.

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
        """Return the client that an operation needs: the signing one only where it has to be."""
        return self.signed if operation.signed else self.public

    def _keep(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self._answer(request)


def call(operation: Documented, name: str, client: Any, arguments: Json, *, most: int = 1) -> Any:
    """
    Call one of an operation's functions.

    Args:
        operation: The operation; one that is deprecated has to warn.
        name: The function.
        client: The client.
        arguments: Its arguments, by their names in Python.
        most: Of what pages or rows, how many to take.
    """
    function = getattr(modules()[operation.id], name)
    with _warned(operation):
        if name.startswith(("pages", "iterate")):
            return [each for each, _ in zip(function(client=client, **arguments), range(most), strict=False)]
        if name.startswith(("apages", "aiterate")):
            return asyncio.run(_taken(function(client=client, **arguments), most))
        found = function(client=client, **arguments)
        return asyncio.run(found) if inspect.iscoroutine(found) else found


def python_arguments(operation: Documented, values: dict[tuple[str, str], Any], *, typed: bool) -> Json:
    """
    Turn JSON values into the arguments of an operation's functions, as a user would write them.

    Args:
        operation: The operation.
        values: JSON values by place and name; the body's is under `("body", "body")`.
        typed: Whether enums are members and numbers Decimals, or plain strings.
    """
    names = set(inspect.signature(modules()[operation.id].sync).parameters)
    kinds: dict[tuple[str, str], Parameter] = {
        (each.place, each.wire): each for each in modules()[operation.id].OPERATION.parameters
    }
    found = {}
    for (place, wire), value in values.items():
        spelt = [
            each for each in names if canonical(each) in (canonical(wire), canonical(wire + place)) and each != "client"
        ]
        # Where letters don't tell, such as with `cursor` beside `cursor_`, the table does.
        name = spelt[0] if len(spelt) == 1 else kinds[place, wire].name
        found[name] = user_value(kinds[place, wire].kind, value, typed=typed) if (place, wire) in kinds else value
    return found


def user_value(kind: Any, value: Any, *, typed: bool) -> Any:
    """Turn a JSON value into one that a user would pass for an annotation."""
    if get_origin(kind) is Sequence:
        return [user_value(get_args(kind)[0], each, typed=typed) for each in value]
    for option in get_args(kind) or (kind,):
        if isinstance(option, type) and issubclass(option, Model):
            return _built(option.from_dict(value), typed=typed)
        if isinstance(option, type) and issubclass(option, Enum) and typed:
            return option(value)
        if option is Decimal and typed:
            return Decimal(value)
        if option is datetime:
            return moment_from_text(value)
    return value


def _built(value: Any, *, typed: bool) -> Any:
    """Build a model with its constructor, field by field, from one that was decoded."""
    if isinstance(value, Model):
        if value.additional_properties:
            # Only decoding gives a model keys of its own.
            return value
        fields = {each.name: getattr(value, each.name) for each in attrs.fields(type(value))}  # type: ignore[arg-type]
        given = {name: each for name, each in fields.items() if not isinstance(each, Unset)}
        return type(value)(**{name: _built(each, typed=typed) for name, each in given.items()})
    if isinstance(value, list):
        items: Sequence[Any] = [_built(each, typed=typed) for each in value]
        return items if typed else tuple(items)
    if typed:
        return value
    if isinstance(value, Enum):
        return value.value
    return format(value, "f") if isinstance(value, Decimal) else value


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


def attribute_of(kind: type, wire: str) -> str:
    """Return the attribute of a model for one of the document's names: by the letters alone, if they tell."""
    fields = attrs.fields(kind)
    spelt = [each.name for each in fields if canonical(each.name) == canonical(wire)]
    if len(spelt) == 1:
        return str(spelt[0])
    (found,) = [each.name for each in fields if each.metadata.get("wire", each.name) == wire]
    return str(found)
