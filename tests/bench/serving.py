"""Serving finished pages, through Python and behind the front server, against nginx and the same bytes.

The shipped site is set up in a folder of its own and published. Then the servers run side by side: each is
asked in turn, round after round, so that whatever else the machine does disturbs all of them. nginx and wrk
are Debian's packages; without them nothing is measured.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import TypeVar

from tests.bench import site
from tests.bench.measure import table
from tests.bench.visiting import first_views
from tests.ports import free_port
from tests.servers import process

_Answer = TypeVar("_Answer")

ROUNDS = 3
SECONDS = 2
STARTS = 5
KINDS = {"neighbourhood": "/neighbourhoods/E05", "news": "/news/", "session": "/evidence/"}


@dataclass(frozen=True, slots=True)
class Load:
    """How a server is asked.

    Attributes:
        name: In the table.
        connections: At a time.
        conditional: Whether the visitor has the page already.
    """

    name: str
    connections: int
    conditional: bool = False


LOADS = (Load("16 connections", 16), Load("304s", 16, conditional=True), Load("64 connections", 64))


@dataclass(frozen=True, slots=True)
class Alone:
    """How one visitor asks, one question after the other over one connection.

    Attributes:
        name: In the table.
        questions: How many.
        pause: Seconds before each.
    """

    name: str
    questions: int
    pause: float = 0.0


VISITORS = (
    # Everything sleeps between two questions, as it does where a person asks.
    Alone("first byte, 10 ms between questions: ms", 300, pause=0.01),
    # The next comes within microseconds: nothing falls asleep, where client and server share a processor.
    Alone("first byte, no time between questions: ms", 900),
)


@dataclass(frozen=True, slots=True)
class Result:
    """What wrk says.

    Attributes:
        rate: Answers a second.
        slowest: Milliseconds that 99 of 100 answers take at most.
    """

    rate: float
    slowest: float


def report() -> str:
    """Measure, and say what was measured."""
    missing = [name for name in ("nginx", "wrk") if not _program(name)]
    if missing:
        return (
            f"Serving: not measured, {' and '.join(missing)} missing (Debian: apt install nginx-light wrk)."
        )
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        # nginx's workers may be another user's.
        folder.chmod(0o755)
        ports = {"python": free_port(), "front": free_port(), "files": free_port()}
        environment = _set_up(folder, ports["python"])
        log, serve = folder / "log", [sys.executable, "deploy/serve.py"]
        cold = statistics.median(_start(serve, log, environment, ports["python"]) for _ in range(STARTS))
        server = stack.enter_context(process(serve, log, environment=environment))
        _wait(ports["python"])
        config = folder / "files.conf"
        config.write_text(_files(folder, ports["files"]))
        files = [_program("nginx"), "-c", str(config), "-g", "daemon off;"]
        stack.enter_context(process(files, log, environment=environment))
        front = ["sh", "deploy/front.sh"]
        stack.enter_context(process(front, log, environment={**environment, **_front(folder, ports)}))
        for kind in ("front", "files"):
            _wait(ports[kind])
        pages = {name: _path(folder, start) for name, start in KINDS.items()}
        rows = [row for name, path in pages.items() for row in _rows(name, path, ports)]
        told = table(
            f"Serving (gzip, keep-alive; medians of {ROUNDS} rounds side by side; shares of nginx)",
            ("", "nginx", "Python", "share", "front server", "share"),
            rows,
        )
        return (
            f"{told}\nFirst answer {cold:.2f} s after the start (median of {STARTS});"
            f" {_memory(server):.0f} MiB (PSS) for the server and two workers, loaded.\n\n"
            f"{first_views(environment['SITE_URL'], {'home': '/', **pages})}"
        )


def _rows(name: str, path: str, ports: Mapping[str, int]) -> Iterator[tuple[str, ...]]:
    """The lines of one kind of page."""
    for load in LOADS:
        found = _in_turn(ports, partial(_ask, path, load))
        yield _row(f"{name}, {load.name}: answers a second", _medians(found, lambda one: one.rate), "{:,.0f}")
        if load.connections == 64:
            yield _row(
                f"{name}, {load.name}: 99% within ms", _medians(found, lambda one: one.slowest), "{:.1f}"
            )
    for visitor in VISITORS:
        yield _row(f"{name}, {visitor.name}", _first_bytes(path, visitor, ports), "{:.3f}")


def _in_turn(ports: Mapping[str, int], ask: Callable[[int], _Answer]) -> dict[str, list[_Answer]]:
    """What each server gives, round after round."""
    found: dict[str, list[_Answer]] = {kind: [] for kind in ports}
    for _ in range(ROUNDS):
        for kind, port in ports.items():
            found[kind].append(ask(port))
    return found


def _medians(found: Mapping[str, Sequence[_Answer]], of: Callable[[_Answer], float]) -> dict[str, float]:
    return {kind: statistics.median(map(of, results)) for kind, results in found.items()}


def _row(name: str, values: Mapping[str, float], form: str) -> tuple[str, ...]:
    base = values["files"]
    shares = [(form.format(values[kind]), f"{values[kind] / base:.2f}") for kind in ("python", "front")]
    return (name, form.format(base), *shares[0], *shares[1])


# --- the servers


def _program(name: str) -> str:
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin") or ""


def _set_up(folder: Path, port: int) -> dict[str, str]:
    """The shipped site in a folder, published; the environment that serves it."""
    variables = site.environment(folder, port)
    site.set_up(variables)
    site.manage(variables, "publish")
    return variables


def _front(folder: Path, ports: Mapping[str, int]) -> dict[str, str]:
    """What the front server has to know of this machine. Here it speaks http, as the server of files does."""
    return {
        "HTTPS": "false",
        "LISTEN": f"127.0.0.1:{ports['front']}",
        "LISTEN_PLAIN": f"127.0.0.1:{free_port()}",
        "LISTEN_HEALTH": f"127.0.0.1:{free_port()}",
        "SITE_SERVER": f"127.0.0.1:{ports['python']}",
        "DESK_SERVER": f"127.0.0.1:{ports['python']}",
        "PUBLISHED": str(folder / "published"),
        "COPY": str(folder / "copy"),
        "TEMPORARY": str(folder),
    }


def _files(folder: Path, port: int) -> str:
    """nginx with the same bytes as files, and as little else as possible."""
    temporary = "".join(
        f"{name}_temp_path {folder}/files-{name};"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return (
        f"pid {folder}/files.pid; error_log stderr warn; worker_processes auto;"
        " events { worker_connections 1024; }"
        f" http {{ {temporary} access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000;"
        " types { text/html html; } charset utf-8; gzip_static on; gzip_vary on;"
        ' map $scheme $transport_security { https ""; } map $scheme $policy_by_https { https ""; }'
        f" include {site.ROOT}/deploy/headers/page.conf;"
        ' add_header Cache-Control "no-cache";'
        f" server {{ listen 127.0.0.1:{port}; root {folder}/published/current/pages; index index.html; }} }}"
    )


def _start(serve: Sequence[str], log: Path, environment: Mapping[str, str], port: int) -> float:
    """Seconds from a start of the server to its first answer; it is stopped again."""
    began = time.perf_counter()
    with process(serve, log, environment=environment):
        _wait(port)
        return time.perf_counter() - began


def _wait(port: int) -> None:
    """Until a server sends a page."""
    for _ in range(4000):
        with contextlib.suppress(OSError):
            if _answer(port, "/news/")[0] == HTTPStatus.OK:
                return
        time.sleep(0.005)
    raise RuntimeError(f"nothing answers at port {port}")


def _answer(port: int, path: str, **headers: str) -> tuple[int, dict[str, str]]:
    """Status and headers, by name in lower case."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path, headers={"Accept-Encoding": "gzip", **headers})
        response = connection.getresponse()
        response.read()
        return response.status, {name.lower(): value for name, value in response.getheaders()}
    finally:
        connection.close()


def _path(folder: Path, start: str) -> str:
    """The address of a page of a kind."""
    index = (folder / "published" / "current" / "index").read_text(encoding="utf-8")
    found = re.findall(rf'"path":"({start}[^"]+/)","file":"pages/', index)
    return str(
        next(path for path in found if not path.endswith("/feed/") and not re.search(r"/\d{4}/$", path))
    )


# --- asking


def _ask(path: str, load: Load, port: int) -> Result:
    """Ask for as long as a round takes.

    Raises:
        RuntimeError: If an answer is another one than was to be measured.
    """
    headers = ["--header", "Accept-Encoding: gzip"]
    if load.conditional:
        tag = _answer(port, path)[1]["etag"]
        status, _ = _answer(port, path, **{"If-None-Match": tag})
        if status != HTTPStatus.NOT_MODIFIED:
            raise RuntimeError(f"port {port} answers {status} to whoever has {path} already")
        headers += ["--header", f"If-None-Match: {tag}"]
    done = subprocess.run(
        [
            *(_program("wrk"), "--latency", "--threads", "1", "--duration", f"{SECONDS}s"),
            *("--connections", str(load.connections), *headers, f"http://127.0.0.1:{port}{path}"),
        ],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    if "Non-2xx" in done:
        raise RuntimeError(done)
    return Result(
        rate=float(re.findall(r"Requests/sec:\s+([\d.]+)", done)[0]),
        slowest=_milliseconds(re.findall(r"^ +99%\s+(\S+)", done, re.MULTILINE)[0]),
    )


def _first_bytes(path: str, alone: Alone, ports: Mapping[str, int]) -> dict[str, float]:
    """Milliseconds from a question to the first byte of its answer, by server; medians.

    The servers take turns with each question: what a processor does between two of them, and where the
    system lets a process run, is the same for all.

    Raises:
        RuntimeError: If an answer is none, or not the page.
    """
    times: dict[str, list[float]] = {kind: [] for kind in ports}
    with contextlib.ExitStack() as stack:
        visitors = {
            kind: stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=5))
            for kind, port in ports.items()
        }
        for visitor in visitors.values():
            visitor.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        order = [*visitors.items()]
        for _ in range(alone.questions):
            # There and back: none is always asked after its like, whose code is still at hand.
            order.reverse()
            for kind, visitor in order:
                asked = (
                    f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{ports[kind]}\r\nAccept-Encoding: gzip\r\n\r\n"
                )
                time.sleep(alone.pause)
                began = time.perf_counter()
                visitor.sendall(asked.encode())
                first = visitor.recv(1)
                times[kind].append(time.perf_counter() - began)
                _read_on(visitor, first)
    return {kind: statistics.median(found) * 1000 for kind, found in times.items()}


def _read_on(visitor: socket.socket, answer: bytes) -> None:
    """Read the rest of an answer, so that the connection is free for the next question."""
    length = None
    while length is None or len(answer) < length:
        part = visitor.recv(65536)
        answer += part
        head, whole, _ = answer.partition(b"\r\n\r\n")
        if not part or not answer.startswith(b"HTTP/1.1 200 "[: len(answer)]):
            raise RuntimeError(f"no page came: {head!r}")
        if whole:
            said = re.findall(rb"^content-length: (\d+)", head, re.MULTILINE | re.IGNORECASE)
            length = len(head) + len(whole) + int(said[0])


def _milliseconds(text: str) -> float:
    number, unit = re.findall(r"([\d.]+)(us|ms|s)", text)[0]
    return float(number) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[unit]


def _memory(server: subprocess.Popen[bytes]) -> float:
    """Mebibytes of a process and its children, shared pages counted in shares."""
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
    texts = [Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in (str(server.pid), *children)]
    return sum(int(re.findall(r"^Pss:\s+(\d+)", text, re.MULTILINE)[0]) for text in texts) / 1024
