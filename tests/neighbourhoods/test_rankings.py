"""A list called a ranking is in the order of the figure it shows."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from neighbourhoods import rankings
from neighbourhoods.measures import BY_KEY, MEASURES, ORDERED, Measure
from neighbourhoods.models import Figure
from tests.neighbourhoods.factory import code, make_release

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("measure", ORDERED, ids=lambda measure: measure.key)
def test_every_ranking_is_in_order_of_need_or_size(measure: Measure) -> None:
    make_release()
    rows = rankings.ranking(measure).rows
    places = [row.line.facts.place for row in rows if row.line.facts.place is not None]
    values = [row.line.facts.value for row in rows if row.line.facts.value is not None]
    ranks = [row.line.facts.rank for row in rows if row.line.facts.rank is not None]

    assert len(rows) == 12
    assert places == sorted(places)
    assert ranks == sorted(ranks)
    assert values == sorted(values, reverse=True)
    assert bool(ranks) == measure.ranked


@pytest.mark.parametrize("measure", ORDERED, ids=lambda measure: measure.key)
def test_every_ranking_has_a_page_that_says_where_it_comes_from(client: Client, measure: Measure) -> None:
    make_release()
    html = client.get(reverse("neighbourhoods:ranking", args=[measure.slug])).content.decode()

    assert f"{measure.source.title}" in html
    assert measure.source.credit in html
    assert ("rank 1 is the greatest need" in html) == measure.ranked
    assert ("largest first" in html) == (not measure.ranked)
    assert html.count('class="strip"') == (
        sum(1 for row in rankings.ranking(measure).rows if row.line.strip) + 1 if measure.ranked else 0
    )


def test_those_without_data_come_last_and_are_counted(client: Client) -> None:
    make_release()
    ranking = rankings.ranking(BY_KEY["income"])
    html = client.get("/neighbourhoods/rankings/income/").content.decode()

    assert ranking.rows[-1].neighbourhood.code == code(4)
    assert ranking.missing == 1
    assert "There is no data for 1 of them" in html
    assert "no data" in html.rpartition("<tr>")[2]


def test_ties_are_called_joint_in_the_table(client: Client) -> None:
    make_release()
    html = client.get("/neighbourhoods/rankings/cni/").content.decode()

    assert re.findall(r'class="num place">([^<]*)<', html)[:5] == ["1", "2", "joint 3", "joint 3", "5"]


def test_scores_that_may_not_be_published_have_no_column(client: Client) -> None:
    make_release()
    html = client.get("/neighbourhoods/rankings/cni/").content.decode()

    assert 'class="num value"' not in html
    assert "Score" not in html


def test_a_measure_that_is_no_number_has_no_ranking(client: Client) -> None:
    make_release()

    for measure in MEASURES:
        status = client.get(f"/neighbourhoods/rankings/{measure.slug}/").status_code
        assert status == (200 if measure.ordered else 404)


def test_the_index_names_every_ranking(client: Client) -> None:
    make_release()
    html = client.get("/neighbourhoods/rankings/").content.decode()

    for measure in ORDERED:
        assert f'href="/neighbourhoods/rankings/{measure.slug}/"' in html


def test_each_row_leads_to_the_figure_on_the_neighbourhoods_page(client: Client) -> None:
    make_release()
    html = client.get("/neighbourhoods/rankings/crime/").content.decode()
    address = f"/neighbourhoods/{code(0)}/three-corners/"

    assert f'href="{address}#crime"' in html
    assert 'id="crime"' in client.get(address).content.decode()


def test_rankings_without_comparisons_still_answer(client: Client) -> None:
    release = make_release()
    release.references.all().delete()

    assert client.get("/neighbourhoods/rankings/imd/").status_code == 200
    assert client.get("/neighbourhoods/rankings/").status_code == 200
    assert Figure.objects.filter(measure="imd").count() == 12
