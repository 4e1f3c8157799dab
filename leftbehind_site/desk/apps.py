"""Django's admin with a site of our own."""

from __future__ import annotations

from django.contrib.admin.apps import AdminConfig


class DeskAdminConfig(AdminConfig):
    """The admin, its entrance guarded by ``DeskSite``."""

    default_site = "leftbehind_site.desk.site.DeskSite"

    def ready(self) -> None:
        """Have what happens at the desk told, and find what is registered.

        Without second factors: everybody sets up their own, nobody sees them.
        """
        super().ready()
        from django.contrib import admin  # noqa: PLC0415  (models are there only now)
        from django_otp.plugins.otp_static.models import StaticDevice  # noqa: PLC0415
        from django_otp.plugins.otp_totp.models import TOTPDevice  # noqa: PLC0415

        from leftbehind_site.desk import checks, log  # noqa: F401, PLC0415

        admin.site.unregister([StaticDevice, TOTPDevice])
