"""Every operation of the generated Trade API package."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import kalshi_trade_api

from kalshi_core.operation import Operation


def modules() -> list[ModuleType]:
    """Return the modules of all operations."""
    api = Path(kalshi_trade_api.__file__).parent / "api"
    paths = [path for path in sorted(api.rglob("*.py")) if path.name != "__init__.py"]
    return [import_module(f"kalshi_trade_api.api.{path.parent.name}.{path.stem}") for path in paths]


def operations() -> list[Operation[Any]]:
    """Return all operations."""
    return [module.OPERATION for module in modules()]
