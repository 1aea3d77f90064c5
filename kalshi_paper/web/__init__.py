"""The HTTP interface: every operation of the OpenAPI document, served by uvicorn."""
