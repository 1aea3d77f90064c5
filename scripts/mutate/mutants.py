"""All mutants, by name."""

from __future__ import annotations

from pathlib import Path

from scripts.mutate.edits import InapplicableError, Mutant
from scripts.mutate.generated_mutants import endpoint_mutants, model_mutants
from scripts.mutate.table_mutants import text_mutants

# mutmut and cosmic-ray turn + into -: neither knows a wrong wire name, or lets a mutant choose its tests.


def mutants(root: Path) -> dict[str, Mutant]:
    """
    Return every mutant of a tree.

    Args:
        root: The project's root.

    Raises:
        InapplicableError: The generated code offers no place for one of them, or two have one name.
    """
    found: dict[str, Mutant] = {}
    for each in (*endpoint_mutants(root), *model_mutants(root), *text_mutants()):
        if each.name in found:
            raise InapplicableError(f"{each.name}: two mutants have this name")
        found[each.name] = each
    return found
