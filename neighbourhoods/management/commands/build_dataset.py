"""``manage.py build_dataset``: published files → the shipped dataset."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from leftbehind_site.common.errors import SourceError
from neighbourhoods import datapackage
from neighbourhoods.management.published_files import PublishedFilesCommand, refuse


class Command(PublishedFilesCommand):
    """Derive the dataset that the project ships from the published files."""

    help = "Build the shipped dataset (a Data Package) from a folder of published files."

    def add_arguments(self, parser: CommandParser) -> None:
        """As for every command that takes published files, and where to write."""
        super().add_arguments(parser)
        parser.add_argument(
            "--to",
            type=Path,
            default=datapackage.DATA,
            metavar="DIR",
            help="Where to write the dataset (default: where the project ships it).",
        )

    def handle(self, *_args: object, **options: Any) -> None:
        """Build, prove, write."""
        if options["folder"] is None and not self.named(options):
            raise CommandError("Say where the published files lie: --from DIR")
        try:
            written = datapackage.write_folder(self.build(options), options["to"])
        except (SourceError, OSError) as error:
            raise refuse(error) from error
        told = ", ".join(written) if written else "nothing changed"
        self.say(self.style.SUCCESS(f"{options['to']}: {told}"), options)
