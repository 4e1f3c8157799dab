"""The front server, driven: real nginx, its real settings and start script, a few real pages and files."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import ssl
import struct
import tempfile
import time
import warnings
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.test.utils import override_settings
from playwright.sync_api import Browser
from pytest_django import DjangoDbBlocker

from appg.models import SiteSettings
from appg.uploads import EXTENSIONS
from leftbehind_site import enumeration
from leftbehind_site.common import headers
from leftbehind_site.context import site_facts
from leftbehind_site.enumeration import Address, Kind
from leftbehind_site.export import writing
from leftbehind_site.export.manifest import read
from leftbehind_site.serving import publishing
from tests.appg import items
from tests.appg.record import full_record
from tests.bench import serving
from tests.conftest import HtmlChecker
from tests.deploy.front import FORMER, HOST, ROOT, Answer, Front, StandIn, programs
from tests.desk import pdf, png
from tests.needs import require
from tests.neighbourhoods.factory import code, make_release
from tests.ports import free_port
from tests.servers import process
from tests.waiting import PATIENCE

pytestmark = pytest.mark.once

PLACE = f"/neighbourhoods/{code(0)}/three-corners/"
EXPORTED = (
    *("/", "/news/", "/search/", "/robots.txt", "/sitemap.xml", "/corrections/feed/", "/card.png"),
    *(PLACE, f"{PLACE}embed/", f"{PLACE[:-1]}.csv", f"{PLACE[:-1]}.geojson"),
)
"""An address of each kind that the copy has to answer in a way of its own."""


@pytest.fixture(scope="module")
def content(
    tmp_path_factory: pytest.TempPathFactory,
    django_db_setup: None,  # noqa: ARG001
    django_db_blocker: DjangoDbBlocker,
) -> Path:
    """A few real pages and files, published and exported; the content itself is no longer there."""
    folder = tmp_path_factory.mktemp("content")

    def few() -> list[Address]:
        return [
            one
            for one in enumeration.addresses()
            if one.path in EXPORTED or one.path.startswith(("/files/", "/static/"))
        ]

    with (
        pytest.MonkeyPatch.context() as patch,
        django_db_blocker.unblock(),
        transaction.atomic(),
        override_settings(PUBLISHED_ROOT=folder / "nothing", MEDIA_ROOT=folder / "media"),
    ):
        full_record()
        make_release(12)
        items.news(slug="moved")
        items.upload("report.pdf", pdf(), "application/pdf")
        items.upload("a.png", png(), "image/png", width=4, height=3, alternative_text="A hall")
        for module in (writing, publishing):
            patch.setattr(module, "addresses", few)
        patch.setattr(writing, "candidates", lambda _addresses: ["/blog/moved/"])
        publishing.publish(folder / "published")
        writing.export(folder / "site")
        transaction.set_rollback(True)
    return folder


@pytest.fixture(scope="module")
def started(content: Path) -> Iterator[Front]:
    """The front server, with all of that in its folders and nobody behind it yet."""
    require(
        shutil.which("nginx", path=programs()),
        "Driving the front server: no nginx on this machine (Debian: nginx-light)",
    )
    with tempfile.TemporaryDirectory(prefix="front-") as name:
        front = Front(Path(name), StandIn("site"), StandIn("desk"))
        front.prepare()
        shutil.copytree(content / "published", front.published, symlinks=True, dirs_exist_ok=True)
        shutil.copytree(content / "site", front.copy / "site")
        (front.folder / "challenges" / ".well-known" / "acme-challenge").mkdir(parents=True)
        (front.folder / "challenges" / ".well-known" / "acme-challenge" / "token").write_text("proof")
        made = front.run("start.sh", "certificate")
        assert made.returncode == 0, made.stderr
        with front.running():
            yield front


@pytest.fixture
def front(started: Front) -> Iterator[Front]:
    """The front server before a site and a desk that are well."""
    with started.site.running(), started.desk.running():
        started.site.status = started.desk.status = 200
        started.site.asked.clear()
        started.desk.asked.clear()
        yield started


@pytest.fixture
def deserted(started: Front) -> Front:
    """The front server with nobody behind it."""
    return started


@contextlib.contextmanager
def unpublished(front: Front) -> Iterator[None]:
    """While nothing is published, as after a change."""
    current = front.published / "current"
    aside = front.published / "aside"
    current.rename(aside)
    try:
        yield
    finally:
        aside.rename(current)


@contextlib.contextmanager
def uncopied(front: Front) -> Iterator[None]:
    """While there is no copy."""
    aside = front.copy / "aside"
    (front.copy / "site").rename(aside)
    try:
        yield
    finally:
        aside.rename(front.copy / "site")


def in_the_copy(content: Path, path: str) -> str:
    file = content / "site" / f"{path[1:]}{'index.html' if path.endswith('/') else ''}"
    return file.read_bytes().decode("utf-8", "backslashreplace")


# --- its settings


def test_nginx_accepts_its_settings(started: Front) -> None:
    done = started.run("front.sh", "-t", TEMPORARY=str(started.folder / "certificates"))
    assert done.returncode == 0, done.stderr
    assert "test is successful" in done.stderr
    assert "warn" not in done.stderr
    assert "@" not in re.sub(r"@(site|desk|away|copy|copied_\w+)\b|#.*|\[%s\]", "", settings_of(started))


def settings_of(front: Front) -> str:
    return (front.folder / "temporary" / "nginx.conf").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"ADMIN_PATH": "a/b"}, "ADMIN_PATH is 'a/b'"),
        ({"ADMIN_PATH": "x; return 200"}, "ADMIN_PATH is 'x; return 200'"),
        ({"FORMER_HOSTS": "a.test,b{.test"}, "'b{.test' is not the name of a host"),
        ({"ALLOWED_HOSTS": "*"}, "'*' is not the name of a host"),
        ({"SITE_URL": ""}, "set it to the public address"),
        ({"ALLOWED_HOSTS": "a.test b;c"}, "'b;c' is not the name of a host"),
    ],
)
def test_what_would_break_its_settings_is_refused(
    started: Front, variables: dict[str, str], said: str
) -> None:
    done = started.run("front.sh", "-t", **variables)
    assert done.returncode != 0
    assert said in done.stderr


def test_it_remembers_no_file_and_compresses_none() -> None:
    text = re.sub(r"#.*", "", (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8"))
    assert "open_file_cache" not in text
    assert "gzip on" not in text


def test_an_editors_cookie_is_the_one_that_the_site_sets() -> None:
    text = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    (pattern,) = re.findall(r'"~(\w+)=" editor;', text)
    assert pattern in settings.SESSION_COOKIE_NAME


def test_the_benchmark_starts_it_too(content: Path) -> None:
    """Without https, as the server that it is measured against."""
    with tempfile.TemporaryDirectory(prefix="front-") as name:
        folder = Path(name)
        # nginx's workers may be another user's.
        folder.chmod(0o755)
        shutil.copytree(content / "published", folder / "published", symlinks=True)
        (folder / "published" / "current" / "sites" / "http-127.0.0.1").symlink_to("../pages")
        ports = {"front": free_port(), "python": free_port()}
        environment = {**os.environ, "SITE_URL": "http://127.0.0.1", **serving._front(folder, ports)}
        with process(["sh", "deploy/front.sh"], folder / "log", environment=environment):
            serving._wait(ports["front"])
            assert "strict-transport-security" not in serving._answer(ports["front"], "/news/")[1]
            visitor = serving.Alone("", questions=3)
            assert serving._first_bytes("/news/", visitor, {"front": ports["front"]})["front"] > 0
            with pytest.raises(RuntimeError, match=r"no page came: .* 503 "):
                serving._first_bytes("/nowhere/", visitor, {"front": ports["front"]})


# --- https


def test_http_leads_to_https(front: Front) -> None:
    answer = front.ask("/news/?page=2", plain=True)
    assert (answer.status, answer.headers["location"]) == (301, f"https://{HOST}/news/?page=2")
    assert front.site.asked == []


def test_http_2_is_spoken(front: Front) -> None:
    context = front.trusted
    context.set_alpn_protocols(["h2", "http/1.1"])
    with (
        socket.create_connection(("127.0.0.1", front.secure), timeout=PATIENCE) as connection,
        context.wrap_socket(connection, server_hostname=HOST) as secure,
    ):
        assert secure.selected_alpn_protocol() == "h2"
        assert secure.version() == "TLSv1.3"
        empty = b"\0\0\0\x04\0\0\0\0\0"
        secure.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + empty)
        head = b""
        while len(head) < 9:
            head += secure.recv(9 - len(head))
        _, kind = struct.unpack(">xHB", head[:4]), head[3]
        assert kind == 4, "the first frame of a server has its settings"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_version_of_tls_that_is_safe_will_do(front: Front, version: ssl.TLSVersion) -> None:
    context = front.trusted
    context.minimum_version = context.maximum_version = version
    with (
        socket.create_connection(("127.0.0.1", front.secure), timeout=PATIENCE) as connection,
        context.wrap_socket(connection, server_hostname=HOST) as secure,
    ):
        assert secure.cipher()


def test_an_old_version_of_tls_will_not(front: Front) -> None:
    context = front.trusted
    with (
        warnings.catch_warnings(),
        socket.create_connection(("127.0.0.1", front.secure), timeout=PATIENCE) as connection,
    ):
        # Python says that nobody should ask for it, which is the point.
        warnings.simplefilter("ignore", DeprecationWarning)
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
        with pytest.raises((ssl.SSLError, ConnectionError)):
            context.wrap_socket(connection, server_hostname=HOST)


def test_a_certificate_authority_finds_its_proof(front: Front) -> None:
    answer = front.ask("/.well-known/acme-challenge/token", plain=True)
    assert (answer.status, answer.text) == (200, "proof")
    assert front.ask("/.well-known/acme-challenge/other", plain=True).status == 404
    assert front.site.asked == []


def test_a_new_certificate_is_used_at_once(front: Front, tmp_path: Path) -> None:
    given = front.folder / "certificates" / "given"
    made = front.run("start.sh", "certificate", CERTIFICATES=str(given), SITE_URL=f"https://{HOST}")
    assert made.returncode == 0, made.stderr
    old = front.trusted
    refused = front.run("start.sh", "certificate", str(tmp_path))
    assert refused.returncode == 1
    assert "has to hold fullchain.pem and privkey.pem" in refused.stderr
    assert front.ask("/").status == 200
    taken = front.run("start.sh", "certificate", str(given / "current"))
    assert taken.returncode == 0, taken.stderr
    assert front.ask("/").status == 200
    with (
        socket.create_connection(("127.0.0.1", front.secure), timeout=PATIENCE) as connection,
        pytest.raises(ssl.SSLCertVerificationError),
    ):
        old.wrap_socket(connection, server_hostname=HOST)
    key = front.folder / "certificates" / "current" / "privkey.pem"
    assert key.stat().st_mode & 0o077 == 0
    again = front.run("start.sh", "certificate")
    assert "There is a certificate." in again.stdout


def test_a_certificate_by_an_authority_takes_the_place_of_the_stand_in(front: Front) -> None:
    """Of the authority's own program nothing but what it leaves behind is real here."""
    folder = front.folder / "by-authority"
    program = folder / "bin" / "certbot"
    program.parent.mkdir(parents=True)
    program.write_text(
        '#!/bin/sh\necho "$@"\nmkdir -p "$CERTIFICATES/live/site"\n'
        'echo "of the authority" >"$CERTIFICATES/live/site/fullchain.pem"\n'
    )
    # Ends the waiting for the next time, and with it the script.
    (program.parent / "sleep").write_text("#!/bin/sh\nexit 7\n")
    for path in (folder, program.parent, *program.parent.iterdir()):
        path.chmod(0o777)
    done = front.run(
        "certbot.sh",
        PATH=f"{program.parent}:{programs()}",
        CERTIFICATES=str(folder),
        CERTIFICATE_HOSTS="www.example.org,example.org",
    )
    assert done.returncode == 7, done.stderr
    assert "--domains www.example.org,example.org " in done.stdout
    assert "--register-unsafely-without-email" in done.stdout
    assert (folder / "current" / "fullchain.pem").read_text() == "of the authority\n"
    nobody = front.run("certbot.sh", CERTIFICATES=str(folder))
    assert nobody.returncode != 0
    assert "name the hosts" in nobody.stderr


def test_a_key_of_another_certificate_is_refused(front: Front) -> None:
    mixed = front.folder / "certificates" / "mixed"
    for name in ("one", "two"):
        front.run("start.sh", "certificate", CERTIFICATES=str(front.folder / "certificates" / name))
    shutil.copytree(front.folder / "certificates" / "one" / "stand-in", mixed)
    shutil.copy(front.folder / "certificates" / "two" / "stand-in" / "privkey.pem", mixed)
    for path in (mixed, *mixed.iterdir()):
        path.chmod(0o755)
    done = front.run("start.sh", "certificate", str(mixed))
    assert done.returncode == 1
    assert "do not belong together" in done.stderr


# --- whom it asks


def test_a_published_page_is_sent_without_the_site(front: Front, content: Path) -> None:
    answer = front.ask("/news/", headers={"Accept-Encoding": "identity"})
    assert (answer.status, answer.text) == (200, in_the_copy(content, "/news/"))
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert front.ask("/news/", headers={"Accept-Encoding": "gzip"}).headers["content-encoding"] == "gzip"
    unchanged = front.ask("/news/", headers={"If-None-Match": answer.headers["etag"]})
    assert unchanged.status == 304
    assert front.site.asked == []


@pytest.mark.django_db
def test_it_says_what_the_site_says_of_every_page(front: Front, client: Client) -> None:
    said = client.get("/news/", secure=True, headers={"host": HOST})
    wanted = {name.lower(): value for name, value in said.items() if name != "Content-Length"}
    sent = front.ask("/news/").headers
    assert {name: sent.get(name) for name in wanted} == wanted


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/news/?page=2", "GET"),
        ("/robots.txt", "GET"),
        ("/news/", "POST"),
        ("/news/", "PUT"),
        ("/unknown/", "GET"),
        ("/news//", "GET"),
        ("/%6eews/%2e%2e/x", "GET"),
    ],
)
def test_the_rest_is_the_sites(front: Front, path: str, method: str) -> None:
    answer = front.ask(path, method)
    assert (answer.status, answer.text) == (200, f"site: {method} {path}")
    # What it says itself is said once.
    assert [value for name, value in answer.every if name.lower() == "x-frame-options"] == ["SAMEORIGIN"]
    assert "cache-control" not in answer.headers


@pytest.mark.parametrize(
    "path", ["/the-desk", "/the-desk/", "/the-desk/appg/newsitem/?q=x", "/the-desk/login/"]
)
def test_the_desk_has_an_address_of_its_own(front: Front, path: str) -> None:
    published = front.published / "current" / "pages" / "the-desk"
    published.mkdir(exist_ok=True)
    (published / "index.html").write_text("published")
    assert front.ask(path).text == f"desk: GET {path}"


@pytest.mark.parametrize("path", ["/", "/news/", "/news/a-draft/"])
@pytest.mark.parametrize("name", ["sessionid", "__Host-sessionid"])
def test_whoever_has_signed_in_sees_the_desks_pages(front: Front, path: str, name: str) -> None:
    assert front.ask(path, headers={"Cookie": f"a=b; {name}=c"}).text == f"desk: GET {path}"


def test_the_former_website_leads_on_in_one_step(front: Front) -> None:
    for plain in (True, False):
        assert front.ask("/old/", host=FORMER, plain=plain).text == "site: GET /old/"
        asked = front.site.asked[-1].headers
        assert (asked["host"], asked["x-forwarded-proto"]) == (FORMER, "http" if plain else "https")


@pytest.mark.parametrize("host", ["evil.test", f"{HOST}.evil.test", "127.0.0.1", f"x{HOST}"])
@pytest.mark.parametrize("plain", [True, False])
def test_nobody_elses_host_is_answered(front: Front, host: str, plain: bool) -> None:
    assert front.ask("/news/", host=host, plain=plain).status == 400
    assert front.site.asked == []


def test_the_host_that_is_looked_at_is_the_one_that_the_site_hears_of(front: Front) -> None:
    assert front.ask(f"http://{HOST}/unknown/", host="evil.test").text == "site: GET /unknown/"
    assert front.site.asked[-1].headers["host"] == HOST
    assert front.ask("http://evil.test/unknown/").status == 400
    assert front.ask(f"https://{HOST}:443/unknown/", host="evil.test").status == 200
    assert front.ask("/unknown/", host="localhost").status == 200


def test_the_site_hears_of_the_visitor_from_the_front_server_alone(front: Front) -> None:
    forged = {
        "X-Forwarded-For": "192.0.2.7",
        "X-Forwarded-Proto": "http",
        "X-Forwarded-Host": "evil.test",
        "Forwarded": "for=192.0.2.7",
        "X-Request-ID": "forged",
    }
    front.ask("/unknown/", headers=forged)
    asked = front.site.asked[-1].headers
    assert (asked["x-forwarded-for"], asked["x-forwarded-proto"]) == ("127.0.0.1", "https")
    assert "x-forwarded-host" not in asked
    assert "forwarded" not in asked
    assert re.fullmatch("[0-9a-f]{32}", asked["x-request-id"])


# --- when the site is down


@pytest.mark.parametrize("path", EXPORTED)
def test_the_copy_answers_when_the_site_does_not(deserted: Front, content: Path, path: str) -> None:
    with unpublished(deserted):
        answer = deserted.ask(path)
    assert (answer.status, answer.text) == (200, in_the_copy(content, path))
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    assert answer.headers["cache-control"] == "no-cache"
    assert ("x-frame-options" in answer.headers) is not path.endswith("/embed/")
    kinds = {".csv": "text/csv", ".txt": "text/plain", ".xml": "application/xml", ".png": "image/png"}
    kinds |= {".geojson": "application/geo+json", "feed/": "application/atom+xml"}
    wanted = next((kind for end, kind in kinds.items() if path.endswith(end)), "text/html")
    assert answer.headers["content-type"].partition(";")[0] == wanted


def test_a_copied_answer_has_the_headers_of_the_sites_own(deserted: Front, content: Path) -> None:
    names = headers.NAMES
    exported = [one for one in read(content / "site").addresses if one.status == HTTPStatus.OK]
    assert {".css", ".pdf", ".png", ".csv", ".txt"} <= {Path(one.path).suffix for one in exported}
    with unpublished(deserted):
        for one in exported:
            said = {name: value for name, value in one.headers if name in names}
            sent = deserted.ask(one.path).headers
            assert {name: sent[name] for name in names & set(sent)} == said, one.path
            if one.kind == Kind.MEDIA:
                assert sent["content-disposition"] == dict(one.headers)["content-disposition"]


def test_what_it_says_itself_has_the_headers_of_pages(deserted: Front) -> None:
    wanted = {name.lower(): value for name, value in headers.of_pages().items()}
    only_https: dict[str, str | None] = {"strict-transport-security": None}
    only_https["content-security-policy"] = headers.written(headers.PAGE).removesuffix(
        "; upgrade-insecure-requests"
    )
    for plain in (False, True):
        answers = [
            (400, deserted.ask("/news/", host="evil.test", plain=plain)),
            (413, deserted.ask("/news/", "POST", body=b"x" * 100_000, plain=plain)),
            (414, deserted.ask(f"/{'x' * 9000}", plain=plain)),
            (503, deserted.ask("/old/", host=FORMER, plain=plain)),
            (200, deserted.ask("/away.css", plain=plain, host=FORMER if plain else HOST)),
        ]
        for status, answer in answers:
            assert answer.status == status
            for name, value in (wanted | only_https if plain else wanted).items():
                assert answer.headers.get(name) == value, (plain, status, name)


@pytest.mark.parametrize("media_type", sorted(EXTENSIONS))
def test_what_editors_may_upload_has_its_type_in_the_copy(deserted: Front, media_type: str) -> None:
    folder = deserted.copy / "site" / "files" / "1"
    folder.mkdir(parents=True, exist_ok=True)
    for ending in EXTENSIONS[media_type]:
        (folder / f"a.{ending}").write_bytes(b"content")
        sent = deserted.ask(f"/files/1/a.{ending}").headers["content-type"]
        assert sent.partition(";")[0] == media_type


def test_what_is_published_is_sent_even_then(deserted: Front) -> None:
    answer = deserted.ask("/news/")
    assert answer.status == 200
    assert "no-cache" in answer.headers["cache-control"]


@pytest.mark.parametrize("status", [502, 503, 504])
def test_the_copy_answers_when_the_site_cannot(front: Front, content: Path, status: int) -> None:
    front.site.status = status
    with unpublished(front):
        assert front.ask("/news/").text == in_the_copy(content, "/news/")
        assert front.ask("/news/", "HEAD").status == 200
    front.site.status = 500
    assert front.ask("/robots.txt").status == 500


def test_a_search_finds_the_page_that_searches_by_itself(deserted: Front, content: Path) -> None:
    assert deserted.ask("/search/?q=health").text == in_the_copy(content, "/search/")


def test_a_former_address_leads_on_even_then(deserted: Front) -> None:
    answer = deserted.ask("/blog/moved/")
    assert answer.status == 200
    assert '<meta http-equiv="refresh" content="0; url=/news/moved/">' in answer.text


def is_away(answer: Answer) -> bool:
    return (
        answer.status == 503
        and "cannot be shown at the moment" in answer.text
        and answer.headers["retry-after"] == "120"
        and answer.headers["cache-control"] == "no-store"
    )


@pytest.mark.parametrize("path", ["/unknown/", "/news/?page=2", "/search/nothing/", "/data/nothing.csv"])
def test_what_the_copy_has_not_is_away(deserted: Front, path: str) -> None:
    assert is_away(deserted.ask(path))
    assert deserted.ask(path, "HEAD").status == 503


def test_nothing_is_sent_to_a_site_that_is_away(deserted: Front) -> None:
    assert is_away(deserted.ask("/news/", "POST", body=b"x"))
    assert is_away(deserted.ask("/old/", host=FORMER))
    assert is_away(deserted.ask("/old/", host=FORMER, plain=True))


def test_without_a_copy_everything_is_away(deserted: Front) -> None:
    with unpublished(deserted), uncopied(deserted):
        for path in EXPORTED:
            assert is_away(deserted.ask(path)), path


@pytest.mark.parametrize("path", ["/the-desk", "/the-desk/", "/the-desk/news/"])
def test_the_desk_is_never_copied(deserted: Front, path: str) -> None:
    copied = deserted.copy / "site" / "the-desk"
    copied.mkdir(exist_ok=True)
    (copied / "index.html").write_text("copied")
    assert is_away(deserted.ask(path))
    assert is_away(deserted.ask("/news/", headers={"Cookie": "sessionid=x"}))


def test_the_desks_own_words_are_passed_on(front: Front) -> None:
    front.desk.status = 503
    answer = front.ask("/the-desk/")
    assert (answer.status, answer.text) == (503, "desk: GET /the-desk/")


def test_how_the_site_is_can_be_asked_of_it_alone(front: Front) -> None:
    front.site.status = 503
    answer = front.ask("/healthz")
    assert (answer.status, answer.text) == (503, "site: GET /healthz")


def test_all_is_well_again_by_itself(deserted: Front) -> None:
    assert is_away(deserted.ask("/unknown/"))
    with deserted.site.running():
        assert deserted.ask("/unknown/").text == "site: GET /unknown/"
    assert is_away(deserted.ask("/unknown/"))


# --- what it allows


def test_bodies_are_for_the_desk(front: Front) -> None:
    large = b"x" * 100_000
    assert front.ask("/news/", "POST", body=large).status == 413
    assert front.site.asked == []
    assert front.ask("/the-desk/", "POST", body=large).text == "desk: POST /the-desk/"


@pytest.mark.parametrize("headers", [{"Cookie": "x" * 9000}, {f"X-{n}": "x" * 7000 for n in range(8)}])
def test_huge_headers_are_refused(front: Front, headers: dict[str, str]) -> None:
    assert front.ask("/news/?x", headers=headers).status == 400
    assert front.ask(f"/{'x' * 9000}").status == 414
    assert front.site.asked == []


def test_slow_visitors_lose_their_connection(front: Front) -> None:
    """One that begins no handshake, and one that does not come to the end of its headers."""
    with contextlib.ExitStack() as stack:
        first, second = (
            stack.enter_context(socket.create_connection(("127.0.0.1", front.secure), PATIENCE))
            for _ in range(2)
        )
        secure = stack.enter_context(front.trusted.wrap_socket(second, server_hostname=HOST))
        secure.sendall(f"GET /news/ HTTP/1.1\r\nHost: {HOST}\r\nX-".encode())
        for connection in (first, secure):
            with contextlib.suppress(ConnectionError):
                # At most it says that this took too long.
                while connection.recv(1000):
                    pass
    assert front.site.asked == []


def test_one_part_of_a_file_at_a_time(front: Front) -> None:
    part = front.ask("/news/", headers={"Range": "bytes=0-3", "Accept-Encoding": "identity"})
    assert (part.status, part.text) == (206, "<!do")
    several = front.ask("/news/", headers={"Range": "bytes=0-3,8-9", "Accept-Encoding": "identity"})
    assert several.status == 200


def test_a_visitor_has_no_more_than_a_hundred_connections(front: Front) -> None:
    front.desk.may_answer.clear()
    with contextlib.ExitStack() as stack:
        context = front.trusted
        for _ in range(100):
            raw = stack.enter_context(socket.create_connection(("127.0.0.1", front.secure), PATIENCE))
            secure = stack.enter_context(context.wrap_socket(raw, server_hostname=HOST))
            secure.sendall(f"GET /the-desk/ HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
        # Before they are closed: whoever is answered is there to hear it.
        stack.callback(front.desk.may_answer.set)
        begun = time.monotonic()
        while len(front.desk.asked) < 100:
            assert time.monotonic() - begun < PATIENCE
            time.sleep(0.02)
        assert front.ask("/news/").status == 429


# --- what it writes down, and what it tells


def log_with(front: Front, *wanted: str) -> str:
    """The log, once it has what is wanted: a line is written after its answer has been sent."""
    begun = time.monotonic()
    while not all(one in front.log.read_text() for one in wanted):
        assert time.monotonic() - begun < PATIENCE, front.log.read_text()
        time.sleep(0.02)
    return front.log.read_text()


def test_its_log_knows_no_visitor_and_no_query(deserted: Front) -> None:
    deserted.ask("/search-for/?q=TS24+0XT", headers={"Referer": "https://elsewhere.test/"})
    deserted.ask("/from-elsewhere/", host="another.test")
    text = log_with(deserted, '"GET /search-for/ HTTP/1.1" 503', '"GET /from-elsewhere/ HTTP/1.1" 400')
    for secret in ("TS24", "127.0.0.1", "elsewhere.test", "another"):
        assert secret not in text


def test_what_goes_well_is_not_written_down(front: Front) -> None:
    assert [front.ask(path).status for path in ("/going/well/", "/the-desk/well/")] == [200, 200]
    front.site.status = 500
    assert front.ask("/going/ill/").status == 500
    assert "/well/" not in log_with(front, '"GET /going/ill/ HTTP/1.1" 500')


@pytest.mark.parametrize("path", ["/news/", "/robots.txt", f"/{'x' * 9000}", "/away.html", "/healthz"])
def test_no_version_is_told(front: Front, path: str) -> None:
    answer = front.ask(path)
    assert answer.headers["server"] == "nginx"
    assert not re.search(r"nginx/\d", answer.text)


# --- the page of a site that is away


def test_the_page_is_a_page_of_this_archive(html_checker: HtmlChecker) -> None:
    text = (ROOT / "deploy" / "away.html").read_text(encoding="utf-8")
    facts = site_facts(SiteSettings())
    assert facts.archive_notice in text
    assert facts.group_name in text
    assert html_checker({"away": text}) == []
    # Under the site's own policy: no script, no style of its own, nothing from elsewhere.
    assert not re.search(r"<script|<style|style=|https?://", text)


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 320])
def test_a_browser_shows_it(deserted: Front, browser: Browser, width: int) -> None:
    said: list[str] = []
    context = browser.new_context(ignore_https_errors=True, viewport={"width": width, "height": 800})
    page = context.new_page()
    page.on("console", lambda message: said.append(message.text))
    answer = page.goto(f"https://localhost:{deserted.secure}/unknown/", timeout=PATIENCE * 1000)
    assert answer
    assert answer.status == 503
    assert page.evaluate("performance.getEntriesByType('navigation')[0].nextHopProtocol") == "h2"
    assert page.get_by_role("heading", level=1).inner_text() == "This page cannot be shown at the moment"
    # Its style has come: the notice has the colour of all pages.
    colour = page.locator(".archive-notice").evaluate("one => getComputedStyle(one).backgroundColor")
    assert colour == "rgb(244, 220, 164)"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert [one for one in said if "503" not in one] == []
    assert context.cookies() == []
    context.close()


def test_it_wears_the_sites_colours() -> None:
    style = (ROOT / "static" / "css" / "site.css").read_text(encoding="utf-8")
    away = (ROOT / "deploy" / "away.css").read_text(encoding="utf-8")
    for block in re.findall(r":root \{([^}]*)\}", away):
        for line in re.findall(r"--[a-z-]+: [^;]+;", block):
            assert line in style or line.startswith("--measure"), line


def test_its_style_is_sent_when_all_else_is_away(deserted: Front) -> None:
    with unpublished(deserted), uncopied(deserted):
        answer = deserted.ask("/away.css")
    assert (answer.status, answer.headers["content-type"].partition(";")[0]) == (200, "text/css")


def test_the_headers_are_made_of_the_site_s_own_list() -> None:
    found = {file.stem: file.read_text(encoding="utf-8") for file in (ROOT / "deploy" / "headers").iterdir()}
    assert found == headers.for_nginx()
