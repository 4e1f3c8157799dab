"""``manage.py status``: how the site is, for a person."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from leftbehind_site.management.status import parts

MARKS = {True: "ok", False: "!!", None: "  "}


class Command(BaseCommand):
    help = (
        "Say how the site is: version, release, last edit, pending migrations, published pages, uploaded"
        " files, disk, and what needs care. Ends with 1 if something does. It changes nothing."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--export", type=Path, metavar="DIR", help="An export, to see its age.")
        parser.add_argument("--json", action="store_true", help="For a program.")

    def handle(self, *_args: object, **options: Any) -> None:
        found = list(parts(options["export"]))
        failing = [part.name for part in found if part.ok is False]
        if options["json"]:
            answer = {"ok": not failing, "parts": {part.name: asdict(part) for part in found}}
            self.stdout.write(json.dumps(answer, ensure_ascii=False, indent=1))
        else:
            width = max(len(part.name) for part in found)
            for part in found:
                self.stdout.write(f"{MARKS[part.ok]} {part.name:<{width}}  {part.value}")
            self.stdout.write(f"\nNeeds care: {', '.join(failing)}." if failing else "\nAll is well.")
        if failing:
            sys.exit(1)
