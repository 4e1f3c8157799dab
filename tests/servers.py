"""The production server as a process, for tests that ask it from outside."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.ports import free_port
from tests.waiting import PATIENCE, wait

ROOT = Path(__file__).resolve().parent.parent

SECRET = "only-for-tests-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGH"

TURNS = 40
"""How often a server with two workers is asked over new connections, so that each has its turn."""

Answer = tuple[int, dict[str, str], bytes]
"""Status, headers by name in lower case, body."""


def site_environment(
    folder: Path,
    database_url: str,
    *,
    static: Path | None = None,
    published: bool = True,
    **variables: str,
) -> dict[str, str]:
    """The variables of a site at a free port, whose files lie in a folder.

    Args:
        folder: Of its files.
        database_url: The address of its database.
        static: Where the static files are collected; in the folder where none are given.
        published: Whether its pages are published. Where nothing can be written they are not, and keep the
            machine from nothing else.
        variables: More of them, or other ones.
    """
    port = free_port()
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "leftbehind_site.settings",
        "SECRET_KEY": SECRET,
        "SITE_URL": f"http://127.0.0.1:{port}",
        "DATABASE_URL": database_url,
        "STATIC_ROOT": str(static or folder / "static"),
        "MEDIA_ROOT": str(folder / "media"),
        "PUBLISHED_ROOT": str(folder / "published") if published else "/proc/published",
        "PORT": str(port),
        "WORKERS": "2",
        **variables,
    }


@contextlib.contextmanager
def process(
    command: Sequence[object],
    log: Path,
    *,
    until: Callable[[], object] = lambda: True,
    cwd: Path = ROOT,
    environment: Mapping[str, str] | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """A program, from when it answers until it is told to end; what it has started ends with it.

    Args:
        command: The program and its arguments.
        log: Where it writes.
        until: Whether it answers.
        cwd: The folder it runs in.
        environment: All its variables; those of this process if there are none.

    Yields:
        The process.

    Raises:
        AssertionError: If it does not answer, or has ended before it was told to.
        subprocess.TimeoutExpired: If it does not end.
    """
    with log.open("ab") as output:
        started = subprocess.Popen(
            [str(word) for word in command],
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        wait(until, f"{command[0]} answers", process=started, log=log)
        yield started
        assert started.poll() is None, f"{command[0]} has ended\n{log.read_text()}"
    finally:
        started.terminate()
        try:
            started.wait(timeout=PATIENCE)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(started.pid, signal.SIGKILL)
            started.wait()


@dataclass
class Server:
    """`deploy/serve.py` with an environment of its own.

    Attributes:
        environment: Of the server and of the commands that prepare it.
        log: Where it writes.
        root: Of the project.
        command: That starts it.
        faulty: Whether faults are done to it on purpose, which may leave tracebacks in the log.
    """

    environment: dict[str, str]
    log: Path
    root: Path = ROOT
    command: tuple[str, ...] = (sys.executable, "deploy/serve.py")
    faulty: bool = False
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def port(self) -> int:
        return int(self.environment["PORT"])

    @property
    def published(self) -> Path:
        return Path(self.environment["PUBLISHED_ROOT"])

    @contextlib.contextmanager
    def running(self, until: Callable[[], object] | None = None) -> Iterator[Server]:
        """Start it, wait until it answers, and stop it.

        Args:
            until: What to wait for, where it is not that robots.txt is there.
        """
        ready = until or (lambda: self.status("/robots.txt") == 200)
        with process(
            self.command, self.log, until=ready, cwd=self.root, environment=self.environment
        ) as self.process:
            yield self
        assert self.faulty or "Traceback" not in self.log.read_text(), self.log.read_text()

    def wait(self, until: Callable[[], object]) -> None:
        """Wait for something while it runs."""
        wait(until, "what is waited for", process=self.process, log=self.log)

    def manage(self, *arguments: str, **variables: str) -> str:
        """Run a command of the site to its end; what it said."""
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=self.root,
            env={**self.environment, **variables},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            timeout=PATIENCE,
        ).stdout

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)

    def ask(self, path: str, method: str = "GET", headers: Mapping[str, str] | None = None) -> Answer:
        """An answer over a connection of its own, so by any worker."""
        connection = self.connect()
        try:
            connection.request(method, path, headers=dict(headers or {}))
            response = connection.getresponse()
            return (
                response.status,
                {name.lower(): value for name, value in response.getheaders()},
                response.read(),
            )
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask(path, headers=headers)

    def status(self, path: str) -> int:
        """The status alone; 0 while nobody answers."""
        try:
            return self.get(path)[0]
        except (OSError, http.client.HTTPException):
            return 0

    def whole(self) -> bool:
        """Whether everything is published."""
        index = self.published / "current" / "index"
        return index.exists() and index.read_bytes().endswith(b"whole\n")

    def settled(self) -> None:
        """Wait until everything is published and each worker knows it, which has its own time to look."""

        def known() -> bool:
            if not self.whole():
                return False
            index = (self.published / "current" / "index").read_text().splitlines()
            paths = [line.partition("\t")[0] for line in index if line.startswith("/")]
            return self.kept([path for path in paths if not path.startswith("/static/")][-1])

        self.wait(known)

    def kept(self, path: str) -> bool:
        """Whether each worker answers a path from what is published, as far as one can see from outside."""
        return all("etag" in self.get(path)[1] for _ in range(TURNS))

    def everywhere(self, path: str) -> set[bytes]:
        """What the workers say at a path; each has its turn, as good as certainly."""
        return {self.get(path)[2] for _ in range(TURNS)}
