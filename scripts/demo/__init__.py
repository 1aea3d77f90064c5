"""A demonstration that needs no account: the client, trading on a paper exchange."""
