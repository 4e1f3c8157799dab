"""Make a deposit: one file with everything public in it, in forms that outlast this site's software.

It is a bag (BagIt, RFC 8493) in a ZIP archive. What is in it, and how the site is made from it again, says
the bag's own ``data/README.txt`` (``templates/deposit/readme.txt``). Nothing in it tells when or where it was
made: its dates are that of the content's latest change, and the same content gives the same bytes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import bagit
from django.conf import settings
from django.template.loader import render_to_string

from appg import content_files
from appg.models import CONTENT_MODELS, Upload
from leftbehind_site.common.progress import Progress, silent
from leftbehind_site.common.site import current_site
from leftbehind_site.deposit import dump, warc
from leftbehind_site.export.manifest import read
from leftbehind_site.export.writing import ATTEMPTS, export
from leftbehind_site.generation import Generation
from neighbourhoods import datapackage
from neighbourhoods.files import package
from neighbourhoods.files.addresses import ARCHIVE
from neighbourhoods.measures import SOURCES
from neighbourhoods.models import Release

SUFFIX: Final = ".zip"
ROWS: Final = "database/site.jsonl"
MEDIA: Final = "media"

_EARLIEST: Final = (1980, 1, 1, 0, 0, 0)
"""The time that all files have: the first that the format knows, never the clock's."""

_PACKED: Final = frozenset({".br", ".gz", ".png", ".xlsx", ".zip"})
"""Ends of names of what compression makes no smaller."""


class DepositError(Exception):
    """A deposit that cannot be made or taken in, in words for whoever asked."""


@dataclass(frozen=True, slots=True)
class Report:
    """What was deposited.

    Attributes:
        files: How many, in the bag's payload.
        answers: In the web archive.
        size: Of the archive file, in bytes.
        moment: Of the content's latest change, in ISO form and UTC.
    """

    files: int
    answers: int
    size: int
    moment: str


def make(
    target: Path,
    *,
    copy: Path | None = None,
    processes: int = 1,
    progress: Progress = silent,
) -> Report:
    """Make a deposit.

    Args:
        target: The file, whose name ends in ``.zip``; one that is there is replaced when all is done.
        copy: An export to bring up to date and take in; without it one is made for the deposit alone.
        processes: How many share the work of the export.
        progress: Shows how far it has come.

    Raises:
        DepositError: If it cannot be made; what stood there stays.
        ExportError: If the site cannot be exported.
        DatabaseError: If the database cannot be asked, or has no tables.
        OSError: If something cannot be read or written.
    """
    target = target.absolute()
    if target.suffix != SUFFIX or target.is_dir():
        raise DepositError(f"{target} is no name for a deposit: it has to be a file and to end in {SUFFIX}")
    source = _source()
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{target.stem}-", dir=target.parent) as scratch:
        whole = copy or Path(scratch) / "export"
        bag = Path(scratch) / target.stem

        def attempt() -> tuple[str, int]:
            export(whole, processes=processes, progress=progress)
            shutil.rmtree(bag, ignore_errors=True)
            bag.mkdir()
            return _fill(bag, whole, source)

        moment, answers = _of_one_state(attempt)
        made = bagit.make_bag(str(bag), _facts(target.stem, moment), checksums=["sha256"])
        made.validate()
        packed = Path(scratch) / target.name
        _pack(bag, packed)
        packed.replace(target)
        files = len(made.payload_entries())
    return Report(files=files, answers=answers, size=target.stat().st_size, moment=moment)


def _of_one_state(attempt: Callable[[], tuple[str, int]]) -> tuple[str, int]:
    """What was made while the content stayed as it was."""
    for _ in range(ATTEMPTS):
        generation = Generation().token()
        found = attempt()
        if Generation().token() == generation:
            return found
    raise DepositError("the content kept changing while it was deposited; try again when nobody edits")


# --- what is in it


def _source() -> list[str]:
    """The names of the project's own files, as its repository knows them."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z"],  # noqa: S607 - whichever git the machine has
            cwd=settings.BASE_DIR,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise DepositError(
            f"a deposit holds the project's source, and {settings.BASE_DIR} is no git repository that could"
            " tell what belongs to it: make it from a clone, with DATABASE_URL and MEDIA_ROOT of the site"
        ) from error
    return [name for name in listed.split("\0") if name]


def _fill(bag: Path, whole: Path, source: list[str]) -> tuple[str, int]:
    """Write everything that the bag shall hold.

    Returns:
        The moment of the content's latest change, and the number of answers in the web archive.
    """
    shutil.copytree(whole, bag / "export", copy_function=_linked)
    for name in source:
        _copied(Path(settings.BASE_DIR) / name, bag / "source" / name)
    (bag / ROWS).parent.mkdir()
    moment = f"{dump.write(bag / ROWS):%Y-%m-%dT%H:%M:%SZ}"
    _write_content(bag / "content")
    _write_package(bag / "data-package")
    for upload in Upload.objects.filter(withdrawn_reason=""):
        _copied(Path(upload.file.path), bag / MEDIA / upload.file.name)
    (bag / "warc").mkdir()
    site = current_site()
    answers = warc.write(
        bag / "warc" / f"{urlsplit(settings.SITE_URL).hostname}.warc.gz",
        bag / "export",
        read(bag / "export"),
        moment=moment,
        description=f"The archived public website of the {site.group_name}, made from its export",
    )
    words = {
        "name": bag.name,
        "site": site,
        "site_url": settings.SITE_URL,
        "moment": moment,
        "answers": answers,
        "sources": SOURCES.values(),
        "attributions": datapackage.ATTRIBUTIONS,
    }
    for name in ("readme", "licences"):
        text = render_to_string(f"deposit/{name}.txt", words)
        (bag / f"{name.upper()}.txt").write_text(text, encoding="utf-8")
    return moment, answers


def _write_content(folder: Path) -> None:
    """The group's record as text files, as far as it is public."""
    for name, model in CONTENT_MODELS.items():
        (folder / name).mkdir(parents=True)
        for item in model.objects.public().order_by("slug"):
            path = folder / name / f"{item.slug}.md"
            path.write_text(content_files.write(dump.public_part(item), public=True), encoding="utf-8")


def _write_package(folder: Path) -> None:
    """The Data Package of the release in force, unpacked."""
    release = Release.objects.current()
    if release is None:
        return
    for name, content in package.files(package.edition(release, current_site().archive_notice)).items():
        if name != ARCHIVE:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)


def _facts(name: str, moment: str) -> dict[str, str]:
    """What the bag says of itself."""
    site = current_site()
    facts = {
        "Bagging-Date": moment.partition("T")[0],
        "Contact-Email": site.contact_email,
        "External-Description": f"The archived public website of the {site.group_name}",
        "External-Identifier": settings.SITE_URL,
        "Internal-Sender-Identifier": name,
        "Source-Organization": site.secretariat,
    }
    return {key: value for key, value in facts.items() if value}


# --- files


def _linked(source: str, target: str) -> None:
    """The same file under another name; where that cannot be, its copy."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _copied(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)


def _pack(bag: Path, target: Path) -> None:
    """Put a folder into an archive, in order and without times."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, strict_timestamps=True) as archive:
        for name, path in sorted((path.relative_to(bag).as_posix(), path) for path in bag.rglob("*")):
            if path.is_dir():
                continue
            entry = zipfile.ZipInfo(f"{bag.name}/{name}", _EARLIEST)
            mode = 0o755 if path.stat().st_mode & 0o100 else 0o644
            entry.external_attr = (0o100000 | mode) << 16
            entry.compress_type = zipfile.ZIP_STORED if path.suffix in _PACKED else zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes())
