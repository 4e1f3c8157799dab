"""The small site that faults are done to: a database, folders, a server, an editor."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from tests import waiting
from tests.desk import filled
from tests.neighbourhoods.sites import ROOT, SiteDatabase, script, site_database, succeeded
from tests.ports import free_port
from tests.servers import TURNS
from tests.waiting import PATIENCE

SECRET = "only-for-tests-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGH"

NEWS = "/news/first/"

CONTENT = """
from django.contrib.auth.models import User
from django.test.utils import override_settings
from neighbourhoods.models import LocalAuthority, Neighbourhood, Region
from tests import desk
from tests.appg import items
from tests.neighbourhoods.factory import make_release
make_release(2)
# An area without a neighbourhood has no page for the search to link to.
lying = Neighbourhood.objects.values_list("authority", "authority_2017")
LocalAuthority.objects.update(successor=None)
LocalAuthority.objects.exclude(code__in={code for both in lying for code in both}).delete()
Region.objects.exclude(code__in=LocalAuthority.objects.values("region")).delete()
with override_settings(MEDIA_ROOT=sys.argv[1]):
    upload = items.upload("report.pdf", desk.pdf(), "application/pdf", title="The report", pages=3)
body = f'<p>It met. <a href="{upload.get_absolute_url()}">Its report</a>.</p>'
items.news(title="First title", slug="first", body=body, legacy_paths=[{"path": "/2021/06/old-news"}])
items.publication(title="A report", slug="a-report")
items.session(title="A session", slug="a-session")
items.question(title="Who?", slug="who")
for name in ("ada", "grace"):
    User.objects.create_superuser(name, password="a-long-password-of-" + name, first_name=name.capitalize())
"""

SIGNED_IN = """
import json
from importlib import import_module
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.urls import reverse
user = User.objects.get(username=sys.argv[1])
session = import_module(settings.SESSION_ENGINE).SessionStore()
session[SESSION_KEY] = str(user.pk)
session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
session[HASH_SESSION_KEY] = user.get_session_auth_hash()
session.save()
sys.stdout.write(json.dumps([settings.SESSION_COOKIE_NAME, session.session_key, reverse("admin:index")]))
"""


class BrokenError(AssertionError):
    """A promise that was not kept; the message is for whoever ran the fault."""


def promise(condition: object, what: str) -> None:
    """Go on if a promise was kept."""
    if not condition:
        raise BrokenError(what)


def wait(until: Callable[[], object], what: str) -> None:
    """Go on as soon as something that is promised has happened."""
    try:
        waiting.wait(until, what)
    except AssertionError as late:
        raise BrokenError(str(late)) from late


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class FaultSite:
    """A site that may be spoilt.

    Attributes:
        database: Its database.
        folder: In which its files lie.
        static: The collected static files, which sites share.
    """

    database: SiteDatabase
    folder: Path
    static: Path
    port: int = field(default_factory=free_port)

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "leftbehind_site.settings",
            "SECRET_KEY": SECRET,
            # The same for all of them: so what the original has published is published for its copies.
            "SITE_URL": "http://127.0.0.1:8000",
            "DATABASE_URL": self.database.url,
            "STATIC_ROOT": str(self.static),
            "MEDIA_ROOT": str(self.folder / "media"),
            "PUBLISHED_ROOT": str(self.folder / "published"),
            "LOG_LEVEL": "WARNING",
            "PORT": str(self.port),
            "WORKERS": "2",
        }

    def python(self, *arguments: object, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run Python as the site does, to its end."""
        return subprocess.run(
            [sys.executable, *map(str, arguments)],
            cwd=ROOT,
            env={**self.environment, **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=2 * PATIENCE,
            check=False,
        )

    def manage(self, *arguments: object) -> str:
        """A command of the site that has to succeed; what it said."""
        return succeeded(self.python("manage.py", *arguments))

    def refused(self, *arguments: object) -> str:
        """A command of the site that has to fail with a message and no traceback; what it said."""
        done = self.python("manage.py", *arguments)
        promise(done.returncode == 1, f"{arguments[0]} ended with {done.returncode}: {done.stdout}")
        promise("Traceback" not in done.stderr, f"{arguments[0]} ended with a traceback: {done.stderr}")
        return done.stderr.strip()

    def change(self, text: str, *values: object) -> str:
        """Do something to the content from a process of its own; what it printed."""
        return succeeded(self.python(*script(text, *values)))

    def editor(self, name: str = "ada") -> Desk:
        """Somebody who is signed in."""
        cookie, key, admin = json.loads(self.change(SIGNED_IN, name))
        return Desk(self, {cookie: key}, admin)

    def get(self, path: str, method: str = "GET", **headers: str) -> Answer:
        """Ask over a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            return ask(connection, method, path, headers=headers)
        finally:
            connection.close()

    def whole(self) -> bool:
        """Whether everything is published for some generation."""
        index = self.folder / "published" / "current" / "index"
        return index.exists() and index.read_bytes().endswith(b"whole\n")

    @contextlib.contextmanager
    def running(self, **variables: str) -> Iterator[Server]:
        """The production server."""
        server = Server(self, variables)
        try:
            server.start()
            yield server
        finally:
            server.kill()

    def first_news(self) -> str:
        """The piece of news in the admin, without the admin's own address."""
        ((key,),) = self.database.ask("SELECT id FROM appg_newsitem WHERE title = 'First title'")
        return f"appg/newsitem/{key}/change/"


def ask(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    body: bytes | str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    connection.request(method, path, body=body, headers=dict(headers or {}))
    response = connection.getresponse()
    named = {name.lower(): value for name, value in response.getheaders()}
    named["cookies"] = "\n".join(response.msg.get_all("set-cookie") or [])
    return Answer(response.status, named, response.read())


class Desk:
    """The editing desk over http, as somebody who is signed in."""

    def __init__(self, site: FaultSite, cookies: dict[str, str], admin: str) -> None:
        self._site = site
        self._cookies = cookies
        self._admin = admin

    def open(self, path: str) -> dict[str, Any]:
        """What is in the form at an address of the admin."""
        answer = self.get(path)
        promise(answer.status == 200, f"the form at {path} answers {answer.status}")
        return filled(answer.text)

    def get(self, path: str) -> Answer:
        return self._ask("GET", path)

    def send(self, path: str, form: Mapping[str, Any], **changes: Any) -> Answer:
        """Send a form with some changes; a file makes it a form of several parts."""
        data = {
            name: value for name, value in {**form, **changes, "_continue": "x"}.items() if value is not None
        }
        if any(hasattr(value, "read") for value in data.values()):
            return self._ask("POST", path, encode_multipart(BOUNDARY, data), MULTIPART_CONTENT)
        return self._ask("POST", path, urlencode(data, doseq=True), "application/x-www-form-urlencoded")

    def _ask(self, method: str, path: str, body: bytes | str | None = None, kind: str = "") -> Answer:
        address = f"{self._admin}{path}"
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items()),
            "Referer": f"http://127.0.0.1:{self._site.port}{address}",
        }
        if kind:
            headers["Content-Type"] = kind
        connection = http.client.HTTPConnection("127.0.0.1", self._site.port, timeout=PATIENCE)
        try:
            answer = ask(connection, method, address, body, headers)
        finally:
            connection.close()
        for line in answer.headers["cookies"].splitlines():
            for name, morsel in SimpleCookie(line).items():
                if morsel.value:
                    self._cookies[name] = morsel.value
        return answer


class Server:
    """The server as ``deploy/serve.py`` starts it, and its processes."""

    def __init__(self, site: FaultSite, variables: Mapping[str, str]) -> None:
        self.site = site
        self.log = site.folder / "server.log"
        self._variables = variables
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        with self.log.open("a") as log:
            process = subprocess.Popen(
                [sys.executable, "deploy/serve.py"],
                cwd=ROOT,
                env={**self.site.environment, **self._variables},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._process = process

        def answers() -> bool:
            promise(process.poll() is None, f"the server ended: {self.log.read_text()}")
            with contextlib.suppress(OSError, http.client.HTTPException):
                return self.site.get("/robots.txt").status == 200
            return False

        wait(answers, "the server answers")

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def workers(self) -> list[int]:
        """The processes that answer."""
        return children(self.pid)

    def kill_first(self) -> None:
        """Kill the first process alone, without a chance to tell the others."""
        os.kill(self.pid, signal.SIGKILL)
        assert self._process is not None
        self._process.wait(timeout=PATIENCE)

    def kill(self) -> None:
        """End every process of it."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(timeout=PATIENCE)

    def settled(self) -> None:
        """Wait until everything is published and both workers know it."""
        wait(self.site.whole, "everything is published")
        wait(
            lambda: all("etag" in self.site.get(path).headers for path in ("/", NEWS) for _ in range(TURNS)),
            "what is published is sent",
        )


def children(pid: int) -> list[int]:
    """The processes that a process has started and that have not ended."""
    found: list[int] = []
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += map(int, (task / "children").read_text().split())
    return [one for one in found if alive(one)]


def alive(pid: int) -> bool:
    """Whether a process is there, and no mere remnant."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return re.sub(r".*\)", "", state).split()[0] != "Z"


# --- making one


@contextlib.contextmanager
def template(folder: Path, static: Path | None = None) -> Iterator[FaultSite]:
    """A site to make copies of; never to be spoilt itself.

    Args:
        folder: Of its files.
        static: Where the static files are collected, if they are.
    """
    with site_database(folder) as database:
        made = FaultSite(database, folder, static or folder / "static")
        succeeded(database.manage("migrate", "--verbosity", 0))
        succeeded(database.run(*script(CONTENT, folder / "media")))
        if static is None:
            made.manage("collectstatic", "--no-input", "--verbosity", "0")
        made.manage("publish")
        yield made


@contextlib.contextmanager
def copy_of(original: FaultSite, folder: Path) -> Iterator[FaultSite]:
    """A site of its own, as the original."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("media", "published"):
        subprocess.run(["cp", "-a", original.folder / name, folder / name], check=True)
    with site_database(folder, like=original.database) as database:
        yield FaultSite(database, folder, original.static)
