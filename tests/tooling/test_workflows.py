"""GitHub workflows: pinned actions, minimal permissions, and no injection of foreign text."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

ROOT: Final = Path(__file__).parents[2]
PATHS: Final = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
RIGHTS: Final = {
    "checks.yml: checks": None,
    "checks.yml: audit": None,
    "release.yml: build": {"contents": "read", "id-token": "write", "attestations": "write"},
    "release.yml: publish": {"id-token": "write"},
    "weekly.yml: vet": None,
    "weekly.yml: propose": {"actions": "write", "contents": "write", "pull-requests": "write"},
}
"""Permissions of each job; None for the default of the workflow, which is to read the sources."""


def jobs() -> dict[str, Any]:
    """Return every job by workflow and name."""
    trees = {path.name: yaml.safe_load(path.read_text("utf-8")) for path in PATHS}
    return {f"{file}: {name}": job for file, tree in trees.items() for name, job in tree["jobs"].items()}


JOBS: Final = jobs()
STEPS: Final = [(name, step) for name, job in JOBS.items() for step in job["steps"]]


@pytest.mark.parametrize("path", PATHS, ids=[path.name for path in PATHS])
def test_a_workflow_may_only_read_unless_a_job_has_permissions(path: Path) -> None:
    """The default permission is to read the sources, and no event runs foreign code with more."""
    tree = yaml.safe_load(path.read_text("utf-8"))
    assert tree["permissions"] == {"contents": "read"}
    # YAML 1.1 reads the key `on` as true.
    assert set(tree[True]) <= {"pull_request", "push", "schedule", "workflow_dispatch"}


def test_every_job_has_the_rights_it_needs_and_ends() -> None:
    """Every change of permissions needs a change of this table, and every job has a timeout."""
    assert {name: job.get("permissions") for name, job in JOBS.items()} == RIGHTS
    assert [name for name, job in JOBS.items() if not 0 < job.get("timeout-minutes", 0) <= 45] == []


def test_every_action_is_pinned_by_hash() -> None:
    """Actions are pinned by commit hash, with the release in a comment."""
    used = [line for path in PATHS for line in path.read_text("utf-8").splitlines() if "uses:" in line]
    assert len(used) == len([step for _, step in STEPS if "uses" in step]) > 10
    assert [line for line in used if not re.fullmatch(r"\s+- uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)] == []
    assert len({tuple(re.split("@| # ", line)[1:]) for line in used}) == len({line.split("@")[0] for line in used})


def test_no_expression_is_part_of_a_command() -> None:
    """Expressions reach a script through environment variables only."""
    assert [step["run"] for _, step in STEPS if "${{" in step.get("run", "")] == []


def test_credentials_stay_only_where_something_is_pushed() -> None:
    """Only one job keeps the token of its checkout, and it runs no code of the project."""
    kept = {name for name, step in STEPS if "checkout@" in step.get("uses", "") and step["with"]["persist-credentials"]}
    assert kept == {"weekly.yml: propose"}
    own = re.compile(r"python|\bmake\b|\.ci/|scripts\.|pip\b")
    writing = [step["run"] for name, step in STEPS if name in kept and "run" in step]
    assert writing
    assert [run for run in writing if own.search(run)] == []


def test_checks_run_on_every_python_that_is_promised() -> None:
    """The matrix has the versions of the classifiers."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    promised = [each.rpartition(" ")[2] for each in project["classifiers"] if re.search(r":: 3\.\d+$", each)]
    assert JOBS["checks.yml: checks"]["strategy"]["matrix"]["python"] == promised
    assert project["requires-python"] == f">={promised[0]}"
