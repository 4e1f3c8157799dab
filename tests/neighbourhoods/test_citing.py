"""A neighbourhood's sentences to quote, its citation and its short address."""

from __future__ import annotations

import html as htmllib
import re
from datetime import UTC, datetime

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client

from appg.models import SiteSettings
from leftbehind_site.common.citation import FORMS, file_path
from neighbourhoods import citing, profiles
from neighbourhoods.measures import MEASURES, Unit
from neighbourhoods.models import Neighbourhood
from tests.leftbehind_site.test_citation import bibtex_fields, check_csl, ris_fields
from tests.neighbourhoods.factory import MISSING, code, make_release

pytestmark = pytest.mark.django_db

PAGE = f"/neighbourhoods/{code(0)}/three-corners/"
SITE = "https://leftbehind.test"


@pytest.fixture(autouse=True)
def _release() -> None:
    make_release()


def files(neighbourhood: Neighbourhood) -> dict[str, str]:
    return {form.suffix: file_path(neighbourhood.get_absolute_url(), form) for form in FORMS.values()}


# --- the short address


@pytest.mark.parametrize("written", [code(0), code(0).lower(), f"{code(0)}/"])
def test_the_short_address_leads_to_the_page(client: Client, written: str) -> None:
    response = client.get(f"/n/{written}")

    assert response.status_code == 301
    assert response["Location"] == PAGE


def test_the_short_address_keeps_what_was_asked_for(client: Client) -> None:
    assert client.get(f"/n/{code(0)}?a=b")["Location"] == f"{PAGE}?a=b"


def test_a_name_in_the_short_address_leads_to_the_places_of_that_name(client: Client) -> None:
    response = client.get("/n/grange")

    assert response.status_code == 404
    assert response.text.count(">Grange</a>") == 2


@pytest.mark.parametrize("written", ["E05999999", "%00", "x" * 10_000, "E06000001/"])
def test_an_unknown_short_address_is_a_page_that_helps(client: Client, written: str) -> None:
    response = client.get(f"/n/{written}")

    assert response.status_code == 404
    assert "What the directory covers" in response.text


def test_one_that_left_the_list_keeps_its_short_address(client: Client) -> None:
    make_release(3, title="New")

    response = client.get(f"/n/{code(11)}", follow=True)
    assert response.status_code == 200
    assert "This ward is not on the present list." in response.text


# --- sentences


def test_each_figure_has_an_anchor_and_a_sentence_that_leads_to_it(client: Client) -> None:
    html = client.get(PAGE).text
    found = profiles.find_neighbourhood(code(0))
    assert found is not None
    for line in profiles.profile(found).lines:
        slug = line.measure.slug
        assert html.count(f' id="{slug}"') == 1
        sentence = htmllib.escape(line.sentence, quote=False).replace("'", "&#x27;")
        address = f'<a href="#{slug}">{SITE}/n/{code(0)}#{slug}</a>'
        assert f'<span data-copy="{htmllib.escape(line.measure.label)}">{sentence} {address}</span>' in html


@pytest.mark.parametrize("index", [0, 2, 3, 7, 9])
def test_each_sentence_says_position_total_direction_year_and_source(index: int) -> None:
    found = profiles.find_neighbourhood(code(index))
    assert found is not None
    for line in profiles.profile(found).lines:
        said, measure = line.sentence, line.measure
        assert found.name in said
        assert measure.source.title in said
        assert measure.source.credit in said
        assert re.search(r"\b20[12]\d\b", said)
        if measure.ranked:
            assert "of 7,433 wards" in said
            assert "1 = greatest need" in said or "highest share" in said
        elif measure.unit is not Unit.CATEGORY:
            assert re.search(r"the (joint )?([\d,]+(st|nd|rd|th) )?largest \w+ of the 1[12] listed", said)


def test_the_shipped_sentences_say_so_too() -> None:
    call_command("load_neighbourhoods", verbosity=0)
    listed = list(Neighbourhood.objects.listed().with_areas().select_related("release").order_by("code"))
    for itself in profiles.particulars(listed):
        for line in itself.lines:
            said = line.sentence
            assert line.measure.source.title in said
            if line.measure.ranked:
                assert re.search(r"of 7,4(33|27) wards", said), said
                assert re.search(r"1 = greatest need|highest share|the same is true of|^None of the", said), (
                    said
                )
            elif line.measure.unit is not Unit.CATEGORY and line.facts.value:
                assert "largest" in said, said
                assert "of the 225 listed neighbourhoods" in said, said


def test_a_missing_figure_is_quoted_as_missing(client: Client) -> None:
    html = client.get(Neighbourhood.objects.get(code=code(MISSING)).get_absolute_url()).text

    assert "There is no data for Ward 0004 on ‘Population’" in html
    assert "largest population" not in html


# --- citations


def test_the_page_cites_itself_in_words_and_leads_to_the_files(client: Client) -> None:
    html = client.get(PAGE).text
    words = (
        "Archive of the All-Party Parliamentary Group for ‘left behind’ neighbourhoods (2019). Three Corners,"
        " Hartlepool (E05000001). Figures: Community Needs Index 2019, OCSI and Local Trust; English indices"
        " of deprivation 2019, Ministry of Housing, Communities and Local Government. The group was active"
        f" from June 2020 to March 2024. {SITE}{PAGE}"
    )

    assert f'<span data-copy="the citation">{words}</span>' in html
    for form in FORMS.values():
        path = file_path(PAGE, form)
        assert f'<a href="{path}" type="{form.media_type}">{form.label}</a>' in html
        response = client.get(path)
        assert response.status_code == 200
        assert response["Content-Type"] == f"{form.media_type}; charset=utf-8"
        assert not response.cookies
    assert f"as permanent as the long one: {SITE}/n/{code(0)}</p>" in html


@pytest.mark.parametrize("index", [0, 7, 8, 9, 10])
def test_the_files_say_what_the_page_says(client: Client, index: int) -> None:
    neighbourhood = Neighbourhood.objects.select_related("authority").get(code=code(index))
    paths = files(neighbourhood)
    title = f"{neighbourhood.name}, {neighbourhood.authority.name} ({neighbourhood.code})"
    title = title.replace("Kingston upon Hull, City of", "Kingston upon Hull")
    address = f"{SITE}{neighbourhood.get_absolute_url()}"

    _, key, bibtex = bibtex_fields(client.get(paths["bib"]).text)
    assert key == f"leftbehind-{neighbourhood.code}"
    assert bibtex["title"].strip("{}") == title
    assert (bibtex["year"], bibtex["url"]) == ("2019", address)
    ris = ris_fields(client.get(paths["ris"]).text)
    assert (ris["title"], ris["year"], ris["urls"]) == (title, "2019", [address])
    csl = check_csl(client.get(paths["csl.json"]).text)
    assert (csl["title"], csl["issued"], csl["URL"]) == (title, {"date-parts": [[2019]]}, address)


def test_the_names_of_the_group_follow_its_settings(client: Client) -> None:
    settings = SiteSettings.load()
    settings.group_name = "Another Group"
    settings.save()

    assert ris_fields(client.get(f"{PAGE.rstrip('/')}.ris").text)["authors"] == [
        "Archive of the Another Group"
    ]


@pytest.mark.parametrize(
    ("written", "status"),
    [
        (f"{code(0).lower()}/three-corners.bib", 301),
        (f"{code(0)}/wrong.csl.json", 301),
        (f"{code(0)}/three-corners.RIS", 301),
        ("E05999999/three-corners.bib", 404),
        (f"%00/{'x' * 10_000}.ris", 404),
        (f"{code(0)}.bib", 301),
        (f"{code(0)}/three-corners.csl.json/", 301),
        (f"{code(0)}/three-corners.pdf", 404),
    ],
)
def test_other_spellings_lead_to_the_file_or_to_help(client: Client, written: str, status: int) -> None:
    response = client.get(f"/neighbourhoods/{written}")

    assert response.status_code == status
    if status == 301:
        assert client.get(response["Location"]).status_code == 200


def test_the_citation_files_are_enumerated(client: Client) -> None:
    paths = citing.citation_paths(Neighbourhood.objects.listed())

    assert len(paths) == len(set(paths)) == 36
    assert {client.get(path).status_code for path in paths} == {200}


def test_nothing_depends_on_the_clock(client: Client) -> None:
    paths = [PAGE, *files(Neighbourhood.objects.get(code=code(0))).values()]
    paths.append(f"/neighbourhoods/compare/{code(0)}/{code(1)}/")
    today = {path: client.get(path).content for path in paths}

    with time_machine.travel(datetime(2031, 5, 6, 7, 8, tzinfo=UTC)):
        assert {path: client.get(path).content for path in paths} == today
    assert not any(b"2031" in content or b"2026" in content for content in today.values())


def test_every_measure_has_a_sentence_of_its_own(client: Client) -> None:
    html = client.get(PAGE).text

    assert html.count('<span data-copy="') == len(MEASURES) + 1
