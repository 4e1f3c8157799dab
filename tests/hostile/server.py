"""The real server, with a site of its own, for whatever is done to it."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.bench.site import ROOT, environment, manage
from tests.ports import free_port

PATIENCE = 90.0
"""Seconds for anything that has to happen; a machine may be busy with other things."""

START = """
import sys
sys.argv = ["serve.py"]
from leftbehind_site.common import limits
for setting in {settings!r}.items():
    setattr(limits, *setting)
from deploy import serve
serve.main()
"""


@dataclass(frozen=True)
class Server:
    """A server that runs.

    Attributes:
        port: On this machine.
        pid: Of its first process.
        folder: Where its database and files lie.
    """

    port: int
    pid: int
    folder: Path

    @property
    def workers(self) -> list[int]:
        """The processes that answer."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text(encoding="ascii")
        return [int(child) for child in children.split()]

    @property
    def memory(self) -> int:
        """Bytes that the processes which answer have for themselves, whoever else shares their libraries."""
        found = 0
        for worker in self.workers:
            lines = Path(f"/proc/{worker}/smaps_rollup").read_text(encoding="ascii").splitlines()
            found += next(int(line.split()[1]) for line in lines if line.startswith("Anonymous:"))
        return found * 1024

    def get(self, path: str = "/robots.txt") -> int:
        """The status of an answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        finally:
            connection.close()

    def connect(self, sent: bytes, *, buffer: int = 0) -> socket.socket:
        """A client that has sent something."""
        client = socket.socket()
        client.settimeout(PATIENCE)
        if buffer:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        client.connect(("127.0.0.1", self.port))
        client.sendall(sent)
        return client

    def raw(self, sent: bytes) -> bytes:
        """Everything that is answered to some bytes, until the connection is closed."""
        with contextlib.closing(self.connect(sent)) as client:
            return until_closed(client)


def until_closed(client: socket.socket) -> bytes:
    """What comes until the server closes the connection, whichever way."""
    pieces = []
    with contextlib.suppress(ConnectionError):
        while piece := client.recv(65_536):
            pieces.append(piece)
    return b"".join(pieces)


@contextlib.contextmanager
def serving(folder: Path, *, content: bool = False, **settings: int) -> Iterator[Server]:
    """A site of its own, served.

    Args:
        folder: Where everything of it is put.
        content: Whether what is shipped is loaded.
        settings: Limits that are other ones here.
    """
    port = free_port()
    variables = {
        **environment(folder, port),
        "DJANGO_SETTINGS_MODULE": "leftbehind_site.settings",
        "WORKERS": "1",
    }
    if not content:
        # Where nothing can be written: publishing would only keep the machine busy.
        variables["PUBLISHED_ROOT"] = "/proc/published"
    manage(variables, "migrate", "--verbosity", "0")
    if content:
        manage(variables, "load_neighbourhoods")
        manage(variables, "load_appg_content")
    manage(variables, "collectstatic", "--no-input", "--verbosity", "0")
    with (folder / "server.log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", START.format(settings=settings)],
            cwd=ROOT,
            env=variables,
            stdout=log,
            stderr=log,
        )
        server = Server(port, process.pid, folder)
        try:
            deadline = time.monotonic() + PATIENCE
            while True:
                with contextlib.suppress(OSError, http.client.HTTPException):
                    if server.get() == http.client.OK:
                        break
                said = (folder / "server.log").read_text(encoding="utf-8")
                assert process.poll() is None, said
                assert time.monotonic() < deadline, said
                time.sleep(0.2)
            yield server
        finally:
            process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=30)
            process.kill()
            process.wait()


def upload(server: Server, size: int) -> str:
    """Put a table of about so many bytes on the site.

    Returns:
        Its address.
    """
    script = (
        "import sys; from django.core.files.base import ContentFile; from appg.models import Upload\n"
        f"data = b'a,b\\n' * ({size} // 4)\n"
        "kept = Upload(title='x', name='large.csv', media_type='text/csv', size=len(data), sha256='0' * 64)\n"
        "kept.file.save('large.csv', ContentFile(data), save=False); kept.save()\n"
        "print(kept.get_absolute_url())"
    )
    variables = {**environment(server.folder, server.port), "PUBLISHED_ROOT": "/proc/published"}
    variables["DJANGO_SETTINGS_MODULE"] = "leftbehind_site.settings"
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", script],
        cwd=ROOT,
        env={**os.environ, **variables},
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.split()[-1]
