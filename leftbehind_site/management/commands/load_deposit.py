"""``manage.py load_deposit``: an empty site becomes the one that was deposited."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from leftbehind_site.deposit.loading import load
from leftbehind_site.deposit.making import DepositError


class Command(BaseCommand):
    help = "Fill an empty database from a deposit that make_deposit made, once it is proved to be whole."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="The unpacked deposit, with bagit.txt in it.")

    def handle(self, *_args: object, **options: Any) -> None:
        try:
            rows = load(options["folder"])
        except (DepositError, OSError) as error:
            raise CommandError(f"Not loaded: {error}") from error
        except DatabaseError as error:
            raise CommandError(f"Not loaded: the database refused: {str(error).strip()}") from error
        self.stdout.write(f"Loaded {rows:,} rows and the uploads from {options['folder']}.")
