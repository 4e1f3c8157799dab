"""Let somebody try again who was locked out."""

from __future__ import annotations

import argparse
from typing import Any

from axes.models import AccessAttempt
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError
from django_otp import devices_for_user

from leftbehind_site.desk import locks, log


class Command(BaseCommand):
    help = "Forget failed attempts to log in, so that an account or an address can try again at once."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--account", metavar="NAME", help="the failures of one account")
        which.add_argument("--address", metavar="IP", help="the failures from one address")
        which.add_argument("--all", action="store_true", help="all failures")
        which.add_argument(
            "--expired", action="store_true", help="those that lock nobody out any more; for a daily job"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["expired"]:
            self.stdout.write(f"Failures forgotten that no longer counted: {locks.forget_expired()}.")
            return
        name, found = "everybody", AccessAttempt.objects.all()
        if options["account"] is not None:
            name = options["account"]
            account = User.objects.filter(username=name).first()
            if account is None:
                raise CommandError(f"There is no account {name!r}. `manage.py who_can` lists the accounts.")
            found = found.filter(username=locks.key_of(name))
            for device in devices_for_user(account):
                device.throttle_reset()
        elif options["address"] is not None:
            name = options["address"]
            try:
                found = found.filter(ip_address=locks.network_of(name))
            except ValueError:
                raise CommandError(
                    f"{name!r} is no address: write it like 192.0.2.7 or 2001:db8::1."
                ) from None
        number = locks.failures(found)
        found.delete()
        log.tell("unlocked", about=name, outcome=f"{number} failures forgotten")
        self.stdout.write(
            f"{name}: " + (f"failures forgotten: {number}." if number else "no failures, no lock.")
        )
