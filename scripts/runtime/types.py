"""Values that the models and the operations share."""

from __future__ import annotations

from enum import Enum
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    Final,
    Generic,
    Literal,
    NoReturn,
    Self,
    TypeVar,
    dataclass_transform,
)

from attrs.exceptions import FrozenInstanceError

if TYPE_CHECKING:
    import httpx

    from .errors import ApiError, ResponseDecodeError

T_co = TypeVar("T_co", covariant=True)


class Unset(Enum):
    """
    The type of `UNSET`: an argument that was not given, an optional field that was not sent.

    An enum of one member is what lets a type checker know the rest by `is not UNSET`.
    """

    # No string: a library that writes enums by their values would write it, without a word.
    UNSET = object()

    def __bool__(self) -> Literal[False]:
        return False

    def __reduce_ex__(self, proto: Any) -> tuple[Any, ...]:
        # By its name, for its value is another object elsewhere: there is one UNSET, compared with `is`.
        return getattr, (Unset, self.name)

    def __repr__(self) -> str:
        return "UNSET"

    __str__ = __repr__


UNSET: Final = Unset.UNSET
ABSENT: Final[Any] = UNSET
"""UNSET where the type says otherwise: for a field whose absence raises when it is read."""


@dataclass_transform(frozen_default=True)
class Value:
    """
    What a class has whose objects are their fields: equal where all fields are, and never changed.

    attrs would write and compile these methods for every class, which is half a millisecond each of every start. A
    class annotates its fields, and has an `__init__` that puts all of them in the object's dictionary.
    """

    _names: ClassVar[tuple[str, ...]] = ()
    _unseen: ClassVar[frozenset[str]] = frozenset()
    """Fields that a repr leaves out."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls._names = (*cls._names, *cls.__annotations__)

    def __replace__(self, **changes: Any) -> Self:
        """Return a value with other fields; from Python 3.13 on, `copy.replace` does the same."""
        return type(self)(**{**vars(self), **changes})

    def __eq__(self, other: object) -> bool:
        return vars(self) == vars(other) if type(other) is type(self) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(getattr(self, name) for name in self._names))

    def __repr__(self) -> str:
        shown = (f"{name}={getattr(self, name)!r}" for name in self._names if name not in self._unseen)
        return f"{type(self).__name__}({', '.join(shown)})"

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise FrozenInstanceError

    def __delattr__(self, name: str) -> NoReturn:
        raise FrozenInstanceError


class Places(Value):
    """
    Mark a fixed-point number that is sent, in an annotation.

    Attributes:
        most: Decimal places the exchange accepts; more are refused before anything is sent.
    """

    most: int

    def __init__(self, most: int) -> None:
        vars(self)["most"] = most


class Response(Value, Generic[T_co]):
    """
    A response as it came, and what became of it.

    Attributes:
        status_code: The HTTP status, any number.
        headers: The response's headers.
        content: The body, undecoded.
        parsed: The decoded body; None after an error, and for an operation that answers without a body.
        error: The error that `sync()` would have raised; None after a success.
    """

    status_code: int
    headers: httpx.Headers
    content: bytes
    parsed: T_co | None
    error: ApiError | ResponseDecodeError | None

    # A body may be long, or hold a private key that the exchange has just made.
    _unseen = frozenset({"content"})

    def __init__(
        self,
        *,
        status_code: int,
        headers: httpx.Headers,
        content: bytes,
        parsed: T_co | None,
        error: ApiError | ResponseDecodeError | None,
    ) -> None:
        fields = vars(self)
        fields["status_code"] = status_code
        fields["headers"] = headers
        fields["content"] = content
        fields["parsed"] = parsed
        fields["error"] = error

    def value(self) -> T_co:
        """Return the decoded body, or raise the error."""
        if self.error is not None:
            raise self.error
        value: Any = self.parsed
        return value  # type: ignore[no-any-return]


__all__ = ["ABSENT", "UNSET", "Places", "Response", "Unset"]
