"""What the pages of the directory say, and in which order."""

from __future__ import annotations

import gzip
import html as htmllib
import json
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from leftbehind_site.sitemap import page_paths
from neighbourhoods import listings, profiles
from neighbourhoods.codes import ENGLAND
from neighbourhoods.measures import MEASURES, SOURCES
from neighbourhoods.models import Boundary, Neighbourhood, WardOutcome
from tests.appg.pages import seen
from tests.neighbourhoods.factory import MISSING, code, make_release
from tests.neighbourhoods.published import square
from tests.structured import without_data

pytestmark = pytest.mark.django_db


def page(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def detail(client: Client, index: int) -> str:
    return page(client, Neighbourhood.objects.get(code=code(index)).get_absolute_url())


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(f"/neighbourhoods/{code(0)}/three-corners/", id="others to compare with"),
        pytest.param("/neighbourhoods/E05999999/grange/", id="of the name in an address"),
        pytest.param("/neighbourhoods/E06000010/", id="with the code in an address"),
        pytest.param("/neighbourhoods/compare/?codes=grange", id="suggested for a comparison"),
        pytest.param("/neighbourhoods/", id="directory and its map"),
        pytest.param("/", id="home"),
    ],
)
def test_an_authority_is_named_as_prose_has_it(client: Client, path: str) -> None:
    make_release()
    Neighbourhood.objects.filter(code=code(1)).update(name="Grange")
    country = {"type": "GeometryCollection", "geometries": [square(-6, 50, 6)]}
    Boundary.objects.create(code=ENGLAND, geometry=json.dumps(country))
    html = client.get(path).text

    assert "Kingston upon Hull" in seen(html)
    assert "City of" not in html


# --- a neighbourhood


def test_the_page_goes_from_the_claim_to_its_sources(client: Client) -> None:
    make_release()
    html = detail(client, 0)
    order = [
        "<h1>Three Corners</h1>",
        "most deprived tenth of England’s wards twice over",
        'id="ranks"',
        'id="community"',
        'id="deprivation"',
        'id="small-areas"',
        'id="kind"',
        'id="others"',
        'id="quote"',
        'id="sources"',
    ]

    assert [html.index(mark) for mark in order] == sorted(html.index(mark) for mark in order)


def test_the_first_sentence_says_what_it_is_and_why_it_is_listed(client: Client) -> None:
    make_release()
    words = seen(detail(client, 1))

    assert "Ward 0001 is an electoral ward in Kingston upon Hull, in the North East." in words
    assert "Local Trust and OCSI had found it among the most deprived tenth" in words
    assert "It is one of 12 such wards; see how the list was made ." in words


def test_every_figure_has_an_anchor_a_source_and_a_sentence(client: Client) -> None:
    make_release()
    html = detail(client, 0)
    found = profiles.find_neighbourhood(code(0))
    assert found is not None

    for measure in MEASURES:
        assert html.count(f'id="{measure.slug}"') == 1
        assert f'href="#{measure.slug}"' in html
    for line in profiles.profile(found).lines:
        assert line.sentence in htmllib.unescape(html)
    for source in SOURCES.values():
        assert f"<cite>{source.title}</cite>. {source.credit}." in html


def test_ids_are_unique(client: Client) -> None:
    make_release()

    for path in page_paths():
        ids = re.findall(r'\bid="([^"]+)"', page(client, path))
        assert len(ids) == len(set(ids)), path


def test_medians_say_on_how_many_they_rest(client: Client) -> None:
    make_release()
    words = seen(detail(client, 0))

    assert "Medians rest on 12 neighbourhoods and 7,433 wards with data." in words
    assert "25.5% n = 11" in words


def test_missing_figures_say_no_data(client: Client) -> None:
    make_release()
    html = detail(client, MISSING)
    row = html[html.index('<tr id="income">') :]
    row = row[: row.index("</tr>")]

    assert row.count("no data") == 2
    assert "<svg" not in row
    assert "0%" not in row.replace("9.1%", "").replace("25.5%", "")
    assert '<p class="value">No data</p>' in html


def test_a_ward_outside_the_recomputed_rule_has_a_plain_note(client: Client) -> None:
    make_release()
    note = "the rule does not put this ward in the most deprived tenth on both indices"

    assert note in seen(detail(client, 1))
    assert "The published list decides, and it names this ward." in seen(detail(client, 1))
    assert note not in seen(detail(client, 0))


def test_constituencies_say_which_boundaries_and_how_much(client: Client) -> None:
    make_release()
    words = seen(detail(client, 0))

    assert (
        "Constituency, 2010 to 2024 North (the larger part) East (in part) South & West (in part)"
        " Constituency since 2024 North (60% of its postcodes) Elsewhere (40% of its postcodes)"
    ) in words
    assert "Constituency since 2024 North Ward" not in words


def test_a_merged_authority_is_explained(client: Client) -> None:
    make_release()

    words = seen(detail(client, 7))
    assert "Dorset (E06000059; since 2019) Weymouth and Portland (E07000053; until 2019)" in words
    assert "Hartlepool (E06000001; 2017 and 2019)" in seen(detail(client, 0))


def test_the_facts_say_whether_the_first_list_named_it_and_its_code_outlived_2017(client: Client) -> None:
    make_release()

    assert "First list, 2019 Named this ward too" in seen(detail(client, 0))
    assert "First list, 2019 Did not name this ward yet" in seen(detail(client, 2))
    assert "E05000001 (December 2017; still in use in December 2019)" in seen(detail(client, 0))
    assert "E05000008 (December 2017; no longer in use in December 2019)" in seen(detail(client, 7))


def test_what_is_not_known_of_a_place_is_not_denied(client: Client) -> None:
    make_release()
    WardOutcome.objects.filter(flagged=True).update(first_list=None)
    Neighbourhood.objects.update(ward_in_2019=None)
    words = seen(detail(client, 7))

    assert "First list, 2019 Not known whether it named this ward" in words
    assert "E05000008 (December 2017)" in words


def test_a_neighbourhood_that_left_the_list_says_so(client: Client) -> None:
    make_release(12, title="Old list")
    make_release(3, title="New list")
    html = detail(client, 11)

    assert "This ward is not on the present list." in html
    assert "Old list" in html
    assert "The group called it" not in html
    assert '<meta name="robots" content="noindex">' in html


def test_names_are_harmless_in_the_page(client: Client) -> None:
    make_release()

    for index in (8, 9, 10):
        html = detail(client, index)
        name = Neighbourhood.objects.get(code=code(index)).name
        assert f"<h1>{htmllib.escape(name)}</h1>" in html
        assert f"<title>{htmllib.escape(name)}, " in html
        assert "<b>Below" not in html
        assert name in seen(html) or "<" in name


def test_the_releases_title_and_geography_are_named(client: Client) -> None:
    make_release(title="Release of the tests")

    assert "<cite>Release of the tests</cite>" in detail(client, 0)
    assert "made-up wards" in detail(client, 0)


# --- areas and lists


def test_the_directory_lists_everyone_twice_with_the_authority(client: Client) -> None:
    make_release()
    html = page(client, "/neighbourhoods/")

    for neighbourhood in Neighbourhood.objects.all():
        assert html.count(f'href="{neighbourhood.get_absolute_url()}"') == 2
    assert html.count(">Grange</a>") == 4
    assert 'id="w"' in html
    assert 'href="#w"' in html
    for measure in ("cni", "imd", "population"):
        assert f'href="/neighbourhoods/rankings/{measure}/"' in html


def test_a_region_leads_to_its_authorities_and_neighbourhoods(client: Client) -> None:
    make_release()
    html = page(client, "/neighbourhoods/regions/north-east/")

    assert "7 of the 12 ‘left behind’ neighbourhoods are in the North East." in seen(html)
    assert 'href="/neighbourhoods/authorities/E06000001/hartlepool/"' in html


def test_an_area_says_who_stands_first_in_it(client: Client) -> None:
    make_release()
    said = seen(page(client, "/neighbourhoods/regions/north-east/"))
    first = Neighbourhood.objects.get(code=code(0)).name

    assert f"Of these, the greatest community need is in {first} , 1st of " in said
    assert f" wards, and the greatest deprivation is in {first} , 1st of " in said
    assert "There is no combined rank." in said
    # One alone stands before nobody.
    assert "Of these" not in seen(page(client, "/neighbourhoods/authorities/E06000059/dorset/"))


def test_all_who_share_the_first_rank_are_named() -> None:
    make_release()
    whole = listings.directory().listing
    tied = [row for row in whole.rows if row.neighbourhood.code in (code(2), code(3), code(5), code(MISSING))]
    for first in replace(whole, rows=tuple(tied)).firsts:
        assert {place.code for place in first.places} == {code(2), code(3)}
        assert first.line.rank_text == "joint 3rd"


def test_an_authority_says_when_it_replaced_another(client: Client) -> None:
    make_release()
    words = seen(page(client, "/neighbourhoods/authorities/E06000059/dorset/"))

    assert "1 of the 12 ‘left behind’ neighbourhoods is in Dorset, in the South West." in words
    assert "In 2019 this authority took the place of others." in words
    assert "its listed neighbourhood lay in: Weymouth and Portland (E07000053): Ward 0007" in words


def test_a_constituency_says_which_boundaries_it_has(client: Client) -> None:
    make_release()
    old = seen(page(client, "/neighbourhoods/constituencies/E14000001/north/"))
    new = seen(page(client, "/neighbourhoods/constituencies/E14001001/north/"))

    assert "On the boundaries of 2010 to 2024" in old
    assert "On the boundaries in use since 2024" in new
    assert "share of the ward’s live postcodes" in new
    assert "fits best" in new
    assert "share of the ward’s live postcodes" not in old


def test_areas_that_lost_their_last_neighbourhood_say_so(client: Client) -> None:
    make_release(12, title="Old")
    make_release(3, title="New")

    for path in ("regions/south-west/", "authorities/E06000059/dorset/"):
        assert "No neighbourhood on the list lies in" in page(client, f"/neighbourhoods/{path}")


def test_an_empty_constituency_says_so(client: Client) -> None:
    make_release(1)
    Neighbourhood.objects.get(code=code(0)).constituency_shares.filter(constituency="E14001002").delete()

    html = page(client, "/neighbourhoods/constituencies/E14001002/elsewhere/")
    assert "No neighbourhood on the list lies in this constituency." in html


def test_before_anything_is_loaded_the_pages_say_so(client: Client) -> None:
    for path in ("/neighbourhoods/", "/neighbourhoods/rankings/cni/", "/"):
        assert "No figures have been loaded into the directory yet." in page(client, path)
    page(client, "/neighbourhoods/rankings/")


# --- every page


def test_every_page_has_one_heading_and_its_own_title_and_description(client: Client) -> None:
    make_release()
    titles: dict[str, str] = {}
    descriptions: dict[str, str] = {}
    for path in page_paths():
        html = page(client, path)
        assert html.count("<h1") == 1, path
        for landmark in ("<header>", '<main id="content"', "<footer>", 'aria-label="Site"', 'class="skip"'):
            assert html.count(landmark) == 1, path
        assert ('aria-label="Breadcrumb"' in html) == (path != "/")
        assert f'<link rel="canonical" href="https://leftbehind.test{path}">' in html
        title = re.findall(r"<title>(.*?)</title>", html)
        description = re.findall(r'<meta name="description" content="(.*?)">', html)
        assert len(title) == len(description) == 1
        assert titles.setdefault(title[0], path) == path
        assert descriptions.setdefault(description[0], path) == path


def test_every_page_carries_the_archive_notice_and_the_status_of_the_group(client: Client) -> None:
    make_release()

    for path in page_paths():
        words = seen(page(client, path))
        assert "Archive. This is the archived website of the group. It is no longer updated." in words
        assert "active from June 2020 to March 2024" in words
        assert "They are not official bodies of Parliament" in words
        assert "Community Needs Index 2019 (OCSI and Local Trust)" in words


def test_pages_set_no_cookie_and_ask_nobody_else(client: Client) -> None:
    make_release()

    for path in page_paths():
        response = client.get(path)
        html = response.content.decode()
        assert not response.cookies
        assert "Set-Cookie" not in response
        # A script is a file of ours that adds to a page that is whole without it.
        scripts = re.findall(r"<script.*?</script>", without_data(html))
        assert all(re.fullmatch(r'<script src="/static/[\w./-]+" defer></script>', one) for one in scripts), (
            path
        )
        assert " style=" not in html
        assert " on" not in "".join(re.findall(r"<[^>]* (on\w+=)", html))
        loaded = re.findall(
            r'<(?:link rel="(?:icon|stylesheet)"|img|source|iframe)[^>]*(?:href|src)="([^"]+)"', html
        )
        assert len(loaded) == 2
        assert all(address.startswith("/static/") for address in loaded)


def test_headings_do_not_skip_a_level(client: Client) -> None:
    make_release()

    for path in page_paths():
        levels = [int(level) for level in re.findall(r"<h([1-6])", page(client, path))]
        assert all(after <= before + 1 for before, after in pairwise(levels)), path


# --- budgets, with the shipped figures


def _compressed(content: bytes) -> int:
    return len(gzip.compress(content, compresslevel=6, mtime=0))


@pytest.mark.usefixtures("_shipped")
def test_pages_stay_within_their_budget(client: Client) -> None:
    style = _compressed((Path(settings.BASE_DIR) / "static/css/site.css").read_bytes())
    icon = (Path(settings.BASE_DIR) / "static/img/icon.svg").stat().st_size
    sizes = {path: _compressed(client.get(path).content) for path in page_paths()}
    neighbourhoods = {path: size for path, size in sizes.items() if re.search(r"/E05\d{6}/", path)}

    assert len(neighbourhoods) == 225
    assert max(neighbourhoods.values()) <= 14 * 1024
    assert sizes["/"] <= 20 * 1024
    assert max(sizes.values()) + style + icon <= 60 * 1024


@pytest.mark.usefixtures("_shipped")
def test_every_shipped_neighbourhood_has_a_whole_page(client: Client) -> None:
    for neighbourhood in Neighbourhood.objects.listed():
        words = seen(page(client, neighbourhood.get_absolute_url()))
        assert re.search(r"ranks (joint )?[\d,]+(st|nd|rd|th) of 7,433 wards for community need", words)
        assert re.search(r"ranks (joint )?[\d,]+(st|nd|rd|th) of 7,427 wards for deprivation", words)
        assert "None of its" in words or " of its " in words or "Its only LSOA" in words
        assert "no data for" not in words
