"""What belongs to the whole site and lies in the database."""

from __future__ import annotations

from django.db import models


class Change(models.Model):
    """How often the public tables were written to, counted by triggers (see ``generation``).

    On PostgreSQL one row per transaction that wrote, so that two of them never wait for each other; on
    SQLite, where only one writes at a time, one row in all. The sum of the numbers is what counts.
    """

    key = models.BigIntegerField(primary_key=True)
    number = models.BigIntegerField()

    def __str__(self) -> str:
        """Key and number."""
        return f"{self.key}: {self.number}"
