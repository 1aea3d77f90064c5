"""
Errors of the client.

    TradeApiError
    ├── ApiError                    the exchange answered with an error
    │   ├── BadRequestError         400
    │   ├── UnauthorizedError       401
    │   ├── ForbiddenError          403
    │   ├── NotFoundError           404
    │   ├── ConflictError           409
    │   ├── RateLimitError          429
    │   └── ServerError             5xx
    ├── ResponseDecodeError         a success that is not what the document promises
    ├── DecodeError                 the same, from `Model.from_dict` (a ValueError)
    ├── PaginationError             paging can't go on
    ├── ArgumentError               an argument the document does not allow (a ValueError); nothing was sent
    └── SigningRequiredError        the operation wants a signing client (a TypeError); nothing was sent

    MissingFieldError               a field that the response did not carry (an AttributeError)

Transport errors stay httpx's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx


def one_line(text: str, most: int = 300) -> str:
    """
    Return what a server wrote as one line that any terminal can show.

    Args:
        text: Any text; line ends, control characters and lone surrogates become blanks.
        most: Characters at most; what is longer is cut.

    Example:
        >>> one_line("502 Bad\\r\\n  Gateway\\x1b[31m")
        '502 Bad Gateway [31m'
        >>> one_line("x" * 20, 10)
        'xxxxxxx...'
    """
    looked_at = text[: 4 * most]
    line = " ".join("".join(char if char.isprintable() else " " for char in looked_at).split())
    return line if len(line) <= most and looked_at == text else f"{line[: most - 3]}..."


class TradeApiError(Exception):
    """Whatever goes wrong above the transport."""


class ArgumentError(TradeApiError, ValueError):
    """An argument is not what the document allows; nothing was sent."""


class SigningRequiredError(TradeApiError, TypeError):
    """The operation has to be signed, and the client does not sign; nothing was sent."""


class PaginationError(TradeApiError):
    """Paging can't go on: a cursor came back, or a page has no rows to speak of."""


class MissingFieldError(AttributeError):
    """
    A field was read that the response did not carry.

    Attributes:
        model: Name of the model.
        field: Name of the field, as the document spells it.
    """

    def __init__(self, model: str, field: str) -> None:
        super().__init__(f"{model}.{field} was not in the response", name=field)
        self.model = model
        self.field = field

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.model, self.field)


class DecodeError(TradeApiError, ValueError):
    """
    A value is not what the document promises.

    Attributes:
        problem: What was found and what was expected.
        place: Where, from the outermost object inwards, such as `orders[3].status`; empty for the whole.
    """

    def __init__(self, problem: str, steps: tuple[str | int, ...] = ()) -> None:
        super().__init__(problem, steps)
        self.problem = problem
        self.steps: tuple[str | int, ...] = steps

    def inside(self, step: str | int) -> None:
        """Note, on the way out, one more object or list that the value lies in."""
        self.steps = (step, *self.steps)

    @property
    def place(self) -> str:
        return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.steps).lstrip(".")

    def __str__(self) -> str:
        problem = one_line(self.problem)
        return f"{one_line(self.place)}: {problem}" if self.steps else problem

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.problem, self.steps)


class _ResponseError(TradeApiError):
    """What the two errors that come with a response share."""

    def __init__(
        self, *, status_code: int, headers: httpx.Headers, content: bytes, method: str, path: str, **more: Any
    ) -> None:
        super().__init__(status_code, method, path)
        self.status_code = status_code
        self.headers = headers
        self.content = content
        self.method = method
        self.path = path
        vars(self).update(more)

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (type(self), dict(vars(self)))


def _restored(kind: type[_ResponseError], fields: dict[str, Any]) -> _ResponseError:
    return kind(**fields)


class ResponseDecodeError(_ResponseError):
    """
    A response that calls itself a success, and is not what the document promises.

    For a write this means that the exchange may well have executed it.

    Attributes:
        status_code: The HTTP status.
        headers: The response's headers.
        content: The body, undecoded.
        method: The request's method.
        path: The request's path, as sent, without the query.
        place: Where decoding stopped, such as `orders[3].status`; empty for the whole body.
        problem: What was found there and what was expected.
    """

    place: str
    problem: str

    def __str__(self) -> str:
        at = f", at {one_line(self.place)}" if self.place else ""
        line = f"{self.status_code}, not what the document promises{at}: {one_line(self.problem)}"
        return f"{line} ({self.method} {one_line(self.path)})"


class ApiError(_ResponseError):
    """
    The exchange, or a gateway before it, answered with an error.

    Attributes:
        status_code: The HTTP status.
        code: The exchange's word for programs, such as `insufficient_balance`; None when it sent none.
            It may end in an id: compare with `has_code`.
        message: The words for people; for a body that is no error body, the beginning of its text.
        details: More words, when there were any.
        service: The service that refused, when named.
        headers: The response's headers.
        content: The body, undecoded.
        method: The request's method.
        path: The request's path, as sent, without the query.
    """

    code: str | None
    message: str | None
    details: str | None
    service: str | None

    def has_code(self, code: str) -> bool:
        """Tell whether the error has this code, with or without an id at its end."""
        return self.code is not None and (self.code == code or self.code.startswith(f"{code}:"))

    def __str__(self) -> str:
        start = f"{self.status_code} {one_line(self.code, 100)}" if self.code else str(self.status_code)
        said = ", ".join(part for part in (self.message, self.details) if part and part != self.code)
        if not said and not self.code:
            said = "an error without words"
        line = f"{start}: {one_line(said)}" if said else start
        return f"{line} ({self.method} {one_line(self.path)})"


class BadRequestError(ApiError):
    """400: the request is malformed, or the exchange refuses what it asks."""


class UnauthorizedError(ApiError):
    """401: key id, signature or timestamp are missing or refused."""


class ForbiddenError(ApiError):
    """403: the key may not do this."""


class NotFoundError(ApiError):
    """404: no such thing, or an order that is no longer resting."""


class ConflictError(ApiError):
    """409: it exists already, or its state does not allow this."""


class RateLimitError(ApiError):
    """429: the budget is used up; nothing was executed."""


class ServerError(ApiError):
    """5xx: the exchange or a gateway failed; a write may have been executed."""

    def __str__(self) -> str:
        line = super().__str__()
        return line if self.method == "GET" else f"{line}; it may have been executed"


_BY_STATUS = {
    400: BadRequestError,
    401: UnauthorizedError,
    403: ForbiddenError,
    404: NotFoundError,
    409: ConflictError,
    429: RateLimitError,
}


def api_error_class(status_code: int) -> type[ApiError]:
    """Return the class that stands for a status."""
    return _BY_STATUS.get(status_code, ServerError if 500 <= status_code <= 599 else ApiError)
