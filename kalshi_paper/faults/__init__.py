"""Faults on demand, and the rate limit: what a test can make the exchange do to a client."""
