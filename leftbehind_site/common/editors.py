"""Who is an editor: somebody who has proved all that the editing desk asks for."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django_otp import user_has_device


def is_verified(user: Any) -> bool:
    """Whether the visitor has given a code of the account's second factor."""
    return getattr(user, "otp_device", None) is not None


def may_edit(user: Any) -> bool:
    """Whether the visitor is an editor who has proved all that is asked for."""
    return bool(
        user.is_active
        and user.is_staff
        and (is_verified(user) or not (settings.SECOND_FACTOR_REQUIRED or user_has_device(user)))
    )
