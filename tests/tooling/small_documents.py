"""Small documents, and the packages built from them."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx

from scripts.regenerate.document import dump
from scripts.regenerate.generate import generate
from scripts.regenerate.polish import format_package
from scripts.regenerate.validate import validate

Doc = dict[str, Any]

JSON = "application/json"
TEXT: Doc = {"type": "string"}


def ref(name: str) -> Doc:
    """Build a reference to a schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def body(schema: Doc) -> Doc:
    """Build the `content` of a request body or a response."""
    return {"content": {JSON: {"schema": schema}}}


def response(schema: Doc | None = None) -> Doc:
    """Build a response, with or without a body."""
    return {"description": "A response.", **(body(schema) if schema is not None else {})}


def operation(name: str = "GetThing", returns: Doc | None = None, **keys: Any) -> Doc:
    """Build an operation with a response of 200."""
    return {"operationId": name, "tags": ["things"], "responses": {"200": response(returns)}, **keys}


def document(paths: Doc | None = None, schemas: Doc | None = None, **keys: Any) -> Doc:
    """Build a document; without paths it has one operation."""
    return {
        "openapi": "3.0.3",
        "info": {"title": "Small", "version": "1.0.0"},
        "paths": paths or {"/things": {"get": operation()}},
        "components": {
            "schemas": schemas or {},
            "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "KALSHI-ACCESS-KEY"}},
        },
        **keys,
    }


def model(fields: Doc, required: Iterable[str] = (), **keys: Any) -> Doc:
    """Build the schema of an object."""
    return {"type": "object", "properties": fields, "required": list(required), **keys}


def write(folder: Path, tree: Doc | str, name: str = "small.yaml") -> Path:
    """Write a document, or any text, to a file and return its path."""
    path = folder / name
    path.write_text(tree if isinstance(tree, str) else dump(tree), "utf-8")
    return path


def build(tree: Doc, package: Path) -> Path:
    """Validate a document, generate and format the package; no overlay is applied."""
    validate(tree)
    package.parent.mkdir(parents=True, exist_ok=True)
    generate(tree, package)
    format_package(package)
    return package


class Package:
    """A built package, imported under its own name."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self._name = name
        spec = importlib.util.spec_from_file_location(
            name, folder / "__init__.py", submodule_search_locations=[str(folder)]
        )
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)

    def module(self, name: str) -> ModuleType:
        """Import a module by its path below the package."""
        return importlib.import_module(f"{self._name}.{name}")

    def model(self, name: str) -> Any:
        """Return a model or an enum."""
        return getattr(self.module("models"), name)

    def operation(self, name: str, tag: str = "things") -> Any:
        """Return an operation's module."""
        return self.module(f"api.{tag}.{name}")

    def text(self, path: str) -> str:
        """Return a file's text."""
        return (self.folder / path).read_text("utf-8")

    def client(self, handler: Callable[[httpx.Request], httpx.Response]) -> Any:
        """Return a public client that sends requests to a function."""
        client = self.module("client").Client
        return client("https://exchange.test/v2", httpx_args={"transport": httpx.MockTransport(handler)})


def build_and_import(tree: Doc, folder: Path, name: str) -> Package:
    """Build a package and import it."""
    return Package(build(tree, folder / name), name)
