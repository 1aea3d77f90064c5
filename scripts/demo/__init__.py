"""Demonstration of the client on a paper exchange; it needs no account."""
