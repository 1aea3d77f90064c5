"""Faults on demand and the rate limit."""
