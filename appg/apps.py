"""Django's entry to the group's record."""

from django.apps import AppConfig


class AppgConfig(AppConfig):
    """The group's record."""

    name = "appg"
    verbose_name = "Content"

    def ready(self) -> None:
        """Put the rules on deleting, and the checks, in force."""
        from appg import checks, editing  # noqa: F401, PLC0415  (models are there only now)
