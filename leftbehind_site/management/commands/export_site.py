"""``manage.py export_site``: the whole public site as a folder for any server of files."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from appg.uploads import in_words
from leftbehind_site.export.manifest import ExportError
from leftbehind_site.export.writing import export


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
        parser.add_argument(
            "--processes",
            type=int,
            default=os.cpu_count() or 1,
            help="How many processes share the work (default: as many as there are processors).",
        )

    def handle(self, *_args: object, **options: Any) -> None:
        """Export."""
        if options["processes"] < 1:
            raise CommandError(f"--processes is {options['processes']}: it has to be 1 or more")
        # None: only where the output is a terminal.
        quiet = True if options["verbosity"] == 0 else None

        def progress(steps: Iterable[Any], number: int, what: str) -> Iterable[Any]:
            return tqdm(steps, total=number, desc=what, disable=quiet, leave=False)

        began = time.monotonic()
        try:
            report = export(options["folder"], processes=options["processes"], progress=progress)
        except (ExportError, OSError) as error:
            raise CommandError(f"Not exported: {error}") from error
        self.stdout.write(
            f"Exported {report.addresses:,} addresses and {report.redirects:,} redirects"
            f" to {options['folder']}: {report.written:,} files written, {report.linked:,} unchanged,"
            f" {in_words(report.size)}, in {time.monotonic() - began:.0f} s."
        )
