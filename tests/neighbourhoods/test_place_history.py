"""Authorities and constituencies then and now: every shipped neighbourhood's links lead there and back."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.test import Client

from neighbourhoods import wording
from neighbourhoods.models import ConstituencyShare, Neighbourhood

pytestmark = pytest.mark.django_db


class Pages:
    """Pages by address, each asked for once."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._links: dict[str, set[str]] = {}
        self._texts: dict[str, str] = {}

    def text(self, path: str) -> str:
        """What lies inside a page's main element."""
        if path not in self._texts:
            response = self._client.get(path)
            assert response.status_code == 200, path
            page = response.text
            self._texts[path] = page[page.index("<main") : page.index("</main>")]
        return self._texts[path]

    def links(self, path: str) -> set[str]:
        """The addresses that it links to, with their fragments."""
        if path not in self._links:
            self._links[path] = set(re.findall(r'<a [^>]*?href="([^"]+)"', self.text(path)))
        return self._links[path]

    def leads(self, one: str, other: str) -> bool:
        """Whether one page links to another, or to a part of it that is there."""
        for link in self.links(one):
            address = urlsplit(link)
            if address.path == urlsplit(other).path and (
                not address.fragment or f'id="{address.fragment}"' in self.text(address.path)
            ):
                return True
        return False


def test_every_neighbourhood_and_its_areas_lead_to_each_other(client: Client) -> None:
    call_command("load_neighbourhoods", verbosity=0)
    pages = Pages(client)
    places = list(Neighbourhood.objects.listed().select_related("authority", "authority_2017"))
    shares = list(
        ConstituencyShare.objects.filter(neighbourhood__in=places).select_related(
            "constituency", "neighbourhood"
        )
    )

    assert (len(places), len(shares)) == (225, 512)
    for place in places:
        here, authority = place.get_absolute_url(), place.authority.get_absolute_url()
        assert pages.leads(here, authority), here
        assert pages.leads(authority, here), here
        assert place.authority.code in pages.text(here)
        assert place.authority_2017.code in pages.text(here)
    for share in shares:
        here, there = share.neighbourhood.get_absolute_url(), share.constituency.get_absolute_url()
        assert pages.leads(here, there), (here, there)
        assert pages.leads(there, here), (here, there)
        if share.share is not None:
            said = f"({wording.share(share.share)} of its postcodes)"
            fact = pages.text(here).split(f'href="{there}"')[1].split("</dd>")[0]
            assert said in fact, (here, there)

    moved = {place.name: place for place in places if place.authority_id != place.authority_2017_id}
    assert set(moved) == {"Boscombe West", "Littlemoor"}
    for place in moved.values():
        anchor = f"{place.authority.get_absolute_url()}#{place.authority_2017.code}"
        assert anchor in pages.links(place.get_absolute_url())
        former = pages.text(place.authority.get_absolute_url()).split(f'id="{place.authority_2017.code}"')[1]
        assert place.get_absolute_url() in former.split("</li>")[0]
        response = client.get(place.authority_2017.get_absolute_url())
        assert (response.status_code, response["Location"]) == (301, place.authority.get_absolute_url())
