"""``manage.py make_deposit``: everything public in one file, for those who keep things."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from leftbehind_site.common.page import size_in_words
from leftbehind_site.deposit.making import DepositError, make
from leftbehind_site.export.manifest import ExportError
from leftbehind_site.management.sharing import add_processes, bar_of, processes_of


class Command(BaseCommand):
    help = (
        "Pack everything public into one file for an archive: a BagIt bag with the exported site, a web"
        " archive (WARC), the Data Package, the record as text files, the database as rows, uploads, source"
        " and licences. The site can be made from it again: see load_deposit."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="The file to write; its name ends in .zip.")
        parser.add_argument(
            "--export",
            type=Path,
            metavar="DIR",
            help="An export to bring up to date and take in (default: one made for the deposit alone).",
        )
        add_processes(parser)

    def handle(self, *_args: object, **options: Any) -> None:
        began = time.monotonic()
        try:
            report = make(
                options["file"],
                copy=options["export"],
                processes=processes_of(options),
                progress=bar_of(options),
            )
        except (DepositError, ExportError, OSError) as error:
            raise CommandError(f"Not deposited: {error}") from error
        except DatabaseError as error:
            raise CommandError(f"Not deposited: the database refused: {str(error).strip()}") from error
        self.stdout.write(
            f"Deposited {report.files:,} files and {report.answers:,} archived answers in {options['file']}:"
            f" {size_in_words(report.size)}, content as of {report.moment},"
            f" in {time.monotonic() - began:.0f} s."
        )
