"""Fixtures of the contract tests: the document, the package generated from it, and the cases of each test."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from tests.contract.document import Document, read
from tests.contract.selection import SELECTIONS
from tests.contract.validation import Validator

ROOT = Path(__file__).parents[2]

# Asserts in helpers show their values too.
pytest.register_assert_rewrite("tests.contract.faults.checks", "tests.contract.decoded_values")


@cache
def read_once(path: Path) -> Document:
    return read(path)


def document_of(config: pytest.Config) -> Document:
    """Return the unamended document."""
    return read_once(Path(config.getoption("--document") or ROOT / "openapi.yaml"))


def folder_of(config: pytest.Config) -> Path:
    """Return the folder with the package and the amended document."""
    return Path(config.getoption("--package-dir") or ROOT / "generated")


def amended_of(config: pytest.Config) -> Document:
    """Return the document as the package was made from it, with the overlay's corrections."""
    return read_once(folder_of(config) / "document.yaml")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Parametrise a test by the selection that its argument names; `operation_id` is every documented operation."""
    if "operation_id" in metafunc.fixturenames:
        # Of the unamended document: no correction may take an operation away.
        metafunc.parametrize("operation_id", list(document_of(metafunc.config).operations))
    for argument in SELECTIONS.keys() & set(metafunc.fixturenames):
        metafunc.parametrize(argument, list(SELECTIONS[argument](amended_of(metafunc.config))))


@pytest.fixture(scope="session")
def document(pytestconfig: pytest.Config) -> Document:
    """Return the unamended document."""
    return document_of(pytestconfig)


@pytest.fixture(scope="session")
def amended(pytestconfig: pytest.Config) -> Document:
    """Return the document as the package was made from it, with the overlay's corrections."""
    return amended_of(pytestconfig)


@pytest.fixture(scope="session")
def validator(document: Document) -> Validator:
    """Return a validator that knows the unamended document."""
    return Validator(document)


@pytest.fixture(scope="session")
def package_folder(pytestconfig: pytest.Config) -> Path:
    """Return the folder of the package itself."""
    (found,) = folder_of(pytestconfig).glob("*/models/__init__.py")
    return found.parents[1]
