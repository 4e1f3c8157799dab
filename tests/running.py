"""The production server as it runs, for tests of what it says."""

from __future__ import annotations

import contextlib
import http.client
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from tests.conftest import ROOT
from tests.neighbourhoods.sites import SiteDatabase
from tests.ports import free_port


def get(port: int, path: str) -> int:
    server = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        server.request("GET", path)
        answer = server.getresponse()
        answer.read()
        return answer.status
    finally:
        server.close()


@contextlib.contextmanager
def serving(site: SiteDatabase, log: Path, **variables: str) -> Iterator[int]:
    """The production server on a port, its access log switched on, all it says in a file."""
    port, static = free_port(), ROOT / "static"
    names = [file.relative_to(static).as_posix() for file in static.rglob("*") if file.is_file()]
    manifest = {"paths": dict(zip(names, names, strict=True)), "version": "1.1", "hash": ""}
    (log.parent / "staticfiles.json").write_text(json.dumps(manifest))
    environment = {
        **site.environment,
        "DJANGO_SETTINGS_MODULE": "leftbehind_site.settings",
        "SITE_URL": f"http://127.0.0.1:{port}",
        "SECRET_KEY": settings.SECRET_KEY,
        "STATIC_ROOT": str(log.parent),
        "LOG_LEVEL": "DEBUG",
        "ACCESS_LOG": "true",
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "WORKERS": "1",
        # Where nothing can be written: publishing everything would only keep the machine from the tests.
        "PUBLISHED_ROOT": "/proc/published",
        **variables,
    }
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "deploy/serve.py"], cwd=ROOT, env=environment, stdout=output, stderr=output
        )
        try:
            begun = time.monotonic()
            while True:
                with contextlib.suppress(OSError):
                    if get(port, "/robots.txt") == 200:
                        break
                assert process.poll() is None, log.read_text()
                assert time.monotonic() - begun < 60, log.read_text()
                time.sleep(0.1)
            yield port
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)
