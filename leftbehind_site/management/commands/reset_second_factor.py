"""Take the second factor off an account whose phone and backup codes are lost."""

from __future__ import annotations

import argparse
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from leftbehind_site.desk import log, second_factor


class Command(BaseCommand):
    help = "Take the second factor off an account, so that its owner can set up another one."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("name", help="the account's user name")

    def handle(self, *_args: Any, **options: Any) -> None:
        name = options["name"]
        user = User.objects.filter(username=name).first()
        if user is None:
            raise CommandError(f"There is no account {name!r}. `manage.py who_can` lists the accounts.")
        if not second_factor.reset(user):
            raise CommandError(f"{name} has no second factor; nothing was changed.")
        log.tell("second factor reset", about=log.label(user))
        asked = "is asked" if settings.SECOND_FACTOR_REQUIRED else "may choose"
        self.stdout.write(
            f"{name} logs in by password alone now, and {asked} to set up another second factor."
        )
