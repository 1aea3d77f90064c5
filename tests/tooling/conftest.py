"""Fixtures of the tooling's tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tooling.projects import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Return a project with scripts and a document, and nothing generated yet."""
    return Project(tmp_path / "project")
