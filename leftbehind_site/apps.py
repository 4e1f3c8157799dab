"""The project as a Django app, so that it can have commands, checks and template tags of its own."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    """What belongs to the whole site rather than to one of its parts."""

    name = "leftbehind_site"
    verbose_name = "Site"
