"""The HTTP interface of the exchange."""
