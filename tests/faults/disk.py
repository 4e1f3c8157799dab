"""A disk that is full, while the site exports, publishes, loads, takes uploads and edits; then there is room.

The site lies on a small file system in memory that only this fault's own process sees.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.faults.site import NEWS, FaultSite, promise
from tests.neighbourhoods.published import EXPECT, Published
from tests.neighbourhoods.sites import ROOT, SiteDatabase

SIZE = "96m"

INSIDE = """
import django, os, sys
from pathlib import Path
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
django.setup()
from tests.faults.disk import inside
sys.stdout.write("\\n".join(inside(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])) + "\\n")
"""


def run(site: FaultSite, number: int) -> list[str]:  # noqa: ARG001
    """Do it in a process that may mount something."""
    own = ["--user", "--map-root-user"] if os.getuid() else []
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    (site.folder / "disk").mkdir()
    done = subprocess.run(
        [
            *("unshare", "--mount", *own),
            *(sys.executable, "-c", INSIDE, str(site.folder), str(site.static), site.database.url),
        ],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=1200,
        check=False,
    )
    promise(done.returncode == 0, done.stdout + done.stderr)
    return done.stdout.splitlines()


def noise() -> bytes:
    """A picture that cannot be made small."""
    from PIL import Image

    written = io.BytesIO()
    Image.effect_noise((900, 700), 60).save(written, "PNG")
    return written.getvalue()


class Picture(io.BytesIO):
    name = "noise.png"
    content_type = "image/png"


def fill(folder: Path) -> None:
    """Take all the room that there is."""
    with (folder / "ballast").open("ab", buffering=0) as file:
        for piece in (1 << 20, 1 << 12, 1):
            try:
                while True:
                    file.write(bytes(piece))
            except OSError:
                continue


def inside(folder: Path, static: Path, database: str) -> list[str]:
    """The fault, where mounting is possible."""
    from tests.faults.export import digest
    from tests.faults.site import copy_of, template

    disk = folder / "disk"
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "none", disk], check=True)
    if database.startswith("sqlite"):
        original = FaultSite(SiteDatabase(database), folder, static)
        with copy_of(original, disk) as site:
            return full(site, folder, digest)
    # The run's own database does not lie on this disk; SQLite's does.
    (folder / "sqlite").mkdir()
    with template(folder / "sqlite") as original, copy_of(original, disk) as site:
        return full(site, folder, digest)


def full(site: FaultSite, outside: Path, digest: object) -> list[str]:
    """Everything that writes, on a full disk and after it."""
    assert callable(digest)
    disk, copy = site.folder, site.folder / "exports" / "copy"
    files = Published().write(outside / "disk-files")
    site.manage("export_site", copy, "--processes", 1)
    before = digest(copy)
    site.change(
        "from appg.models import NewsItem\nNewsItem.objects.filter(slug='first').update(summary='More.')"
    )
    said = []
    with site.running() as server:
        server.settled()
        desk, news, uploads = site.editor(), site.first_news(), "appg/upload/add/"
        forms = desk.open(news), desk.open(uploads)
        words = {"title": "Second title", "body": f"<p>{'More words. ' * 100_000}</p>", "why": "x"}
        picture = noise()
        image = {"title": "Noise", "alternative_text": "Noise"}
        fill(disk)
        saved = desk.send(news, forms[0], **words)
        promise(
            saved.status == 503 and "disk of this site is full" in saved.text,
            f"an edit answers {saved.status}",
        )
        sent = desk.send(uploads, forms[1], file=Picture(picture), **image)
        promise(
            sent.status == 503 and "disk of this site is full" in sent.text,
            f"an upload answers {sent.status}",
        )
        promise(not list((disk / "media").rglob("*.part")), "half a file was left")
        for path in (NEWS, "/", "/search/?q=grange", "/no/such/page/", "/healthz"):
            status = site.get(path).status
            promise(status in (200, 404, 503), f"{path} answers {status}")
        promise(site.get(NEWS).status == 200, "a finished page is not sent")
        told = {
            "an export": site.refused("export_site", disk / "exports" / "copy", "--processes", 1),
            "a load": site.refused("load_neighbourhoods", "--from", files, "--expect", EXPECT),
            "a load of the record": site.refused("load_appg_content"),
        }
        elsewhere = site.python("manage.py", "publish", PUBLISHED_ROOT=str(disk / "other"))
        told["publishing"] = elsewhere.stderr.strip()
        promise(elsewhere.returncode == 1 and "Traceback" not in elsewhere.stderr, f"publish: {elsewhere}")
        for what, message in told.items():
            last = " ".join(message.splitlines()[-2:])
            promise("disk" in message or "No space left" in message, f"{what} says: {message}")
            said.append(f"{what}: {last.replace(str(disk), '…')}")
        promise(digest(copy) == before, "the former export was touched")
        promise(sorted(path.name for path in copy.parent.iterdir()) == ["copy"], "half an export was left")
        (disk / "ballast").unlink()
        ((titles,),) = site.database.ask("SELECT group_concat(title) FROM appg_newsitem")
        promise(titles == "First title", f"half an edit was left: {titles}")
        promise(site.database.ask("SELECT count(*) FROM appg_upload") == [(1,)], "half an upload was left")
        promise(desk.send(news, desk.open(news), **words).status == 302, "an edit fails still")
        sent = desk.send(uploads, desk.open(uploads), file=Picture(picture), **image)
        promise(sent.status == 302, f"an upload fails still: {sent.status}")
        site.manage("check_files")
        site.manage("load_neighbourhoods", "--from", files, "--expect", EXPECT)
        shutil.rmtree(disk / "other", ignore_errors=True)
    return [
        "on a full disk: an edit and an upload answer 503 in plain words, finished pages are sent",
        *said,
        "nothing half was left; with room again, edit, upload and load succeeded with the same server",
    ]
