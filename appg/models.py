"""The group's standing facts, which the secretariat edits."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Q


class SiteSettings(models.Model):
    """The one row of facts that every page shows: the group's name, its dates, the archive notice."""

    ONLY_KEY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY_KEY, editable=False)
    group_name = models.CharField(
        max_length=200, default="All-Party Parliamentary Group for ‘left behind’ neighbourhoods"
    )
    active_from = models.DateField(default=date(2020, 6, 1), help_text="Only the month and year are shown.")
    active_to = models.DateField(default=date(2024, 3, 31), help_text="Only the month and year are shown.")
    notice = models.CharField(
        max_length=300,
        default="This is the archived website of the group. It is no longer updated.",
        help_text="Shown on every page, before the dates. Example: This is an archived website.",
    )
    secretariat = models.CharField(max_length=200, default="Local Trust")

    class Meta:
        verbose_name = "site settings"
        verbose_name_plural = "site settings"
        constraints = (
            models.CheckConstraint(condition=Q(id=1), name="sitesettings_only_one_row"),
            models.CheckConstraint(
                condition=Q(active_to__gte=models.F("active_from")), name="sitesettings_active_in_order"
            ),
        )

    def __str__(self) -> str:
        """What the row is."""
        return "Site settings"

    @classmethod
    def load(cls) -> SiteSettings:
        """The row, or its defaults while it has not been saved."""
        return cls.objects.filter(pk=cls.ONLY_KEY).first() or cls()
