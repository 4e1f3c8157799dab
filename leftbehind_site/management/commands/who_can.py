"""List the accounts, and what each may do."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group, Permission, User
from django.core.management.base import BaseCommand
from django.utils.timezone import localtime

from leftbehind_site.desk import locks, second_factor


class Command(BaseCommand):
    help = "List the accounts with their groups, permissions, second factor and last log-in; and the groups."

    def handle(self, *_args: Any, **_options: Any) -> None:
        accounts = User.objects.order_by("username").prefetch_related(
            "groups", "user_permissions__content_type"
        )
        self.stdout.write(f"Accounts: {len(accounts)}")
        for account in accounts:
            self._account(account)
        groups = Group.objects.order_by("name").prefetch_related("permissions__content_type")
        self.stdout.write(f"\nGroups: {len(groups)}")
        for group in groups:
            self.stdout.write(f"\n{group.name}")
            self._permissions(group.permissions.all())

    def _account(self, account: User) -> None:
        full = f" ({account.get_full_name()})" if account.get_full_name() else ""
        if not account.is_active or not account.is_staff:
            may = "cannot log in: " + ("not active" if not account.is_active else "not of the staff")
        elif account.is_superuser:
            may = "may do everything"
        else:
            groups = ", ".join(sorted(group.name for group in account.groups.all()))
            may = f"may do what its groups may: {groups}" if groups else "is in no group"
        device = "set up" if second_factor.is_set_up(account) else "none"
        if device == "none" and settings.SECOND_FACTOR_REQUIRED:
            device += ", asked for at the next log-in"
        last = f"{localtime(account.last_login):%Y-%m-%d %H:%M}" if account.last_login else "never"
        locked = locks.failures(locks.recent(username=locks.key_of(account.username)))
        lines = [f"second factor: {device}", f"last log-in: {last}"]
        if locked >= settings.AXES_FAILURE_LIMIT:
            lines.append(f"locked out for now; `manage.py unlock --account {account.username}` ends that")
        self.stdout.write(f"\n{account.username}{full}: {may}")
        for line in lines:
            self.stdout.write(f"  {line}")
        self._permissions(account.user_permissions.all())

    def _permissions(self, permissions: Iterable[Permission]) -> None:
        """The permissions by what they are for."""
        by_model: dict[str, list[str]] = {}
        for one in permissions:
            name = f"{one.content_type.app_label}.{one.content_type.model}"
            by_model.setdefault(name, []).append(one.codename.removesuffix(f"_{one.content_type.model}"))
        for name, verbs in sorted(by_model.items()):
            self.stdout.write(f"  {name}: {', '.join(sorted(verbs))}")
