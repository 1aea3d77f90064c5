"""Members of enums are named after their values: what a user writes is what is sent."""

from __future__ import annotations

from enum import Enum
from typing import Any, Final

import pytest
from kalshi_trade_api import models

from tests.contract.document import Document, canonical, mappings

ENUMS: Final[dict[str, Any]] = {
    name: kind for name in models.__all__ if isinstance(kind := getattr(models, name), type) and issubclass(kind, Enum)
}


@pytest.mark.parametrize("name", ENUMS)
def test_no_member_has_the_name_of_another_value(name: str) -> None:
    """A member whose name says one of the values has that value and no other."""
    members = list(ENUMS[name])
    named = {canonical(str(member.value)) for member in members}
    for member in members:
        said = canonical(member.name).removeprefix("value")
        assert said not in named or said == canonical(str(member.value)), member


def test_there_are_enums(amended: Document) -> None:
    """The package has some if the document has."""
    assert bool(ENUMS) == any(isinstance(node.get("enum"), list) for node in mappings(amended.tree))
