"""The matching engine: pure code, without clock, files or network."""
