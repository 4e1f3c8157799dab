"""Every former address that is known, and those at which an item is likely to have stood.

Each is asked of the site itself: a copy leads nobody where the site would not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from http import HTTPStatus

from django.conf import settings

from appg.addresses import addresses as record
from leftbehind_site.enumeration import Address, Kind
from leftbehind_site.export.manifest import Redirected
from leftbehind_site.finishing import answer
from leftbehind_site.former import EVERYTHING_UNDER, likely
from neighbourhoods.models import Neighbourhood


def candidates(addresses: Iterable[Address]) -> Iterator[str]:
    """Addresses that may lead on; some may be pages, or lead nowhere, or stand here twice.

    Args:
        addresses: Out of the enumeration.
    """
    yield from (address.path for address in addresses if address.kind is Kind.REDIRECT)
    for code in Neighbourhood.objects.listed().order_by("code").values_list("code", flat=True):
        yield f"/neighbourhoods/{code}/"
        yield f"/neighbourhoods/{code.lower()}/"
    yield from likely(record())
    yield from (f"/{folder}/*" for folder in EVERYTHING_UNDER)


def redirect(candidate: str) -> Redirected | None:
    """Where an address leads for good; nothing if it is none that does."""
    # Whatever stands for the star, the answer is this one's.
    status, headers, _ = answer(candidate.replace("*", "anything/"))
    if status != HTTPStatus.MOVED_PERMANENTLY:
        return None
    return Redirected(candidate, headers["location"].removeprefix(settings.SITE_URL))
