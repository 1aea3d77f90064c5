"""Enums that stay open: a value the document does not know is kept as itself."""

from __future__ import annotations

from enum import Enum, IntEnum, StrEnum
from typing import Any


class _Open(Enum):
    @classmethod
    def _missing_(cls, value: object) -> Any:
        """Make a member for a value of the right type, without adding it to the enum."""
        own: Any = cls
        if type(value) is not own._member_type_:
            return None
        make: Any = own._member_type_.__new__
        member = make(own, value)
        member._name_ = str(value)
        member._value_ = value
        return member

    @property
    def is_known(self) -> bool:
        """Whether the document lists this value."""
        return self._value_ in type(self)._value2member_map_


class OpenStrEnum(_Open, StrEnum):
    """
    A string enum that keeps unknown values.

    `Status("brand_new")` equals `"brand_new"`, is a `Status`, and says False to `is_known`.
    """


class OpenIntEnum(_Open, IntEnum):
    """An integer enum that keeps unknown values."""
