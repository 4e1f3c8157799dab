"""The production server as a process, for tests that ask it from outside."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.ports import free_port

ROOT = Path(__file__).resolve().parent.parent

SECRET = "only-for-tests-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGH"

PATIENCE = 120
"""Seconds that anything may take on a slow, loaded machine."""

Answer = tuple[int, dict[str, str], bytes]
"""Status, headers by name in lower case, body."""


def site_environment(folder: Path, database_url: str, name: str = "published") -> dict[str, str]:
    """The variables of a site whose files lie in a folder, at a free port."""
    port = free_port()
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "leftbehind_site.settings",
        "SECRET_KEY": SECRET,
        "SITE_URL": f"http://127.0.0.1:{port}",
        "DATABASE_URL": database_url,
        "STATIC_ROOT": str(folder / "static"),
        "MEDIA_ROOT": str(folder / "media"),
        "PUBLISHED_ROOT": str(folder / name),
        "PORT": str(port),
        "WORKERS": "2",
    }


@dataclass
class Server:
    """`deploy/serve.py` with an environment of its own.

    Attributes:
        environment: Of the server and of the commands that prepare it.
        log: Where it writes.
        root: Of the project.
        before: What precedes the command.
    """

    environment: dict[str, str]
    log: Path
    root: Path = ROOT
    before: tuple[str, ...] = ()
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
        with self.log.open("a") as log:
            process = self.process = subprocess.Popen(
                [*self.before, sys.executable, "deploy/serve.py"],
                cwd=self.root,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                self.wait(until or (lambda: self.status("/robots.txt") == 200))
                yield self
            finally:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(timeout=60)
                finally:
                    with contextlib.suppress(ProcessLookupError):
                        os.killpg(process.pid, signal.SIGKILL)
        assert "Traceback" not in self.log.read_text(), self.log.read_text()

    def wait(self, until: Callable[[], object], patience: float = PATIENCE, pause: float = 0.02) -> None:
        """Wait for a condition."""
        began = time.monotonic()
        while not until():
            assert self.process is None or self.process.poll() is None, self.log.read_text()
            assert time.monotonic() - began < patience, self.log.read_text()
            time.sleep(pause)

    def manage(self, *arguments: str, **variables: str) -> None:
        """Run a command of the site to its end."""
        subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=self.root,
            env={**self.environment, **variables},
            check=True,
            timeout=180,
        )

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

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
        except OSError:
            return 0

    def whole(self) -> bool:
        """Whether everything is published."""
        index = self.published / "current" / "index"
        return index.exists() and index.read_bytes().endswith(b"whole\n")

    def kept(self, path: str) -> bool:
        """Whether both workers answer a path from what is published, as far as one can see from outside."""
        return all("etag" in self.get(path)[1] for _ in range(12))

    def everywhere(self, path: str) -> set[bytes]:
        """What the workers say at a path; each has its turn, as good as certainly."""
        return {self.get(path)[2] for _ in range(12)}
