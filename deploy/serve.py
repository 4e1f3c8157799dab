"""Serve the site: the one place that says how the production server is started, here and in the image.

HOST, PORT and WORKERS may be set in the environment; --check only says whether it could start. A front server
is expected to add https.
"""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

OPTIONS = [
    *("--interface", "wsgi", "--http", "1", "--no-ws", "--log-level", "warning"),
    # A second thread answers while the first one waits for the database.
    *("--blocking-threads", "2"),
    "--respawn-failed-workers",
    *("--workers-kill-timeout", "5"),
]


def check_settings() -> None:
    """Stop with the settings' own message if they are wrong; else each worker would say it, over and over."""
    sys.path.insert(0, str(ROOT))
    from leftbehind_site import settings  # noqa: F401, PLC0415 - importing is checking


def check_port(host: str, port: str) -> None:
    """Stop with a plain message if the server could not listen there."""
    if not port.isdecimal() or not 0 < int(port) < 65536:
        sys.exit(f"PORT is {port!r}: it has to be a number from 1 to 65535.")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, int(port)))
        except OSError as error:
            sys.exit(
                f"Cannot serve at {host}, port {port}: {error.strerror}. Try another port: make run PORT=8001"
            )


def main() -> None:
    """Check what can be checked, then become the server."""
    host, port = os.environ.get("HOST") or "127.0.0.1", os.environ.get("PORT") or "8000"
    check_settings()
    check_port(host, port)
    if sys.argv[1:] == ["--check"]:
        return
    os.chdir(ROOT)
    where = ["--host", host, "--port", port, "--workers", os.environ.get("WORKERS") or "2"]
    command = [sys.executable, "-m", "granian", *OPTIONS, *where, "deploy.worker:application"]
    os.execv(sys.executable, command)  # noqa: S606 - a fixed program


if __name__ == "__main__":
    main()
