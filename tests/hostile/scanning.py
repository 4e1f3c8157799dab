"""What ``wapiti.sh`` starts: the real server with what is shipped, and wapiti on it; see there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.hostile.server import Server, serving

MODULES = (
    "crlf,exec,file,htaccess,methods,permanentxss,redirect,sql,ssrf,timesql,xss,xxe,backup,http_headers"
    ",cookieflags"
)
MINOR = (
    # The site that is attacked is one on this machine, without https.
    "Secure Flag cookie",
    "Strict-Transport-Security is not set",
    # No browser heeds it any more, and where one did, it did harm.
    "X-XSS-Protection is not set",
)
"""Findings without weight here, by their kind or what is said of them."""

SIGN_IN = """
from django.contrib.auth.models import User
from django.test import Client
editor = User.objects.create_superuser("editor", password="a-long-password")
client = Client()
client.force_login(editor)
print(client.cookies["sessionid"].value)
"""


def session(server: Server) -> str:
    """The session of an editor who is signed in."""
    return server.manage("shell", "--no-imports", "-c", SIGN_IN).split()[-1]


def attack(server: Server, path: str, report: Path, seconds: int, cookie: str = "") -> dict[str, Any]:
    """Let wapiti loose on a folder of the site.

    Returns:
        Its report.
    """
    with tempfile.TemporaryDirectory() as home:
        command = [
            *(
                "wapiti",
                "--url",
                f"http://127.0.0.1:{server.port}{path}",
                "--scope",
                "folder",
                "--flush-session",
            ),
            *(
                "--module",
                MODULES,
                "--format",
                "json",
                "--output",
                str(report),
                "--no-bugreport",
                "--verbose",
                "1",
            ),
            *(
                "--max-scan-time",
                str(seconds),
                "--max-links-per-page",
                "40",
                "--max-files-per-dir",
                "20",
                "--depth",
                "4",
            ),
            *("--max-attack-time", str(max(10, seconds // 5)), "--timeout", "20", "--store-session", home),
            *(("--header", f"Cookie: sessionid={cookie}") if cookie else ()),
        ]
        done = subprocess.run(
            command, check=False, env={**os.environ, "HOME": home}, capture_output=True, text=True
        )
    if not report.exists():
        sys.exit(f"wapiti ended with {done.returncode} and made no report: {done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    return found


def main() -> int:
    """Attack as a reader and as an editor, and say what was found."""
    folder, seconds = Path(sys.argv[1]), int(sys.argv[2])
    weight = 0
    with tempfile.TemporaryDirectory() as place, serving(Path(place), content=True) as server:
        for who, path, cookie in (("reader", "/", ""), ("editor", "/admin/appg/", session(server))):
            report = attack(server, path, folder / f"{who}.json", seconds, cookie)
            sys.stdout.write(f"As a {who}, at {path}:\n")
            for kind, found in {**report["vulnerabilities"], **report["anomalies"]}.items():
                for one in found:
                    minor = kind in MINOR or one["info"] in MINOR
                    sys.stdout.write(f"  {'' if minor else 'of weight: '}{kind}: {one['info'][:200]}\n")
                    weight += not minor
        log = (server.folder / "server.log").read_text(encoding="utf-8")
    (folder / "server.log").write_text(log, encoding="utf-8")
    faults = log.count("Internal Server Error")
    sys.stdout.write(f"{weight} findings of weight, {faults} faults in the log.\n")
    return 1 if weight or faults else 0


if __name__ == "__main__":
    sys.exit(main())
