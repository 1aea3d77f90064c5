"""Download of the document, from a server on the loopback interface."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from scripts.regenerate.document import dump
from scripts.regenerate.errors import StepError
from scripts.regenerate.fetch import fetch
from tests.tooling.projects import Project
from tests.tooling.small_documents import TEXT, document, model, operation, ref

SMALL = document({"/things": {"get": operation(returns=ref("Thing"))}}, {"Thing": model({"x": TEXT})})
TEXT_OF_SMALL = f"# As published.\n{dump(SMALL)}"
HTML = "<!DOCTYPE html><html><body>Not here: try later.</body></html>"


class Publisher:
    """A web server with a fixed response for each path."""

    def __init__(self, answers: Mapping[str, tuple[int, str, Mapping[str, str]]]) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, text, headers = answers[self.path]
                content = text.encode("utf-8", "surrogateescape")
                self.send_response(status)
                for name, value in {"Content-Length": str(len(content)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *args: object) -> None:
                """Print nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self._server.server_port}{path}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


ANSWERS: dict[str, tuple[int, str, Mapping[str, str]]] = {
    "/openapi.yaml": (200, TEXT_OF_SMALL, {}),
    "/windows": (200, TEXT_OF_SMALL.replace("\n", "\r\n"), {}),
    "/moved": (302, "", {"Location": "/openapi.yaml"}),
    "/round": (302, "", {"Location": "/round"}),
    "/gone": (404, "openapi: 3.0.3\npaths: {}\n", {}),
    "/down": (503, HTML, {}),
    "/html": (200, HTML, {"Content-Type": "text/html"}),
    "/empty": (200, "", {}),
    "/list": (200, "- openapi\n- paths\n", {}),
    "/swagger": (200, "swagger: '2.0'\npaths: {}\n", {}),
    "/asyncapi": (200, "asyncapi: 3.0.0\nchannels: {}\n", {}),
    "/json-error": (200, '{"error": "too many requests"}', {}),
    "/latin": (200, "openapi: 3.0.3 # \udcff\udcfe\n", {}),
    "/bad": (200, "openapi: [3\n", {}),
    "/twice": (200, "openapi: 3.0.3\npaths: {}\npaths: {}\n", {}),
    "/broken-off": (200, TEXT_OF_SMALL[:200], {"Content-Length": "5000"}),
    # Truncated at a place where the rest is still valid YAML.
    "/short": (200, TEXT_OF_SMALL[: TEXT_OF_SMALL.index("components:")], {}),
}
REFUSED = {
    "/round": "redirect",
    "/gone": "404",
    "/down": "503",
    "/html": "is not an OpenAPI document",
    "/empty": "holds a NoneType",
    "/list": "holds a list",
    "/swagger": "is not an OpenAPI document",
    "/asyncapi": "is not an OpenAPI document",
    "/json-error": "is not an OpenAPI document",
    "/latin": "decode",
    "/bad": "is not valid YAML",
    "/twice": "duplicate key 'paths'",
    "/broken-off": "closed",
}


@pytest.fixture(scope="module")
def publisher() -> Iterator[Publisher]:
    server = Publisher(ANSWERS)
    yield server
    server.close()


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not send requests to the loopback interface through a proxy."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.mark.parametrize("path", ["/openapi.yaml", "/moved"])
def test_the_published_text_comes_with_its_content(publisher: Publisher, path: str) -> None:
    """The text has the same bytes as the published one, with comments; a redirect is followed."""
    assert fetch(publisher.url(path)) == (TEXT_OF_SMALL, SMALL)


@pytest.mark.parametrize(("path", "why"), REFUSED.items(), ids=list(REFUSED))
def test_what_is_no_document_is_refused(publisher: Publisher, path: str, why: str) -> None:
    """Error statuses, web pages, broken transfers and other formats are errors that name the address."""
    with pytest.raises(StepError, match=why) as stop:
        fetch(publisher.url(path))
    assert stop.value.step == "fetch"
    assert publisher.url(path) in stop.value.why


@pytest.mark.parametrize("url", ["http://127.0.0.1:{port}/", "ftp://127.0.0.1/x", "not an address", "http://[::1/"])
def test_an_address_without_a_publisher_is_refused(url: str) -> None:
    """A closed port and a malformed address are errors too."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(StepError) as stop:
            fetch(url.format(port=taken.getsockname()[1]))
    assert stop.value.step == "fetch"


@pytest.mark.parametrize("path", ["/openapi.yaml", "/windows"])
def test_fetch_replaces_document_and_package_together(publisher: Publisher, project: Project, path: str) -> None:
    """After `--fetch` the document has the bytes of the published one, and the package is made from it."""
    run = project.run("--fetch", "--url", publisher.url(path), "--overlay", "none")
    assert run.returncode == 0, run.stderr
    assert (project.root / "openapi.yaml").read_bytes() == ANSWERS[path][1].encode("utf-8")
    assert (project.root / "generated/kalshi_trade_api/models/thing.py").is_file()
    assert project.run("--check", "--overlay", "none").returncode == 0
    assert not list(project.root.glob("*.new"))


def test_fetch_with_check_replaces_nothing(publisher: Publisher, project: Project) -> None:
    """`--fetch --check` reports drift from the published document and writes nothing."""
    before = project.state()
    run = project.run("--fetch", "--check", "--url", publisher.url("/openapi.yaml"), "--overlay", "none")
    assert run.returncode == 1
    assert project.state() == before


@pytest.mark.parametrize("path", ["/gone", "/html", "/broken-off", "/short", "/swagger"])
def test_a_failed_fetch_changes_nothing(publisher: Publisher, project: Project, path: str) -> None:
    """For any other response, document and package do not change, and the exit status is 2."""
    before = project.state()
    run = project.run("--fetch", "--url", publisher.url(path), "--overlay", "none")
    assert run.returncode == 2
    assert run.stderr.startswith("error: ")
    assert "\n  fix: " in run.stderr
    assert project.state() == before


def test_fetch_and_spec_exclude_each_other(project: Project) -> None:
    """Two sources are an error on the command line."""
    run = project.run("--fetch", "--spec", "openapi.yaml")
    assert run.returncode == 2
    assert "not allowed with" in run.stderr
