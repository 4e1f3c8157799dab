"""kill -9 of workers under load, and of the first process."""

from __future__ import annotations

import http.client
import os
import signal
import threading
import time
from dataclasses import dataclass, field

from tests.faults.site import NEWS, Answer, FaultSite, Server, alive, ask, promise, wait
from tests.waiting import PATIENCE

PATHS = ("/", NEWS, "/news/", "/data/", "/robots.txt", "/search/?q=grange", "/no/such/page/")
VISITORS = 3


@dataclass
class Load:
    """Visitors who ask again and again, over connections of their own, and compare what they get."""

    site: FaultSite
    expected: dict[str, Answer]
    answered: int = 0
    cut: int = 0
    wrong: list[str] = field(default_factory=list)
    silence: float = 0.0
    last: float = field(default_factory=time.monotonic)
    ended: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def visit(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.site.port, timeout=PATIENCE)
        while not self.ended.is_set():
            for path, expected in self.expected.items():
                try:
                    answer = ask(connection, "GET", path)
                except (OSError, http.client.HTTPException):
                    connection.close()
                    with self.lock:
                        self.cut += 1
                    time.sleep(0.05)
                    continue
                with self.lock:
                    self.answered += 1
                    now = time.monotonic()
                    self.silence, self.last = max(self.silence, now - self.last), now
                    if (answer.status, answer.body) != (expected.status, expected.body):
                        self.wrong.append(f"{path}: {answer.status}, {len(answer.body)} bytes")
                time.sleep(0.005)
        connection.close()


def respawned(server: Server, before: list[int]) -> bool:
    """Whether there are as many workers as before, and they answer."""
    return len(server.workers()) == len(before) and set(server.workers()) != set(before)


def run(site: FaultSite, number: int) -> list[str]:
    """Kill a worker so many times, then the first process."""
    with site.running() as server:
        server.settled()
        load = Load(site, {path: site.get(path) for path in PATHS})
        visitors = [threading.Thread(target=load.visit) for _ in range(VISITORS)]
        for visitor in visitors:
            visitor.start()
        back = []
        try:
            wait(lambda: load.answered > 50, "visitors are answered")
            for _ in range(number):
                before = server.workers()
                began = time.monotonic()
                os.kill(before[0], signal.SIGKILL)
                wait(lambda before=before: respawned(server, before), "the worker is there again")  # type: ignore[misc]
                back.append(time.monotonic() - began)
                so_far = load.answered
                wait(lambda so_far=so_far: load.answered > so_far + 50, "visitors are answered")  # type: ignore[misc]
            cut, silence, answered = load.cut, load.silence, load.answered
            promise(not load.wrong, f"wrong answers: {load.wrong[:5]}")
            promise(cut <= number * VISITORS, f"{cut} requests were cut off, of {VISITORS} visitors")
            began = time.monotonic()
            workers = server.workers()
            server.kill_first()
            wait(lambda: not any(map(alive, workers)), "workers end with their server")
            server.start()
            again = time.monotonic() - began
            so_far = load.answered
            wait(lambda: load.answered > so_far + 50, "visitors are answered again")
            promise(not load.wrong, f"wrong answers: {load.wrong[:5]}")
        finally:
            load.ended.set()
            for visitor in visitors:
                visitor.join()
    return [
        f"{number} workers killed under load: {answered:,} answers, none wrong, {cut} cut off",
        f"longest time without any answer {silence:.2f} s; another worker after {max(back):.1f} s at most",
        f"the first process killed: its workers ended too; started again, it answered after {again:.1f} s",
        "(a supervisor has to start it, such as the container's restart policy)",
    ]
