"""Live tests run when they are asked for and there are credentials; whatever else is selected, they are skipped."""

from __future__ import annotations

import os

import pytest

from tests.live.asking import reason_to_skip


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --live; it is known when the command line names this folder, and KALSHI_LIVE=1 always is."""
    parser.addoption("--live", action="store_true", help="run the tests that talk to Kalshi's demo environment")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip live tests before anything of them is set up, with the reason."""
    asked = bool(config.getoption("--live", default=False))
    for item in items:
        marker = item.get_closest_marker("live")
        if marker is None:
            continue
        if reason := reason_to_skip(os.environ, asked=asked, writes=bool(marker.kwargs.get("writes"))):
            item.add_marker(pytest.mark.skip(reason=reason))
