"""The home page: who the group was, and the ways to a neighbourhood."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.test import Client

from appg.models import SiteSettings
from tests.neighbourhoods.factory import make_release

pytestmark = pytest.mark.django_db


@pytest.fixture
def html(client: Client) -> str:
    make_release()
    return client.get("/").content.decode()


def test_it_says_who_the_group_was_and_when(html: str) -> None:
    assert "From June 2020 to March 2024" in html
    assert "launched in public on 14 July 2020" in html
    assert "Local Trust was its secretariat" in html


def test_it_says_what_the_words_mean_and_that_they_are_contested(html: str) -> None:
    assert "Index of Multiple Deprivation" in html
    assert "Community Needs Index" in html
    assert "The words are contested." in html


def test_the_words_stand_in_single_quotation_marks(html: str) -> None:
    body = re.sub(r"<[^>]+>", " ", html)

    assert "‘left behind’" in body
    assert re.findall(r"(?<!‘)left behind(?!’)", body, re.IGNORECASE) == []


def test_its_numbers_come_from_the_database(html: str) -> None:
    assert "<dd>12</dd>" in html
    assert "local authorities, in 3 regions" in html
    assert "of their 72 small areas" in html


def test_it_leads_to_every_region_letter_and_ranking(html: str) -> None:
    assert 'href="/neighbourhoods/regions/north-east/"' in html
    assert 'href="/neighbourhoods/#w"' in html
    assert 'href="/neighbourhoods/rankings/imd/"' in html
    assert 'href="/neighbourhoods/"' in html


def test_the_notice_and_the_dates_are_the_editors(client: Client) -> None:
    SiteSettings.objects.update_or_create(
        pk=SiteSettings.ONLY_KEY,
        defaults={
            "notice": "An archive & nothing else.",
            "active_from": date(2021, 2, 3),
            "active_to": date(2022, 4, 5),
            "secretariat": "Another Trust",
        },
    )
    html = client.get("/").content.decode()

    assert "An archive &amp; nothing else. The group was active from February 2021 to April 2022." in html
    assert "From February 2021 to April 2022" in html
    assert "Another Trust was the group’s secretariat" in html
