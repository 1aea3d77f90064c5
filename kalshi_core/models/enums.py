"""Open enums: a value that the document does not know is kept as it is."""

from __future__ import annotations

from enum import Enum, IntEnum, StrEnum
from typing import Any


class _OpenEnum(Enum):
    @classmethod
    def _missing_(cls, value: object) -> Any:
        """Create a member for a value of the right type, without adding it to the enum."""
        own: Any = cls
        if type(value) is not own._member_type_:
            return None
        new: Any = own._member_type_.__new__
        member = new(own, value)
        member._name_ = str(value)
        member._value_ = value
        return member

    @property
    def is_known(self) -> bool:
        """Whether the document lists this value."""
        return self._value_ in type(self)._value2member_map_


class OpenStrEnum(_OpenEnum, StrEnum):
    """
    A string enum that keeps unknown values.

    `Status("brand_new")` equals `"brand_new"`, is a `Status`, and its `is_known` is False.
    """


class OpenIntEnum(_OpenEnum, IntEnum):
    """An integer enum that keeps unknown values."""
