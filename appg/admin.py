"""The editing desk for the group's standing facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin
from django.http import HttpRequest

from appg.models import SiteSettings

if TYPE_CHECKING:
    SettingsAdmin = admin.ModelAdmin[SiteSettings]
else:  # Django's class takes no parameter; the stubs' does.
    SettingsAdmin = admin.ModelAdmin


@admin.register(SiteSettings)
class SiteSettingsAdmin(SettingsAdmin):
    """The one row: it can be changed, neither added to nor removed."""

    fields = ("group_name", "notice", "active_from", "active_to", "secretariat")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """There is one row, made by a migration; only a database without it may be given one."""
        return super().has_add_permission(request) and not SiteSettings.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: SiteSettings | None = None) -> bool:  # noqa: ARG002
        """Every page needs it."""
        return False
