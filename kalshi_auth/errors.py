"""
Errors of this package.

Every one of them means that nothing was sent:

    NotSentError
    ├── CredentialsError   the key id, the key or its passphrase is not usable
    └── OriginError        the request would have left the client's origin
"""


class NotSentError(Exception):
    """A request was refused on this side; the exchange has not seen it."""


class CredentialsError(NotSentError, ValueError):
    """A key id, a private key or a passphrase is missing or not usable."""


class OriginError(NotSentError, ValueError):
    """A request, or a client, would send credentials where they don't belong."""
