"""A demonstration that needs no account: the client, and a stand-in for the exchange to talk to."""
