"""Download the published document: the one step that needs the network."""

from __future__ import annotations

from typing import Final

import httpx

from scripts.regenerate.document import Json, parse
from scripts.regenerate.steps import StepError

PUBLISHED: Final = "https://docs.kalshi.com/openapi.yaml"
_TIMEOUT_S: Final = 60.0


def fetched(url: str) -> tuple[str, Json]:
    """
    Return the document's text and content; nothing is written.

    Raises:
        StepError: It can't be had, or is not an OpenAPI document.
    """
    try:
        response = httpx.get(url, timeout=_TIMEOUT_S, follow_redirects=True)
        response.raise_for_status()
        text = response.content.decode("utf-8")
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeDecodeError) as error:
        raise StepError(
            "fetch", f"{url}: {error or type(error).__name__}", "try again later, or pass --spec FILE"
        ) from None
    document = parse(text, url, "fetch")
    if "openapi" not in document or "paths" not in document:
        raise StepError("fetch", f"{url} is not an OpenAPI document", "check the address")
    return text, document
