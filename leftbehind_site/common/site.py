"""The group's standing facts, which every page and file shows, whoever keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.utils.dateformat import format as date_format
from django.utils.module_loading import import_string

from leftbehind_site.common.page import Crumb


@lru_cache(maxsize=16)
def month_and_year(day: date) -> str:
    """A date as the archive notice gives it: "June 2020"."""
    return date_format(day, "F Y")


@dataclass(frozen=True, slots=True)
class Site:
    """The group's standing facts as the pages print them; ``founded`` and ``ended`` are for machines."""

    group_name: str
    notice: str
    secretariat: str
    contact_email: str
    active_from: str
    active_to: str
    founded: str
    ended: str
    credits: tuple[str, ...]
    pages: tuple[Crumb, ...]

    @property
    def archive_notice(self) -> str:
        """What kind of site this is, as pages and files say it."""
        return f"{self.notice} The group was active from {self.active_from} to {self.active_to}."


def current_site() -> Site:
    """The facts as the function named by the setting ``SITE_FACTS`` tells them.

    Raises:
        django.db.Error: If the database cannot be asked. A page with the defaults instead could be published.
    """
    facts: Any = import_string(settings.SITE_FACTS)
    found: Site = facts()
    return found
