"""``manage.py load_appg_content``: content files → database."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from tqdm import tqdm

from appg import content_files, content_loading
from appg.content_loading import Outcome
from leftbehind_site.common.errors import SourceError


class Command(BaseCommand):
    help = (
        "Load the group's record from its content files. The same files again change nothing; what an editor"
        " has changed since is kept, and named."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--from",
            dest="folder",
            type=Path,
            default=content_files.CONTENT,
            metavar="DIR",
            help="Folder of content files (default: those that the project ships).",
        )
        parser.add_argument("--dry-run", action="store_true", help="Show what would change; write nothing.")
        parser.add_argument(
            "--overwrite", action="store_true", help="Replace what editors have changed since; each is named."
        )

    def handle(self, *_args: object, **options: Any) -> None:
        quiet = options["verbosity"] == 0 or not sys.stderr.isatty()
        try:
            done = content_loading.load(
                content_files.read_folder(options["folder"]),
                dry_run=options["dry_run"],
                overwrite=options["overwrite"],
                progress=lambda files: tqdm(files, desc="Loading", disable=quiet, leave=False),
            )
        except SourceError as error:
            raise CommandError(f"{error}\nNothing was changed.") from error
        except DatabaseError as error:
            raise CommandError(
                f"The database refused: {str(error).strip()}.\nNothing was changed."
            ) from error
        if options["verbosity"] > 0:
            self._tell(done, options)

    def _tell(self, done: list[content_loading.Loaded], options: dict[str, Any]) -> None:
        first_load = all(loaded.outcome is Outcome.NEW for loaded in done)
        for loaded in done:
            if loaded.outcome is Outcome.SAME or (first_load and options["verbosity"] < 2):
                continue
            self.stdout.write(f"  {loaded.file.name}: {loaded.outcome}")
            for line in loaded.difference[2:]:
                self.stdout.write(f"    {line}")
        counts = Counter(loaded.outcome for loaded in done)
        if set(counts) == {Outcome.SAME}:
            told = f"Nothing changed: {len(done):,} items of the record are as their files have them."
        else:
            told = ", ".join(f"{count:,} {outcome.split(':')[0]}" for outcome, count in counts.items())
            told = f"Content: {told}."
        self.stdout.write(self.style.SUCCESS(told))
        if options["dry_run"]:
            self.stdout.write(self.style.WARNING("Dry run: nothing was written."))
