"""Collect all mutants."""

from __future__ import annotations

from pathlib import Path

from scripts.mutate.edits import InapplicableError, Mutant
from scripts.mutate.generated_mutants import endpoint_mutants, model_mutants
from scripts.mutate.table_mutants import table_mutants

# Not mutmut or cosmic-ray: they make no faults such as a wrong name in JSON, and cannot choose tests for a mutant.


def mutants(root: Path) -> dict[str, Mutant]:
    """
    Return every mutant of a project, by name.

    Args:
        root: The project's root.

    Raises:
        InapplicableError: Too few generated modules have a place for a fault, or two mutants have the same name.
    """
    found: dict[str, Mutant] = {}
    for each in (*endpoint_mutants(root), *model_mutants(root), *table_mutants()):
        if each.name in found:
            raise InapplicableError(f"{each.name}: two mutants have this name")
        found[each.name] = each
    return found
