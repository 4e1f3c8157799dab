"""The project as a Django app, so that it can have commands, checks and template tags of its own."""

from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.db.models.signals import post_migrate


class SiteConfig(AppConfig):
    """What belongs to the whole site rather than to one of its parts."""

    name = "leftbehind_site"
    verbose_name = "Site"

    def ready(self) -> None:
        """Have all public tables watched after every migration, where somebody writes."""
        if settings.DESK:
            post_migrate.connect(_watch_tables, sender=self)


def _watch_tables(**_kwargs: Any) -> None:
    from leftbehind_site.generation import watch_tables  # noqa: PLC0415  (models are there only now)

    watch_tables()
