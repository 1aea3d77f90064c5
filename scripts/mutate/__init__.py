"""Break the client and the signing on purpose, one way at a time, and see whether the tests notice."""
