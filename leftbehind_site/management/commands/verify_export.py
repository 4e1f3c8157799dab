"""``manage.py verify_export``: whether an export is whole, and equals a site."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from leftbehind_site.export.comparing import Site, differences
from leftbehind_site.export.manifest import ExportError, read
from leftbehind_site.export.verifying import Web, problems_of_files


class Command(BaseCommand):
    """Say what is wrong with an export; end with 1 if anything is."""

    help = (
        "Prove an export: every file is what its manifest says, every link within the site lands; with"
        " --against, every address and redirect of the site answers the same, byte for byte."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """What, and against what."""
        parser.add_argument("folder", type=Path, help="An export, as export_site writes it.")
        parser.add_argument("--against", metavar="URL", help="A site, such as http://127.0.0.1:8000.")

    def handle(self, *_args: object, **options: Any) -> None:
        """Verify."""
        folder: Path = options["folder"]
        try:
            manifest = read(folder)
            site = Site(options["against"]) if options["against"] else None
            problems = list(problems_of_files(folder, manifest))
            done = [f"{sum(1 for _ in manifest.files()):,} files are those of the manifest"]
            if not problems:
                web = Web(folder, manifest)
                problems += web.problems()
                done.append(f"{len(web.followed()):,} links within the site land")
            if site and not problems:
                with contextlib.closing(site):
                    problems += differences(folder, manifest, site)
                answers = len(manifest.addresses) + len(manifest.redirects)
                done.append(f"{answers:,} answers are those of {site.address}")
        except ExportError as error:
            raise CommandError(f"Not verified: {error}") from error
        if problems:
            for problem in problems:
                self.stderr.write(problem)
            raise CommandError(f"{len(problems):,} problems in {folder}")
        self.stdout.write(f"{folder}: {', '.join(done)}.")
