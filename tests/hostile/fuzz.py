"""Thousands of hostile requests to every address pattern, as a reader and as an editor.

    python -m tests.hostile.fuzz [N] [SEED]

Sends N requests (5,000) that follow from the seed alone to the site's WSGI application, in a database of its
own, prints how many were answered in which way, and ends with 1 if one of them was answered badly.
"""

from __future__ import annotations

import io
import logging
import random
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote, unquote, urlencode

REQUESTS: Final = 5_000
SEED: Final = 20240331
TOKEN: Final = "a" * 32
ANONYMOUS: Final = "reader"

_LARGE: Final = 300 * 1024
"""Bytes of a page of which only the beginning is read for what must not be there."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request as the server hands it over.

    Attributes:
        method: As it came.
        path: Percent-encoded.
        query: As it came.
        who: ``reader``, ``editor`` or ``chief``.
        headers: By their names in the environment.
        body: Of a form.
    """

    method: str
    path: str
    query: str = ""
    who: str = ANONYMOUS
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    def __str__(self) -> str:
        """In a line."""
        odd = f" {self.headers}" if self.headers else ""
        return (
            f"{self.who}: {self.method} {self.path}?{self.query}"[:300]
            + odd[:300]
            + (f" {self.body!r}"[:1500] if self.body else "")
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """What the site answered."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def all(self, name: str) -> list[str]:
        """Every value of a header."""
        return [value for key, value in self.headers if key.lower() == name]


class _Told(logging.Handler):
    """Keeps what the log was told of exceptions, but for requests that were refused as suspicious."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.records: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if not record.name.startswith("django.security"):
            self.records.append(
                f"{record.name}: {record.getMessage()} {record.exc_info and record.exc_info[1]!r}"
            )


class Site:
    """The site in this process, as its server sees it: what serves finished pages, and Django behind."""

    def __init__(self, cookies: dict[str, str]) -> None:
        from django.core.handlers.wsgi import WSGIHandler

        from leftbehind_site.serving.application import Serving

        class Unwatched:
            kept = None

            def look(self) -> None:
                """Nothing is published here."""

        watcher: Any = Unwatched()
        self._application = Serving(WSGIHandler(), watcher)
        self._cookies = cookies

    def ask(self, request: Request) -> Answer:
        """Send a request; whatever it changes is taken back."""
        from urllib.parse import unquote_to_bytes

        from django.db import transaction

        said: list[Any] = []
        cookie = self._cookies.get(request.who, "")
        environ = {
            "REQUEST_METHOD": request.method,
            "PATH_INFO": unquote_to_bytes(request.path).decode("latin-1"),
            "QUERY_STRING": request.query,
            "SCRIPT_NAME": "",
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "192.0.2.1",
            "HTTP_HOST": "leftbehind.test",
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(request.body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
            **({"HTTP_COOKIE": cookie} if cookie else {}),
            **request.headers,
        }
        if request.body:
            environ.setdefault("CONTENT_LENGTH", str(len(request.body)))
            environ.setdefault("CONTENT_TYPE", "application/x-www-form-urlencoded")
        with transaction.atomic():
            body: Any = self._application(environ, lambda *arguments: said.extend(arguments))
            whole = b"".join(body)
            if hasattr(body, "close"):
                body.close()
            transaction.set_rollback(True)
        return Answer(int(said[0].split()[0]), list(said[1]), whole)


def faults(request: Request, answer: Answer) -> Iterator[str]:
    """What is wrong with an answer, whatever was asked."""
    from tests.hostile.values import MARK

    if answer.status >= 500:
        yield f"status {answer.status}"
    for name, value in answer.headers:
        if re.search(r"[\r\n\0]", f"{name}{value}"):
            yield f"a header with a line end: {name}"
    for target in answer.all("location"):
        if not re.match(r"/(?![/\\])|\?|https?://leftbehind\.test(/|\Z)", target):
            yield f"leads elsewhere: {target[:100]}"
    if answer.all("x-content-type-options") != ["nosniff"]:
        yield "no nosniff"
    if not answer.all("x-frame-options") and "/embed" not in request.path:
        yield "may be framed"
    # Forgetting a session that is none is all that a public page may do.
    if any(
        "Max-Age=0" not in one for one in answer.all("set-cookie")
    ) and not request.path.lower().startswith("/admin"):
        yield "sets a cookie"
    text = answer.body[:_LARGE]
    if "text/html" in "".join(answer.all("content-type")) and MARK.encode() in text:
        yield "shows what was sent as it was"
    written = f"{unquote(request.path)}{unquote(request.query)}{request.body!r}"
    if b"evil.test" in text and "evil.test" not in written:
        # What a cache on the way would give to the next visitor.
        yield "repeats a header"
    if b"Traceback (most recent call last)" in text:
        yield "shows a traceback"


# --- the requests


def patterns(resolver: Any, before: str = "") -> Iterator[str]:
    """Every address pattern as one text."""
    from django.urls import URLPattern

    for one in resolver.url_patterns:
        written = before + str(one.pattern)
        if isinstance(one, URLPattern):
            yield written
        else:
            yield from patterns(one, written)


class Maker:
    """Makes requests from a seed.

    Args:
        seed: Two of one seed make the same requests.
        known: Keys of rows that are there, by the beginning of their addresses in the desk.
        forms: Filled-in forms of the desk by their addresses.
    """

    def __init__(self, seed: int, known: dict[str, list[str]], forms: dict[str, dict[str, Any]]) -> None:
        from django.urls import get_resolver, reverse

        self.chance = random.Random(seed)
        self.known = known
        self.forms = forms
        self.desk = reverse("admin:index").lstrip("/")
        every = sorted(set(patterns(get_resolver())))
        self.public = [one for one in every if not one.startswith(self.desk)]
        self.admin = [one for one in every if one.startswith(self.desk)]
        assert len(self.public) > 30
        assert len(self.admin) > 60

    def requests(self, number: int) -> Iterator[Request]:
        """So many of them: every pattern in turn, one in five of the desk."""
        for count in range(number):
            if count % 5 == 4:
                yield self._of_desk(self.admin[count // 5 % len(self.admin)])
            else:
                yield self._of_public(self.public[count * 4 // 5 % len(self.public)])

    def _value(self) -> str:
        from tests.hostile.values import HOSTILE

        return self.chance.choice(HOSTILE)

    def _written(self, value: str) -> str:
        return quote(value, safe=self.chance.choice(("", "/%", "%")))

    def _query(self, names: Iterable[str]) -> str:
        chosen = self.chance.sample(tuple(names), self.chance.choice((0, 1, 1, 2, 3)))
        pairs = [f"{self._written(name)}={self._written(self._value())}" for name in chosen]
        if pairs and self.chance.random() < 0.2:
            pairs.append(
                self.chance.choice(
                    (pairs[0], "&&", "%ff=%c0%af", "a" * 20_000, "=", "&".join(["a=1"] * 1_500))
                )
            )
        return "&".join(pairs)

    def _filled(self, pattern: str, keys: list[str]) -> str:
        def some(_: object) -> str:
            return self._written(self.chance.choice(keys) if self.chance.random() < 0.5 else self._value())

        text = re.sub(
            r"<[^>]+>", some, re.sub(r"\(\?P<\w+>(?:[^()]|\([^()]*\))*\)|\(\[\^/\]\+\)", "<x>", pattern)
        )
        return "/" + (
            re.sub(r"\(\?:|[\\^$?()|*]", "", text)
            if "(" in pattern or "^" in pattern
            else text.replace("$", "")
        )

    def _headers(self) -> dict[str, str]:
        from tests.hostile.values import HEADERS

        if self.chance.random() > 0.25:
            return {}
        names = self.chance.sample(sorted(HEADERS), self.chance.choice((1, 2)))
        return {name: self.chance.choice(HEADERS[name]) for name in names}

    def _of_public(self, pattern: str) -> Request:
        from tests.hostile.values import METHODS, PARAMETERS

        odd = self.chance.random()
        method = self.chance.choice(METHODS) if odd < 0.05 else "POST" if odd < 0.08 else "GET"
        path = self._filled(pattern, self.known[""])
        return Request(
            method,
            path,
            self._query(PARAMETERS),
            ANONYMOUS,
            self._headers(),
            b"a=1" if method == "POST" else b"",
        )

    def _of_desk(self, pattern: str) -> Request:
        from tests.hostile.values import METHODS, OF_THE_DESK

        place = "/".join(pattern.split("/")[:3])
        path = self._filled(pattern, self.known.get(place, ["1"]))
        who = self.chance.choice(("editor", "editor", "chief", ANONYMOUS))
        odd = self.chance.random()
        query = self._query(OF_THE_DESK) if odd < 0.8 else ""
        if odd < 0.03:
            return Request(self.chance.choice(METHODS), path, query, who, self._headers())
        if odd < 0.6 or (who == ANONYMOUS and "login" not in path):
            return Request("GET", path, query, who, self._headers())
        return self._form(path, query, who, place)

    def _form(self, path: str, query: str, who: str, place: str) -> Request:
        """A form with something else in some of its fields."""
        addresses = [address for address in self.forms if address.strip("/").startswith(f"{place}/")]
        if addresses and self.chance.random() < 0.8:
            path = self.chance.choice(addresses)
        given = dict(
            self.forms.get(path, {"action": "publish_drafts", "_selected_action": "1", "index": "0"})
        )
        for name in self.chance.sample(sorted(given), min(len(given), self.chance.choice((1, 1, 2, 3, 8)))):
            value: Any = self._value()
            given[name] = self.chance.choice((value, [value, self._value()], [value] * 30))
        for name in [one for one in sorted(given) if "_FORMS" in one]:
            if self.chance.random() < 0.1:
                given.pop(name)
        given["csrfmiddlewaretoken"] = TOKEN
        given[self.chance.choice(("_save", "_continue", "_preview", "_addanother", "x"))] = "x"
        body = urlencode(given, doseq=True, errors="surrogatepass").encode()
        if self.chance.random() < 0.1:
            body += self.chance.choice(
                (b"&%ff=%fe", b"&a=1" * 2_000, b"&" * 5_000, b"\0", b"&why=" + b"x" * 10_000)
            )
        return Request("POST", path, query, who, {}, body)


# --- the run


def prepare() -> tuple[Site, dict[str, list[str]], dict[str, dict[str, Any]]]:
    """A site with something of each kind on it, what is known there, and the forms of the desk."""
    from django.contrib import admin
    from django.contrib.auth.models import User
    from django.core.files.base import ContentFile
    from django.urls import reverse

    from appg.models import Redirect, Upload
    from tests.desk import filled, make_editor, make_news, make_person, make_session, signed_in
    from tests.neighbourhoods.factory import code, make_release

    table = b"a,b\n1,2\n"
    make_release()
    make_news(), make_session(), make_person()
    make_news("a-draft", state="draft")
    Redirect.objects.create(old_path="/old/", new_path="/news/")
    Upload.objects.create(
        title="A table",
        name="a.csv",
        media_type="text/csv",
        size=len(table),
        sha256="0" * 64,
        file=ContentFile(table, "a.csv"),
    )
    editor = make_editor()
    chief = User.objects.create_superuser("chief", password="a-long-password")
    clients = {"editor": signed_in(editor), "chief": signed_in(chief)}
    cookies = {
        who: f"sessionid={client.cookies['sessionid'].value}; csrftoken={TOKEN}"
        for who, client in clients.items()
    }
    cookies[ANONYMOUS] = f"csrftoken={TOKEN}"
    desk = reverse("admin:index").strip("/")
    known = {"": [code(0), code(1), "a-piece", "a-session", "three-corners", "cni", "1", "news", "2021"]}
    forms: dict[str, dict[str, Any]] = {}
    for model in admin.site._registry:
        options = model._meta
        place = f"{desk}/{options.app_label}/{options.model_name}"
        known[place] = [str(key) for key in model._default_manager.values_list("pk", flat=True)[:3]] or ["1"]
        key = quote(known[place][0], safe="")
        for address in (f"/{place}/", f"/{place}/add/", f"/{place}/{key}/change/"):
            page = clients["chief"].get(address)
            if page.status_code == 200 and b"<form" in page.content:
                forms[address] = filled(page.text)
    forms[f"/{desk}/login/"] = {"username": "ada", "password": "wrong", "next": "/admin/"}
    return Site(cookies), known, forms


def run(number: int = REQUESTS, seed: int = SEED) -> tuple[Counter[int], list[str]]:
    """Send the requests.

    Returns:
        How many were answered with which status, and what was wrong.
    """
    from unittest import mock

    from django.db.backends.base.base import BaseDatabaseWrapper

    counts: Counter[int] = Counter()
    wrong: list[str] = []
    told = _Told()
    # All of it is one transaction, which a connection that is given back would end.
    stay = mock.patch.object(BaseDatabaseWrapper, "close_if_unusable_or_obsolete", return_value=None)
    with stay, _listening(told):
        site, known, forms = prepare()
        told.records.clear()
        for request in Maker(seed, known, forms).requests(number):
            answer = site.ask(request)
            counts[answer.status] += 1
            found = [*faults(request, answer), *(f"logged: {text[:600]}" for text in told.records)]
            told.records.clear()
            wrong += [f"{fault}\n    {request}" for fault in found]
    return counts, wrong


@contextmanager
def _listening(told: _Told) -> Iterator[None]:
    """Hear what the log is told, and spare it the thousands of lines about refusals."""
    root, loud = logging.getLogger(), logging.getLogger("django")
    others, level = root.handlers[:], loud.level
    root.handlers[:] = [told]
    loud.setLevel(logging.ERROR)
    try:
        yield
    finally:
        root.handlers[:] = others
        loud.setLevel(level)


def main() -> int:
    """Run as a program."""
    import os
    import tempfile
    import time

    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django

    django.setup()
    from django.db import transaction
    from django.test.utils import (
        override_settings,
        setup_databases,
        setup_test_environment,
        teardown_databases,
    )

    numbers = [int(text) for text in sys.argv[1:3]]
    setup_test_environment()
    made = setup_databases(verbosity=0, interactive=False)
    try:
        begun = time.monotonic()
        with (
            tempfile.TemporaryDirectory() as media,
            override_settings(MEDIA_ROOT=media),
            transaction.atomic(),
        ):
            counts, wrong = run(*numbers)
            transaction.set_rollback(True)
        taken = time.monotonic() - begun
    finally:
        teardown_databases(made, verbosity=0)
    for text in wrong[:40]:
        sys.stdout.write(f"{text}\n")
    sys.stdout.write("".join(f"{status}: {count:,}\n" for status, count in sorted(counts.items())))
    sys.stdout.write(f"{counts.total():,} requests in {taken:.0f} s, {len(wrong)} answered badly\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
