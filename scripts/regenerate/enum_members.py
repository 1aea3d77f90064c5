"""Names of enum members, made from the values: a new value does not rename the other members."""

from __future__ import annotations

import re
from collections.abc import Sequence


def unique(values: Sequence[object]) -> list[object]:
    """
    Return the values of an enum without duplicates, in their order.

    Example:
        >>> unique(["open", "closed", "open", None])
        ['open', 'closed', None]
    """
    return [value for index, value in enumerate(values) if value not in values[:index]]


def member_names(values: Sequence[object]) -> list[str]:
    """
    Return a Python name for every value of an enum.

    Example:
        >>> member_names(["read", "read::balance", "", "1d", 60, "a-b", "a_b"])
        ['READ', 'READ_BALANCE', 'EMPTY', 'VALUE_1D', 'VALUE_60', 'A_B', 'A_B_2']
    """
    names: list[str] = []
    for value in values:
        stem = re.sub(r"[^0-9a-z]+", "_", str(value).lower()).strip("_").upper() or "EMPTY"
        if isinstance(value, int) and value < 0:
            stem = f"NEGATIVE_{stem}"
        stem = stem if stem[0].isalpha() and isinstance(value, str) else f"VALUE_{stem}"
        same = sum(name == stem or re.fullmatch(rf"{stem}_\d+", name) is not None for name in names)
        names.append(f"{stem}_{same + 1}" if same else stem)
    return names
