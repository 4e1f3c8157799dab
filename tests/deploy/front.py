"""The front server as its container starts it, without rights, before servers that stand in for the site."""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.needs import require
from tests.ports import free_port
from tests.servers import process
from tests.waiting import PATIENCE

ROOT = Path(__file__).resolve().parents[2]
HOST = "leftbehind.test"
FORMER = "www.former.test"
NOBODY = 65534


def programs() -> str:
    """Where programs are looked for: Debian has nginx where only root looks."""
    return f"{os.environ.get('PATH', '')}:/usr/sbin"


def without_rights() -> list[str]:
    """What precedes a command so that it runs as in a container, where nobody is root."""
    if os.geteuid():
        return []
    program = shutil.which("setpriv")
    require(program, "The front server without rights: root, and no setpriv to give up its powers")
    return [str(program), f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]


@dataclass
class Asked:
    """A request as a server behind the front server got it."""

    line: str
    headers: dict[str, str]


@dataclass
class StandIn:
    """A server that answers each request with its own name, and remembers what it was asked."""

    name: str
    port: int = field(default_factory=free_port)
    status: int = 200
    asked: list[Asked] = field(default_factory=list)
    may_answer: threading.Event = field(default_factory=threading.Event)

    @contextlib.contextmanager
    def running(self) -> Iterator[StandIn]:
        me = self
        self.may_answer.set()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                me.asked.append(Asked(self.requestline, headers))
                me.may_answer.wait(PATIENCE)
                body = f"{me.name}: {self.command} {self.path}".encode()
                self.send_response(me.status)
                self.send_header("Content-Type", "text/plain")
                self.send_header("Content-Length", str(len(body)))
                self.send_header("X-Frame-Options", "SAMEORIGIN")
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            # The names that http.server looks for.
            do_GET = do_HEAD = do_POST = do_PUT = answer  # noqa: N815

            def log_message(self, *_arguments: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            request_queue_size = 256

            def handle_error(self, *_arguments: object) -> None:
                """Whoever asked has gone."""

        server = Server(("127.0.0.1", self.port), Handler)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


@dataclass(frozen=True)
class Answer:
    """What a visitor gets."""

    status: int
    headers: dict[str, str]
    every: list[tuple[str, str]]
    text: str
    """The body; what is no text is shown by numbers."""


class _Connection(http.client.HTTPConnection):
    """To this machine, whatever the host is called."""

    def __init__(self, port: int, trusted: ssl.SSLContext | None, name: str) -> None:
        super().__init__("127.0.0.1", port, timeout=PATIENCE)
        self._trusted = trusted
        self._name = name

    def connect(self) -> None:
        super().connect()
        if self._trusted:
            self.sock = self._trusted.wrap_socket(self.sock, server_hostname=self._name)


@dataclass
class Front:
    """The front server, and the folders it reads."""

    folder: Path
    site: StandIn
    desk: StandIn
    secure: int = field(default_factory=free_port)
    plain: int = field(default_factory=free_port)
    health: int = field(default_factory=free_port)

    @property
    def published(self) -> Path:
        return self.folder / "published"

    @property
    def copy(self) -> Path:
        return self.folder / "copy"

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @property
    def variables(self) -> dict[str, str]:
        return {
            "PATH": programs(),
            "SITE_URL": f"https://{HOST}",
            "ALLOWED_HOSTS": "localhost",
            "FORMER_HOSTS": FORMER,
            "ADMIN_PATH": "the-desk",
            "LISTEN": f"127.0.0.1:{self.secure}",
            "LISTEN_PLAIN": f"127.0.0.1:{self.plain}",
            "LISTEN_HEALTH": f"127.0.0.1:{self.health}",
            "SITE_SERVER": f"127.0.0.1:{self.site.port}",
            "DESK_SERVER": f"127.0.0.1:{self.desk.port}",
            "PUBLISHED": str(self.published),
            "COPY": str(self.copy / "site"),
            "CERTIFICATES": str(self.folder / "certificates"),
            "CHALLENGES": str(self.folder / "challenges"),
            "TEMPORARY": str(self.folder / "temporary"),
        }

    def prepare(self) -> None:
        """Make the folders, as the image has them."""
        self.folder.chmod(0o755)
        shutil.copytree(
            ROOT / "deploy", self.folder / "deploy", ignore=shutil.ignore_patterns("*.py", "__pycache__")
        )
        for name in ("published", "copy", "certificates", "challenges", "temporary"):
            (self.folder / name).mkdir()
        self.log.touch()
        if not os.geteuid():
            for path in (self.log, self.folder / "certificates", self.folder / "temporary"):
                os.chown(path, NOBODY, NOBODY)

    def run(self, script: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a script to its end. Its output belongs to whom it runs as, as a container's does."""
        said, says = os.pipe()
        if not os.geteuid():
            os.fchown(says, NOBODY, NOBODY)
        with os.fdopen(said) as output:
            try:
                done = subprocess.run(
                    [*without_rights(), "sh", str(self.folder / "deploy" / script), *arguments],
                    env={**self.variables, **variables},
                    stdout=says,
                    stderr=subprocess.PIPE,
                    text=True,
                    timeout=PATIENCE,
                    check=False,
                )
            finally:
                os.close(says)
            return subprocess.CompletedProcess(done.args, done.returncode, output.read(), done.stderr)

    @contextlib.contextmanager
    def running(self) -> Iterator[Front]:
        command = [*without_rights(), "sh", self.folder / "deploy" / "front.sh"]
        with process(command, self.log, until=self.is_well, environment=self.variables):
            yield self

    def is_well(self) -> bool:
        try:
            return self._ask(_Connection(self.health, None, ""), "GET", "/", {}).status == 204
        except OSError:
            return False

    @property
    def trusted(self) -> ssl.SSLContext:
        """What believes the certificate that stands in for a real one."""
        return ssl.create_default_context(
            cafile=str(self.folder / "certificates" / "current" / "fullchain.pem")
        )

    def ask(
        self,
        path: str,
        method: str = "GET",
        *,
        host: str = HOST,
        plain: bool = False,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """What a visitor is answered, over https."""
        connection = _Connection(self.plain if plain else self.secure, None if plain else self.trusted, HOST)
        return self._ask(connection, method, path, {"Host": host, **(headers or {})}, body)

    def _ask(
        self,
        connection: _Connection,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes | None = None,
    ) -> Answer:
        with contextlib.closing(connection):
            connection.request(method, path, body=body, headers=dict(headers))
            response = connection.getresponse()
            text = response.read().decode("utf-8", "backslashreplace")
            every = response.getheaders()
            return Answer(response.status, {name.lower(): value for name, value in every}, every, text)
