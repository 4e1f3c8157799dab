"""The register of measures agrees with itself, and with what the dataset ships."""

from __future__ import annotations

import dataclasses
import itertools
import json
import re

import pytest

from neighbourhoods import datapackage
from neighbourhoods.measures import (
    BY_KEY,
    MEASURES,
    ORDERED,
    RANKED,
    SOURCES,
    Measure,
    Sentence,
    Theme,
    Unit,
    find,
    ranking_path,
)

each = pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.key)


def test_keys_addresses_and_labels_are_each_measures_own() -> None:
    assert len(BY_KEY) == len({measure.slug for measure in MEASURES}) == len(MEASURES)
    assert len({measure.label for measure in MEASURES}) == len(MEASURES)
    assert len({measure.short_label for measure in MEASURES}) == len(MEASURES)


@each
def test_it_says_what_it_is_where_it_comes_from_and_how_it_was_worked_out(measure: Measure) -> None:
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", measure.key)
    assert measure.slug == measure.key.replace("_", "-")
    assert measure.source is SOURCES[measure.source.key]
    assert measure.period
    assert measure.note.endswith(".")
    assert bool(measure.subject) == measure.ranked
    assert bool(measure.who) == bool(measure.state) == (measure.sentence is Sentence.PEOPLE)
    assert not measure.field or measure.sentence is Sentence.TENTH
    assert not measure.domain or (measure.ranked and measure.theme in {Theme.COMMUNITY, Theme.DEPRIVATION})


@each
def test_a_ranking_is_found_by_the_name_in_its_address(measure: Measure) -> None:
    found = measure if measure.ordered else None
    assert find(measure.slug) is find(measure.key.upper()) is found
    assert ranking_path(measure) == f"/neighbourhoods/rankings/{measure.slug}/"


@each
def test_only_what_can_be_put_in_order_is_ranked(measure: Measure) -> None:
    assert measure.ordered == (measure.unit is not Unit.CATEGORY)
    assert not measure.ranked or measure.ordered
    assert (measure in ORDERED) == measure.ordered
    assert (measure in RANKED) == measure.ranked


@pytest.mark.parametrize(
    ("key", "direction"),
    [
        ("cni", "Rank 1 is the greatest need."),
        ("income", "Rank 1 is the greatest need, and so is the highest value."),
        ("population", "A count, not a measure of need; place 1 is the largest."),
        ("town", "A class, without order."),
    ],
)
def test_which_end_is_the_greatest_need_is_told_alike_in_files_and_package(key: str, direction: str) -> None:
    descriptor = json.loads((datapackage.DATA / datapackage.DESCRIPTOR).read_text())
    assert BY_KEY[key].direction == direction
    assert {one["key"]: one["direction"] for one in descriptor["measures"]}[key] == direction


def test_only_values_of_the_community_needs_index_are_withheld() -> None:
    withheld = {measure.key for measure in MEASURES if not measure.value_published}
    assert withheld == {"cni", "cni_civic_assets", "cni_connectedness", "cni_engagement"}
    assert withheld == {measure.key for measure in MEASURES if not measure.ours}
    assert all("not reproduced" in BY_KEY[key].note for key in withheld)


def test_measures_of_one_theme_stand_together() -> None:
    themes = [measure.theme for measure in MEASURES]
    changes = 1 + sum(one is not other for one, other in itertools.pairwise(themes))
    assert changes == len(set(themes)) == len(Theme)


def test_a_heading_says_by_domain_only_while_nothing_else_stands_under_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert [theme.heading for theme in Theme] == [
        "The two indices that decide the list",
        "Community need, by domain",
        "Deprivation, by domain",
        "Small areas inside the ward",
        "The place",
    ]
    other = dataclasses.replace(BY_KEY["income"], key="idaci", domain=False)
    monkeypatch.setattr("neighbourhoods.measures.MEASURES", (*MEASURES, other))
    assert Theme.DEPRIVATION.heading == "Deprivation"
    assert Theme.COMMUNITY.heading == "Community need, by domain"


def test_the_shipped_dataset_has_figures_of_exactly_these_measures() -> None:
    shipped = datapackage.from_folder()
    assert {row.measure for row in shipped.figures} == set(BY_KEY)
    assert [row.measure for row in shipped.references] == list(BY_KEY)
    for row in shipped.figures:
        measure = BY_KEY[row.measure]
        assert (row.rank is not None) == measure.ranked
        assert (row.category is not None) == (measure.unit is Unit.CATEGORY)


def test_rank_one_is_the_highest_value_of_every_ranked_measure() -> None:
    shipped = datapackage.from_folder()
    for measure in RANKED:
        if measure.value_published:
            rows = sorted(
                (row for row in shipped.figures if row.measure == measure.key), key=lambda row: row.rank or 0
            )
            values = [row.value for row in rows if row.value is not None]
            assert values == sorted(values, reverse=True), measure.key
