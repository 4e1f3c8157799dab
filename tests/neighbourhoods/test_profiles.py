"""What is selected for a neighbourhood, an area, the directory and the home page."""

from __future__ import annotations

from decimal import Decimal

import pytest

from neighbourhoods import listings, profiles, rankings, strips
from neighbourhoods.figures import comparisons_of, group_of
from neighbourhoods.measures import BY_KEY, MEASURES, Theme
from neighbourhoods.models import (
    Constituency,
    Figure,
    LocalAuthority,
    Neighbourhood,
    Reference,
    Region,
    Release,
)
from neighbourhoods.overview import overview
from neighbourhoods.similarity import DOMAINS
from tests.neighbourhoods.factory import MISSING, code, make_release

pytestmark = pytest.mark.django_db


def the_profile(index: int) -> profiles.Profile:
    found = profiles.find_neighbourhood(code(index))
    assert found is not None
    return profiles.profile(found)


def test_every_measure_has_a_line_in_the_registers_order() -> None:
    make_release()

    assert [line.measure for line in the_profile(0).lines] == [
        measure for theme in Theme for measure in MEASURES if measure.theme is theme
    ]


def test_a_line_keeps_the_raw_figure_beside_its_text() -> None:
    make_release()
    line = the_profile(1).line("imd")
    figure = Figure.objects.get(neighbourhood=code(1), measure="imd")

    assert (line.facts.value, line.facts.rank, line.facts.out_of, line.facts.place) == (
        figure.value,
        figure.rank,
        figure.out_of,
        figure.place,
    )
    assert (line.rank_text, line.of_wards_text) == ("2nd", "of 7,433 wards")
    assert line.place_of_text == "2nd of the 12"
    assert line.value_text == "5,033.0"


def test_tied_wards_are_joint() -> None:
    make_release()

    assert the_profile(2).line("cni").rank_text == the_profile(3).line("cni").rank_text == "joint 3rd"
    assert the_profile(4).line("cni").rank_text == "5th"


def test_a_share_of_none_that_most_wards_have_is_no_more_than_the_median() -> None:
    release = make_release()
    Figure.objects.filter(neighbourhood=code(0), measure__in=("housing", "environment")).update(
        value=0, rank=1766, joint=True
    )
    Reference.objects.filter(release=release, measure__in=("housing", "environment")).update(median=0)

    assert the_profile(0).line("housing").within_median
    assert the_profile(0).domains_in_words == (
        f"Three Corners is among the most deprived tenth of wards in {len(DOMAINS) - 2} of the"
        f" {len(DOMAINS)} domains, and no more deprived than the median ward in 2."
    )


@pytest.mark.parametrize(
    ("key", "value", "rank", "median", "within"),
    [
        ("income", "9.1", 3714, "9.1", True),
        ("income", "9.2", 3713, "9.1", False),
        ("income", "9.1", 3714, None, False),
        ("cni_engagement", None, 3717, None, True),
        ("cni_engagement", None, 3716, None, False),
        ("income", None, None, "9.1", False),
    ],
)
def test_the_value_tells_which_side_of_the_median_and_the_rank_where_there_is_none(
    key: str, value: str | None, rank: int | None, median: str | None, *, within: bool
) -> None:
    release = make_release()
    Figure.objects.filter(neighbourhood=code(0), measure=key).update(
        value=value, rank=rank, out_of=None if rank is None else 7433, place=None, joint_place=False
    )
    Reference.objects.filter(release=release, measure=key).update(median=median)

    assert the_profile(0).line(key).within_median is within


def test_what_the_files_do_not_hold_stays_missing() -> None:
    make_release()
    profile = the_profile(MISSING)

    for key in ("income", "population", "town"):
        line = profile.line(key)
        assert line.missing
        assert line.value_text == line.rank_text == line.place_of_text == "no data"
        assert line.strip is None
        assert "no data" in line.sentence


def test_a_figure_whose_row_is_not_there_is_missing_too() -> None:
    make_release()
    Figure.objects.filter(neighbourhood=code(0)).delete()
    Reference.objects.all().delete()
    profile = the_profile(0)

    assert all(line.missing for line in profile.lines)
    assert profile.others.neighbours == ()
    assert profile.lsoas_in_words == ""
    assert profile.lsoa_squares == ()
    assert profile.listed == 0


def test_scores_that_may_not_be_published_are_nowhere() -> None:
    make_release()

    for line in the_profile(0).lines:
        if not line.measure.value_published:
            assert line.facts.value is None
            assert line.comparison is not None
            assert line.comparison.median is None


def test_a_ward_can_lie_in_three_constituencies() -> None:
    make_release()
    profile = the_profile(0)

    assert [share.constituency.name for share in profile.constituencies_2010] == [
        "North",
        "East",
        "South & West",
    ]
    assert [share.main for share in profile.constituencies_2010] == [True, False, False]
    assert [share.share_text for share in profile.constituencies_2010] == ["", "", ""]
    assert [(share.constituency.name, share.share_text) for share in profile.constituencies_2024] == [
        ("North", "60%"),
        ("Elsewhere", "40%"),
    ]


def test_the_recomputed_rule_is_told_apart_from_the_list() -> None:
    make_release()

    assert the_profile(0).predicted is True
    assert the_profile(1).predicted is False
    assert the_profile(1).recomputed_in_words == ""


def test_where_the_recomputed_rule_parts_from_the_list_is_said_in_numbers() -> None:
    release = make_release()
    Figure.objects.filter(release=release, neighbourhood=code(1), measure="imd").update(rank=795)

    assert the_profile(1).recomputed_in_words == (
        "It comes 795th of 7,433 wards for deprivation, where the tenth ends at 743."
    )


def test_without_an_outcome_nothing_is_said_of_the_recomputed_rule() -> None:
    release = make_release()
    release.outcomes.all().delete()

    assert the_profile(1).predicted is None


def test_a_ward_whose_authority_was_abolished_knows_both() -> None:
    make_release()

    former = the_profile(7).former_authority
    assert former is not None
    assert (former.in_prose, the_profile(7).authority.in_prose) == ("Weymouth and Portland", "Dorset")
    assert the_profile(8).former_authority is None


def test_neighbours_in_rank_are_two_up_and_two_down() -> None:
    make_release()
    near = {near.measure.key: near for near in the_profile(6).others.neighbours}

    assert set(near) == {"cni", "imd"}
    assert [line.facts.place for _, line in near["cni"].lines] == [5, 6, 7, 8, 9]
    assert [
        line.facts.place
        for _, line in {n.measure.key: n for n in the_profile(0).others.neighbours}["cni"].lines
    ] == [
        1,
        2,
        3,
        3,
    ]


def test_the_same_authoritys_others_are_listed_without_itself() -> None:
    make_release()
    rows = the_profile(0).others.same_authority

    assert [row.neighbourhood.code for row in rows] == sorted(
        (code(index) for index in (3, 6, 9)), key=lambda c: Neighbourhood.objects.get(code=c).name
    )
    assert rows[0].neighbourhood.authority.in_prose == "Hartlepool"
    assert all(not row.community.missing for row in rows)


def test_the_most_similar_come_nearest_first_with_their_distance() -> None:
    make_release()
    similar = the_profile(2).others.similar

    assert [like.neighbourhood.code for like in similar] == [code(3), code(4), code(5)]
    assert [like.distance_text for like in similar] == ["1.3%", "2.3%", "3.3%"]
    assert [like.lack_text for like in similar] == [
        "",
        f"{len(DOMAINS) - 1} of {len(DOMAINS)} domains, for lack of data",
        "",
    ]


def test_comparisons_are_offered_with_the_nearest() -> None:
    make_release()
    others = the_profile(6).others

    assert {near.measure.key: near.offer.codes for near in others.neighbours if near.offer} == {
        "cni": (code(6), code(5), code(7), code(8)),
        "imd": (code(6), code(5), code(7), code(8)),
    }
    assert others.authority_offer is not None
    assert others.authority_offer.codes == (code(6), code(9), code(3), code(0))
    assert others.similar_offer is not None
    assert others.similar_offer.path == f"/neighbourhoods/compare/{'/'.join(map(code, (6, 7, 8, 9)))}/"
    assert others.similar_offer.text.startswith("Compare Grange with Ward 0007, St Anne's and Park")
    assert len(others.offers) == 4


def test_one_that_left_the_list_is_offered_no_comparison() -> None:
    make_release(12, title="Old")
    make_release(3, title="New")

    assert the_profile(11).others.offers == ()


def test_a_neighbourhood_that_left_the_list_keeps_its_figures_and_its_page() -> None:
    old = make_release(12, title="Old")
    make_release(3, title="New")
    profile = the_profile(11)

    assert not profile.current
    assert profile.release == old
    assert profile.listed == 12
    assert profile.line("cni").rank_text == "12th"
    assert [row.neighbourhood.code for row in the_profile(11).others.same_authority] == [code(2)]


def test_no_neighbourhood_has_an_unknown_code() -> None:
    make_release()

    assert profiles.find_neighbourhood("E05999999") is None


def test_what_a_theme_shares_is_said_once() -> None:
    make_release()
    group = the_profile(0).community

    assert group.shared_note.startswith("Rank as published.")
    assert group.source_text == "Community Needs Index 2019, OCSI and Local Trust"
    assert all("Rank as published" not in noted.note for noted in group.lines)
    assert all(noted.source_text == "" for noted in group.lines)
    assert group.base_text == "Medians rest on 12 neighbourhoods and 7,433 wards with data."


def test_what_a_theme_does_not_share_stands_with_the_figure() -> None:
    make_release()
    profile = the_profile(0)

    assert [noted.source_text for noted in profile.deprivation.lines[:3]] == [
        "Describes 2015–16.",
        "Describes 2015–16.",
        "",
    ]
    assert profile.deprivation.base_text == ""
    assert all("Office for National Statistics" in noted.source_text for noted in profile.place.lines)


def test_one_figure_alone_keeps_its_whole_note() -> None:
    make_release()
    line = the_profile(0).line("cni")

    assert group_of(Theme.OVERALL, [line]).lines[0].note == line.measure.note


def test_a_label_is_split_at_its_colon() -> None:
    make_release()
    profile = the_profile(0)

    assert (profile.line("crime").label, profile.line("crime").label_detail) == (
        "Crime",
        "LSOAs in England’s most deprived tenth",
    )
    assert (profile.line("cni").label, profile.line("cni").label_detail) == ("Community need", "")


def test_small_areas_are_drawn_one_by_one() -> None:
    make_release()

    assert [deprived for _, deprived in the_profile(1).lsoa_squares] == [True] * 5 + [False]
    assert the_profile(1).lsoas_in_words == "5 of its 6 LSOAs are among England’s most deprived tenth"
    assert the_profile(1).lsoa_width == 108


def test_sources_are_named_once_each() -> None:
    make_release()
    sources = the_profile(0).sources

    assert len(sources) == len(set(sources)) == 6


def test_comparisons_say_on_how_many_they_rest() -> None:
    release = make_release()
    comparison = comparisons_of(release.pk)["income"]

    assert (comparison.listed_text, comparison.wards_text) == ("11", "7,433")
    assert (comparison.listed_median_text, comparison.median_text) == ("25.5%", "9.1%")
    assert comparison.listed_median_rank_text == "331.5"
    assert comparisons_of(release.pk)["population"].listed_median_rank_text == "no data"


# --- strips


def test_a_strip_stands_where_the_rank_is() -> None:
    strip = strips.strip(1, 101, tenth_rank=11, median_rank=Decimal(51))

    assert strip == strips.Strip(at=Decimal(0), tenth=Decimal(10), median=Decimal(50))
    assert strips.strip(101, 101) == strips.Strip(at=Decimal(100), tenth=None, median=None)


def test_a_strip_of_a_single_ward_does_not_divide_by_nothing() -> None:
    assert strips.strip(1, 1) == strips.Strip(at=Decimal(0), tenth=None, median=None)


def test_there_is_no_strip_without_a_rank() -> None:
    assert strips.strip(None, 7433) is None
    assert strips.strip(5, None) is None


def test_a_strip_is_hidden_from_those_who_hear_the_words() -> None:
    svg = strips.KEY.svg

    assert 'aria-hidden="true"' in svg
    assert svg.count("strip-tenth") == svg.count("strip-median") == svg.count("strip-at") == 1


def test_a_strip_draws_only_what_is_known() -> None:
    svg = strips.Strip(at=None, tenth=None, median=None).svg

    assert "strip-all" in svg
    assert "strip-at" not in svg
    assert "strip-tenth" not in svg
    assert "strip-median" not in svg


def test_the_tenth_is_told_by_rank() -> None:
    make_release()
    line = the_profile(0).line("cni")

    assert line.in_tenth
    assert not the_profile(MISSING).line("income").in_tenth


# --- lists


def test_the_directory_is_ordered_by_region_authority_and_name() -> None:
    make_release()
    directory = listings.directory()

    assert [entry.region.name for entry in directory.regions] == ["London", "North East", "South West"]
    assert [entry.authority.in_prose for entry in directory.regions[1].authorities] == [
        "Hartlepool",
        "Kingston upon Hull",
    ]
    assert [entry.count_text for entry in directory.regions] == [
        "4 neighbourhoods",
        "7 neighbourhoods",
        "1 neighbourhood",
    ]
    assert directory.authority_count == 4
    names = [row.neighbourhood.name for row in directory.listing.rows]
    assert names == sorted(names)
    assert [letter for letter, _ in directory.letters] == ["A", "G", "P", "S", "T", "W"]


@pytest.mark.parametrize(
    ("name", "letter"), [("Abbey", "A"), ("'t Goy", "T"), ("1st Ward", "#"), ("Élan", "#"), ("", "#")]
)
def test_the_letter_of_a_name(name: str, letter: str) -> None:
    assert listings.initial(name) == letter


def test_a_listing_says_how_many_residents_it_knows_of() -> None:
    make_release()
    authority = LocalAuthority.objects.get(code="E06000010")
    listing = listings.authority_listing(authority).listing

    assert listing.population == sum(
        int(figure.value or 0)
        for figure in Figure.objects.filter(measure="population", neighbourhood__authority=authority)
    )
    assert "(3 of 4 with data)" in listing.population_text or listing.population_text.endswith("with data)")


def test_a_listing_without_any_figure_has_no_population() -> None:
    make_release()
    Figure.objects.all().delete()
    listing = listings.authority_listing(LocalAuthority.objects.get(code="E06000001")).listing

    assert listing.population is None
    assert listing.population_text == "no data"


def test_an_authority_names_those_it_replaced() -> None:
    make_release()
    listing = listings.authority_listing(LocalAuthority.objects.get(code="E06000059"))

    (former,) = listing.predecessors
    assert (former.authority.in_prose, former.authority.code) == ("Weymouth and Portland", "E07000053")
    assert [one.code for one in former.neighbourhoods] == [code(7)]
    assert listing.authority.in_prose == "Dorset"


def test_a_constituency_knows_how_much_of_a_ward_it_holds() -> None:
    make_release()
    elsewhere = listings.constituency_listing(Constituency.objects.get(code="E14001002"))
    east = listings.constituency_listing(Constituency.objects.get(code="E14000002"))

    assert [(row.neighbourhood.code, row.share) for row in elsewhere.listing.rows] == [(code(0), "40%")]
    assert elsewhere.is_2024
    assert [other.name for other in elsewhere.others] == ["East", "North", "South & West"]
    assert [(row.neighbourhood.code, row.share) for row in east.listing.rows] == [
        (code(0), "the smaller part")
    ]
    assert not east.is_2024


def test_a_region_lists_its_authorities() -> None:
    make_release()
    listing = listings.region_listing(Region.objects.get(name="London"))

    assert [entry.authority.in_prose for entry in listing.authorities] == ["Barking and Dagenham"]
    assert listing.listing.count_text == "4"
    assert listing.listing.listed_text == "12"


def test_lists_hold_only_what_the_current_release_lists() -> None:
    make_release(12, title="Old")
    make_release(3, title="New")

    assert len(listings.directory().listing.rows) == 3
    assert len(rankings.ranking(BY_KEY["cni"]).rows) == 3
    assert overview().neighbourhoods == 3
    assert listings.listed_with_slug({"grange"}) == []
    assert len(listings.constituency_listing(Constituency.objects.get(code="E14000001")).listing.rows) == 3
    assert listings.region_listing(Region.objects.get(name="South West")).authorities == ()


def test_neighbourhoods_are_found_by_the_name_in_an_address() -> None:
    make_release()

    assert [found.code for found in listings.listed_with_slug({"grange"})] == [code(5), code(6)]
    assert listings.listed_with_slug(set()) == []


def test_the_whole_in_numbers() -> None:
    make_release()
    found = overview()

    assert found.neighbourhoods_text == "12"
    assert found.authorities == 4
    assert found.lsoas_text == "72"
    assert found.deprived_lsoas_text == "56"
    assert [total.region.name for total in found.regions] == ["North East", "London", "South West"]
    assert [total.bar for total in found.regions] == [100, 57, 14]
    assert found.population_text == found.population_exact_text


def test_millions_are_given_in_round_figures() -> None:
    make_release()
    Figure.objects.filter(measure="population", neighbourhood=code(0)).update(value=2_386_368)

    assert overview().population_text == "2.4 million"


def test_before_anything_is_loaded_there_is_nothing_to_count() -> None:
    found = overview()

    assert found.neighbourhoods == 0
    assert found.population_text == found.population_exact_text == found.lsoas_text == "no data"
    assert found.deprived_lsoas_text == "no data"
    assert found.regions == ()
    assert rankings.ranking(BY_KEY["cni"]).rows == ()
    assert listings.directory().regions == ()
    assert not Release.objects.exists()


def test_a_region_without_population_figures_says_so() -> None:
    make_release()
    Figure.objects.filter(measure="population").delete()

    assert {total.population_text for total in overview().regions} == {"no data"}
    assert {total.bar for total in overview().regions} == {100, 57, 14}
