"""
Errors that the client raises.

    TradeApiError
    ├── ApiError                    the exchange responded with an error
    │   ├── BadRequestError         400
    │   ├── UnauthorizedError       401
    │   ├── ForbiddenError          403
    │   ├── NotFoundError           404
    │   ├── ConflictError           409
    │   ├── RateLimitError          429
    │   └── ServerError             5xx
    ├── ResponseDecodeError         a success response that does not match the document
    ├── DecodeError                 the same, from `Model.from_dict` (a ValueError)
    ├── PaginationError             paging cannot continue
    ├── ArgumentError               an argument the document does not allow (a ValueError); nothing was sent
    └── SigningRequiredError        the operation needs a signing client (a TypeError); nothing was sent

    MissingFieldError               a field that the response did not contain (an AttributeError)

    NotSentError                    nothing was sent
    ├── BudgetError                 the request does not fit the client's own rate limit
    ├── kalshi_core.retry.errors    a write could not be sent
    └── kalshi_auth.errors          a key, or an origin, that is not usable

Transport errors are httpx's own; `kalshi_core.retry.errors` adds to them what is known of a write.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx


def one_line(text: str, most: int = 300) -> str:
    """
    Return text from a server as one line that is safe to print.

    Args:
        text: Any text; line ends, control characters and lone surrogates become spaces.
        most: Maximum length; longer text is cut.

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
    """Base class of errors above the transport."""


class ArgumentError(TradeApiError, ValueError):
    """An argument is not what the document allows; nothing was sent."""


class SigningRequiredError(TradeApiError, TypeError):
    """The operation must be signed and the client does not sign; nothing was sent."""


class PaginationError(TradeApiError):
    """Paging cannot continue: the exchange repeated a cursor, or a page has no list of rows."""


class MissingFieldError(AttributeError):
    """
    A field was read that the response did not contain.

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
    A value does not match the document.

    Attributes:
        problem: What was expected and what was found.
        place: Where, from the outermost object inwards, such as `orders[3].status`; empty for the whole.
    """

    def __init__(self, problem: str, steps: tuple[str | int, ...] = ()) -> None:
        super().__init__(problem, steps)
        self.problem = problem
        self.steps: tuple[str | int, ...] = steps

    def inside(self, step: str | int) -> None:
        """Prefix the place with one more object key or list index."""
        self.steps = (step, *self.steps)

    @property
    def place(self) -> str:
        return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.steps).lstrip(".")

    def __str__(self) -> str:
        problem = one_line(self.problem)
        return f"{one_line(self.place)}: {problem}" if self.steps else problem

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.problem, self.steps)


class NotSentError(Exception):
    """The client refused to send the request; the exchange has not seen it."""


class BudgetError(NotSentError, ValueError):
    """The request does not fit the rate limit: not at all, or not before its deadline."""


class _ResponseError(TradeApiError):
    """Base of the two errors that carry a response."""

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
    A success response that does not match the document.

    After a write, the exchange may well have executed it.

    Attributes:
        status_code: The HTTP status.
        headers: The response's headers.
        content: The body, undecoded.
        method: The request's method.
        path: The request's path, as sent, without the query.
        place: Where decoding stopped, such as `orders[3].status`; empty for the whole body.
        problem: What was expected there and what was found.
    """

    place: str
    problem: str

    def __str__(self) -> str:
        at = f", at {one_line(self.place)}" if self.place else ""
        line = f"{self.status_code}, does not match the document{at}: {one_line(self.problem)}"
        return f"{line} ({self.method} {one_line(self.path)})"


class ApiError(_ResponseError):
    """
    The exchange, or a gateway in front of it, responded with an error.

    Attributes:
        status_code: The HTTP status.
        code: The exchange's error code, such as `insufficient_balance`; None when it sent none.
            It may end in an id: compare with `has_code`.
        message: The error message; where the body is not an error object, the beginning of its text.
        details: Further details, when there were any.
        service: The exchange's service that refused, when named.
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
        """Return whether the error has this code, with or without an id at its end."""
        return self.code is not None and (self.code == code or self.code.startswith(f"{code}:"))

    def __str__(self) -> str:
        start = f"{self.status_code} {one_line(self.code, 100)}" if self.code else str(self.status_code)
        said = ", ".join(part for part in (self.message, self.details) if part and part != self.code)
        if not said and not self.code:
            said = "no error message in the response"
        line = f"{start}: {one_line(said)}" if said else start
        return f"{line} ({self.method} {one_line(self.path)})"


class BadRequestError(ApiError):
    """400: the request is malformed, or the exchange rejects what it asks for."""


class UnauthorizedError(ApiError):
    """401: key id, signature or timestamp is missing or rejected."""


class ForbiddenError(ApiError):
    """403: the key is not allowed to do this."""


class NotFoundError(ApiError):
    """404: not found, or an order that no longer rests."""


class ConflictError(ApiError):
    """409: it already exists, or its state does not allow this."""


class RateLimitError(ApiError):
    """429: the rate limit is used up; nothing was executed."""


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
    """Return the error class of a status."""
    return _BY_STATUS.get(status_code, ServerError if 500 <= status_code <= 599 else ApiError)
