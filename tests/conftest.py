"""Options that point the contract tests at another package, made from another document; no test is timed."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).parents[1]
NAME = "kalshi_trade_api"

# How fast a machine is, and how busy, says nothing about the client.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("contract")
    group.addoption(
        "--package-dir", default="", metavar="DIR", help="a folder that `scripts.regenerate --output DIR` wrote"
    )
    group.addoption("--document", default="", metavar="FILE", help="the document it was made from")
    group.addoption("--overlay", default="", metavar="FILE|none", help="the corrections it was made with")


def pytest_configure(config: pytest.Config) -> None:
    """Import the package from another folder, before any test does, as what `kalshi_auth` calls it."""
    folder = config.getoption("--package-dir")
    if not folder:
        return
    package = package_in(Path(folder))
    spec = importlib.util.spec_from_file_location(
        NAME, package / "__init__.py", submodule_search_locations=[str(package)]
    )
    if NAME in sys.modules or spec is None or spec.loader is None:
        raise pytest.UsageError(f"{package} comes too late, or is no package")
    module = importlib.util.module_from_spec(spec)
    sys.modules[NAME] = module
    spec.loader.exec_module(module)


def package_in(folder: Path) -> Path:
    """Return the package in a folder, whatever its name is."""
    found = sorted(folder.glob("*/models/__init__.py"))
    if len(found) != 1:
        raise pytest.UsageError(f"{folder} holds {len(found)} generated packages: one is expected")
    return found[0].parents[1].resolve()
