"""Values shared by clients, operations and models: UNSET, requests, responses."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    Final,
    Generic,
    Literal,
    NamedTuple,
    NoReturn,
    Self,
    TypeVar,
    dataclass_transform,
)

from attrs.exceptions import FrozenInstanceError

if TYPE_CHECKING:
    import httpx

    from kalshi_core.errors import ApiError, ResponseDecodeError

T_co = TypeVar("T_co", covariant=True)


class Unset(Enum):
    """
    The type of `UNSET`: an argument that was not passed, an optional field that was not sent.

    It is an enum of one member because type checkers narrow those by `is not UNSET`.
    """

    # Not a string: a library that serialises enums by value would silently write it.
    UNSET = object()

    def __bool__(self) -> Literal[False]:
        return False

    def __reduce_ex__(self, proto: Any) -> tuple[Any, ...]:
        # By name: unpickling the value would create a second UNSET, and UNSET is compared with `is`.
        return getattr, (Unset, self.name)

    def __repr__(self) -> str:
        return "UNSET"

    __str__ = __repr__


UNSET: Final = Unset.UNSET
ABSENT: Final[Any] = UNSET
"""UNSET, typed as anything: the default of an optional field whose absence raises when it is read."""


@dataclass_transform(frozen_default=True)
class Value:
    """
    Base of immutable values that compare by their fields.

    A subclass annotates its fields and has an `__init__` that stores them in `vars(self)`. attrs would compile these
    methods for each class, half a millisecond of every import.
    """

    _names: ClassVar[tuple[str, ...]] = ()
    _not_in_repr: ClassVar[frozenset[str]] = frozenset()
    """Fields that the repr leaves out."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls._names = (*cls._names, *cls.__annotations__)

    def __replace__(self, **changes: Any) -> Self:
        """Return a copy with other fields; `copy.replace` calls this from Python 3.13 on."""
        return type(self)(**{**vars(self), **changes})

    def __eq__(self, other: object) -> bool:
        return vars(self) == vars(other) if type(other) is type(self) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(getattr(self, name) for name in self._names))

    def __repr__(self) -> str:
        shown = (f"{name}={getattr(self, name)!r}" for name in self._names if name not in self._not_in_repr)
        return f"{type(self).__name__}({', '.join(shown)})"

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise FrozenInstanceError

    def __delattr__(self, name: str) -> NoReturn:
        raise FrozenInstanceError


class DecimalPlaces(Value):
    """
    Marks an annotation of a fixed-point number that is sent.

    Attributes:
        most: Decimal places the exchange accepts; more raise ArgumentError before anything is sent.
    """

    most: int

    def __init__(self, most: int) -> None:
        vars(self)["most"] = most


_NO_HEADERS: Final[Mapping[str, str]] = {}
"""Not a MappingProxyType, which can be neither pickled nor copied deeply."""


class PreparedRequest(NamedTuple):
    """
    A request as an operation describes it, before a client sends it.

    Attributes:
        operation_id: The document's operationId.
        method: HTTP verb, in capitals.
        template: The document's path, with `{parameters}`.
        path: Path below the base URL, percent-encoded.
        query: Names and values, in order, not yet encoded.
        headers: Headers of this operation.
        content: The body's bytes, or None.
        signed: Whether the three signature headers are required.
        body: The body as the user passed it, or UNSET.
    """

    operation_id: str
    method: str
    template: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = _NO_HEADERS
    content: bytes | None = None
    signed: bool = False
    body: Any = UNSET

    def __repr__(self) -> str:
        # Without body and content, which may hold an order, or a private key that is being registered.
        return f"PreparedRequest({self.operation_id}, {self.method} {self.path})"


class Response(Value, Generic[T_co]):
    """
    An HTTP response with its decoded body, or the error it stands for.

    Attributes:
        status_code: The HTTP status, any number.
        headers: The response's headers.
        content: The body, undecoded.
        parsed: The decoded body; None after an error, and for an operation whose response has no body.
        error: The error that `sync()` would have raised; None after a success.
    """

    status_code: int
    headers: httpx.Headers
    content: bytes
    parsed: T_co | None
    error: ApiError | ResponseDecodeError | None

    # A body may be long, or hold a private key that the exchange has just generated.
    _not_in_repr = frozenset({"content"})

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


__all__ = ["ABSENT", "UNSET", "DecimalPlaces", "PreparedRequest", "Response", "Unset"]
