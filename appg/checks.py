"""Checks of what the database holds, for ``manage.py check --database default`` and every migration."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core import checks
from django.db import DatabaseError

from appg.addresses import addresses
from appg.models import Redirect


@checks.register(checks.Tags.database)
def redirects_lead_somewhere(
    app_configs: Any,  # noqa: ARG001 - a check's signature
    databases: Sequence[str] | None = None,
    **_kwargs: Any,
) -> list[checks.CheckMessage]:
    """Name the redirects that lead nowhere, or in a circle."""
    if not databases:
        return []
    try:
        book = addresses()
        lost = [one for one in Redirect.objects.all() if not book.now(one.old_path)]
    except DatabaseError:
        # The tables are still to be made.
        return []
    return [
        checks.Warning(
            f"The redirect {one} leads nowhere.",
            hint="Give it an address that answers, or delete it.",
            id="appg.W001",
        )
        for one in lost
    ]
