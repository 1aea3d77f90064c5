"""The journal: a SQLite file with every command, from which the exchange's state is rebuilt after a restart."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from attrs import asdict, frozen

_LAYOUT: Final = 1
"""Version of the file layout, stored in `user_version`."""
_TABLES: Final = """
create table if not exists done (
    n integer primary key, at_ms integer not null, ids integer not null, action text not null, arguments text not null
);
create table if not exists seed (seed integer not null);
"""


class StateError(Exception):
    """A state file cannot be used."""


@frozen
class JournalRow:
    """
    One command in the journal.

    Attributes:
        at_ms: Exchange time of the command, Unix milliseconds.
        ids: Number of ids issued before it.
        command: Name of the command.
        arguments: Its arguments, as plain JSON.
    """

    at_ms: int
    ids: int
    command: str
    arguments: dict[str, Any]


class Journal:
    """
    The journal file. Not thread-safe: `ExchangeService` calls it under its lock.

    Args:
        path: Path of the file; created if it does not exist.

    Raises:
        StateError: The file is not a state file, is in use, or was written by another version.
    """

    def __init__(self, path: Path) -> None:
        try:
            # Without isolation level every insert is its own transaction; WAL makes that cheap and crash-safe.
            self._database = sqlite3.connect(path, timeout=0, check_same_thread=False, isolation_level=None)
        except sqlite3.Error as error:
            raise StateError(f"{path} can't be opened: {error}") from None
        try:
            # One exchange per file: two would record commands that the other one has not run.
            self._database.execute("pragma locking_mode = exclusive")
            (layout,) = self._database.execute("pragma user_version").fetchone()
            if layout not in (0, _LAYOUT):
                raise StateError(f"{path} was written by another version of kalshi_paper")
            self._database.execute("pragma journal_mode = wal")
            self._database.execute("pragma synchronous = normal")
            self._database.executescript(_TABLES)
            self._database.execute(f"pragma user_version = {_LAYOUT}")
        except sqlite3.Error as error:
            self._database.close()
            in_use = error.sqlite_errorcode == sqlite3.SQLITE_BUSY
            problem = "is in use by another exchange" if in_use else f"is not a state file: {error}"
            raise StateError(f"{path} {problem}") from None
        except StateError:
            self._database.close()
            raise

    def seed(self, wanted: int | None) -> int:
        """
        Return the seed stored in the file; a new file stores the wanted seed, or 0.

        Raises:
            StateError: The file has another seed than the wanted one.
        """
        found = self._database.execute("select seed from seed").fetchone()
        if found is None:
            self._database.execute("insert into seed values (?)", (wanted or 0,))
            return wanted or 0
        if wanted not in (None, found[0]):
            self._database.close()
            raise StateError(f"the state file has seed {found[0]}, not {wanted}")
        return int(found[0])

    def rows(self) -> Iterator[JournalRow]:
        """Yield the commands in order."""
        for at_ms, ids, command, arguments in self._database.execute(
            "select at_ms, ids, action, arguments from done order by n"
        ):
            yield JournalRow(at_ms, ids, command, json.loads(arguments))

    def append(self, at_ms: int, ids: int, command: str, arguments: Mapping[str, Any]) -> None:
        """Append a command; attrs objects among the arguments are written as their fields."""
        self._database.execute(
            "insert into done (at_ms, ids, action, arguments) values (?, ?, ?, ?)",
            (at_ms, ids, command, json.dumps(arguments, separators=(",", ":"), default=asdict)),
        )

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Write all commands of the block or, if the process ends before its end, none."""
        self._database.execute("begin")
        yield
        self._database.execute("commit")

    def close(self) -> None:
        """Close the file."""
        self._database.close()
