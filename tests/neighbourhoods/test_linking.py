"""What other sites show of a neighbourhood: pictures, the card in a frame, oEmbed."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.test import Client
from PIL import Image

from appg.models import SiteSettings
from leftbehind_site.common import pictures
from leftbehind_site.context import site_facts
from leftbehind_site.sitemap import page_paths
from neighbourhoods import cards, linking, profiles
from neighbourhoods.models import Neighbourhood
from tests.appg.pages import compressed
from tests.conftest import HtmlChecker
from tests.neighbourhoods.factory import MISSING, code, make_release, name
from tests.structured import nodes_of, without_data

pytestmark = pytest.mark.django_db

SITE = "https://leftbehind.test"
PAPER, OCHRE, BRICK = (251, 250, 247), (244, 220, 164), (166, 61, 30)


def place(index: int = 0) -> Neighbourhood:
    return Neighbourhood.objects.select_related("authority").get(code=code(index))


def picture(response: Any) -> Image.Image:
    assert response.status_code == 200
    assert response["Content-Type"] == "image/png"
    return Image.open(io.BytesIO(response.content))


def meta(html: str, key: str) -> str:
    (found,) = re.findall(rf'<meta (?:name|property)="{re.escape(key)}" content="([^"]*)">', html)
    return str(found)


# --- what a link to a page looks like elsewhere


def test_every_page_tells_other_sites_what_it_is(client: Client) -> None:
    make_release()
    for path in page_paths():
        html = client.get(path).text
        assert meta(html, "og:url") == f"{SITE}{path}"
        assert meta(html, "og:title") in html.split("</title>")[0]
        assert meta(html, "og:description") == meta(html, "description")
        assert meta(html, "og:type") == "website"
        assert meta(html, "og:image").startswith(f"{SITE}/")
        assert meta(html, "og:image:alt")
        assert meta(html, "twitter:card") == "summary_large_image"
        size = Image.open(io.BytesIO(client.get(meta(html, "og:image").removeprefix(SITE)).content)).size
        assert size == (int(meta(html, "og:image:width")), int(meta(html, "og:image:height")))


def test_a_neighbourhood_has_a_picture_of_its_own_and_other_pages_the_sites(client: Client) -> None:
    make_release()
    found = place()
    assert meta(client.get(found.get_absolute_url()).text, "og:image") == (
        f"{SITE}{found.get_absolute_url()}card.png"
    )
    assert "ranks" in meta(client.get(found.get_absolute_url()).text, "og:image:alt")
    for path in ("/", "/news/", "/neighbourhoods/"):
        assert meta(client.get(path).text, "og:image") == f"{SITE}/card.png"


def test_an_error_has_no_preview(client: Client) -> None:
    assert "og:" not in client.get("/no/such/page/").text


# --- pictures


def test_a_picture_is_small_and_as_large_as_it_should_be(client: Client) -> None:
    make_release()
    for path in linking.card_paths(Neighbourhood.objects.listed()):
        response = client.get(path)
        drawn = picture(response)
        assert drawn.size == (1200, 630)
        assert drawn.mode == "P"
        assert len(response.content) < 60_000, path


def test_a_picture_carries_the_notice_and_the_name_on_paper(client: Client) -> None:
    make_release()
    drawn = picture(client.get(linking.card_path(place()))).convert("RGB")
    assert _near(drawn.getpixel((600, 5)), OCHRE)
    assert _near(drawn.getpixel((20, 300)), PAPER)
    # The name, the ranks and the strips leave ink; with no outline there is no map.
    assert len(set(drawn.crop((60, 100, 760, 200)).get_flattened_data())) > 10


def _near(found: Any, expected: tuple[int, int, int]) -> bool:
    return max(abs(one - other) for one, other in zip(found, expected, strict=True)) <= 4


def test_the_same_place_gives_the_same_bytes_in_another_process_too(client: Client) -> None:
    make_release()
    svg = _svg(place())
    first = pictures.png(svg)
    assert pictures.png(svg) == first
    assert client.get(linking.card_path(place())).content == first
    elsewhere = subprocess.run(
        [
            sys.executable,
            "-c",
            (
                "import sys; from leftbehind_site.common.pictures import png;"
                " sys.stdout.buffer.write(png(sys.stdin.buffer.read().decode()))"
            ),
        ],
        input=svg.encode(),
        capture_output=True,
        check=True,
        cwd=settings.BASE_DIR,
    )
    assert elsewhere.stdout == first


def _svg(found: Neighbourhood) -> str:
    fetched = profiles.find_neighbourhood(found.code)
    assert fetched is not None
    (known,) = profiles.particulars([fetched])
    return cards.neighbourhood(known, None, site_facts(SiteSettings()))


def test_nothing_that_draws_is_loaded_before_a_picture_is_asked_for() -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            (
                "import sys, django; django.setup(); from django.urls import resolve; resolve('/');"
                " print(*{'PIL', 'resvg_py', 'fontpkg'} & set(sys.modules))"
            ),
        ],
        capture_output=True,
        check=True,
        text=True,
        cwd=settings.BASE_DIR,
        env={"DJANGO_SETTINGS_MODULE": "tests.settings"},
    )
    assert done.stdout.split() == []


def test_a_picture_is_kept_a_day_and_asked_for_again_by_its_tag(client: Client) -> None:
    make_release()
    path = linking.card_path(place())
    first = client.get(path)
    assert first["Cache-Control"] == "public, max-age=86400"
    again = client.get(path, headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    assert again.content == b""
    assert again["Cache-Control"] == first["Cache-Control"]
    assert client.head(path)["ETag"] == first["ETag"]
    assert client.get(linking.card_path(place(1)))["ETag"] != first["ETag"]


def test_a_place_without_figures_has_a_picture(client: Client) -> None:
    make_release()
    assert picture(client.get(linking.card_path(place(MISSING)))).size == (1200, 630)


def test_before_anything_is_loaded_the_site_has_a_picture(client: Client) -> None:
    assert picture(client.get("/card.png")).size == (1200, 630)


@pytest.mark.parametrize("given", ["W" * 100, "Wwwww " * 16, "A & <b>", "’s-Hertogenbosch"])
def test_a_name_of_any_length_stays_off_the_map(given: str) -> None:
    title = cards.title(given)
    assert title.height <= 210
    assert max(len(line) for _, line in title.lines) * title.size <= 33 * 44


def test_names_wrap_evenly() -> None:
    assert [line for _, line in cards.title("St Osyth and Point Clear").lines] == [
        "St Osyth and",
        "Point Clear",
    ]


@pytest.mark.usefixtures("_shipped")
def test_the_longest_shipped_names_leave_room_for_the_map(client: Client) -> None:
    longest = sorted(Neighbourhood.objects.listed(), key=lambda one: -len(one.name))[:4]
    for found in longest:
        response = client.get(linking.card_path(found))
        drawn = picture(response).convert("RGB")
        assert len(response.content) < 60_000
        # Between the words and the map runs a margin with nothing in it, but for the line at the foot.
        assert set(drawn.crop((770, 60, 784, 560)).get_flattened_data()) == {drawn.getpixel((20, 300))}
        marked = [one for one in drawn.crop((784, 60, 1200, 560)).get_flattened_data() if _near(one, BRICK)]
        assert 200 < len(marked) < 700, found.name


@pytest.mark.usefixtures("_shipped")
def test_a_card_in_pieces_has_the_bytes_of_the_whole() -> None:
    site = site_facts(SiteSettings())
    for found in sorted(Neighbourhood.objects.listed(), key=lambda one: len(one.name))[::32]:
        fetched = profiles.find_neighbourhood(found.code)
        assert fetched is not None
        (known,) = profiles.particulars([fetched])
        for outline in (getattr(fetched, "country_outline", None), None):
            svg, pieces = cards.neighbourhood(known, outline, site), cards.pieces(known, outline, site)
            assert len(pieces[1]) == (2 if outline else 1)
            assert pictures._pieced(*pieces) is not None
            assert pictures.png(svg, *pieces) == pictures.png(svg)


@pytest.mark.parametrize(
    ("left", "top", "width", "height"),
    [(110, 150, 150, 30), (250, 150, 200, 30), (150, 90, 30, 100), (150, 250, 30, 100), (300, 100, 30, 300)],
)
def test_what_reaches_beyond_its_part_is_drawn_with_the_whole(
    left: int, top: int, width: int, height: int
) -> None:
    def drawing(inner: str) -> str:
        return (
            '<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="630">'
            f'<rect width="1200" height="630" fill="#fff"/>{inner}</svg>'
        )

    rect = f'<rect x="{left}" y="{top}" width="{width}" height="{height}" fill="#a63d1e"/>'
    small = '<rect x="200" y="200" width="30" height="30" fill="#a63d1e"/>'
    box = (100, 100, 400, 300)

    for inner, fits in ((small, True), (rect, False)):
        parts = [pictures.Part(drawing(inner), box)]
        assert (pictures._pieced(drawing(""), parts) is not None) == fits
        assert pictures.png(drawing(inner), drawing(""), parts) == pictures.png(drawing(inner))


# --- the card in a frame


class Element(HTMLParser):
    """The one element of a piece of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: dict[str, str | None] = {}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert not self.found
        self.found = {"": tag, **dict(attrs)}


def test_a_card_says_who_where_and_the_two_ranks(client: Client) -> None:
    make_release()
    html = client.get(linking.embed_path(place())).text
    for words in ("Three Corners", "Hartlepool, North East", "One of 12", "of 7,433 wards", "Archive."):
        assert words in html, words
    assert html.count('<svg class="strip"') == 2
    assert "Community Needs Index 2019, OCSI and Local Trust" in html
    links = re.findall(r"<a [^>]*>", html)
    assert len(links) == 2
    for link in links:
        assert f'href="{SITE}{place().get_absolute_url()}"' in link
        assert 'target="_top"' in link


def test_a_card_writes_numbers_as_the_pages_do(client: Client) -> None:
    make_release().references.update(listed=1225)
    html = client.get(linking.embed_path(place())).text
    assert "One of 1,225" in html
    assert "median of the 1,225" in html


def test_a_card_is_light_and_stands_alone(client: Client) -> None:
    make_release()
    for path in map(linking.embed_path, Neighbourhood.objects.listed()):
        response = client.get(path)
        html = response.text
        assert len(response.content) < 5_000
        assert '<meta name="robots" content="noindex">' in html
        assert "<nav" not in html
        assert "<script" not in html
        assert not response.cookies
        loaded = re.findall(r'<link rel="(?:icon|stylesheet)" href="([^"]*)"', html)
        assert loaded == ["/static/img/icon.svg", "/static/css/embed.css"]
    sheet = (Path(settings.BASE_DIR) / "static/css/embed.css").read_bytes()
    assert len(sheet) < 4_000


def test_a_card_leads_search_engines_to_its_page(client: Client) -> None:
    make_release()
    html = client.get(linking.embed_path(place())).text
    assert f'<link rel="canonical" href="{SITE}{place().get_absolute_url()}">' in html


def test_a_card_without_ranks_says_so(client: Client) -> None:
    make_release()
    place().figures.filter(measure="cni").delete()
    assert "No data" in client.get(linking.embed_path(place())).text


def test_a_card_of_a_ward_that_left_the_list_says_so(client: Client) -> None:
    first = make_release()
    first.state = "superseded"
    first.save()
    assert "No longer on the list" in client.get(linking.embed_path(place())).text


def test_the_html_checker_finds_nothing(client: Client, html_checker: HtmlChecker) -> None:
    make_release()
    pages = {path: client.get(path).text for path in map(linking.embed_path, Neighbourhood.objects.listed())}
    pages |= {"page": client.get(place(9).get_absolute_url()).text}
    assert html_checker(pages) == []


def test_only_cards_may_be_framed(client: Client) -> None:
    make_release()
    listed = list(Neighbourhood.objects.listed())
    paths = [
        *page_paths(),
        *linking.card_paths(listed[:1]),
        linking.oembed_path(listed[0]),
        *("/feed/", "/sitemap.xml", "/robots.txt", "/healthz", "/no/such/page/", "/oembed"),
        *(f"/neighbourhoods/{code(0)}/wrong/embed/", "/neighbourhoods/E05999999/none/embed/"),
    ]
    for path in paths:
        response = client.get(path)
        assert response["X-Frame-Options"] == "DENY", path
        assert "frame-ancestors *" not in response.get("Content-Security-Policy", ""), path
    for path in map(linking.embed_path, listed):
        response = client.get(path)
        assert not response.has_header("X-Frame-Options")
        assert "frame-ancestors *" in response["Content-Security-Policy"]


def test_the_cards_colours_are_the_sites() -> None:
    folder = Path(settings.BASE_DIR) / "static/css"

    def tokens(sheet: str) -> list[dict[str, str]]:
        text = (folder / sheet).read_text()
        blocks = re.findall(r":root \{([^}]*)\}", text)
        return [
            dict(re.findall(r"(--[\w-]+): (#[0-9a-f]+);", block)) for block in blocks if "--brick" in block
        ]

    site, card = tokens("site.css")[:2], tokens("embed.css")
    assert len(card) == 2
    for ours, theirs in zip(site, card, strict=True):
        assert theirs
        assert theirs.items() <= ours.items()


def test_a_neighbourhoods_page_says_how_to_show_its_card(client: Client) -> None:
    make_release()
    found = place(9)
    html = client.get(found.get_absolute_url()).text
    (text,) = re.findall(r"<textarea[^>]*>(.*?)</textarea>", html, re.DOTALL)
    element = Element(unescape(text)).found
    assert element[""] == "iframe"
    assert element["src"] == f"{SITE}{linking.embed_path(found)}"
    assert element["title"] == f"{found.name}, Hartlepool: ranks for community need and deprivation"
    assert '<label for="embed-html">' in html
    assert f'href="{linking.embed_path(found)}"' in html


# --- oEmbed


def asked(client: Client, url: str, **more: Any) -> Any:
    return client.get("/oembed", {"url": url, **more})


def test_a_page_names_its_oembed_document_which_needs_no_query(client: Client) -> None:
    make_release()
    found = place(9)
    html = client.get(found.get_absolute_url()).text
    (link,) = re.findall(
        r'<link rel="alternate" type="application/json\+oembed" href="([^"]*)" title="', html
    )
    assert link == f"{SITE}{found.get_absolute_url()}oembed.json"
    response = client.get(link.removeprefix(SITE))
    assert response["Content-Type"] == "application/json"
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response.json() == asked(client, f"{SITE}{found.get_absolute_url()}").json()


def test_it_says_what_the_specification_asks_for(client: Client) -> None:
    make_release()
    found = place(9)
    told = asked(client, f"{SITE}{found.get_absolute_url()}").json()
    assert told["type"] == "rich"
    assert told["version"] == "1.0"
    element = Element(told["html"]).found
    assert (element[""], element["width"], element["height"]) == ("iframe", "480", "370")
    assert (told["width"], told["height"]) == (480, 370)
    assert (
        element["title"]
        == told["title"]
        == f"{name(9)}, Hartlepool: ranks for community need and deprivation"
    )
    assert client.get(str(element["src"]).removeprefix(SITE)).status_code == 200
    assert picture(client.get(told["thumbnail_url"].removeprefix(SITE))).size == (
        told["thumbnail_width"],
        told["thumbnail_height"],
    )


def test_it_says_the_same_as_xml(client: Client) -> None:
    make_release()
    url = f"{SITE}{place(9).get_absolute_url()}"
    response = asked(client, url, format="xml")
    assert response["Content-Type"] == "text/xml; charset=utf-8"
    told = {one.tag: one.text for one in ET.fromstring(response.content)}
    assert told == {key: str(value) for key, value in asked(client, url).json().items()}


@pytest.mark.parametrize(
    ("widest", "tallest", "expected"),
    [
        (None, None, (480, 370)),
        (2000, 2000, (480, 370)),
        (400, None, (400, 460)),
        (300, 300, (300, 300)),
        (1, 1, (1, 1)),
    ],
)
def test_it_keeps_to_the_room_there_is(
    client: Client, widest: int | None, tallest: int | None, expected: tuple[int, int]
) -> None:
    make_release()
    room = {"maxwidth": widest, "maxheight": tallest}
    given = {key: value for key, value in room.items() if value is not None}
    told = asked(client, f"{SITE}{place().get_absolute_url()}", **given).json()
    assert (told["width"], told["height"]) == expected
    assert ("thumbnail_url" in told) is (widest is None or widest >= 1200)


@pytest.mark.parametrize(
    "url",
    [
        "https://leftbehind.test/neighbourhoods/E05000001/three-corners/",
        "http://leftbehind.test/neighbourhoods/E05000001/three-corners/",
        "https://LeftBehind.test/neighbourhoods/e05000001/three-corners",
        "https://leftbehind.test/neighbourhoods/E05000001/three-corners/?a=b&c=d#cni",
        "https://leftbehind.test/neighbourhoods/E05000001/",
        "https://leftbehind.test/neighbourhoods/E05000001/another-name/",
        "https://leftbehind.test/neighbourhoods/%4505000001/three%2Dcorners/",
    ],
)
def test_it_knows_a_page_however_its_address_is_written(client: Client, url: str) -> None:
    make_release()
    response = client.get(f"/oembed?url={quote(url, safe='')}")
    assert response.json()["title"].startswith("Three Corners, Hartlepool")


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("https://leftbehind.test/neighbourhoods/E05999999/nowhere/", 404),
        ("https://leftbehind.test/neighbourhoods/", 404),
        ("https://leftbehind.test/neighbourhoods/regions/", 404),
        ("https://leftbehind.test/", 404),
        ("https://leftbehind.test", 404),
        ("https://leftbehind.test/no/such\x00page/", 404),
        ("https://leftbehind.test/neighbourhoods/\x00/\ud7ff/", 404),
        ("https://other.test/neighbourhoods/E05000001/three-corners/", 404),
        ("https://leftbehind.test:8080/neighbourhoods/E05000001/three-corners/", 404),
        ("https://user@leftbehind.test/neighbourhoods/E05000001/three-corners/", 404),
        ("/neighbourhoods/E05000001/three-corners/", 400),
        ("javascript:alert(1)", 400),
        ("https://[/neighbourhoods/", 400),
        ("E05000001", 400),
        ("", 400),
        ("https://leftbehind.test/" + "a" * 10_000, 400),
    ],
)
def test_any_other_address_is_refused(client: Client, url: str, status: int) -> None:
    make_release()
    response = asked(client, url)
    assert response.status_code == status
    assert response["Content-Type"] == "text/plain; charset=utf-8"


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"format": "yaml"}, 400),
        ({"format": ""}, 400),
        ({"maxwidth": "wide"}, 400),
        ({"maxwidth": "-5"}, 400),
        ({"maxwidth": "0"}, 400),
        ({"maxwidth": "²"}, 400),
        ({"maxwidth": "1" * 5000}, 400),
        ({"maxheight": ""}, 400),
    ],
)
def test_odd_wishes_are_refused(client: Client, more: dict[str, str], status: int) -> None:
    make_release()
    assert asked(client, f"{SITE}{place().get_absolute_url()}", **more).status_code == status


# --- addresses


@pytest.mark.parametrize("last", ["card.png", "embed/", "oembed.json"])
def test_each_has_one_address(client: Client, last: str) -> None:
    make_release()
    right = f"{place().get_absolute_url()}{last}"
    assert client.get(right).status_code == 200
    for code_, slug in ((code(0).lower(), "three-corners"), (code(0), "another")):
        response = client.get(f"/neighbourhoods/{code_}/{slug}/{last}?a=b")
        assert (response.status_code, response["Location"]) == (301, f"{right}?a=b")
    for unknown in ("E05999999", "x", "%00", "é" * 300):
        assert client.get(f"/neighbourhoods/{unknown}/three-corners/{last}").status_code == 404
    assert client.post(right).status_code == 405


def test_an_address_without_its_last_slash_leads_on(client: Client) -> None:
    make_release()
    response = client.get(linking.embed_path(place()).rstrip("/"))
    assert (response.status_code, response["Location"]) == (301, linking.embed_path(place()))


def test_all_of_them_can_be_counted(client: Client) -> None:
    make_release()
    listed = list(Neighbourhood.objects.listed())
    paths = [*linking.card_paths(listed), *linking.embed_paths(listed)]
    assert len(set(paths)) == len(paths) == 1 + 3 * len(listed)
    assert all(client.get(path).status_code == 200 for path in paths)


@pytest.mark.parametrize(("last", "queries"), [("card.png", 5), ("embed/", 5), ("oembed.json", 1)])
def test_they_cost_these_queries(
    client: Client, django_assert_num_queries: Any, last: str, queries: int
) -> None:
    make_release()
    path = f"{place().get_absolute_url()}{last}"
    with django_assert_num_queries(queries):
        client.get(path)


# --- as data


def test_a_neighbourhood_is_a_place_with_a_dataset(client: Client) -> None:
    make_release()
    found = place()
    html = client.get(found.get_absolute_url()).text
    (where,) = nodes_of(html, "Place")
    assert where["name"] == "Three Corners"
    assert where["identifier"]["value"] == code(0)
    assert where["geo"]["latitude"] == float(found.latitude)
    assert where["containedInPlace"]["name"] == "Hartlepool"
    assert where["containedInPlace"]["containedInPlace"]["name"] == "North East"
    (figures,) = nodes_of(html, "Dataset")
    assert figures["spatialCoverage"] == {"@id": where["@id"]}
    assert figures["temporalCoverage"] == "2011/2019"
    assert {one["name"] for one in figures["creator"]} >= {
        "OCSI",
        "Local Trust",
        "Office for National Statistics",
    }
    assert "Open Government Licence v3.0" in [one["name"] for one in figures["license"]]
    measured = {one["name"]: one["unitText"] for one in figures["variableMeasured"]}
    assert measured["Community need"] == "rank"
    assert measured["Population"] == "people"
    assert 50 <= len(figures["description"]) <= 5000


def test_the_data_about_a_page_weighs_little(client: Client) -> None:
    make_release()
    response = client.get(place().get_absolute_url())
    whole = compressed(response)
    response.content = without_data(response.text).encode()
    assert whole - compressed(response) < 1_100
