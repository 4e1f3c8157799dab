"""The log: one form for everything, an id for each request, and nothing that a visitor typed."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import path
from django_guid import clear_guid
from pytest_django import Settings

from deploy import serve
from leftbehind_site import urls as site_urls
from leftbehind_site.logs import JsonLine, OfAccess, WithoutQueries, identified, request_id
from tests.neighbourhoods.sites import SiteDatabase
from tests.servers import Server

SENT = "0123456789abcdef0123456789abcdef"
MADE = re.compile(r"[0-9a-f]{32}")


def _fault(_request: HttpRequest) -> HttpResponse:
    logging.getLogger("tests").warning("about to fail")
    raise RuntimeError("a fault on purpose")


urlpatterns = [path("fault/", _fault), *site_urls.urlpatterns]
handler404, handler500 = site_urls.handler404, site_urls.handler500


@pytest.fixture(autouse=True)
def outside_of_requests() -> Iterator[None]:
    """No test inherits the id of another one's request, or leaves one."""
    clear_guid()
    yield
    clear_guid()


class Written(logging.Handler):
    """Keeps lines as the site's own handler would write them."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[dict[str, Any]] = []
        self.setFormatter(JsonLine())
        self.addFilter(WithoutQueries())

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line, as whoever collects the log would read it."""
        self.lines.append(json.loads(self.format(record)))


@pytest.fixture
def written() -> Iterator[list[dict[str, Any]]]:
    """Every line of the log, read as JSON."""
    handler = Written()
    logging.getLogger().addHandler(handler)
    yield handler.lines
    logging.getLogger().removeHandler(handler)


# --- the id


def id_of(**headers: str) -> str:
    """The id that a request with some headers has while it is answered."""
    seen: list[str] = []

    def answer(_request: HttpRequest) -> HttpResponse:
        seen.append(request_id())
        return HttpResponse()

    identified(answer)(RequestFactory().get("/", headers=headers))
    return seen[0]


@pytest.mark.parametrize("sent", [SENT, "3F2504E0-4F89-41D3-9A0C-0305E82C3301"])
def test_the_front_servers_id_is_taken(settings: Settings, sent: str) -> None:
    settings.TRUST_PROXY_HEADERS = True
    assert id_of(**{"x-request-id": sent}) == sent


def test_without_a_front_server_nobodys_id_is_taken(settings: Settings) -> None:
    settings.TRUST_PROXY_HEADERS = False
    made = id_of(**{"x-request-id": SENT})
    assert made != SENT
    assert MADE.fullmatch(made)


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "1",
        SENT[1:],
        SENT + "0",
        f"{{{SENT}}}",
        f"urn:uuid:{SENT}",
        "-" * 5000 + SENT,
        "0_" + SENT[:-2],
        "é" * 32,
    ],
)
def test_an_id_that_is_none_is_replaced(settings: Settings, sent: str, written: list[dict[str, Any]]) -> None:
    settings.TRUST_PROXY_HEADERS = True
    made = id_of(**{"x-request-id": sent})
    assert made != sent
    assert MADE.fullmatch(made)
    assert written == []


def test_each_request_has_another_id_and_none_is_left_behind(client: Client) -> None:
    assert id_of() != id_of()
    client.get("/robots.txt").close()
    assert request_id() == "-"


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/robots.txt", "/news/", "/nowhere/", "/healthz"])
def test_no_answer_tells_its_id(client: Client, settings: Settings, address: str) -> None:
    """It would make each answer another one than the published and the exported one."""
    settings.TRUST_PROXY_HEADERS = True
    response = client.get(address, headers={"x-request-id": SENT})
    assert SENT not in str(dict(response.items()))
    assert SENT not in response.text


# --- the lines


@pytest.mark.django_db
def test_every_line_about_a_request_has_its_id(settings: Settings, written: list[dict[str, Any]]) -> None:
    settings.TRUST_PROXY_HEADERS = True
    with override_settings(ROOT_URLCONF=__name__):
        visitor = Client(raise_request_exception=False, headers={"x-request-id": SENT})
        assert visitor.get("/fault/?q=TS249XX").status_code == 500
        assert visitor.get("/nowhere/?q=TS249XX").status_code == 404
    assert [(line["logger"], line["level"], line["message"]) for line in written] == [
        ("tests", "WARNING", "about to fail"),
        ("django.request", "ERROR", "Internal Server Error: /fault/"),
        ("django.request", "WARNING", "Not Found: /nowhere/"),
    ]
    assert {line["request_id"] for line in written} == {SENT}
    assert "a fault on purpose" in written[1]["exc_info"]
    assert written[1]["status_code"] == 500
    assert "TS249XX" not in json.dumps(written)


def test_the_page_about_a_fault_names_the_id(written: list[dict[str, Any]]) -> None:
    with override_settings(ROOT_URLCONF=__name__):
        text = Client(raise_request_exception=False).get("/fault/").text
    assert f"please quote this number: <code>{written[1]['request_id']}</code>" in text


def test_what_else_a_line_is_given_is_kept_as_far_as_it_is_plain() -> None:
    record = logging.makeLogRecord(
        {
            "name": "tests",
            "levelname": "INFO",
            "msg": "two\nlines, “quoted” and \udcff broken",
            "created": 1.5,
            "account": "editor",
            "count": 3,
            "request": RequestFactory().get("/search/?q=TS249XX"),
            "sql": "SELECT 'TS249XX'",
            "params": "TS249XX",
        }
    )
    line = JsonLine().format(record)
    assert "\n" not in line
    assert line.isascii()
    assert json.loads(line) == {
        "time": "1970-01-01T00:00:01.500+00:00",
        "level": "INFO",
        "logger": "tests",
        "message": "two\nlines, “quoted” and \udcff broken",
        "account": "editor",
        "count": 3,
        "request_id": "-",
    }


def access(sent: str) -> tuple[logging.LogRecord, str]:
    """A line of the access log, with what was sent as the request's id."""
    atoms = {
        "method": "GET",
        "path": "/",
        "protocol": "HTTP/1.1",
        "status": 200,
        "dt_ms": 1.26,
        "time": "now",
    }
    message = serve.ACCESS_LOG + " %(_h0)s"
    record = logging.makeLogRecord({"msg": message, "args": {**atoms, "_h0": sent}})
    assert OfAccess().filter(record)
    return record, record.getMessage()


def test_a_line_of_the_access_log_has_its_parts() -> None:
    record, message = access(SENT)
    assert message == f'[now] "GET / HTTP/1.1" 200 1 ms {SENT}'
    line = json.loads(JsonLine().format(record))
    assert {line[name] for name in ("method", "path")} == {"GET", "/"}
    assert (line["status_code"], line["milliseconds"], line["request_id"]) == (200, 1.3, SENT)


def test_a_line_of_the_access_log_takes_no_id_that_is_none() -> None:
    assert access('" 200 forged')[1] == '[now] "GET / HTTP/1.1" 200 1 ms -'


# --- the server as it runs


def test_the_running_server_writes_json_and_nothing_else(empty_site: SiteDatabase, talkative: Server) -> None:
    log = talkative.log
    ids = {
        address: f"{number:032x}" for number, address in enumerate(("/nowhere/", "/search/", "/robots.txt"))
    }
    # A table that is missing is a fault to PostgreSQL, and a damaged file to SQLite.
    wanted = 503 if empty_site.url.startswith("sqlite") else 500
    empty_site.drop("neighbourhoods_postcode")
    talkative.environment |= {"LOG_FORMAT": "json", "TRUST_PROXY_HEADERS": "true"}

    def ask(path: str, query: str) -> tuple[int, str]:
        status, _, body = talkative.get(f"{path}?{query}", **{"X-Request-ID": ids[path]})
        return status, body.decode()

    def written() -> bool:
        return all(re.search(rf'"granian.access".*{sent}', log.read_text()) for sent in ids.values())

    with talkative.running():
        assert ask("/nowhere/", "q=TS249XX")[0] == 404
        status, text = ask("/search/", "q=TS249XX")
        assert status == wanted
        assert (ids["/search/"] in text) is (wanted == 500)
        assert ask("/robots.txt", quote("“x”"))[0] == 200
        # A line of the access log follows its answer, in its own time.
        talkative.wait(written)
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert all({"time", "level", "logger", "request_id", "message"} <= line.keys() for line in lines)
    by_id: dict[str, list[dict[str, Any]]] = {}
    for line in lines:
        by_id.setdefault(line["request_id"], []).append(line)
    for address, sent in ids.items():
        assert by_id[sent], address
        assert {line["path"] for line in by_id[sent] if line["logger"] == "granian.access"} == {address}
    (fault,) = [line for line in by_id[ids["/search/"]] if line["level"] == "ERROR"]
    if wanted == 500:
        assert (fault["logger"], fault["status_code"]) == ("django.request", 500)
        assert "ProgrammingError" in fault["exc_info"]
    else:
        assert fault["message"] == "No database for /search/: OperationalError"
    assert "TS249XX" not in log.read_text()
