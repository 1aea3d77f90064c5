"""What every command has: a name, arguments as plain JSON, and `run`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Generic, Self, TypeVar

from attrs import asdict, define

from kalshi_paper.service.service_state import ServiceState

ResultT = TypeVar("ResultT", covariant=True)


@define(eq=False)
class Command(ABC, Generic[ResultT]):
    """
    A change of the exchange's state; the fields of the subclasses are the arguments.

    Attributes:
        journal_name: Name in the journal. Names and arguments stay as they are, so that older state files still open.
    """

    journal_name: ClassVar[str]

    @abstractmethod
    def run(self, state: ServiceState, at_ms: int) -> ResultT:
        """
        Change the state.

        Args:
            state: State of the exchange.
            at_ms: Exchange time, Unix milliseconds.

        Raises:
            RequestRejected: The command is refused; nothing has changed.
        """

    def arguments(self) -> dict[str, Any]:
        """Return the arguments as the journal records them; attrs objects among them are written as their fields."""
        return asdict(self, recurse=False)

    @classmethod
    def from_arguments(cls, arguments: dict[str, Any]) -> Self:
        """Return the command with arguments read from the journal."""
        return cls(**arguments)
