"""How the list was made and recomputed: the page says what the release in force gives, and no more."""

from __future__ import annotations

import csv
import re
from decimal import Decimal

import pytest
from django.test import Client

from neighbourhoods import datapackage
from neighbourhoods.measures import CNI
from neighbourhoods.method import Method, method
from neighbourhoods.models import Neighbourhood, Reference, Release, Threshold, WardOutcome
from tests.appg.pages import check_frame, compressed, seen
from tests.conftest import ROOT
from tests.neighbourhoods.factory import FOUND, LEFT, code, make_release

pytestmark = pytest.mark.django_db

PATH = "/neighbourhoods/method/"


def words(client: Client) -> str:
    """What a reader sees of the page, in one line."""
    page = client.get(PATH).text
    return seen(page[page.index("<main") :])


def loaded() -> Method:
    found = method()
    assert found is not None
    return found


# --- in numbers


def test_before_anything_is_loaded_there_are_no_numbers() -> None:
    assert method() is None


def test_list_and_rule_are_counted_and_the_wards_named_on_which_they_part() -> None:
    make_release()
    found = loaded()

    assert (found.listed, found.predicted, found.agreed) == (12, 12, 11)
    assert [(ward.outcome.ward_code, ward.ranks_off) for ward in found.missed] == [(code(1), 7)]
    assert [(ward.outcome.ward_code, ward.ranks_off) for ward in found.found] == [(FOUND, 2)]
    assert found.missed[0].neighbourhood == Neighbourhood.objects.get(code=code(1))
    assert found.found[0].neighbourhood is None
    assert (found.missed_off_text, found.found_off_text) == ("7 ranks", "2 ranks")
    assert found.found[0].authority_name == "Elsewhere"


def test_wards_that_part_are_ordered_by_how_far_they_stand_from_the_line() -> None:
    release = make_release()
    for index, rank in ((1, 790), (2, 744), (3, 760)):
        WardOutcome.objects.filter(ward_code=code(index)).update(predicted=False, imd_rank=rank)
    found = loaded()

    assert [ward.ranks_off for ward in found.missed] == [1, 17, 47]
    assert found.missed_off_text == "1 to 47 ranks"
    assert found.missed_within_cni
    WardOutcome.objects.filter(release=release, ward_code=code(3)).update(cni_rank=744)
    assert not loaded().missed_within_cni


def test_the_one_ward_that_stands_far_from_the_line_is_singled_out() -> None:
    make_release()
    assert loaded().furthest is not None
    WardOutcome.objects.filter(ward_code=FOUND).update(imd_rank=740)
    assert loaded().furthest is not None
    WardOutcome.objects.filter(ward_code=FOUND).update(imd_rank=738)
    assert loaded().furthest is None


def test_a_distance_that_is_not_known_is_no_data() -> None:
    make_release()
    Reference.objects.filter(measure="imd").update(tenth_rank=None, tenth_value=None)
    (ward,) = loaded().missed

    assert (ward.ranks_off_text, ward.score_off_text, loaded().missed_off_text) == ("no data",) * 3
    assert loaded().line_score_text == "no data"


def test_how_far_a_score_is_from_the_line_is_told_on_either_side() -> None:
    make_release()
    found = loaded()

    assert found.line_score_text == "35.0"
    assert found.missed[0].score_off_text == "5.0"
    WardOutcome.objects.filter(ward_code=FOUND).update(imd_score=Decimal("33.2"))
    assert loaded().found[0].score_off_text == "1.8"


def test_thresholds_count_what_the_rule_would_name_and_what_it_would_miss() -> None:
    make_release(100)
    found = loaded()

    assert [(line.percent, line.wards, line.listed, line.others, line.missed) for line in found.thresholds][
        4:7
    ] == [(9, 90, 90, 0, 10), (10, 100, 99, 1, 1), (11, 110, 100, 10, 0)]
    assert [line.percent for line in found.thresholds if line.is_the_rule] == [10]
    assert (found.narrower, found.rule, found.wider) == (*found.thresholds[4:7],)
    assert found.whole == found.wider
    assert found.thresholds[-1].bar == (66.7, 33.3)


def test_the_first_list_is_set_beside_the_second() -> None:
    make_release()
    first = loaded().first_list
    assert first is not None

    assert (first.count, first.stayed) == (12, 11)
    assert [ward.outcome.ward_code for ward in first.joined] == [code(2)]
    assert [ward.outcome.ward_code for ward in first.left] == [LEFT]


def test_where_the_first_list_is_not_known_of_one_ward_nothing_is_counted() -> None:
    make_release()
    WardOutcome.objects.filter(ward_code=code(5)).update(first_list=None)

    assert loaded().first_list is None


def test_codes_that_ended_and_authorities_that_were_replaced_are_counted() -> None:
    make_release()
    found = loaded().boundaries
    (change,) = found.changes

    assert (found.known, found.ended) == (12, 1)
    assert (change.before.in_prose, change.after.in_prose) == ("Weymouth and Portland", "Dorset")
    assert [one.code for one in change.neighbourhoods] == [code(7)]
    Neighbourhood.objects.update(ward_in_2019=None)
    assert loaded().boundaries.known == 0


# --- the page


def test_the_page_has_its_frame_and_one_address(client: Client) -> None:
    make_release()
    check_frame(client.get(PATH), PATH)
    response = client.get("/neighbourhoods/method")
    assert (response.status_code, response["Location"]) == (301, PATH)


def test_without_figures_the_page_still_tells_what_the_publishers_did(client: Client) -> None:
    check_frame(client.get(PATH), PATH)
    said = words(client)

    assert "A ward is on the list if it is among the most deprived 10% of England’s wards on both" in said
    assert "‘Left behind’ is contested." in said
    assert "Our recomputation" not in said
    assert "no data" not in said


def test_every_section_has_its_anchor(client: Client) -> None:
    make_release()
    page = client.get(PATH).text

    for anchor in (
        *("rule", "indices", "first-list", "recomputed", "threshold"),
        *("term", "boundaries", "similar", "limits"),
    ):
        assert page.count(f'id="{anchor}"') == 1, anchor
        assert f'href="#{anchor}"' in page, anchor


def test_without_the_first_list_its_section_is_left_out(client: Client) -> None:
    make_release()
    WardOutcome.objects.filter(flagged=True).update(first_list=None)

    check_frame(client.get(PATH), PATH)
    assert "The first list" not in words(client)


def test_the_sentences_carry_the_numbers_of_the_release(client: Client) -> None:
    make_release(100)
    said = words(client)

    for sentence in (
        "It names 100 wards, each found to be among England’s most deprived tenth twice over",
        "the same rule names 100 wards, and 99 of them are on the list",
        "named 100 wards. It rested on the deprivation index of 2015.",
        "99 wards stayed, 1 left, 1 joined.",
        "Left Again, Elsewhere: 801",
        "within the first 743 of 7,433 for community need, as published",
        "They stand 7 ranks beyond the line for deprivation.",
        "They stand 2 ranks inside the line for deprivation.",
        "Found & Missing Elsewhere 741 2 0.0 no",
        "With 9% instead of 10% the recomputed rule would name 90 wards and leave out 10 of the 100 on the",
        "From 11% on it takes in the whole list.",
        "By December 2019 the codes of 1 of the 100 were no longer in use",
        "Weymouth and Portland (E07000053) became part of Dorset (E06000059): Ward 0007",
    ):
        assert sentence in said, sentence


def test_ranks_of_need_are_given_of_listed_wards_alone(client: Client) -> None:
    make_release()
    page = client.get(PATH).text
    found = page[page.index("Found by the rule, not on the list") : page.index("Why they part")]

    assert "Their ranks for community need are within the tenth, but may not be published here." in found
    assert 'data-label="Need"' not in found


@pytest.mark.parametrize("path", ["/", "/neighbourhoods/", "/neighbourhoods/rankings/"])
def test_the_ways_into_the_directory_lead_to_it(path: str, client: Client) -> None:
    make_release()
    page = client.get(path).text

    assert PATH in page[page.index("<main") : page.index("</main>")]
    assert PATH in page[page.index("<footer") :]


def test_a_neighbourhood_leads_to_it_and_one_that_parts_to_the_very_section(client: Client) -> None:
    make_release()
    pages = [
        client.get(Neighbourhood.objects.get(code=code(index)).get_absolute_url()).text for index in (0, 1)
    ]

    assert all(f'href="{PATH}"' in page for page in pages)
    assert [f'href="{PATH}#recomputed"' in page for page in pages] == [False, True]


# --- with the shipped figures


@pytest.mark.usefixtures("_shipped")
def test_of_the_shipped_list_219_are_found_and_twelve_part(client: Client) -> None:
    """Against the table of the documentation, which the data themselves are tested against."""
    said, found = words(client), loaded()

    assert (found.listed, found.predicted, found.agreed) == (225, 225, 219)
    text = (ROOT / "docs" / "data.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"\((E05\d{6})\) \| (\d+)", text))
    assert {
        (ward.outcome.ward_code, str(ward.outcome.imd_rank)) for ward in (*found.missed, *found.found)
    } == documented
    for sentence in (
        "219 of them are on the list of 225; 6 of the list are not found, and 6 others are.",
        "They stand 13 to 53 ranks beyond the line for deprivation. For community need all are within the",
        "They stand 18 to 291 ranks inside the line for deprivation.",
        "Norton South Stockton-on-Tees 755 13 0.1 298",
        "Winton Salford 451 291 5.5 yes",
        "Winton (Salford) stands too far from the line for that to be the likely reason",
        "would name 190 wards and leave out 36 of the 225 on the list; with 11% it would name 257",
        "named 206 wards. It rested on the deprivation index of 2015.",
        "201 wards stayed, 5 left, 24 joined.",
        "By December 2019 the codes of 47 of the 225 were no longer in use",
        "Bournemouth (E06000028) became part of Bournemouth, Christchurch and Poole (E06000058): Boscombe",
        "the listed wards are made of 1,468",
        "Of the 1,468 small areas in the listed wards, 790 are themselves among England’s most deprived",
    ):
        assert sentence in said, sentence


@pytest.mark.usefixtures("_shipped")
def test_no_unlisted_ward_is_named_with_more_than_the_licence_allows(client: Client) -> None:
    """Of a ward outside the list its deprivation may be told, which is open; of its need, nothing."""
    unlisted = WardOutcome.objects.filter(flagged=False)

    assert unlisted.count() == 10
    assert set(unlisted.values_list("cni_rank", flat=True)) == {None}
    assert CNI.credit in words(client)
    assert compressed(client.get(PATH)) <= 14 * 1024


@pytest.mark.usefixtures("_shipped")
def test_the_shipped_thresholds_are_those_in_the_file() -> None:
    with (datapackage.DATA / "thresholds.csv").open(encoding="utf-8", newline="") as file:
        rows = [tuple(map(int, row.values())) for row in csv.DictReader(file)]
    stored = Threshold.objects.filter(release=Release.objects.current())
    assert list(stored.values_list("percent", "cni_rank", "imd_rank", "wards", "listed")) == rows
