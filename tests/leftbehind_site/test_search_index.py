"""The index that a copy of the site is searched with: all that is public, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from neighbourhoods.models import Postcode
from tests.appg import items
from tests.appg.record import full_record
from tests.neighbourhoods.factory import code, make_release

pytestmark = pytest.mark.django_db


def asked(client: Client, path: str) -> Any:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.json()


def make_postcodes() -> None:
    for postcode, index in (("TS24 0XT", 0), ("TS24 1AA", 5), ("TS2 4ZZ", 1)):
        Postcode.objects.create(postcode=postcode, neighbourhood_id=code(index))


def test_each_result_stands_beside_its_words(client: Client) -> None:
    full_record()
    make_release(12)
    known = asked(client, "/search/index.json")
    for part in ("names", "record"):
        assert known[part]["html"].count("<li") == len(known[part]["words"]) > 12
    assert known["names"]["words"][0] == [
        "three corners",
        "northport north east",
        "threecorners threecornersnorthport threecornersnortheast",
        code(0),
    ]
    assert f'href="/neighbourhoods/{code(0)}/three-corners/"' in known["names"]["html"]
    titles = [title for title, _ in known["record"]["words"]]
    text = known["record"]["words"][titles.index("the report")][1].split()
    assert {"findings", "ocsi", "ward"} <= set(text)
    assert "is" not in text


def test_what_is_not_public_is_not_in_it(client: Client) -> None:
    items.news(title="A secret draft", **items.DRAFT)
    items.news(title="Yet to come", **items.future())
    items.news(title="Taken back", body="<p>Withdrawnwords</p>", **items.WITHDRAWN)
    whole = client.get("/search/index.json").text
    assert "Taken back" in whole
    for word in ("secret", "Yet to come", "Withdrawnwords", "withdrawnwords"):
        assert word not in whole


def test_postcodes_by_their_first_part(client: Client) -> None:
    make_release(12)
    make_postcodes()
    assert asked(client, "/search/index.json")["postcodes"]["outward"] == ["TS2", "TS24"]
    known = asked(client, "/search/postcodes/TS24.json")
    assert [one["inward"] for one in known["places"]] == ["1AA", "0XT"]
    assert "Yes: {postcode} is in" in known["places"][0]["html"]
    assert known["part"].count("<li>") == 2
    for other in ("TS3", "ts24", "TS24 0XT", "%25"):
        # What the former site's searches looked like leads to a search.
        assert client.get(f"/search/postcodes/{other}.json").status_code in {301, 404}


def test_letters_that_no_postcode_begins_with_are_told_apart(client: Client) -> None:
    known = asked(client, "/search/index.json")["postcodes"]
    assert {"TS", "SW", "EH"} <= set(known["areas"])
    assert "QQ" not in known["areas"]
    assert "‘{postcode}’ is not a postcode" in known["none"]
    assert "begins with {area}." in known["none"]


def test_postcodes_of_a_superseded_release_are_not_in_it(client: Client) -> None:
    make_release(12)
    make_postcodes()
    make_release(1, title="Another one")
    assert asked(client, "/search/index.json")["postcodes"]["outward"] == ["TS24"]
    assert [one["inward"] for one in asked(client, "/search/postcodes/TS24.json")["places"]] == ["0XT"]


def test_the_same_number_of_queries_for_any_number(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for count in (3, 40):
        make_release(count)
        Postcode.objects.all().delete()
        for index in range(3):
            Postcode.objects.create(postcode=f"TS24 {index}AA", neighbourhood_id=code(index))
        with django_assert_num_queries(5):
            asked(client, "/search/index.json")
        with django_assert_num_queries(1):
            asked(client, "/search/postcodes/TS24.json")


def test_an_empty_site_has_an_empty_index(client: Client) -> None:
    known = asked(client, "/search/index.json")
    assert known["record"]["words"] == known["postcodes"]["outward"] == []
