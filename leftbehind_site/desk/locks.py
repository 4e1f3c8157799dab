"""Locking out who guesses: by account and by address, each by itself, for a while.

django-axes counts. What it keeps is made as little as it can do with: a digest of the account's name, since
people type passwords there, and the address; not the browser, not what else was sent. All of it is deleted by
the first attempt after ``AXES_COOLOFF_TIME``, whoever makes it, or by ``manage.py unlock --expired``.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Sum
from django.db.models.signals import pre_save
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.crypto import salted_hmac

if TYPE_CHECKING:
    from django.db.models import QuerySet

ADDRESS_LIMIT: Final = 20
"""Failures from one address before it is locked out: more than of an account, as an office may share one."""

_SIX: Final = 64
"""Bits of an IPv6 address that belong to one subscriber, who may change the others at will."""


def address_of(request: HttpRequest) -> str:
    """The visitor's address; empty where none is known.

    Behind a front server it is what that server has written at the end of X-Forwarded-For. What stands before
    it came with the request, and anybody can write that.
    """
    given = request.META.get("REMOTE_ADDR", "")
    if settings.TRUST_PROXY_HEADERS:
        last = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2]
        given = _address(last) or given
    return _address(given)


def _address(text: str) -> str:
    """An address as everybody writes it; empty if it is none."""
    try:
        address = ipaddress.ip_address(text.strip().removeprefix("[").removesuffix("]"))
    except ValueError:
        return ""
    return str(getattr(address, "ipv4_mapped", None) or address).partition("%")[0]


def network_of(address: str) -> str:
    """What of an address is locked: an IPv4 address, or the network of an IPv6 one.

    Raises:
        ValueError: If it is no address.
    """
    plain = _address(address)
    if not plain:
        raise ValueError(address)
    if ":" not in plain:
        return plain
    return str(ipaddress.ip_network((plain, _SIX), strict=False).network_address)


def source_of(request: HttpRequest) -> str | None:
    """Where an attempt comes from, as it is counted."""
    address = address_of(request)
    return network_of(address) if address else None


def key_of(name: str) -> str:
    """What is kept instead of an account's name, or of whatever was typed there."""
    return salted_hmac("leftbehind_site.desk.locks", name, algorithm="sha256").hexdigest()


def account_of(request: HttpRequest, credentials: Mapping[str, Any] | None) -> str:  # noqa: ARG001
    """Whom an attempt is for, as it is counted; the library's signature."""
    return key_of(str((credentials or {}).get("username") or ""))


def recent(**chosen: Any) -> QuerySet[Any]:
    """The failures that count."""
    since = timezone.now() - settings.AXES_COOLOFF_TIME
    found: QuerySet[Any] = AccessAttempt.objects.filter(attempt_time__gte=since, **chosen)
    return found


def failures(attempts: QuerySet[Any]) -> int:
    """How many there are."""
    return int(attempts.aggregate(total=Sum("failures_since_start"))["total"] or 0)


def forget_expired() -> int:
    """Delete what no longer counts, and say how much that was."""
    limit = timezone.now() - settings.AXES_COOLOFF_TIME
    return int(AccessAttempt.objects.filter(attempt_time__lt=limit).delete()[0])


def address_locked(request: HttpRequest) -> bool:
    """Whether nobody may try from the visitor's address, whatever the account."""
    return failures(recent(ip_address=source_of(request))) >= ADDRESS_LIMIT


def locked() -> tuple[int, int]:
    """How many accounts, and how many addresses, are locked out at this moment."""
    numbers = [
        recent().values(by).annotate(total=Sum("failures_since_start")).filter(total__gte=limit).count()
        for by, limit in (("username", settings.AXES_FAILURE_LIMIT), ("ip_address", ADDRESS_LIMIT))
    ]
    return numbers[0], numbers[1]


class Failures(AxesDatabaseHandler):  # type: ignore[misc]  # (a library without types)
    """The library's counting, with a limit for addresses of their own, and without the browser."""

    def get_failures(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        """The failures of the account, or a share of those from the address if that is more."""
        account, address = (failures(one) for one in self.get_user_attempts(request, credentials))
        return max(account, address * settings.AXES_FAILURE_LIMIT // ADDRESS_LIMIT)

    def user_login_failed(
        self, sender: Any, credentials: dict[str, Any], request: Any = None, **kwargs: Any
    ) -> None:
        """Count a failure."""
        if request is not None:
            request.axes_user_agent = request.axes_http_accept = ""
        super().user_login_failed(sender, credentials, request, **kwargs)


@receiver(pre_save, sender=AccessAttempt)
def keep_little(instance: Any, **_kwargs: Any) -> None:
    """Keep nothing of what was sent, such as a code."""
    instance.get_data = instance.post_data = instance.path_info = ""


def free_at(request: HttpRequest, credentials: Mapping[str, Any] | None) -> datetime:
    """When the visitor may try again: when so few failures are left that neither limit is reached."""
    chosen = (
        ({"username": account_of(request, credentials)}, settings.AXES_FAILURE_LIMIT),
        ({"ip_address": source_of(request)}, ADDRESS_LIMIT),
    )
    latest = timezone.now()
    for by, limit in chosen:
        rows = recent(**by).order_by("attempt_time").values_list("attempt_time", "failures_since_start")
        left = sum(number for _, number in rows)
        for when, number in rows:
            if left >= limit:
                left -= number
                latest = max(latest, when + settings.AXES_COOLOFF_TIME)
    return latest


def locked_out(
    request: HttpRequest,
    response: HttpResponse | None,  # noqa: ARG001  (the library's signature)
    credentials: Mapping[str, Any] | None,
) -> HttpResponse:
    """The page that says that there were too many attempts, and when to try again; the same for everybody."""
    from django.contrib import admin  # noqa: PLC0415  (not there in a process without a desk)

    # Up to the next whole minute, which is what the page says.
    free = free_at(request, credentials) + timedelta(seconds=59)
    free = free.replace(second=0, microsecond=0)
    page = render(
        request,
        "admin/desk/locked_out.html",
        {**admin.site.each_context(request), "title": "Too many attempts", "free": timezone.localtime(free)},
        status=429,
    )
    page["Retry-After"] = str(max(1, int((free - timezone.now()).total_seconds()) + 1))
    add_never_cache_headers(page)
    return page
