"""The real server, with a site of its own, for whatever is done to it."""

from __future__ import annotations

import contextlib
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests import servers
from tests.waiting import PATIENCE

START = """
import sys
sys.argv = ["serve.py"]
from leftbehind_site.common import limits
for setting in {settings!r}.items():
    setattr(limits, *setting)
from deploy import serve
serve.main()
"""


@dataclass
class Server(servers.Server):
    """The real server, for clients that mean it no good."""

    @property
    def folder(self) -> Path:
        """Where its database and files lie."""
        return self.log.parent

    @property
    def workers(self) -> list[int]:
        """The processes that answer."""
        assert self.process is not None
        first = self.process.pid
        children = Path(f"/proc/{first}/task/{first}/children").read_text(encoding="ascii")
        return [int(child) for child in children.split()]

    @property
    def memory(self) -> int:
        """Bytes that the processes which answer have for themselves, whoever else shares their libraries."""
        found = 0
        for worker in self.workers:
            lines = Path(f"/proc/{worker}/smaps_rollup").read_text(encoding="ascii").splitlines()
            found += next(int(line.split()[1]) for line in lines if line.startswith("Anonymous:"))
        return found * 1024

    def send(self, sent: bytes, *, buffer: int = 0) -> socket.socket:
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
        with contextlib.closing(self.send(sent)) as client:
            return until_closed(client)


def until_closed(client: socket.socket) -> bytes:
    """What comes until the server closes the connection, whichever way."""
    pieces = []
    with contextlib.suppress(ConnectionError):
        while piece := client.recv(65_536):
            pieces.append(piece)
    return b"".join(pieces)


@contextlib.contextmanager
def serving(
    folder: Path, *, content: bool = False, static: Path | None = None, **settings: int
) -> Iterator[Server]:
    """A site of its own, served.

    Args:
        folder: Where everything of it is put.
        content: Whether what is shipped is loaded, and published.
        static: Where the static files are collected, if they are.
        settings: Limits that are other ones here.
    """
    environment = servers.site_environment(
        folder,
        f"sqlite:///{folder / 'site.sqlite3'}",
        static=static,
        published=content,
        DEBUG="false",
        LOG_LEVEL="ERROR",
        WORKERS="1",
    )
    command = (sys.executable, "-c", START.format(settings=settings))
    server = Server(environment, folder / "server.log", command=command, faulty=True)
    server.manage("migrate", "--verbosity", "0")
    if content:
        server.manage("load_neighbourhoods")
        server.manage("load_appg_content")
    if static is None:
        server.manage("collectstatic", "--no-input", "--verbosity", "0")
    with server.running():
        yield server


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
    return server.manage("shell", "--no-imports", "-c", script).split()[-1]
