"""Checks of the editing desk's entrance, for ``manage.py check``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core import checks
from django.db import DatabaseError

from appg.addresses import addresses


@checks.register(checks.Tags.security, deploy=True)
def second_factor_is_required(app_configs: Any, **_kwargs: Any) -> list[checks.CheckMessage]:  # noqa: ARG001
    """Warn where a password alone lets an editor of a public site in."""
    if settings.SECOND_FACTOR_REQUIRED:
        return []
    return [
        checks.Warning(
            "SECOND_FACTOR is optional: whoever learns an editor's password can change the site.",
            hint="Set SECOND_FACTOR=required. Editors are led to set theirs up when they next log in.",
            id="leftbehind_site.W001",
        )
    ]


@checks.register(checks.Tags.database)
def desk_hides_no_page(
    app_configs: Any,  # noqa: ARG001 - a check's signature
    databases: Sequence[str] | None = None,
    **_kwargs: Any,
) -> list[checks.CheckMessage]:
    """Name the addresses of the record that the desk stands in front of."""
    if not databases:
        return []
    try:
        book = addresses()
    except DatabaseError:
        # The tables are still to be made.
        return []
    desk = f"/{settings.ADMIN_PATH}/"
    hidden = sorted(one for one in {*book.paths, *book.written} if f"{one.lower()}/".startswith(desk))
    return [
        checks.Error(
            f"The editing desk at {desk} hides {one}, an address of the record.",
            hint="Choose another ADMIN_PATH.",
            id="leftbehind_site.E001",
        )
        for one in hidden
    ]
