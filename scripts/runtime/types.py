"""Values that the models and the operations share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Generic, Literal, TypeVar, final

from attrs import frozen

if TYPE_CHECKING:
    import httpx

    from .errors import ApiError, ResponseDecodeError

T_co = TypeVar("T_co", covariant=True)


@final
class Unset:
    """The type of `UNSET`: an argument that was not given, an optional field that was not sent."""

    __slots__ = ()

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "UNSET"

    def __reduce__(self) -> str:
        # Pickle and copy look the name up again: there is one UNSET, compared with `is`.
        return "UNSET"


UNSET: Final = Unset()
ABSENT: Final[Any] = UNSET
"""UNSET where the type says otherwise: for a field whose absence raises when it is read."""


@frozen
class Places:
    """
    Mark a fixed-point number that is sent, in an annotation.

    Attributes:
        most: Decimal places the exchange accepts; more are refused before anything is sent.
    """

    most: int


@frozen(kw_only=True)
class Response(Generic[T_co]):
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

    def value(self) -> T_co:
        """Return the decoded body, or raise the error."""
        if self.error is not None:
            raise self.error
        value: Any = self.parsed
        return value  # type: ignore[no-any-return]


__all__ = ["ABSENT", "UNSET", "Places", "Response", "Unset"]
