"""Every module of every room keeps to the table of imports, and the checker finds what the table forbids."""

from __future__ import annotations

import ast
from typing import Final

import pytest

from tests.tooling.import_checker import (
    AUTH,
    CORE,
    GENERATED,
    MODULES,
    PAPER,
    TABLE,
    arrows,
    cycle,
    room_of,
    violations,
    within,
)

MOST_LINES: Final = 350
CHECKED: Final = [name for name in MODULES if name.partition(".")[0] not in ("tests", "benchmarks")]


@pytest.mark.parametrize("package", sorted({name.partition(".")[0] for name in CHECKED}))
def test_every_module_keeps_to_its_room(package: str) -> None:
    """No module imports what the table does not allow its room."""
    found = {
        name: wrong
        for name in CHECKED
        if within(name, package)
        and (wrong := violations(MODULES[name].read_text("utf-8"), name, is_package=MODULES[name].stem == "__init__"))
    }
    assert found == {}


def test_every_room_has_modules() -> None:
    """A row of the table whose package went is removed with it."""
    assert {each.package for each in TABLE} == {room_of(name).package for name in CHECKED}


def test_no_modules_import_one_another_in_a_circle() -> None:
    """In no room, counted with imports in functions and those for type checkers; models may refer to one another."""
    graph = arrows({name: path for name, path in MODULES.items() if ".models." not in name or within(name, CORE)})
    assert cycle(graph) == []


def test_no_file_by_hand_is_longer_than_a_reader_keeps_in_mind() -> None:
    """Beyond that, a file has two jobs."""
    by_hand = {name: path for name, path in MODULES.items() if name.partition(".")[0] not in GENERATED}
    lines = {name: len(path.read_text("utf-8").splitlines()) for name, path in by_hand.items()}
    assert {name: count for name, count in lines.items() if count > MOST_LINES} == {}


def test_two_classes_of_the_paper_exchange_never_share_a_name() -> None:
    """A reader who finds one has found it."""
    names = [
        node.name
        for module, path in MODULES.items()
        if within(module, PAPER)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef)
    ]
    assert sorted(names) == sorted(set(names))


MODEL, SCRIPT, DEMO = f"{GENERATED[0]}.models.order", "scripts.regenerate.fetch", "scripts.demo.table"


@pytest.mark.parametrize(
    ("module", "source"),
    [
        (MODEL, f"import json\nfrom attrs import define\nfrom {CORE}.types import UNSET\nfrom . import market"),
        (MODEL, f"import os.path as path\npath.__doc__\nself._x\nfrom {CORE}.models.base import Model"),
        (f"{GENERATED[0]}.models", "from importlib import import_module\nimport_module(name, __name__)"),
        (f"{CORE}.operation", f"from {CORE} import errors\nfrom {CORE}.client import Client"),
        (f"{CORE}.retry.sender", f"from {CORE}.rate_limit.limiter import RateLimit\nimport httpx"),
        (f"{CORE}.models.layout", "import_module(name)"),
        (f"{AUTH}.errors", f"from {CORE}.errors import NotSentError"),
        (f"{AUTH}.signing", f"from {AUTH}.errors import OriginError\nfrom cryptography.hazmat import primitives"),
        (f"{AUTH}.flow", f"import httpx\nfrom {AUTH} import signing\nfrom .errors import A"),
        (f"{AUTH}.client", f"from {CORE}.client import Client\nfrom {CORE}.retry.sender import B"),
        (f"{AUTH}", f"from {AUTH}.client import A\nfrom {CORE}.errors import B"),
        (DEMO, f"from {AUTH} import DEMO\nfrom {GENERATED[0]}.api.orders import get_orders"),
        (f"{PAPER}.web.app", f"import starlette, uvicorn\nfrom {PAPER}.engine.engine import A"),
        (SCRIPT, "import yaml\nfrom openapi_python_client import parser, _x\nfrom scripts.regenerate import errors"),
    ],
)
def test_checker_accepts_what_the_table_allows(module: str, source: str) -> None:
    """What the table allows is no violation."""
    assert violations(source, module) == []


@pytest.mark.parametrize(
    ("module", "source", "wrong"),
    [
        (MODEL, f"import {AUTH}", f"imports {AUTH}"),
        (MODEL, "from scripts import regenerate", "imports scripts.regenerate"),
        (MODEL, "import cryptography", "imports cryptography"),
        (MODEL, "def f():\n    import pydantic", "imports pydantic"),
        (MODEL, "if TYPE_CHECKING:\n    import pydantic", "imports pydantic"),
        (MODEL, "try:\n    import ujson\nexcept ImportError:\n    pass", "imports ujson"),
        (MODEL, f"importlib.import_module('{AUTH}.keys')", f"imports {AUTH}.keys"),
        (MODEL, f"__import__('{AUTH}')", f"imports {AUTH}"),
        (MODEL, "from attrs import _make", "imports the private attrs._make"),
        (MODEL, "import attrs as a\na._x", "reads the private a._x"),
        (MODEL, f"import {PAPER}", f"imports {PAPER}"),
        (f"{CORE}.client", f"from {GENERATED[0]}.models import Order", f"imports {GENERATED[0]}.models.Order"),
        (f"{CORE}.client", f"from {AUTH}.signing import Signer", f"imports {AUTH}.signing.Signer"),
        (f"{CORE}.client", f"from {CORE}.operation import Operation", f"imports {CORE}.operation.Operation"),
        (f"{CORE}.client", f"if TYPE_CHECKING:\n    from {CORE} import retry", f"imports {CORE}.retry"),
        (f"{CORE}.models.base", f"from {CORE}.client import Client", f"imports {CORE}.client.Client"),
        (f"{CORE}.models.base", "import httpx", "imports httpx"),
        (f"{CORE}.rate_limit.limiter", f"from {CORE}.retry import rules", f"imports {CORE}.retry.rules"),
        (f"{CORE}.transport.fork", "import aiohttp", "imports aiohttp"),
        (
            f"{CORE}.client",
            "import kalshi_core.transport.aiohttp_transport",
            f"imports {CORE}.transport.aiohttp_transport",
        ),
        (f"{AUTH}.flow", "import attr_utils", "imports attr_utils"),
        (f"{AUTH}.flow", f"from {CORE}.client import Client", f"imports {CORE}.client.Client"),
        (f"{AUTH}.signing", f"from {CORE}.errors import A", f"imports {CORE}.errors.A"),
        (f"{AUTH}.client", f"from {CORE}.models.base import Model", f"imports {CORE}.models.base.Model"),
        (f"{AUTH}.client", f"from {GENERATED[0]} import Client", f"imports {GENERATED[0]}.Client"),
        (f"{AUTH}.client", f"from {AUTH}.keys import A", f"imports {AUTH}.keys.A"),
        (f"{AUTH}.errors", f"from {AUTH}.signing import A", f"imports {AUTH}.signing.A"),
        (f"{AUTH}.signing", f"from {AUTH} import keys", f"imports {AUTH}.keys"),
        (f"{AUTH}.signing", "from .flow import A", f"imports {AUTH}.flow.A"),
        (f"{AUTH}.keys", f"if TYPE_CHECKING:\n    from {AUTH}.client import A", f"imports {AUTH}.client.A"),
        (f"{AUTH}.flow", f"import {AUTH}", f"imports {AUTH}"),
        (f"{AUTH}.process_main", f"from {AUTH}.signing import A", f"imports {AUTH}.signing.A"),
        (f"{AUTH}.keys", "importlib.import_module(name)", "imports dynamically"),
        (SCRIPT, f"import {CORE}.client", f"imports {CORE}.client"),
        (SCRIPT, f"from {AUTH} import DEMO", f"imports {AUTH}.DEMO"),
        (SCRIPT, "from scripts.vet import checks", "imports scripts.vet.checks"),
        (f"{PAPER}.engine.matching", "import time\nimport starlette", "imports starlette"),
        (f"{PAPER}.engine.matching", f"from {PAPER}.service import journal", f"imports {PAPER}.service.journal"),
        (f"{PAPER}.service.journal", f"from {PAPER}.web.app import A", f"imports {PAPER}.web.app.A"),
        (f"{PAPER}.web.app", f"import {AUTH}", f"imports {AUTH}"),
        (f"{PAPER}.web.app", "import pytest", "imports pytest"),
        (DEMO, f"from {PAPER}.engine.order_book import A", f"imports {PAPER}.engine.order_book.A"),
        (DEMO, f"from {AUTH}.signing import Signer", f"imports {AUTH}.signing.Signer"),
        (DEMO, f"from {AUTH} import _x", f"imports the private {AUTH}._x"),
    ],
)
def test_checker_finds_a_planted_violation(module: str, source: str, wrong: str) -> None:
    """What the table forbids is found, wherever in a module it stands."""
    assert wrong in violations(source, module)


@pytest.mark.parametrize(
    ("graph", "found"),
    [
        ({"a": {"b"}, "b": {"c"}, "c": set()}, []),
        ({"a": {"b", "c"}, "b": {"c"}, "c": {"outside"}}, []),
        ({"a": {"b"}, "b": {"a"}}, ["a", "b", "a"]),
        ({"a": {"b"}, "b": {"c"}, "c": {"d"}, "d": {"b"}}, ["b", "c", "d", "b"]),
        ({"a": {"a"}}, ["a", "a"]),
    ],
)
def test_checker_finds_a_circle(graph: dict[str, set[str]], found: list[str]) -> None:
    """Modules that need one another are named, in order."""
    assert cycle(graph) == found
