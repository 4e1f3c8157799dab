"""From an address to its final bytes: what the server keeps, and what an export writes.

The answer is the one that Django gives to a visitor without cookies at the site's own address. What belongs
to one visitor, or may not be kept, is refused here, so that it can get no further.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import unquote, unquote_to_bytes, urlsplit

import brotli
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.utils.http import parse_http_date_safe

from leftbehind_site.enumeration import Address, Kind

COMPRESSIBLE: Final = (
    *("text/", "application/json", "application/geo+json", "application/xml", "application/atom+xml"),
    *(
        "application/javascript",
        "application/vnd.citationstyles.csl+json",
        "application/x-research-info-systems",
    ),
    *("application/x-bibtex", "application/ld+json", "image/svg+xml", "application/manifest+json"),
)
"""Beginnings of the types that compression makes smaller."""

OF_THE_ANSWER: Final = frozenset({"etag", "last-modified", "content-length", "content-encoding", "vary"})
"""Headers that whoever sends the bytes sets by what it sends."""

CODINGS: Final = {"": "", "gzip": ".gz", "br": ".br"}
"""Content codings and how the names of their files end."""

BROTLI_QUALITY: Final = {Kind.FILE: 10, Kind.EMBED: 10, Kind.COMPARISON: 10}
"""Where it is not the best, 11. There are thousands of these, rarely read: 10 takes a third of the time and
makes them 3% larger (measured over the files of 60 neighbourhoods)."""

EXPECTED: Final = {Kind.REDIRECT: HTTPStatus.MOVED_PERMANENTLY, Kind.UNKNOWN: HTTPStatus.NOT_FOUND}
"""The status at an address where it is not 200."""


class UnfitError(Exception):
    """An answer that cannot be kept: personal, unfinished or an error."""


@dataclass(frozen=True, slots=True)
class Finished:
    """An address's answer.

    Attributes:
        status: 200, 301 for a former address, 404 for the page about unknown ones.
        headers: Names in lower case with their values, without those that depend on the encoding.
        identity: The body as it is.
        gzip: The body compressed; nothing where that makes it no smaller.
        brotli: The same by brotli.
        etag: Strong, of the body as it is, with its quotation marks; of another encoding see ``tag``.
        last_modified: What the answer itself says of its age; mostly nothing.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    identity: bytes
    gzip: bytes | None
    brotli: bytes | None
    etag: str
    last_modified: datetime | None

    @property
    def bodies(self) -> dict[str, bytes]:
        """The bodies that there are, by coding; the one as it is under the empty name."""
        bodies = {"": self.identity, "gzip": self.gzip, "br": self.brotli}
        return {coding: body for coding, body in bodies.items() if body is not None}


def tag(etag: str, coding: str) -> str:
    """The ETag of the answer in an encoding: other bytes, so another tag."""
    return f'{etag[:-1]}-{coding}"' if coding else etag


@contextlib.contextmanager
def _unlogged() -> Iterator[None]:
    """Whoever asks here looks at the answer: that nothing stands somewhere is no news for the log."""
    requests = logging.getLogger("django.request")
    level = requests.level
    requests.setLevel(logging.ERROR)
    try:
        yield
    finally:
        requests.setLevel(level)


@cache
def _application() -> Any:
    return get_wsgi_application()


@contextlib.contextmanager
def one_connection() -> Iterator[None]:
    """Ask for many addresses over one connection to the database.

    Django closes it after each request, as it should where visitors come now and then. Opening an SQLite
    file again takes longer than asking what an address needs, so whoever finishes thousands keeps it.
    """
    requests = (request_started, request_finished)
    for signal in requests:
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in requests:
            signal.connect(close_old_connections)


def file_of(path: str) -> str:
    """The name of an address's file: ``/news/`` is ``news/index.html``.

    Args:
        path: Of the enumeration, so that it holds no dots that lead upwards.
    """
    name = unquote(path).removeprefix("/")
    return f"{name}index.html" if not name or name.endswith("/") else name


def path_info(path: str) -> str:
    """An address's path as WSGI hands it over."""
    return unquote_to_bytes(path).decode("latin-1") if "%" in path else path


def answer(address: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers by name in lower case and body of Django's answer to a visitor without cookies.

    Args:
        address: Path as in a link, and what may follow its question mark.

    Raises:
        UnfitError: If the answer sets a cookie.
    """
    site = urlsplit(settings.SITE_URL)
    path, _, query = address.partition("?")
    said: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], _problem: Any = None) -> None:
        said[:] = [int(status.split(" ", 1)[0]), headers]

    environ: dict[str, Any] = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": path_info(path),
        "QUERY_STRING": query,
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_NAME": site.hostname,
        "SERVER_PORT": str(site.port or 80),
        "HTTP_HOST": site.netloc,
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": site.scheme,
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
    }
    if settings.SECURE_PROXY_SSL_HEADER:
        name, _ = settings.SECURE_PROXY_SSL_HEADER
        environ[name] = site.scheme
    with _unlogged():
        parts: Iterable[bytes] = _application()(environ, start_response)
        try:
            body = b"".join(parts)
        finally:
            if hasattr(parts, "close"):
                parts.close()
    status, headers = said
    named = [(name.lower(), value) for name, value in headers]
    if any(name == "set-cookie" for name, _ in named):
        raise UnfitError(f"{address} sets a cookie")
    return status, dict(named), body


def finish(address: Address, *, kept: Finished | None = None) -> Finished:
    """Render an address to its final bytes.

    Args:
        address: Out of the enumeration.
        kept: An earlier result; where the body is still the same, its compressed forms are taken over.

    Raises:
        UnfitError: If the answer is an error, or meant for one visitor, or varies with one.
    """
    status, headers, body = answer(address.path)
    if status != EXPECTED.get(address.kind, HTTPStatus.OK):
        why = f": {body.decode().splitlines()[0]}" if address.kind is Kind.MEDIA and body else ""
        raise UnfitError(f"{address.path} answers {status}{why}")
    cache_control = headers.get("cache-control", "")
    if "private" in cache_control or "no-store" in cache_control:
        raise UnfitError(f"{address.path} may not be kept: {cache_control}")
    if "cookie" in headers.get("vary", "").lower():
        raise UnfitError(f"{address.path} varies with the visitor's cookies")
    etag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
    modified = parse_http_date_safe(headers.get("last-modified", ""))
    if kept is not None and kept.etag == etag:
        zipped, brotlied = kept.gzip, kept.brotli
    elif headers.get("content-type", "").startswith(COMPRESSIBLE):
        zipped = _smaller(gzip.compress(body, 9, mtime=0), body)
        brotlied = _smaller(brotli.compress(body, quality=BROTLI_QUALITY.get(address.kind, 11)), body)
    else:
        zipped = brotlied = None
    return Finished(
        status=status,
        headers=tuple((name, value) for name, value in headers.items() if name not in OF_THE_ANSWER),
        identity=body,
        gzip=zipped,
        brotli=brotlied,
        etag=etag,
        last_modified=datetime.fromtimestamp(modified, UTC) if modified is not None else None,
    )


def _smaller(packed: bytes, body: bytes) -> bytes | None:
    return packed if len(packed) < len(body) else None
