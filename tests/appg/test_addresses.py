"""Former addresses: after nothing else answered, in one step to where the item stands now."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.test import Client

from appg.models import Page, Redirect, key_of
from tests.appg import items

pytestmark = pytest.mark.django_db


def legacy(*paths: str) -> list[dict[str, str]]:
    return [{"path": path} for path in paths]


def leads(client: Client, address: str, to: str) -> None:
    response = client.get(address)
    assert (response.status_code, response.get("Location")) == (301, to), address
    path = to.partition("#")[0]
    assert client.get(path).status_code == 200, to


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("/News/A-Piece/", "/news/a-piece"),
        ("/news/a-piece", "/news/a-piece"),
        ("/", "/"),
        ("/?p=12", "/?p=12"),
        ("/news/%E2%80%98left%E2%80%99/", "/news/‘left’"),
    ],
)
def test_an_address_is_looked_up_in_one_form(address: str, key: str) -> None:
    assert key_of(address) == key


@pytest.mark.parametrize("kind", ["session", "news", "publication", "chapter"])
def test_an_address_of_the_old_site_leads_to_its_item(client: Client, kind: str) -> None:
    item = items.MAKERS[kind](legacy_paths=legacy("/report/an-odd-one/", "/?p=1433", "/deep/er/path"))
    to = item.get_absolute_url()
    for address in ("/report/an-odd-one/", "/report/an-odd-one", "/REPORT/An-Odd-One/", "/deep/er/path/"):
        leads(client, address, to)
    leads(client, "/?p=1433", to)
    leads(client, "/report/an-odd-one?from=mail&x=%C3%A9", f"{to}?from=mail&x=%C3%A9")
    leads(client, "/?p=1433&from=mail", f"{to}?from=mail")
    leads(client, "/?from=mail&p=1433", f"{to}?from=mail")


def test_an_old_address_with_letters_beyond_ascii(client: Client) -> None:
    item = items.news(legacy_paths=legacy("/news/‘left-behind’-areas/"))
    leads(client, "/news/%E2%80%98left-behind%E2%80%99-areas/", item.get_absolute_url())
    other = items.news(legacy_paths=legacy("/news/caf%C3%A9"))
    leads(client, "/news/café/", other.get_absolute_url())


@pytest.mark.parametrize("state", [items.DRAFT, items.future()])
def test_an_item_that_is_not_public_is_not_led_to(client: Client, state: dict[str, Any]) -> None:
    item = items.news(legacy_paths=legacy("/old/", "/?p=7"), **state)
    Redirect.objects.create(old_path="/moved/", new_path=item.get_absolute_url())
    for address in ("/old/", "/?p=7", "/moved/"):
        assert client.get(address).status_code == 404, address


def test_a_withdrawn_item_is_still_led_to(client: Client) -> None:
    item = items.news(legacy_paths=legacy("/old/"), **items.WITHDRAWN)
    leads(client, "/old/", item.get_absolute_url())


def test_a_number_that_is_not_known_is_no_home_page(client: Client) -> None:
    items.news(legacy_paths=legacy("/?p=14", "/?page_id=3"))
    assert client.get("/?p=1").status_code == 404
    assert client.get("/?p=").status_code == 404
    assert client.get("/?p=143").status_code == 404
    assert client.get("/?page_id=3").status_code == 301
    assert client.get("/?q=1").status_code == 200


def test_a_page_that_answers_is_never_redirected(client: Client) -> None:
    living = items.chapter(slug="policy")
    items.chapter(legacy_paths=legacy("/report/policy/"))
    Redirect.objects.create(old_path="/news/", new_path="/officers/")
    assert client.get(living.get_absolute_url()).status_code == 200
    assert client.get("/news/").status_code == 200
    # What lacks its slash goes to what it lacks the slash of.
    leads(client, "/report/policy", "/report/policy/")


@pytest.mark.parametrize("query", ["", "?from=mail"])
def test_a_session_answers_from_the_other_folder_in_one_step(client: Client, query: str) -> None:
    evidence = items.session(slug="one", folder="evidence")
    session = items.session(slug="two", folder="session")
    leads(client, f"/session/one/{query}", f"{evidence.get_absolute_url()}{query}")
    leads(client, f"/session/one{query}", f"{evidence.get_absolute_url()}{query}")
    leads(client, f"/evidence/two/{query}", f"{session.get_absolute_url()}{query}")
    assert client.get("/evidence/three/").status_code == 404


def test_redirects_are_followed_to_their_end_in_one_step(client: Client) -> None:
    item = items.news(slug="now")
    Redirect.objects.create(old_path="/news/first/", new_path="/news/second/")
    Redirect.objects.create(old_path="/news/second/", new_path="/news/now/")
    leads(client, "/news/first/", item.get_absolute_url())
    leads(client, "/news/first", item.get_absolute_url())
    leads(client, "/news/second/?a=b", f"{item.get_absolute_url()}?a=b")


def test_redirects_may_lead_to_any_page_and_into_it(client: Client) -> None:
    Redirect.objects.create(old_path="/map/", new_path="/neighbourhoods/")
    Redirect.objects.create(old_path="/people/", new_path="/officers/#ada")
    leads(client, "/map/", "/neighbourhoods/")
    leads(client, "/people/?a=b", "/officers/?a=b#ada")


@pytest.mark.parametrize(
    ("new", "to"),
    [
        ("/neighbourhoods/E05000001/", "/neighbourhoods/E05000001/old-mill/"),
        ("/neighbourhoods/e05000001", "/neighbourhoods/E05000001/old-mill/"),
        ("/neighbourhoods/E05000001/another-name/#figures", "/neighbourhoods/E05000001/old-mill/#figures"),
        ("/neighbourhoods/E05000001.bib", "/neighbourhoods/E05000001/old-mill.bib"),
        ("/n/E05000001", "/neighbourhoods/E05000001/old-mill/"),
        ("/neighbourhoods/method", "/neighbourhoods/method/"),
        (
            "/neighbourhoods/compare/?codes=E05000001&codes=E05000002",
            "/neighbourhoods/compare/E05000001/E05000002/",
        ),
        ("/data/releases", "/data/releases/"),
    ],
)
def test_where_a_page_has_another_address_the_way_leads_to_that_in_one_step(
    client: Client, new: str, to: str
) -> None:
    items.neighbourhood()
    items.neighbourhood("E05000002", "Grange")
    Redirect.objects.create(old_path="/map/", new_path=new)
    # An editor's browser is led the same way.
    for client.cookies[settings.SESSION_COOKIE_NAME] in ("", "anything"):
        leads(client, "/map", to)


def test_a_neighbourhood_that_is_renamed_is_still_one_step_away(client: Client) -> None:
    place = items.neighbourhood()
    Redirect.objects.create(old_path="/map/", new_path=place.get_absolute_url())
    leads(client, "/map/", place.get_absolute_url())
    place.name = "Another name"
    place.save()
    leads(client, "/map/?from=mail", f"/neighbourhoods/{place.code}/another-name/?from=mail")


def test_a_redirect_to_an_old_address_goes_on_to_the_item(client: Client) -> None:
    item = items.news(legacy_paths=legacy("/older/"))
    Redirect.objects.create(old_path="/oldest/", new_path="/older/")
    leads(client, "/oldest/", item.get_absolute_url())


@pytest.mark.parametrize(
    "pairs",
    [
        [("/a/", "/b/"), ("/b/", "/a/")],
        [("/a/", "/b/"), ("/b/", "/c/"), ("/c/", "/b/")],
        [("/a/", "/nowhere/")],
        [("/a/", "/news/nowhere/")],
        [("/a", "/a/")],
    ],
)
def test_redirects_that_lead_nowhere_are_a_404(client: Client, pairs: list[tuple[str, str]]) -> None:
    for old, new in pairs:
        Redirect.objects.create(old_path=old, new_path=new)
    assert client.get("/a/").status_code == 404


def test_no_redirect_leaves_the_site(client: Client) -> None:
    Redirect.objects.create(old_path="/away/", new_path="//example.org/")
    response = client.get("/away/")
    assert response.status_code == 404 or response["Location"].startswith("/%2F")


def test_only_reading_is_led_on(client: Client) -> None:
    items.news(legacy_paths=legacy("/gone/away/"))
    assert client.post("/gone/away/").status_code == 405
    assert client.head("/gone/away/").status_code == 301


def test_the_admin_and_files_are_not_looked_up(client: Client, django_assert_num_queries: Any) -> None:
    Redirect.objects.create(old_path="/static/x.css", new_path="/news/")
    assert client.get("/static/x.css").status_code == 404
    with django_assert_num_queries(1):
        client.get("/static/y.css")


def test_an_unknown_address_costs_four_queries(client: Client, django_assert_num_queries: Any) -> None:
    for _ in range(5):
        items.news(legacy_paths=legacy("/a/"))
        items.session()
    with django_assert_num_queries(4):
        assert client.get("/no/such/page/").status_code == 404


@pytest.mark.parametrize("slug", ["news", "officers", "faqs", "feed", "neighbourhoods", "admin", "report"])
def test_a_page_takes_no_address_that_is_taken(slug: str) -> None:
    page = Page(title="A page", slug=slug)
    if slug == "report":
        page.full_clean()  # nothing stands at /report/ itself
        return
    with pytest.raises(ValidationError, match="another page of this site"):
        page.full_clean()


def test_the_inquirys_page_may_be_written() -> None:
    Page(title="The inquiry", slug="inquiry-into-levelling-up").full_clean()
