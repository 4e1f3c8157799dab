"""Each page has one address; every other way of writing it leads there in one step."""

from __future__ import annotations

import pytest
from django.test import Client

from neighbourhoods.models import LocalAuthority, Region
from tests.neighbourhoods.factory import code, make_release

pytestmark = pytest.mark.django_db

DETAIL = f"/neighbourhoods/{code(0)}/three-corners/"
AUTHORITY = "/neighbourhoods/authorities/E06000010/kingston-upon-hull-city-of/"
CONSTITUENCY = "/neighbourhoods/constituencies/E14000003/south-west/"
REGION = "/neighbourhoods/regions/north-east/"
RANKING = "/neighbourhoods/rankings/cni-civic-assets/"


@pytest.fixture(autouse=True)
def _release() -> None:
    make_release()


@pytest.mark.parametrize(
    "path",
    ["/", "/neighbourhoods/", "/neighbourhoods/rankings/", DETAIL, AUTHORITY, CONSTITUENCY, REGION, RANKING],
)
def test_the_canonical_address_answers(client: Client, path: str) -> None:
    response = client.get(path)

    assert response.status_code == 200
    assert f'<link rel="canonical" href="https://leftbehind.test{path}">' in response.content.decode()


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        (f"/neighbourhoods/{code(0)}/", DETAIL),
        (f"/neighbourhoods/{code(0)}", DETAIL),
        (f"/neighbourhoods/{code(0)}/three-corners", DETAIL),
        (f"/neighbourhoods/{code(0)}/wrong/", DETAIL),
        (f"/neighbourhoods/{code(0)}/wrong", DETAIL),
        (f"/neighbourhoods/{code(0)}/Three-Corners/", DETAIL),
        (f"/neighbourhoods/{code(0).lower()}/three-corners/", DETAIL),
        (f"/neighbourhoods/{code(0).lower()}", DETAIL),
        (f"/neighbourhoods/{code(0)}/%00/", DETAIL),
        (f"/neighbourhoods/{code(0)}/%FF%FE/", DETAIL),
        (f"/neighbourhoods/{code(0)}/{'x' * 10_000}/", DETAIL),
        ("/neighbourhoods/authorities/E06000010/", AUTHORITY),
        ("/neighbourhoods/authorities/E06000010", AUTHORITY),
        ("/neighbourhoods/authorities/e06000010/hull/", AUTHORITY),
        ("/neighbourhoods/authorities/E06000010/kingston-upon-hull-city-of", AUTHORITY),
        ("/neighbourhoods/constituencies/E14000003/", CONSTITUENCY),
        ("/neighbourhoods/constituencies/e14000003", CONSTITUENCY),
        ("/neighbourhoods/constituencies/E14000003/x", CONSTITUENCY),
        ("/neighbourhoods/regions/North-East/", REGION),
        ("/neighbourhoods/regions/NORTH-EAST", REGION),
        ("/neighbourhoods/regions/north-east", REGION),
        ("/neighbourhoods/rankings/CNI-Civic-Assets/", RANKING),
        ("/neighbourhoods/rankings/cni_civic_assets/", RANKING),
        ("/neighbourhoods/rankings/cni-civic-assets", RANKING),
        ("/neighbourhoods/rankings", "/neighbourhoods/rankings/"),
        ("/neighbourhoods", "/neighbourhoods/"),
        ("/neighbourhoods/regions/", "/neighbourhoods/"),
        ("/neighbourhoods/authorities", "/neighbourhoods/"),
        ("/neighbourhoods/constituencies/", "/neighbourhoods/"),
    ],
)
@pytest.mark.parametrize("query", ["", "utm=a&b=c%20d", "x=%0A"])
def test_other_spellings_lead_there_in_one_step(
    client: Client, written: str, canonical: str, query: str
) -> None:
    response = client.get(f"{written}?{query}" if query else written)

    assert response.status_code == 301
    assert response["Location"] == (f"{canonical}?{query}" if query else canonical)
    assert client.get(canonical).status_code == 200


@pytest.mark.parametrize(
    "written", ["E07000053/weymouth-and-portland/", "E07000053/", "e07000053", "E07000053/x"]
)
def test_an_abolished_authority_leads_to_its_successor(client: Client, written: str) -> None:
    response = client.get(f"/neighbourhoods/authorities/{written}")

    assert response.status_code == 301
    assert response["Location"] == "/neighbourhoods/authorities/E06000059/dorset/"


@pytest.mark.parametrize(
    "path",
    [
        "/neighbourhoods/E05999999/",
        "/neighbourhoods/E05999999/nowhere/",
        "/neighbourhoods/E05999999/nowhere",
        "/neighbourhoods/nowhere",
        "/neighbourhoods/%00/",
        "/neighbourhoods/E05%00000/",
        "/neighbourhoods/E0500000%D9%A1/x/",
        "/neighbourhoods/%F0%9F%98%80/%E2%80%AE/",
        "/neighbourhoods/E05000001%0A/three-corners/",
        "/neighbourhoods/ E05000001/",
        f"/neighbourhoods/{'x' * 10_000}/",
        f"/neighbourhoods/{code(0)}/three-corners/more/",
        "/neighbourhoods//three-corners/",
        "/neighbourhoods/regions/nowhere/",
        "/neighbourhoods/regions/%00/",
        "/neighbourhoods/authorities/E06999999/",
        "/neighbourhoods/authorities/%00/x/",
        "/neighbourhoods/constituencies/E14999999/",
        "/neighbourhoods/constituencies/W07000041/",
        "/neighbourhoods/rankings/nothing/",
        "/neighbourhoods/rankings/%00",
        "/%00",
        "/..%2F..%2Fetc/passwd",
    ],
)
def test_an_address_that_leads_nowhere_is_a_page_that_helps(client: Client, path: str) -> None:
    response = client.get(path)
    html = response.content.decode()

    assert response.status_code == 404
    assert "no longer updated" in html
    assert 'href="/neighbourhoods/"' in html
    assert '<meta name="robots" content="noindex">' in html
    assert 'rel="canonical"' not in html


def test_an_unknown_code_is_explained_with_ways_on(client: Client) -> None:
    html = client.get("/neighbourhoods/E05999999/").content.decode()

    assert "E05999999 is shaped like the code of an electoral ward" in html
    assert "December 2017" in html
    for region in Region.objects.all():
        assert f'href="{region.get_absolute_url()}"' in html


def test_the_code_of_an_authority_leads_to_its_page(client: Client) -> None:
    html = client.get("/neighbourhoods/E07000053/").content.decode()

    assert "is the code of a local authority, not of a ward" in html
    assert '<a href="/neighbourhoods/authorities/E06000059/dorset/">Dorset</a>' in html


def test_the_code_of_a_constituency_leads_to_its_page(client: Client) -> None:
    html = client.get("/neighbourhoods/E14000002/east/").content.decode()

    assert '<a href="/neighbourhoods/constituencies/E14000002/east/">East</a>' in html


@pytest.mark.parametrize(
    "path", ["/neighbourhoods/E05014053/grange/", "/neighbourhoods/grange", "/neighbourhoods/Grange/"]
)
def test_a_name_under_another_code_leads_to_all_places_of_that_name(client: Client, path: str) -> None:
    html = client.get(path).content.decode()

    assert f'href="/neighbourhoods/{code(5)}/grange/"' in html
    assert f'href="/neighbourhoods/{code(6)}/grange/"' in html


def test_what_a_stranger_writes_is_not_repeated(client: Client) -> None:
    html = client.get("/neighbourhoods/<script>alert(1)</script>/").content.decode()

    assert "alert(1)" not in html


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/neighbourhoods/",
        "/neighbourhoods/rankings/",
        DETAIL,
        AUTHORITY,
        CONSTITUENCY,
        REGION,
        RANKING,
        "/sitemap.xml",
    ],
)
def test_pages_are_only_read(client: Client, path: str) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "BREW"):
        response = client.generic(method, path)
        assert response.status_code == 405, method
        assert response["Allow"] == "GET, HEAD"
    head = client.head(path)
    assert head.status_code == 200
    assert head.content == b""


@pytest.mark.parametrize("query", ["a=%00", "a=" + "x" * 10_000, "%FF", "a=1&a=2&b", "next=//evil.test/"])
def test_query_strings_change_nothing(client: Client, query: str) -> None:
    assert client.get(f"{DETAIL}?{query}").content == client.get(DETAIL).content


def test_a_redirect_too_long_to_send_is_refused(client: Client) -> None:
    response = client.get(f"/neighbourhoods/{code(0)}/?a={'x' * 100_000}")

    assert response.status_code == 414


def test_nothing_leads_off_the_site(client: Client) -> None:
    response = client.get(f"//evil.test/neighbourhoods/{code(0)}")

    assert "evil.test" not in response.get("Location", "")


def test_an_authority_whose_wards_left_the_list_still_answers(client: Client) -> None:
    make_release(3, title="Smaller")
    html = client.get("/neighbourhoods/authorities/E06000059/dorset/").content.decode()

    assert "No neighbourhood on the list lies in Dorset" in html
    assert '<meta name="robots" content="noindex">' in html
    assert LocalAuthority.objects.filter(code="E06000059").exists()
