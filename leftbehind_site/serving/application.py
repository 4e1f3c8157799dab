"""Answers what is published before Django's middleware runs; everything else is Django's.

Only a plain question is answered here: GET or HEAD, no query, the site's own host, no editor's session, an
address that is published for the present generation of the content. A thread of each worker asks twice a
second whether the generation is still the same (``watching``), and what this worker itself changes is noticed
before the change is answered.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import IO, Any, Final

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from leftbehind_site.common import limits
from leftbehind_site.common.headers import SERVER
from leftbehind_site.common.responses import READING
from leftbehind_site.serving.clients import AGAIN_AFTER, Body, content_length, delivered
from leftbehind_site.serving.connections import give_up_on_readers
from leftbehind_site.serving.kept import Headers, Ready
from leftbehind_site.serving.negotiation import span, unchanged
from leftbehind_site.serving.watching import Watcher

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

CHUNK: Final = 64 * 1024
"""Bytes of a large file that are sent at a time."""

LATER: Final = b"Several large files are being sent at this moment. Please come again in a few seconds.\n"

_OF_A_BODY: Final = re.compile(
    "(?:accept-ranges|cache-control|content-(?!security).*|etag|last-modified|vary)\\Z", re.IGNORECASE
).match
"""Names of headers that speak of an answer's body."""


@lru_cache(maxsize=256)
def known_host(host: str) -> bool:
    """Whether Django would answer to a host name, a port behind it or not."""
    domain, _ = split_domain_port(host)
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)


class Begun:
    """The beginning of an answer, until it is certain that the rest can be sent.

    Attributes:
        status: Code and reason.
        headers: All of them.
    """

    def __init__(self) -> None:
        self.status = ""
        self.headers: Headers = []

    def __call__(self, status: str, headers: Headers, *_problem: Any) -> None:
        """Note it."""
        self.status, self.headers = status, headers

    def put_off(self) -> None:
        """Ask for the same again in a while, with the headers that every answer has."""
        kept = [(name, value) for name, value in self.headers if not _OF_A_BODY(name)]
        self.status = "503 Service Unavailable"
        self.headers = [
            *kept,
            ("cache-control", "no-store"),
            ("content-length", str(len(LATER))),
            ("content-type", "text/plain; charset=utf-8"),
            ("retry-after", str(AGAIN_AFTER)),
        ]


class Serving:
    """The WSGI application before Django's.

    Args:
        application: Django's.
        watcher: Knows what may be sent.
    """

    def __init__(self, application: Application, watcher: Watcher) -> None:
        self._application = application
        self._watcher = watcher
        self._first_seen = False
        # Without a desk nobody has a session, whatever a cookie says.
        self._session = f"{settings.SESSION_COOKIE_NAME}=" if settings.DESK else None
        # Where a request says that it came by https, and how; nothing where it need not.
        self._proof, self._secure = settings.SECURE_PROXY_SSL_HEADER or ("wsgi.url_scheme", "https")
        if not settings.SECURE_SSL_REDIRECT:
            self._proof = ""

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        if not self._first_seen:
            # Only now does the server surely listen.
            self._first_seen = True
            give_up_on_readers(int(environ["SERVER_PORT"]), limits.READER_SECONDS)
        ready = self._find(environ) if environ["REQUEST_METHOD"] in READING else None
        if ready is not None and ready.body is not None:
            # In one piece, which no slow reader can stretch.
            sent = _send(environ, start_response, ready)
            if sent is not None:
                return sent
        begun = Begun()
        body = delivered(self._answer(environ, begun, ready))
        if body is None:
            begun.put_off()
            body = [LATER]
        start_response(begun.status, begun.headers)
        return body

    def _answer(self, environ: Environ, begin: StartResponse, ready: Ready | None) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] not in READING:
            length = content_length(environ.get("CONTENT_LENGTH", "")) or 0
            sent = Body(environ["wsgi.input"], length, int(environ["SERVER_PORT"]))
            environ["wsgi.input"] = sent
            try:
                return self._application(environ, _unnamed(begin))
            finally:
                sent.close()
                self._watcher.look()
        found = _send(environ, begin, ready) if ready else None
        return self._application(environ, _unnamed(begin)) if found is None else found

    def _find(self, environ: Environ) -> Ready | None:
        """What is published for a request; nothing if it is not a plain one."""
        kept = self._watcher.kept
        if (
            kept is None
            or environ.get("QUERY_STRING")
            or (self._session and self._session in environ.get("HTTP_COOKIE", ""))
            or (self._proof and environ.get(self._proof) != self._secure)
            or not known_host(environ.get("HTTP_HOST", ""))
        ):
            return None
        return kept.get(environ["PATH_INFO"], environ.get("HTTP_ACCEPT_ENCODING", ""))


def _unnamed(start_response: StartResponse) -> StartResponse:
    """The server's function, told another name than its own."""

    def start(status: str, headers: Headers, problem: Any = None) -> Any:
        return start_response(status, [*headers, SERVER], problem)

    return start


def _send(environ: Environ, start_response: StartResponse, ready: Ready) -> Iterable[bytes] | None:
    """Send what is ready, or as much of it as is asked for; nothing if its file is gone."""
    if unchanged(environ, ready.etag, ready.modified):
        start_response("304 Not Modified", ready.unmodified)
        return []
    if environ["REQUEST_METHOD"] == "HEAD":
        start_response(ready.status, ready.headers)
        return []
    status, headers, start, end = ready.status, ready.headers, 0, ready.size
    if ready.in_parts and "HTTP_RANGE" in environ:
        status, headers, start, end = _part(environ, ready)
    elif ready.body is not None:
        start_response(status, headers)
        return ready.body
    body: Iterable[bytes]
    if ready.body is not None:
        body = [ready.body[0][start:end]]
    else:
        try:
            body = Chunks(ready.file.open("rb"), start, end)
        except OSError:
            return None
    start_response(status, headers)
    return body


def _part(environ: Environ, ready: Ready) -> tuple[str, Headers, int, int]:
    """Status, headers, first byte and the one after the last of the part that is asked for.

    The whole, if the visitor's beginning is of another version, or if it is no part we answer.
    """
    asked = span(environ["HTTP_RANGE"], ready.size)
    if asked is None or environ.get("HTTP_IF_RANGE", ready.etag) != ready.etag:
        return ready.status, ready.headers, 0, ready.size
    start, end = asked
    others = [(name, value) for name, value in ready.headers if name != "content-length"]
    if start >= end:
        outside = [*others, ("content-range", f"bytes */{ready.size}"), ("content-length", "0")]
        return "416 Range Not Satisfiable", outside, 0, 0
    inside = [
        *others,
        ("content-range", f"bytes {start}-{end - 1}/{ready.size}"),
        ("content-length", str(end - start)),
    ]
    return "206 Partial Content", inside, start, end


class Chunks:
    """A part of a file, piece by piece; the server closes it.

    Args:
        file: Open.
        start: The first byte.
        end: The one after the last.
    """

    def __init__(self, file: IO[bytes], start: int, end: int) -> None:
        file.seek(start)
        self._file = file
        self._left = end - start

    def __iter__(self) -> Iterator[bytes]:
        """The pieces."""
        while self._left > 0 and (piece := self._file.read(min(CHUNK, self._left))):
            self._left -= len(piece)
            yield piece

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def serving(application: Application) -> Serving:
    """The site as a worker of the production server answers it, from now on."""
    watcher = Watcher(Path(settings.PUBLISHED_ROOT))
    watcher.start()
    return Serving(application, watcher)
