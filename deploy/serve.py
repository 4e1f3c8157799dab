"""Serve the site: the one place that says how the production server is started, here and in the image.

HOST, PORT and WORKERS may be set in the environment; ACCESS_LOG=true writes a line for each request. --check
only says whether it could start. A front server is expected to add https.
"""

from __future__ import annotations

import copy
import gc
import importlib
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LOGGING_CONFIG, LogLevels
from granian.server.mp import MPServer

if TYPE_CHECKING:
    from leftbehind_site.environment import Environment

ACCESS_LOG = '[%(time)s] "%(method)s %(path)s %(protocol)s" %(status)d %(dt_ms).0f ms'
"""A line of the access log: no visitor's address, and no query, where postcodes and searches stand."""

SENT_ID = " %(header{x-request-id})s"
"""What the line has besides, behind a front server that gives each request an id."""

ROOT = Path(__file__).resolve().parent.parent

TURN_SECONDS = 0.0002
"""How long a thread may go on while others wait for the interpreter.

Python's own 5 ms are as long as a hundred finished pages take: whoever asks for one while a page is rendered,
or while many ask, would wait for that long, over and over.
"""


class Server(MPServer):
    """Granian, stopping reliably.

    Its own handler sets a threading event, which locks up for good when the signal comes while the main
    thread holds that event's lock: when it comes twice, say, or together with the end of a worker. Setting
    the event from another thread cannot lock up.
    """

    def signal_handler_interrupt(self, *_arguments: Any, **_options: Any) -> None:
        """Ask the main loop to end."""
        self.interrupt_signal = True
        threading.Thread(target=self.main_loop_interrupt.set, daemon=True).start()


def check_settings() -> Environment:
    """The settings. Stop with their message if they are wrong, or each worker would say it, over and over."""
    sys.path.insert(0, str(ROOT))
    from leftbehind_site import settings  # noqa: PLC0415 - importing is checking

    if settings.ARCHIVE_FROZEN:
        # In a process of its own: the server itself needs no Django.
        done = subprocess.run([sys.executable, "-m", "leftbehind_site.frozen"], cwd=ROOT, check=False)
        if done.returncode:
            sys.exit(done.returncode)
    return settings.ENVIRONMENT


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


def workers_of(text: str) -> int:
    """How many workers are wanted; stop with a plain message if that is no number of them."""
    if not text.isdecimal() or not int(text):
        sys.exit(f"WORKERS is {text!r}: it has to be a number, 1 or more.")
    return int(text)


def preload() -> None:
    """Read the site once, before there are workers: they begin as copies, start at once and share its memory.

    Nothing here may open a connection or start a thread, which no copy could use.
    """
    for module in ("leftbehind_site.wsgi", "leftbehind_site.serving.application"):
        importlib.import_module(module)
    from django.urls import get_resolver  # noqa: PLC0415 - Django has been set up by now

    from leftbehind_site.generation import code  # noqa: PLC0415

    get_resolver().url_patterns  # noqa: B018 - reads every view
    # While it is surely the code that has just been read: a worker that comes later runs the same, whatever
    # lies on the disk by then.
    code()
    # What is shared stays as it is: the collector would touch it, and a touched page is copied.
    gc.freeze()
    gc.enable()


def log_config(log_format: str) -> dict[str, Any]:
    """How the server itself writes, in the same form as the site.

    Args:
        log_format: ``line`` or ``json``.

    Returns:
        What differs from the server's own configuration, as ``logging.config`` takes it.
    """
    config: dict[str, Any] = copy.deepcopy(LOGGING_CONFIG)
    if log_format == "json":
        json_line = {"()": "leftbehind_site.logs.JsonLine"}
        config["formatters"] = dict.fromkeys(config["formatters"], json_line)
    config["filters"] = {"of_access": {"()": "leftbehind_site.logs.OfAccess"}}
    config["handlers"]["access"]["filters"] = ["of_access"]
    return config


def main() -> None:
    """Check what can be checked, then serve until told to stop."""
    # Nothing that is read at the start is ever thrown away; ``preload`` turns the collector on again.
    gc.disable()
    host, port = os.environ.get("HOST") or "127.0.0.1", os.environ.get("PORT") or "8000"
    environment = check_settings()
    from leftbehind_site.common import limits  # noqa: PLC0415 - found when the settings have been checked

    check_port(host, port)
    workers = workers_of(os.environ.get("WORKERS") or "2")
    if sys.argv[1:] == ["--check"]:
        return
    os.chdir(ROOT)
    sys.setswitchinterval(TURN_SECONDS)
    preload()
    Server(
        "deploy.worker:application",
        address=host,
        port=int(port),
        workers=workers,
        interface=Interfaces.WSGI,
        # One answers while others wait for the database, and some may wait for slow clients.
        blocking_threads=limits.THREADS,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(
            header_read_timeout=limits.HEAD_SECONDS * 1000, max_buffer_size=limits.HEAD_BYTES
        ),
        websockets=False,
        log_level=LogLevels.warning,
        log_access=os.environ.get("ACCESS_LOG") == "true",
        log_access_format=ACCESS_LOG + (SENT_ID if environment.trust_proxy_headers else ""),
        log_dictconfig=log_config(environment.log_format),
        respawn_failed_workers=True,
        workers_kill_timeout=5,
    ).serve()


if __name__ == "__main__":
    main()
