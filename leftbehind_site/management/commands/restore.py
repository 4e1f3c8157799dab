"""``manage.py restore``: the site becomes the one that was backed up."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from leftbehind_site.backup.archive import BackupError, Manifest
from leftbehind_site.backup.restoring import check, restore
from leftbehind_site.management.sharing import bar_of


class Command(BaseCommand):
    help = (
        "Make the site the one that `back_up` wrote into a file, on SQLite or PostgreSQL. The file is proved"
        " first, and everything is written in one transaction: a damaged file changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="A file that back_up wrote.")
        parser.add_argument(
            "--replace", action="store_true", help="Replace a site that has content, with all that it has."
        )
        parser.add_argument("--check", action="store_true", help="Only prove the file; touch nothing.")

    def handle(self, *_args: object, **options: Any) -> None:
        began = time.monotonic()
        file, progress = options["file"], bar_of(options)
        try:
            if options["check"]:
                manifest = check(file, progress=progress)
                self.stdout.write(f"{file} is whole: {_words(manifest)}.")
                return
            report = restore(file, replace=options["replace"], progress=progress)
        except (BackupError, DatabaseError, OSError) as error:
            raise CommandError(f"Not restored: {str(error).strip()}") from error
        for problem in report.manifest.missing:
            self.stderr.write(f"Was not in order when it was backed up: {problem}")
        self.stdout.write(
            f"Restored {_words(report.manifest)}; {report.added:,} files written, {report.removed:,} removed;"
            f" in {time.monotonic() - began:.0f} s. If the site was running, restart it now."
        )


def _words(manifest: Manifest) -> str:
    """What a back-up holds."""
    return (
        f"{manifest.rows:,} rows of {len(manifest.tables)} tables and {len(manifest.media):,} uploaded files"
        f" of {manifest.site_url}, as of {manifest.made_at}, made by version {manifest.code}"
    )
