"""The real server, and clients that mean it no good."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from leftbehind_site.common import limits
from tests.hostile import memory
from tests.hostile.server import Server, serving, until_closed, upload
from tests.waiting import wait

HEAD_SECONDS, BODY_SECONDS, READER_SECONDS = 2, 2, 3


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, collected: Path) -> Iterator[Server]:
    """One worker that loses patience soon; nothing that is done to it is a fault of its own."""
    with serving(
        tmp_path_factory.mktemp("site"),
        static=collected,
        HEAD_SECONDS=HEAD_SECONDS,
        BODY_SECONDS=BODY_SECONDS,
        READER_SECONDS=READER_SECONDS,
    ) as started:
        yield started
    assert "Internal Server Error" not in started.log.read_text(encoding="utf-8")


def request(server: Server, line: str, *headers: str, host: str | None = "") -> bytes:
    """The bytes of a request, with the site's host unless another one is given."""
    named = [] if host is None else [f"Host: {host or f'127.0.0.1:{server.port}'}"]
    return "\r\n".join([line, *named, *headers, "Connection: close", "", ""]).encode("latin-1")


def status(answer: bytes) -> int:
    found = re.match(rb"HTTP/1\.[01] ([0-9]{3}) ", answer)
    assert found, answer[:100]
    return int(found[1])


@pytest.mark.parametrize(
    ("line", "headers", "expected"),
    [
        ("GET /robots.txt HTTP/1.1", (), 200),
        ("GET /" + "a" * 30_000 + " HTTP/1.1", (), 414),
        ("GET /?" + "a" * 30_000 + " HTTP/1.1", (), 414),
        ("GET /" + "a" * 70_000 + " HTTP/1.1", (), 414),
        ("GET / HTTP/1.1", ("Cookie: a=" + "b" * 9_000,), 431),
        ("GET / HTTP/1.1", ("X: " + "b" * 500_000,), 431),
        ("GET / HTTP/1.1", tuple(f"X{number}: 1" for number in range(150)), 431),
        *(
            (f"{method} / HTTP/1.1", (), 405)
            for method in ("get", "Get", "TRACE", "PROPFIND", "OPTIONS", "M" * 5_000)
        ),
        ("CONNECT evil.test:443 HTTP/1.1", (), 405),
        ("OPTIONS * HTTP/1.1", (), 405),
        ("POST / HTTP/1.1", ("Content-Length: 1000000000",), 405),
        ("POST /admin/login/ HTTP/1.1", ("Content-Length: 1000000000",), 413),
        ("POST /admin/login/ HTTP/1.1", ("Transfer-Encoding: chunked",), 411),
        ("POST /admin/login/ HTTP/1.1", ("Content-Length: 1", "Content-Length: 2"), 400),
        ("POST /admin/login/ HTTP/1.1", ("Content-Length: -1",), 400),
        ("DELETE /admin/ HTTP/1.1", (), 405),
        ("GET /a\0b HTTP/1.1", (), 400),
        ("GET /a\xff\xfe HTTP/1.1", (), 400),
        ("GET / HTTP/1.1", ("X: a\0b",), 400),
        ("GET / HTTP/1.1", ("X: a", " folded"), 400),
        ("GET /a%00b HTTP/1.1", (), 404),
        ("GET /a%ff%fe HTTP/1.1", (), 404),
        ("GET /%c0%ae%c0%ae/%c0%ae HTTP/1.1", (), 404),
        ("GET /search/?q=a&q=b HTTP/1.1", (), 200),
        ("GET /search/?q=%ff%fe HTTP/1.1", (), 400),
        ("GET /search/?" + "&".join(["q=a"] * 1001) + " HTTP/1.1", (), 400),
        ("GET / HTTP/9.9", (), 400),
        ("GARBAGE", (), 400),
        ("\x16\x03\x01\x02", (), 400),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else None,
)
def test_each_is_answered_plainly(server: Server, line: str, headers: tuple[str, ...], expected: int) -> None:
    assert status(server.raw(request(server, line, *headers))) == expected


@pytest.mark.parametrize("path", ["/robots.txt", "/static/nothing.css", "/healthz", "/admin/login/"])
@pytest.mark.parametrize(
    "host", ["evil.test", "127.0.0.1@evil.test", "127.0.0.1.evil.test", "a b", "[::1", None]
)
def test_another_host_is_refused_and_never_sent_on(server: Server, path: str, host: str | None) -> None:
    answer = server.raw(request(server, f"GET {path} HTTP/1.1", host=host))
    assert status(answer) == 400
    assert b"\nlocation:" not in answer.lower()
    assert b"evil.test" not in answer


def test_several_hosts_and_a_whole_address(server: Server) -> None:
    own = f"Host: 127.0.0.1:{server.port}"
    for hosts in ((own, "Host: evil.test"), ("Host: evil.test", own)):
        assert status(server.raw(request(server, "GET / HTTP/1.1", *hosts, host=None))) == 400
    # An address as it is sent to a proxy: nothing of its host is believed.
    answer = server.raw(request(server, "GET http://evil.test/ HTTP/1.1"))
    assert b"evil.test" not in answer
    assert status(server.raw(request(server, "GET http://127.0.0.1/ HTTP/1.1", host="evil.test"))) == 400


@pytest.mark.parametrize(
    "path",
    [
        *("../../../../etc/passwd", "%2e%2e/%2e%2e/%2e%2e/etc/passwd", "..%2f..%2f..%2fetc%2fpasswd"),
        *("..%5c..%5cetc%5cpasswd", "%252e%252e/etc/passwd", "%c0%ae%c0%ae/etc/passwd", "....//etc/passwd"),
        *("/etc/passwd", "css/../../../manage.py", "..;/manage.py", "staticfiles.json%00.css", "."),
    ],
)
@pytest.mark.parametrize(
    "place", ["/static/", "/files/", "/files/1/", "/data/", "/published/", "/media/", "/"]
)
def test_no_way_leads_out_of_a_folder(server: Server, place: str, path: str) -> None:
    answer = server.raw(request(server, f"GET {place}{path} HTTP/1.1"))
    assert 300 <= status(answer) < 500 or b"leftbehind_site" not in answer
    assert b"root:" not in answer
    assert b"DJANGO_SETTINGS_MODULE" not in answer


# --- slow ones


def served_meanwhile(server: Server) -> None:
    for path in ("/robots.txt", "/healthz", "/nowhere/"):
        assert server.status(path) in (200, 404, 503)


def test_heads_that_never_end(server: Server) -> None:
    with contextlib.ExitStack() as held:
        clients = [
            held.enter_context(contextlib.closing(server.send(b"GET / HTTP/1.1\r\nX: "))) for _ in range(40)
        ]
        served_meanwhile(server)
        # Each is cut off; not all of them hear why.
        answers = [until_closed(client) for client in clients]
    assert {status(answer) for answer in answers if answer} <= {408}


def test_connections_on_which_nothing_is_asked(server: Server) -> None:
    with contextlib.closing(server.send(b"")) as client:
        assert until_closed(client) == b""


@pytest.mark.parametrize("sent", [b"", b"username=a"])
def test_bodies_that_never_end(server: Server, sent: bytes) -> None:
    head = request(
        server,
        "POST /admin/login/ HTTP/1.1",
        "Content-Length: 1000",
        "Content-Type: application/x-www-form-urlencoded",
        f"Cookie: csrftoken={'a' * 32}",
    )
    with contextlib.ExitStack() as held:
        clients = [held.enter_context(contextlib.closing(server.send(head + sent))) for _ in range(12)]
        served_meanwhile(server)
        answers = [until_closed(client) for client in clients]
    # A connection may also be closed before its answer has left.
    statuses = [status(answer) if answer else 408 for answer in answers]
    assert set(statuses) <= {408, 503}
    assert 408 in statuses
    refused = [answer for answer in answers if answer and status(answer) == 503]
    assert all(b"retry-after: 5" in answer.lower() for answer in refused)
    # Those who were waited for have made room: a form is taken again.
    whole = head.replace(b"Content-Length: 1000", b"Content-Length: 3") + b"a=1"
    wait(lambda: status(server.raw(whole)) != 503, "a form is taken again", pause=0.2)


def test_readers_who_read_nothing(server: Server) -> None:
    large = upload(server, 30_000_000)
    asked = request(server, f"GET {large} HTTP/1.1")
    with contextlib.ExitStack() as held:
        clients = [
            held.enter_context(contextlib.closing(server.send(asked, buffer=4096)))
            for _ in range(limits.SLOW)
        ]
        served_meanwhile(server)
        # Their threads are free again when the system has closed their connections.

        def taken() -> bool:
            served_meanwhile(server)
            return status(server.raw(asked)) != 503

        wait(taken, "there is a thread for another reader", pause=0.2)
        for client in clients:
            assert len(until_closed(client)) < 30_000_000


def test_memory_does_not_grow(server: Server) -> None:
    found = memory.measure(server, 400, warm=200)
    assert not [status for status in found.statuses if status >= 500]
    assert found.after < found.before + 24 * 2**20
