"""Read a document from a file, or download the published one: the one step that needs the network."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import httpx

from scripts.regenerate.document import Json, load, parse
from scripts.regenerate.errors import StepError

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
    _check_kind(document, url)
    return text, document


def read(path: Path) -> tuple[str, Json]:
    """
    Return a file's text, line ends as they are, and content.

    Raises:
        StepError: It can't be read, or is not an OpenAPI document.
    """
    document = load(path, "fetch")
    _check_kind(document, str(path))
    return path.read_bytes().decode("utf-8"), document


def _check_kind(document: Json, name: str) -> None:
    if "openapi" not in document or "paths" not in document:
        raise StepError("fetch", f"{name} is not an OpenAPI document", "check what is there, and name another place")
