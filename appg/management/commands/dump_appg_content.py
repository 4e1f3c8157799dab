"""``manage.py dump_appg_content``: database → content files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from appg import content_files, content_loading


class Command(BaseCommand):
    help = "Write the group's record as content files, which load_appg_content reads."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--to",
            type=Path,
            default=content_files.CONTENT,
            metavar="DIR",
            help="Where to write them (default: where the project ships them).",
        )

    def handle(self, *_args: object, **options: Any) -> None:
        try:
            written = content_loading.dump(options["to"])
        except OSError as error:
            raise CommandError(str(error)) from error
        if options["verbosity"] > 0:
            for name in written:
                self.stdout.write(f"  {name}")
            self.stdout.write(self.style.SUCCESS(f"{options['to']}: {len(written):,} files written."))
