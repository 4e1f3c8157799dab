"""Many requests of mixed clients: no error, and no memory, thread or file kept."""

from __future__ import annotations

import gzip
import http.client
import itertools
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import brotli

from tests.faults.site import NEWS, FaultSite, ask, promise
from tests.waiting import PATIENCE

VISITORS = 6
MOST_GROWTH = 16.0
"""MiB that all workers together may grow by in the second half."""


class Asked(NamedTuple):
    method: str
    path: str
    headers: dict[str, str]
    expected: tuple[int, ...]


def mixture(site: FaultSite) -> list[Asked]:
    """What the visitors ask for, in turn."""
    pages = (
        "/",
        NEWS,
        "/news/",
        "/neighbourhoods/",
        "/neighbourhoods/method/",
        "/data/",
        "/publications/",
        "/faqs/",
    )
    plain = [
        Asked("GET", path, {"Accept-Encoding": coding}, (200,))
        for path in pages
        for coding in ("", "gzip", "br")
    ]
    tag = site.get(NEWS).headers.get("etag", '""')
    size = len(site.get("/robots.txt").body)
    ((upload,),) = site.database.ask("SELECT id FROM appg_upload")
    return [
        *plain,
        *(Asked("HEAD", path, {}, (200,)) for path in pages),
        Asked("GET", NEWS, {"If-None-Match": tag}, (304,)),
        Asked("GET", "/robots.txt", {"Range": f"bytes=0-{size // 2}"}, (206,)),
        Asked("GET", "/robots.txt", {"Range": f"bytes={size + 10}-"}, (416,)),
        Asked("GET", f"/files/{upload}/report.pdf", {}, (200,)),
        Asked("GET", "/search/?q=grange", {"Accept-Encoding": "gzip"}, (200,)),
        Asked("GET", "/search/?q=TS24+0XT", {}, (200, 302)),
        Asked("GET", "/feed/", {}, (200,)),
        Asked("GET", "/sitemap.xml", {}, (200,)),
        Asked("GET", "/healthz", {}, (200,)),
        Asked("GET", "/2021/06/old-news", {}, (301,)),
        Asked("GET", "/news/first", {}, (301,)),
        Asked("GET", "/no/such/page/", {}, (404,)),
        Asked("GET", "/wp-login.php", {}, (404, 410)),
        Asked("GET", "/%ff%00/../etc/passwd", {}, (400, 404)),
        Asked("GET", NEWS, {"Host": "evil.test"}, (400,)),
        Asked("DELETE", NEWS, {}, (403, 405)),
    ]


@dataclass
class Usage:
    """What the workers hold, in all: memory of their own in MiB (anonymous), threads, open files."""

    memory: float
    threads: int
    files: int

    @classmethod
    def of(cls, workers: list[int]) -> Usage:
        memory = threads = files = 0
        for worker in workers:
            process = Path(f"/proc/{worker}")
            lines = (process / "smaps_rollup").read_text().splitlines()
            memory += sum(int(line.split()[1]) for line in lines if line.startswith("Anonymous:"))
            threads += len(list((process / "task").iterdir()))
            files += len(list((process / "fd").iterdir()))
        return cls(memory / 1024, threads, files)

    def __str__(self) -> str:
        return f"{self.memory:.1f} MiB, {self.threads} threads, {self.files} files"


@dataclass
class Count:
    statuses: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    bodies: dict[str, bytes] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


def ask_for(site: FaultSite, asked: list[Asked], number: int, count: Count) -> None:
    """Ask so many times in all, over several connections."""
    numbers = itertools.count()

    def visit() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=PATIENCE)
        while (turn := next(numbers)) < number:
            one = asked[turn % len(asked)]
            if turn % 97 == 0:
                connection.close()
            try:
                answer = ask(connection, one.method, one.path, headers=one.headers)
            except (OSError, http.client.HTTPException) as error:
                with count.lock:
                    count.wrong.append(f"{one.method} {one.path}: {error!r}")
                connection.close()
                continue
            with count.lock:
                count.statuses[answer.status] += 1
                if answer.status not in one.expected:
                    count.wrong.append(f"{one.method} {one.path} {one.headers}: {answer.status}")
                elif one.method == "GET" and answer.status == 200 and not one.path.startswith("/healthz"):
                    body = decoded(answer.body, answer.headers.get("content-encoding", ""))
                    if count.bodies.setdefault(one.path, body) != body:
                        count.wrong.append(f"{one.path}: another body")
        connection.close()

    visitors = [threading.Thread(target=visit) for _ in range(VISITORS)]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join()


def decoded(body: bytes, coding: str) -> bytes:
    if coding == "br":
        return brotli.decompress(body)
    return gzip.decompress(body) if coding == "gzip" else body


def run(site: FaultSite, number: int) -> list[str]:
    """Ask so many times; what the workers hold at half time is what they hold in the end."""
    with site.running() as server:
        server.settled()
        asked, count = mixture(site), Count()
        workers = server.workers()
        began = time.monotonic()
        usage = []
        for part in (number // 2, number - number // 2):
            ask_for(site, asked, part, count)
            usage.append(Usage.of(workers))
        seconds = time.monotonic() - began
        promise(server.workers() == workers, "a worker was replaced")
        promise(not count.wrong, f"{len(count.wrong)} wrong answers: {count.wrong[:8]}")
        half, end = usage
        promise(end.memory - half.memory <= MOST_GROWTH, f"memory grew: {half}, then {end}")
        promise(end.threads <= half.threads + 2, f"threads grew: {half}, then {end}")
        promise(end.files <= half.files + 2 * VISITORS, f"open files grew: {half}, then {end}")
    statuses = ", ".join(f"{status}: {times:,}" for status, times in sorted(count.statuses.items()))
    return [
        f"{number:,} requests over {VISITORS} connections in {seconds:.0f} s, none wrong ({statuses})",
        f"two workers at half time: {half}",
        f"in the end: {end}",
    ]
