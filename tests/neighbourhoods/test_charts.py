"""Charts: what they show is what the figures beside them say."""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal

import pytest
from django.test import Client

from neighbourhoods import charts
from neighbourhoods.figures import Comparison, FigureLine
from neighbourhoods.measures import BY_KEY
from neighbourhoods.models import Release
from neighbourhoods.similarity import DOMAINS
from neighbourhoods.wording import Facts
from tests.appg.pages import seen
from tests.neighbourhoods.factory import MISSING, make_release
from tests.neighbourhoods.test_pages import detail, page

GRID = [[need, deprivation, 12] for need in range(25) for deprivation in range(25)]


def comparison(key: str, *, tenth: int | None = 743, median: int = 331) -> Comparison:
    measure = BY_KEY[key]
    return Comparison(measure, 7433, Decimal(9), 225, Decimal(25), Decimal(median), tenth, Decimal(35))


def line(key: str, rank: int | None, value: int | None = None) -> FigureLine:
    amount = None if value is None else Decimal(value)
    facts = Facts(value=amount, rank=rank, out_of=None if rank is None else 7433)
    return FigureLine(BY_KEY[key], "Somewhere", facts, comparison(key))


# --- the field of all wards


def test_the_greatest_need_is_at_the_top_left() -> None:
    first = charts.field(GRID, line("cni", 1), line("imd", 1))
    last = charts.field(GRID, line("cni", 7433), line("imd", 3717))

    assert '<circle class="strip-at" cx="0.0" cy="0.0" r="6"/>' in first
    assert '<circle class="strip-at" cx="250.0" cy="125.0" r="6"/>' in last


def test_the_square_ends_where_the_tenth_does() -> None:
    assert '<path class="field-both" d="M0 0H25.0V25.0H0z"/>' in charts.field(
        GRID, line("cni", 1), line("imd", 1)
    )


def test_shades_count_wards() -> None:
    few, many = [0, 0, 1], [0, 1, 30]
    svg = charts.field([few, many], line("cni", 1), line("imd", 1))

    assert re.findall(r'<path class="field-(\d)" d="([^"]+)"', svg) == [("1", "M0 5h10"), ("4", "M0 15h10")]


def test_a_run_of_one_shade_is_one_line() -> None:
    svg = charts.field(GRID, line("cni", 1), line("imd", 1))

    assert svg.count("h250") == 25


@pytest.mark.parametrize(
    ("need", "deprivation"), [(None, 1), (1, None)], ids=["no rank of need", "no rank of deprivation"]
)
def test_without_a_rank_there_is_no_field(need: int | None, deprivation: int | None) -> None:
    assert charts.field(GRID, line("cni", need), line("imd", deprivation)) == ""
    assert charts.field([], line("cni", 1), line("imd", 1)) == ""


# --- the swarm


def dots(svg: str) -> Counter[float]:
    """How many dots lie on each heap, as the dashes fall."""
    lines = re.findall(r'class="swarm" x1="([\d.]+)%" x2="[\d.]+%" y1="(\d+)" y2="([\d.]+)"', svg)
    heaps = Counter[float]()
    for x, y1, y2 in lines:
        heaps[float(x)] += int((float(y1) - float(y2)) // 8) + 1
    return heaps


def test_each_dot_is_a_neighbourhood_at_its_rank() -> None:
    lines = [line("cni", rank) for rank in (1, 2, 75, 7433)] + [line("cni", None)]
    svg = charts.swarm(lines, comparison("cni"))

    assert dots(svg) == {0.5: 3, 99.5: 1}
    assert '<rect class="strip-tenth" width="9.98%"' in svg
    assert '<line class="strip-median" x1="4.44%"' in svg
    assert '<line class="strip-middle" x1="50.00%"' in svg


def test_dots_of_one_rank_stand_beside_each_other_rather_than_in_a_tower() -> None:
    svg = charts.swarm([line("cni", 7433) for _ in range(60)] + [line("cni", 1)], comparison("cni"))

    assert dots(svg) == {0.5: 1, 98.5: 40, 99.5: 20}
    assert 'viewBox="0 0 800 336"' in svg


def test_no_dot_covers_one_of_another_heap() -> None:
    ranks = [3000] * 100 + [3100] * 2 + [3200] + [1]
    svg = charts.swarm([line("cni", rank) for rank in ranks], comparison("cni"))

    assert dots(svg) == {0.5: 1, 39.5: 40, 40.5: 40, 41.5: 20, 42.5: 2, 43.5: 1}


def test_counts_run_from_the_largest_to_none() -> None:
    lines = [line("population", None, amount) for amount in (100, 50, 50, 1)]
    svg = charts.swarm(lines, comparison("population", tenth=None))

    assert dots(svg) == {0.5: 1, 50.5: 2, 99.5: 1}
    assert "strip-tenth" not in svg
    assert '<line class="strip-median" x1="75.00%"' in svg
    assert '<line class="strip-middle" x1="91.00%"' in svg


def test_without_figures_there_is_no_swarm() -> None:
    assert charts.swarm([], comparison("cni")) == ""
    assert charts.swarm([line("cni", None)], comparison("cni")) == ""
    assert charts.swarm([line("cni", 1)], None) == ""


# --- on the pages


@pytest.mark.django_db
def test_a_neighbourhood_shows_its_domains_and_all_wards_with_words_beside(client: Client) -> None:
    make_release()
    Release.objects.update(grid=GRID)
    html = detail(client, 0)
    profile = html[html.index('<figure class="domains">') : html.index('<figure class="field-figure">')]

    assert profile.count('<svg class="strip"') == profile.count("<li>") == len(DOMAINS)
    assert profile.count('class="strip-median"') == profile.count('class="strip-middle"') == len(DOMAINS)
    every = f"{len(DOMAINS)} of the {len(DOMAINS)} domains"
    assert f"Three Corners is among the most deprived tenth of wards in {every}." in seen(profile)
    assert "12 neighbourhoods and 7,433 wards for community need" in seen(profile)
    assert 'class="field"' in html
    assert (
        "Three Corners lies inside the square at the top left, which holds the most deprived tenth on both:"
        " it is 1st for community need and 1st for deprivation."
    ) in seen(html)


@pytest.mark.django_db
def test_a_domain_without_rank_says_no_data(client: Client) -> None:
    make_release()
    html = detail(client, MISSING)
    row = html[html.index('<li><a href="#income">') :]

    assert "no data" in row[: row.index("</li>")]
    assert "<svg" not in row[: row.index("</li>")]


@pytest.mark.django_db
@pytest.mark.parametrize("slug", ["cni", "crime", "population"])
def test_a_ranking_has_all_dots_above_its_table(client: Client, slug: str) -> None:
    make_release()
    html = page(client, f"/neighbourhoods/rankings/{slug}/")

    assert sum(dots(html).values()) == (11 if slug == "population" else 12)
    assert html.index('class="swarm-strip"') < html.index('<table class="ranking">')
    assert "Each dot is one of the 12" in seen(html)
    ticks = (
        "their median, the short one that of all wards."
        if slug == "population"
        else "their median rank, the short one the middle of all ranks."
    )
    assert f"the long tick is {ticks}" in seen(html)


@pytest.mark.django_db
def test_pictures_are_hidden_from_those_who_listen_or_named(client: Client) -> None:
    make_release()
    Release.objects.update(grid=GRID)
    for html in (detail(client, 0), page(client, "/neighbourhoods/rankings/cni/")):
        for tag in re.findall(r"<svg[^>]*>", html):
            assert 'aria-hidden="true"' in tag or "aria-label=" in tag
