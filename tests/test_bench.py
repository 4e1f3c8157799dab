"""The plain page that the site's own is measured against says the same, word for word."""

from __future__ import annotations

import html
import re

import pytest
from django.core.management import call_command
from django.test import Client
from django.test.utils import override_settings

from neighbourhoods.models import Neighbourhood
from tests.bench.plain import settings as plain

PLAIN = {
    name: getattr(plain, name)
    for name in ("ROOT_URLCONF", "MIDDLEWARE", "TEMPLATES", "USE_THOUSAND_SEPARATOR")
}


def words(page: str) -> list[str]:
    """What a page says. The names of towns are left out: they hold the same places on both maps."""
    body = re.sub(r"<text[^>]*>.*?</text>", " ", page[page.index("<body") :], flags=re.DOTALL)
    return html.unescape(re.sub(r"<[^>]+>", " ", body)).split()


def drawn(page: str) -> dict[str, int]:
    """How much is drawn: the marks of each kind, runs of cells and rings aside."""
    kinds = re.findall(r'<(?:circle|line|rect)[^>]* ?class="([a-z-]+)"', page)
    return {kind: kinds.count(kind) for kind in set(kinds)}


@pytest.mark.django_db
def test_the_plain_page_says_and_draws_the_same(client: Client) -> None:
    call_command("load_neighbourhoods", verbosity=0)
    call_command("load_appg_content", verbosity=0)
    places = list(Neighbourhood.objects.listed().order_by("code"))[::9]
    ours = [client.get(place.get_absolute_url()).text for place in places]

    with override_settings(**PLAIN):
        plainly = [Client().get(f"/plain/{place.code}/").text for place in places]

    for here, there in zip(ours, plainly, strict=True):
        assert words(there) == words(here)
        assert drawn(there) == drawn(here)
