"""Comparison of two OpenAPI documents: the changes, and which of them break users of the client."""
