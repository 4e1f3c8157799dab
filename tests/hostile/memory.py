"""What hostile requests leave behind in the memory of the real server.

    python -m tests.hostile.memory [N]

Starts a site of its own, warms it up, sends N hostile requests (20,000) over many connections, and prints how
much memory its processes took before, half-way and after, and how the requests were answered.
"""

from __future__ import annotations

import http.client
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from tests.hostile.server import Server, serving
from tests.hostile.values import HOSTILE, PARAMETERS
from tests.waiting import PATIENCE

REQUESTS = 20_000
SEED = 1
WARM = 1_500
"""Requests until a process has seen what it keeps: templates, patterns, cached answers."""

_PLACES = (
    "/",
    "/search/",
    "/neighbourhoods/",
    "/news/",
    "/files/1/",
    "/static/",
    "/admin/login/",
    "/n/",
    "/data/",
)
_EACH = 50
"""Requests of a connection."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Bytes before, half-way and after, and the answers by status."""

    before: int
    half: int
    after: int
    statuses: Counter[int]


def requests(number: int, chance: random.Random) -> Iterator[tuple[str, str, dict[str, str], bytes]]:
    """Method, address, headers and body of so many requests."""
    for _ in range(number):
        value = quote(chance.choice(HOSTILE), safe="")
        path = chance.choice(_PLACES) + (value if chance.random() < 0.5 else "")
        query = (
            f"?{chance.choice(PARAMETERS)}={quote(chance.choice(HOSTILE))}" if chance.random() < 0.5 else ""
        )
        kind = chance.random()
        headers, body = {}, b""
        if kind < 0.1:
            headers["Cookie"] = "a=" + "b" * chance.choice((100, 9_000, 30_000))
        elif kind < 0.15:
            query = "?" + "&".join(f"a{count}={count}" for count in range(chance.choice((10, 1_100))))
        elif kind < 0.2:
            headers["Accept-Encoding"] = f"x{chance.random()}, gzip;q={chance.random()}"
        elif kind < 0.25:
            headers["Host"] = f"{chance.random()}.evil.test"
        elif kind < 0.3:
            path += "x" * chance.choice((3_000, 5_000))
        method = "GET"
        if kind > 0.95:
            method, body = "POST", b"a=1&" * chance.choice((1, 5_000))
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            headers["Cookie"] = "csrftoken=" + "a" * 32
        yield method, path + query, headers, body


def send(server: Server, number: int, chance: random.Random) -> Counter[int]:
    """Send so many requests, some on each connection."""
    statuses: Counter[int] = Counter()
    connection: http.client.HTTPConnection | None = None
    for count, (method, address, headers, body) in enumerate(requests(number, chance)):
        if connection is None or count % _EACH == 0:
            if connection is not None:
                connection.close()
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
        try:
            connection.request(method, address, body=body or None, headers=headers)
            answer = connection.getresponse()
            answer.read()
            statuses[answer.status] += 1
        except (ConnectionError, http.client.HTTPException):
            # Closed instead of an answer, which is one too.
            statuses[0] += 1
            connection.close()
            connection = None
    if connection is not None:
        connection.close()
    return statuses


def measure(server: Server, number: int, warm: int = WARM) -> Measured:
    """Send hostile requests, and see what they leave behind."""
    chance = random.Random(SEED)
    send(server, warm, chance)
    before = server.memory
    statuses = send(server, number // 2, chance)
    half = server.memory
    statuses += send(server, number - number // 2, chance)
    return Measured(before, half, server.memory, statuses)


def main() -> int:
    """Run as a program."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else REQUESTS
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder), content=True) as server:
        found = measure(server, number)
    for name, size in (("before", found.before), ("half-way", found.half), ("after", found.after)):
        sys.stdout.write(f"{name}: {size / 2**20:.1f} MiB\n")
    for status, count in sorted(found.statuses.items()):
        sys.stdout.write(f"{status or 'closed'}: {count:,}\n")
    return 1 if any(status >= 500 for status in found.statuses) else 0


if __name__ == "__main__":
    sys.exit(main())
