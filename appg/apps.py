"""Django's entry to the group's record."""

from django.apps import AppConfig


class AppgConfig(AppConfig):
    """The group's record."""

    name = "appg"
    verbose_name = "The group"
