"""Django's entry to the directory."""

from django.apps import AppConfig


class NeighbourhoodsConfig(AppConfig):
    """The directory of neighbourhoods and their figures."""

    name = "neighbourhoods"
    verbose_name = "Neighbourhoods"
