"""``manage.py check_files``: whether every uploaded document and image is there, and is what was uploaded."""

from __future__ import annotations

from django.core.management.base import BaseCommand, CommandError

from appg.models import Upload
from appg.uploads import faults


class Command(BaseCommand):
    """Name what is missing or damaged; end with 1 if anything is."""

    help = (
        "Prove that the file of every upload that the public may have lies in MEDIA_ROOT with the checksum it"
        " was uploaded with. Put a missing one back from a back-up, or withdraw it in the editing desk."
    )

    def handle(self, *_args: object, **_options: object) -> None:
        """Check."""
        found = list(faults())
        for fault in found:
            self.stderr.write(fault)
        count = Upload.objects.filter(withdrawn_reason="").count()
        if found:
            raise CommandError(f"{len(found)} of {count} files are missing or damaged")
        self.stdout.write(f"{count} {'file is' if count == 1 else 'files are'} as uploaded.")
