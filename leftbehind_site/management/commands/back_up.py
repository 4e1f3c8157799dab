"""``manage.py back_up``: everything that the site is, in one file, while it runs."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from leftbehind_site.backup.archive import BackupError
from leftbehind_site.backup.making import back_up
from leftbehind_site.common.page import size_in_words
from leftbehind_site.management.sharing import bar_of


class Command(BaseCommand):
    help = (
        "Write the whole site into one file, as it is at one moment: every row of the database, accounts and"
        " histories included, and every uploaded file. The site goes on running. The file is readable by its"
        " owner alone; `restore` makes the site from it again, on SQLite or PostgreSQL."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="The file to write, such as site-2030-01-31.zip.")
        parser.add_argument("--overwrite", action="store_true", help="Replace a file that is there.")

    def handle(self, *_args: object, **options: Any) -> None:
        began = time.monotonic()
        try:
            report = back_up(options["file"], overwrite=options["overwrite"], progress=bar_of(options))
        except (BackupError, DatabaseError, OSError) as error:
            raise CommandError(f"Not backed up: {str(error).strip()}") from error
        manifest = report.manifest
        for problem in manifest.missing:
            self.stderr.write(f"Not in it, or not as it should be: {problem}")
        for table in sorted(manifest.left_out):
            if manifest.left_out[table].startswith("a table"):
                self.stderr.write(f"Not in it: {table}, {manifest.left_out[table]}")
        self.stdout.write(
            f"Backed up {manifest.rows:,} rows of {len(manifest.tables)} tables and"
            f" {len(manifest.media):,} uploaded files, as of {manifest.made_at}, in {options['file']}:"
            f" {size_in_words(report.size)}, in {time.monotonic() - began:.0f} s."
        )
