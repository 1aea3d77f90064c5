"""Fixtures for the tests of scripts."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.tooling.projects import Place, Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Return a project with scripts and a document, before the first generation."""
    return Project(tmp_path / "project")


@pytest.fixture(scope="session")
def small_package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = Place(tmp_path_factory.mktemp("small-package"))
    assert place.run() == 0
    return place.folder


@pytest.fixture
def place(small_package: Path, tmp_path: Path) -> Place:
    """Return a folder for one test, with a document and the package built from it."""
    shutil.copytree(small_package, tmp_path, dirs_exist_ok=True)
    return Place(tmp_path)
