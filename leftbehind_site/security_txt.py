"""Whom to tell about a weakness of this site: ``/.well-known/security.txt`` (RFC 9116)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from appg.models import SiteSettings

EXPIRES: Final = datetime(2027, 11, 30, tzinfo=UTC)
"""Until when the file may be relied on. A test fails two months before: see whether it still holds, then set
a date at most a year ahead."""

CONTACT: Final = "/contact/"
"""The record's page that says who can be written to."""

POLICY: Final = "/security/"
"""The record's page that says what may be tried, and what to expect."""


@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - a view's signature
    """Answer /.well-known/security.txt.

    An address to write to is there only while the site's settings have one: nobody would read another.
    """
    email = SiteSettings.load().contact_email
    lines = [
        *([f"Contact: mailto:{email}"] if email else []),
        f"Contact: {settings.SITE_URL}{CONTACT}",
        f"Expires: {EXPIRES:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: en",
        f"Canonical: {settings.SITE_URL}{reverse('security')}",
        f"Policy: {settings.SITE_URL}{POLICY}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
