"""Keeping everything over a restart: a journal of what was done, in SQLite."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from attrs import asdict, frozen

_LAYOUT: Final = 1
_TABLES: Final = """
create table if not exists done (
    n integer primary key, at_ms integer not null, ids integer not null, action text not null, arguments text not null
);
create table if not exists seed (seed integer not null);
"""


class StateError(Exception):
    """A state file can't be used."""


@frozen
class Entry:
    """
    One thing that was done.

    Attributes:
        at_ms: When, by the exchange's clock.
        ids: How many ids had been given out before it.
        action: What.
        arguments: With what.
    """

    at_ms: int
    ids: int
    action: str
    arguments: dict[str, Any]


class Journal:
    """
    The journal in a file. One thread at a time; the desk sees to that.

    Args:
        path: The file; made when it is not there.

    Raises:
        StateError: The file is something else.
    """

    def __init__(self, path: Path) -> None:
        try:
            # Without isolation every insert is its own transaction; WAL makes that cheap and safe from a kill.
            self._base = sqlite3.connect(path, timeout=0, check_same_thread=False, isolation_level=None)
        except sqlite3.Error as error:
            raise StateError(f"{path} can't be opened: {error}") from None
        try:
            # One exchange to a file: two would each write down what the other has never done.
            self._base.execute("pragma locking_mode = exclusive")
            (layout,) = self._base.execute("pragma user_version").fetchone()
            if layout not in (0, _LAYOUT):
                raise StateError(f"{path} was written by another version of kalshi_paper")
            self._base.execute("pragma journal_mode = wal")
            self._base.execute("pragma synchronous = normal")
            self._base.executescript(_TABLES)
            self._base.execute(f"pragma user_version = {_LAYOUT}")
        except sqlite3.Error as error:
            self._base.close()
            taken = error.sqlite_errorcode == sqlite3.SQLITE_BUSY
            what = "is in use by another exchange" if taken else f"is not a state file: {error}"
            raise StateError(f"{path} {what}") from None
        except StateError:
            self._base.close()
            raise

    def seed(self, wanted: int | None) -> int:
        """
        Return the seed that the file was begun with; begin it with the wanted one, or 0.

        Raises:
            StateError: It was begun with another.
        """
        found = self._base.execute("select seed from seed").fetchone()
        if found is None:
            self._base.execute("insert into seed values (?)", (wanted or 0,))
            return wanted or 0
        if wanted not in (None, found[0]):
            self._base.close()
            raise StateError(f"the state file was begun with seed {found[0]}, not {wanted}")
        return int(found[0])

    def entries(self) -> Iterator[Entry]:
        """Yield what was done, in order."""
        for at_ms, ids, action, arguments in self._base.execute(
            "select at_ms, ids, action, arguments from done order by n"
        ):
            yield Entry(at_ms, ids, action, json.loads(arguments))

    def append(self, at_ms: int, ids: int, action: str, arguments: Mapping[str, Any]) -> None:
        """Write down what was done; what has fields, as its fields."""
        self._base.execute(
            "insert into done (at_ms, ids, action, arguments) values (?, ?, ?, ?)",
            (at_ms, ids, action, json.dumps(arguments, separators=(",", ":"), default=asdict)),
        )

    @contextmanager
    def whole(self) -> Iterator[None]:
        """Write down all that is done within, or nothing, should this process end before."""
        self._base.execute("begin")
        yield
        self._base.execute("commit")

    def close(self) -> None:
        """Close the file."""
        self._base.close()
