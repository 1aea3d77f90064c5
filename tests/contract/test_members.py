"""Members of enums are named after their values: the name that a user writes is the value that is sent."""

from __future__ import annotations

import re
from enum import Enum
from typing import Any, Final

import pytest
from kalshi_trade_api import models

from tests.contract.document import Document, canonical, mappings

ENUMS: Final[dict[str, Any]] = {
    name: kind for name in models.__all__ if isinstance(kind := getattr(models, name), type) and issubclass(kind, Enum)
}


@pytest.mark.parametrize("name", ENUMS)
def test_every_member_is_named_after_its_value(name: str) -> None:
    """A member has the letters of its value as its name, and never those of another member's value."""
    members = list(ENUMS[name])
    values = {canonical(str(member.value)) for member in members}
    for member in members:
        value = canonical(str(member.value))
        spelt = canonical(member.name)
        # A name can't begin with a digit or a sign, and gets a number where another value has the same letters.
        short = re.sub("^(value)?(negative)?", "", spelt)
        assert short not in values or short == value, member
        if value:
            assert re.fullmatch(rf"{value}\d*", spelt) or re.fullmatch(rf"{value}\d*", short), member
        else:
            assert spelt not in values, member


def test_there_are_enums(amended: Document) -> None:
    """The package has some if the document has."""
    assert bool(ENUMS) == any(isinstance(node.get("enum"), list) for node in mappings(amended.tree))
