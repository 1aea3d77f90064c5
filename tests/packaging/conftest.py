"""The distributions and an environment with the wheel, made once for a run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.packaging.built import ROOT, Distributions, Environment, build, install, once


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that all processes of this run share."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def distributions(shared: Path) -> Distributions:
    """Return the sdist and the wheel."""
    folder = once(shared, "dist", lambda made: build(ROOT, made))
    (sdist,), (wheel,) = folder.glob("*.tar.gz"), folder.glob("*.whl")
    return Distributions(sdist, wheel)


@pytest.fixture(scope="session")
def environment(shared: Path, distributions: Distributions) -> Environment:
    """Return an environment with the wheel."""
    return Environment(once(shared, "environment", lambda made: install(distributions.wheel, made)))
