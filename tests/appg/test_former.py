"""Addresses of the former site that nobody wrote down: by pattern, where one page fits, never by guess."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from appg.models import Redirect
from leftbehind_site.environment import FORMER_HOSTS
from leftbehind_site.former import Asked, find, kept
from neighbourhoods.models import Neighbourhood
from tests.appg import items

KNOWN = (Path(__file__).parent / "data" / "legacy_paths.txt").read_text(encoding="utf-8").split()
"""Every address of the former site that somebody has seen."""

BILL = "/news/community-wealth-funds-and-the-dormant-assets-bill-amendment/"
LOOKING = "/news/looking-back-on-the-inquiry-into-levelling-up/"
BUSES = "/evidence/buses-broadband-and-beeching/"
TRANSPORT = (
    "/publication/connecting-communities-improving-transport-to-get-left-behind-neighbourhoods-back-on-track/"
)
BRIEFING = "/publication/appg-session-3-briefing/"
REPORT = "/publication/a-neighbourhood-strategy-for-national-renewal/"
CHALLENGE = "/report/the-policy-challenge-why-is-it-difficult-to-transform-left-behind-neighbourhoods/"

CONTROL = "/evidence/session-4-communities-in-control-capacity-confidence-cash/"

NUMBERS = {
    "/?p=1433": BILL,
    "/?p=2275": "/report/our-vision-for-left-behind-neighbourhoods/",
    "/?p=2288": CHALLENGE,
    "/?p=2305": "/report/policy-recommendations/",
    "/?p=787": "/session/nhs-neighbourhood-health-services/",
}

CHAPTERS = {
    "/report/acknowledgments/": "References",
    "/report/our-policy-recommendations/": "Three possible futures",
    "/report/references/": "Conclusion",
    "/?p=2305": "Our policy recommendations",
    "/?p=2288": "The policy challenge",
}
"""Addresses of the final report whose words are not, or need not be, their chapter's, and its title."""


def end_of(client: Client, address: str) -> str:
    """Where a reader lands, after one step at most."""
    response = client.get(address)
    if response.status_code == 301:
        path = response["Location"]
        response = client.get(path)
    else:
        path = urlsplit(address).path
    assert response.status_code == 200, (address, path, response.status_code)
    return str(path)


@pytest.mark.parametrize("address", KNOWN)
def test_every_known_address_leads_to_its_page(shipped: Client, address: str) -> None:
    path = NUMBERS.get(address, f"{urlsplit(address).path.rstrip('/')}/")
    spellings = {address}
    if "?" not in address and address != "/":
        bare = address.rstrip("/")
        spellings |= {bare, f"{bare}/", bare.upper(), f"{bare.title()}/", f"{bare}//"}
    for spelling in spellings:
        assert end_of(shipped, spelling) == path, spelling
        for host in FORMER_HOSTS:
            response = shipped.get(spelling, headers={"host": host})
            assert (response.status_code, response["Location"]) == (301, f"{settings.SITE_URL}{path}"), (
                spelling
            )


@pytest.mark.parametrize(("address", "title"), CHAPTERS.items())
def test_a_chapter_is_the_one_that_the_address_showed(shipped: Client, address: str, title: str) -> None:
    assert f"<h1>{title}" in shipped.get(end_of(shipped, address)).text


@pytest.mark.parametrize(
    ("address", "path"),
    [
        # What e-mail programs and writers add.
        *((f"{LOOKING}{end}", LOOKING) for end in (".", ",", ")", ").", "%3E", "%22")),
        *((f"{LOOKING}{end}", LOOKING) for end in ("%E2%80%9D", "%E2%80%A6", "]*")),
        *((f"{LOOKING[:-1]}{end}", LOOKING) for end in (".", "%20", "%C2%A0", "=", "=20")),
        *((f"{LOOKING[:-1]}{end}", LOOKING) for end in ("%3Cbr%3E", "%0D%0A", "%20more%20words")),
        (f"{LOOKING}&utm_source=mail", LOOKING),
        (f"{LOOKING}%3Futm_source=mail", LOOKING),
        (f"/%20{LOOKING[1:]}", LOOKING),
        (f"/index.php{LOOKING}", LOOKING),
        # What WordPress answered behind it.
        *((f"{LOOKING}{end}", LOOKING) for end in ("feed/", "amp/", "embed", "comment-page-1/", "page/2/")),
        # Cut off.
        *((LOOKING[:length], LOOKING) for length in range(13, len(LOOKING))),
        *((TRANSPORT[:length], TRANSPORT) for length in (24, 34, 60, 100)),
        ("/report/our-p", "/report/our-policy-recommendations/"),
        # Another folder, or none; another form of the name.
        ("/session/buses-broadband-and-beeching/", BUSES),
        ("/sessions/buses-broadband-and-beeching", BUSES),
        ("/buses-broadband-and-beeching/", BUSES),
        ("/evidence/communities-in-control", CONTROL),
        ("/report/a-neighbourhood-strategy-for-national-renewal/", REPORT),
        ("/news/a-neighbourhood-strategy-for-national-renewal/", f"/news/blog-{REPORT[13:]}"),
        (f"/2023/10/25{LOOKING.removeprefix('/news')}", LOOKING),
        # Numbers.
        *((f"/{start}1433", BILL) for start in ("?p=", "?P=", "?page_id=", "index.php?p=")),
        *((f"/?p=1433{end}", BILL) for end in (".", ")", "%20", "/")),
        ("/?p=1433&amp;utm_source=mail", BILL),
        ("/%3Fp=1433", BILL),
        ("/?post_type=news&p=1433", BILL),
        ("/?news=looking-back-on-the-inquiry-into-levelling-up", LOOKING),
        ("/report/2288/", CHALLENGE),
        ("/archives/1433", BILL),
        # Files.
        ("/wp-content/uploads/2021/03/Connecting-Communities-final-report.pdf", TRANSPORT),
        ("/wp-content/uploads/2020/07/Communities-at-Risk-1.pdf", "/publication/communities-at-risk/"),
        ("/wp-content/uploads/2020/11/APPG_Session_3_Briefing-v2.PDF", BRIEFING),
        ("/wp-content/uploads/2023/10/A%20Neighbourhood%20Strategy%20for%20National%20Renewal.pdf", REPORT),
        # Lists, feeds, pages.
        ("/feed", "/feed/"),
        ("/feed/rss2/", "/feed/"),
        ("/?feed=rss2", "/feed/"),
        ("/comments/feed/", "/feed/"),
        ("/news/feed/atom/", "/news/feed/"),
        ("/category/publications/feed/", "/publications/feed/"),
        ("/category/news/", "/news/"),
        ("/category/publications/page/2/", "/publications/"),
        ("/category/anything/", "/news/"),
        ("/tag/health", "/news/"),
        ("/author/admin/", "/news/"),
        ("/?author=1", "/news/"),
        ("/?cat=3", "/news/"),
        ("/?post_type=publication", "/publications/"),
        ("/page/2/", "/news/"),
        ("/?paged=3", "/news/"),
        ("/news/page/2/", "/news/"),
        ("/publications/page/2", "/publications/"),
        ("/publication/", "/publications/"),
        ("/evidence/", "/sessions/"),
        ("/session", "/sessions/"),
        ("/report/", REPORT),
        ("/2021/", "/news/2021/"),
        ("/2021/06/29/", "/news/2021/"),
        ("/?m=202106", "/news/2021/"),
        ("/news/2021", "/news/2021/"),
        # Digits that are other characters, and one too many.
        *((f"/{start}%EF%BC%92%EF%BC%90%EF%BC%92%EF%BC%91", "/news/2021/") for start in ("", "news/", "?m=")),
        ("/02021/", "/news/2021/"),
        ("/1999/", "/news/"),
        ("/about-us/", "/about/"),
        ("/privacy-policy", "/privacy/"),
        ("/FAQs", "/faqs/"),
        ("/officers.", "/officers/"),
        ("/index.php", "/"),
        ("/sitemap_index.xml", "/sitemap.xml"),
        ("/NEIGHBOURHOODS/Rankings", "/neighbourhoods/rankings/"),
        ("/neighbourhoods).", "/neighbourhoods/"),
    ],
)  # fmt: skip
def test_an_address_by_pattern(shipped: Client, address: str, path: str) -> None:
    assert end_of(shipped, address) == path


def test_what_programs_read_leads_to_data(shipped: Client) -> None:
    for address in ("/wp-json/", "/wp-json/wp/v2/posts", "/wp-json"):
        assert end_of(shipped, address) == "/data/"


@pytest.mark.parametrize(
    "address",
    [
        "/?s=health+homes",
        "/?s=health%20homes&utm_source=x",
        "/index.php?s=health+homes",
        "/search/health+homes/",
    ],
)
def test_a_search_of_the_former_site_is_a_search_here(shipped: Client, address: str) -> None:
    assert end_of(shipped, address) == "/search/?q=health+homes"


def test_a_neighbourhood_is_known_by_its_code(shipped: Client) -> None:
    place = Neighbourhood.objects.order_by("code")[7]
    path = place.get_absolute_url()
    for end in (".", ")", "%22", ")/"):
        assert end_of(shipped, f"/neighbourhoods/{place.code.lower()}{end}") == path
        assert end_of(shipped, f"{path}{end}") == path
    assert shipped.get("/neighbourhoods/E05999999.").status_code == 404


@pytest.mark.parametrize(
    "address",
    [
        "/news/new-",
        "/news/levelling-up",
        "/report/our-",
        "/publication/communities",
        "/left-behind",
        "/wp-content/uploads/2021/03/health-briefing-and-research.pdf",
        "/wp-content/uploads/2021/03/Health.pdf",
        "/wp-content/uploads/2021/03/executive-summary.pdf",
        "/wp-content/uploads/2021/03/session.pdf",
        "/wp-content/uploads/2021/03/communities-at-risk.jpg",
        # Several chapters stood at an address made of another one's title: a title proves nothing.
        "/report/conclusion",
        "/report/three-possible-futures-at-the-turning-point-for-left-behind-neighbourhoods/",
        # Short names in folders where no item stood.
        "/somewhere/else/references/",
        "/somewhere/about",
        "/?p=1",
        "/?p=",
        "/?p=14330",
        "/?p=1433x",
        "/?p=²",
        "/²²²²/",
        "/news/n",
        "/%00",
        "/a/b/c/d/e",
    ],
)
def test_what_is_not_certain_is_a_404(shipped: Client, address: str) -> None:
    assert shipped.get(address).status_code == 404


@pytest.mark.parametrize(
    "address",
    [
        "/wp-admin/",
        "/wp-admin",
        "/wp-login.php",
        "/xmlrpc.php",
        "/wp-includes/x.js",
        "/wp-content/themes/a.css",
    ],
)
def test_the_former_software_is_gone(shipped: Client, address: str) -> None:
    response = shipped.get(address)
    assert response.status_code == 410
    assert "held nothing of the group’s record" in response.text
    assert "no longer updated" in response.text


def test_a_current_address_with_tracking_shows_its_page(shipped: Client) -> None:
    for tracking in ("utm_source=x&utm_medium=y", "fbclid=abc", "gclid=1", "mc_cid=2&mc_eid=3"):
        response = shipped.get(f"{LOOKING}?{tracking}")
        assert response.status_code == 200
        assert f'<link rel="canonical" href="https://leftbehind.test{LOOKING}">' in response.text


@pytest.mark.parametrize(
    ("query", "parts"),
    [
        ("", []),
        ("a=b&c", ["a=b", "c"]),
        ("utm_source=x&a=b&fbclid=1&UTM_Medium=y&mc_cid=2&gclid=3&_ga=4", ["a=b"]),
        ("amp;utm_source=x&amp;a=b", ["amp;a=b"]),
        ("p=1433&P=1&preview=true&replytocom=3", []),
        ("utm%5Fsource=x", []),
        ("from=mail&x=%C3%A9", ["from=mail", "x=%C3%A9"]),
    ],
)
def test_parameters_that_mean_nothing_are_dropped(query: str, parts: list[str]) -> None:
    assert kept(query) == parts


def test_tracking_does_not_travel_on(shipped: Client) -> None:
    response = shipped.get(f"{LOOKING.upper()}?utm_source=x&from=mail&fbclid=3")
    assert response["Location"] == f"{LOOKING}?from=mail"


@pytest.mark.django_db
def test_an_editors_redirect_comes_before_every_pattern(client: Client) -> None:
    item, other = items.news(slug="a-long-piece-of-news"), items.publication(slug="a-long-publication")
    address = "/news/a-long-piece"
    assert client.get(address)["Location"] == item.get_absolute_url()
    Redirect.objects.create(old_path="/news/a-long-piece/", new_path=other.get_absolute_url())
    assert client.get(address)["Location"] == other.get_absolute_url()


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/?cat=3", "/?post_type=publication", "/?feed=rss2", "/?s=health"])
def test_an_editors_redirect_comes_before_what_the_home_page_was_asked(client: Client, address: str) -> None:
    items.news()
    assert client.get(address)["Location"] != "/officers/"
    Redirect.objects.create(old_path=address, new_path="/officers/")
    assert client.get(address)["Location"] == "/officers/"
    assert client.get("/?from=mail").status_code == 200


@pytest.mark.django_db
def test_two_items_of_one_beginning_are_both_offered(client: Client) -> None:
    one = items.news(slug="transport-in-the-north", title="Transport in the north")
    two = items.news(slug="transport-in-the-south", title="Transport in the south")
    for address in ("/news/transport-in-the-", "/news/transport-in"):
        assert set(find(address).fitting) == {one.get_absolute_url(), two.get_absolute_url()}
        response = client.get(address)
        assert response.status_code == 404
        assert "fits more than one page" in response.text
        for item in (one, two):
            assert f'href="{item.get_absolute_url()}"' in response.text
    assert find("/news/transport-in-the-n").path == one.get_absolute_url()


@pytest.mark.django_db
@pytest.mark.parametrize("state", [items.DRAFT, items.future()])
def test_what_is_not_public_is_neither_led_to_nor_offered(client: Client, state: dict[str, Any]) -> None:
    items.news(slug="a-secret-announcement", title="A secret announcement", **state)
    for address in ("/news/a-secret-ann", "/a-secret-announcement", "/news/a-secret-announcement."):
        response = client.get(address)
        assert response.status_code == 404
        assert "A secret announcement" not in response.text


@pytest.mark.django_db
def test_the_folder_decides_between_items_of_one_name() -> None:
    news = items.news(slug="one-name-for-two")
    report = items.publication(slug="one-name-for-two")
    assert find("/blog/one-name-for-two/").path == news.get_absolute_url()
    assert find("/publications/one-name-for-two").path == report.get_absolute_url()
    assert set(find("/one-name-for-two/").fitting) == {news.get_absolute_url(), report.get_absolute_url()}


@pytest.mark.django_db
def test_without_a_report_its_folder_leads_to_all_publications(client: Client) -> None:
    items.publication()
    assert client.get("/report/")["Location"] == "/publications/"
    items.chapter()
    items.chapter()
    assert client.get("/report/")["Location"] == "/publications/"


@pytest.mark.django_db
def test_a_page_that_is_not_there_leads_home(client: Client) -> None:
    assert client.get("/contact-us/")["Location"] == "/"


@hypothesis_settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(text=st.text(max_size=60), query=st.text(max_size=30))
def test_no_address_is_a_fault(shipped: Client, text: str, query: str) -> None:
    found = find(f"/{text}", query)
    if found.path:
        assert found.path != f"/{text}"
        assert shipped.get(found.path).status_code == 200, found.path
    assert Asked(f"/{text}", query).clean.startswith("/")
