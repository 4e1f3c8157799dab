"""``manage.py export_site``: the whole public site as a folder for any server of files."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from leftbehind_site.common.page import size_in_words
from leftbehind_site.export.manifest import ExportError
from leftbehind_site.export.writing import export
from leftbehind_site.management.sharing import add_processes, bar_of, processes_of


class Command(BaseCommand):
    """Export the site, or say why it cannot be, and leave what stood there."""

    help = (
        "Write the whole public site into a folder that any server of files can send: every page and file,"
        " compressed forms beside them, redirects and headers. An export that stands there is brought up to"
        " date."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to, and how."""
        parser.add_argument("folder", type=Path, help="A new or empty folder, or an earlier export.")
        add_processes(parser)

    def handle(self, *_args: object, **options: Any) -> None:
        """Export."""
        began = time.monotonic()
        try:
            report = export(options["folder"], processes=processes_of(options), progress=bar_of(options))
        except (ExportError, OSError) as error:
            raise CommandError(f"Not exported: {error}") from error
        except DatabaseError as error:
            raise CommandError(f"Not exported: the database refused: {str(error).strip()}") from error
        self.stdout.write(
            f"Exported {report.addresses:,} addresses and {report.redirects:,} redirects"
            f" to {options['folder']}: {report.written:,} files written, {report.linked:,} unchanged,"
            f" {size_in_words(report.size)}, in {time.monotonic() - began:.0f} s."
        )
