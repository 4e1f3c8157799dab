"""``manage.py publish``: render and compress every public address into the folder of finished answers."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from leftbehind_site.generation import code
from leftbehind_site.serving import published
from leftbehind_site.serving.publishing import publish


class Command(BaseCommand):
    """Bring the folder of finished answers up to date, and end."""

    help = (
        "Render and compress every public address into PUBLISHED_ROOT, where the server finds it. The server"
        " starts this by itself after a change; by hand it makes the first start of a new version faster."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Only for the server."""
        parser.add_argument("--lock", type=int, help="Descriptor of the lock, when the server starts this.")
        parser.add_argument("--code", help="Digest of the server's code, when the server starts this.")

    def handle(self, *_args: object, **options: Any) -> None:
        """Publish, unless another process does already."""
        try:
            self._publish(Path(settings.PUBLISHED_ROOT), options)
        except (OSError, DatabaseError) as error:
            raise CommandError(f"Not published: {error}. The next run goes on from here.") from error

    def _publish(self, root: Path, options: dict[str, Any]) -> None:
        began = time.monotonic()
        if options["lock"] is not None:
            # The server's reader comes first, and a server that has ended needs nothing more.
            os.nice(10)
            parent = os.getppid()
            if options["code"] != code():
                # What it published would be nobody's: the server asks for what its own code makes.
                raise CommandError(
                    "Not published: the code or the settings on disk are not those that the server runs."
                    " Restart the server."
                )
            publish(root, wanted=lambda: os.getppid() == parent)
            return
        with published.publishing(root) as lock:
            if lock is None:
                self.stdout.write("Another process is publishing already.")
                return
            count = publish(root)
        self.stdout.write(f"Published {count:,} addresses in {time.monotonic() - began:.1f} s.")
