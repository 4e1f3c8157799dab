"""``manage.py load_neighbourhoods``: dataset → database."""

from __future__ import annotations

import getpass
from typing import Any

from django.core.management.base import CommandParser
from django.db import DatabaseError

from leftbehind_site.common.errors import SourceError
from neighbourhoods import datapackage, loading
from neighbourhoods.management.published_files import PublishedFilesCommand, refuse

SHOWN_CHANGES = 40
"""How many named changes are printed; all are kept with the release. ``--verbosity 2`` prints all."""


class Command(PublishedFilesCommand):
    """Load the shipped dataset, or one built from published files, and make it the one the public sees."""

    help = (
        "Load the neighbourhoods and their figures. Without options, the dataset that the project ships;"
        " with --from DIR, one built from a folder of published files. The same data again changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """As for every command that takes published files, and how to load."""
        super().add_arguments(parser)
        parser.add_argument("--dry-run", action="store_true", help="Show what would change; write nothing.")
        parser.add_argument(
            "--by",
            default=None,
            metavar="NAME",
            help="Who loads it, for the record (default: the name of the account on this machine).",
        )

    def handle(self, *_args: object, **options: Any) -> None:
        """Read, prove, compare, show, write."""
        try:
            published = options["folder"] is not None or self.named(options)
            dataset = self.build(options) if published else datapackage.from_folder()
            report = loading.load(
                dataset,
                by=options["by"] or _account(),
                expect=options["expect"],
                dry_run=options["dry_run"],
                show=lambda report: self._show(report, options),
                progress=lambda stores: self.progress(stores, "Writing", options),
            )
        except (SourceError, loading.LoadError, OSError) as error:
            raise refuse(error) from error
        except DatabaseError as error:
            told = f"The database refused: {str(error).strip()}."
            if any(sign in told for sign in ("lock", "timeout")):
                told += " Another load may be running; try again when it has ended."
            raise refuse(told) from error
        if not report.changed:
            self.say(self.style.SUCCESS(f"Nothing changed: {report.release} is in force."), options)
        elif options["dry_run"]:
            self.say(self.style.WARNING("Dry run: nothing was written."), options)
        else:
            self.say(self.style.SUCCESS(f"Loaded: {report.release} is in force."), options)

    def _show(self, report: loading.LoadReport, options: dict[str, Any]) -> None:
        """Counts before and after, then the changes by name."""
        width = max(len(name) for name in report.after)
        for name, after in report.after.items():
            self.say(f"  {name:<{width}}  {report.before[name]:>7,} → {after:>7,}", options)
        shown = None if options["verbosity"] > 1 else SHOWN_CHANGES
        for change in report.changes[:shown]:
            self.say(f"  {change}", options)
        if shown and len(report.changes) > shown:
            more = len(report.changes) - shown
            self.say(f"  … and {more:,} more changes (--verbosity 2 shows all)", options)


def _account() -> str:
    """The name of the account on this machine; a container's may have none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
