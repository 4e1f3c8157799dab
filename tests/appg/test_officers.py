"""Who held which office when, in words and drawn."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from appg.models import Person
from appg.officers import Bar, officers
from tests.appg import items

pytestmark = pytest.mark.django_db


def line(**term: Any) -> Any:
    """The one term of the one officer."""
    items.person(term)
    return officers(Person.objects.public()).people[0].lines[0]


@pytest.mark.parametrize(
    ("term", "span", "standing"),
    [
        ({"start": "2020-07-14", "end": "2020-09"}, "14 July 2020 to September 2020", "past"),
        ({"start": "2020"}, "from 2020", "end not known"),
        ({"end": "2021-02"}, "until February 2021", "past"),
        ({}, "dates not known", ""),
    ],
)
def test_a_terms_time_in_words(term: dict[str, str], span: str, standing: str) -> None:
    found = line(**term)
    assert (found.span, found.standing) == (span, standing)


@pytest.mark.parametrize(
    ("term", "notes"),
    [
        ({"start": "2020", "end": "2021"}, ()),
        ({"start": "2020"}, ("The end of this term is not known.",)),
        ({"end": "2021"}, ("The start of this term is not known.",)),
        (
            {"start_note": "He is first named in May.", "end_note": "Not seen.", "last_seen": "2022-08"},
            ("He is first named in May.", "Not seen.", "Last seen in the office in August 2022."),
        ),
        (
            {"start": "2020", "end": "2021", "last_seen": "2020-10-02", "note": "A note.", "uncertain": True},
            ("Last seen in the office on 2 October 2020.", "A note.", "The sources leave a doubt."),
        ),
    ],
)
def test_what_is_not_known_is_said(term: dict[str, Any], notes: tuple[str, ...]) -> None:
    assert line(**term).notes == notes


@pytest.mark.parametrize(
    ("term", "bar"),
    [
        # The axis runs from 2020 to the end of 2024: 1,827 days.
        ({"start": "2020", "end": "2024"}, Bar(0.0, 99.95, before=False, after=False)),
        ({"start": "2021", "last_seen": "2022"}, None),
        ({"start": "2020-01", "last_seen": "2020"}, Bar(0.0, 19.98, before=False, after=True)),
        ({"last_seen": "2020-01-01"}, Bar(0.0, 0.0, before=True, after=True)),
        ({"end": "2020-01-01"}, Bar(0.0, 0.0, before=True, after=False)),
        ({}, None),
    ],
)
def test_a_term_is_drawn_as_far_as_it_is_known(term: dict[str, str], bar: Bar | None) -> None:
    found = line(**term)
    if bar is None and term:
        assert found.bar is not None
        assert found.axis.first == 2021
    else:
        assert found.bar == bar


def test_offices_come_by_rank_and_in_each_the_earliest_first() -> None:
    items.person({"office": "Officer", "start": "2020"}, title="Zoe")
    items.person({"office": "Vice-chair", "start": "2021"}, {"office": "Chair", "start": "2022"}, title="Ann")
    items.person({"office": "Vice-chair", "start": "2020"}, {"office": "Vice-chair"}, title="Ben")
    found = officers(Person.objects.public())
    assert [(group.heading, [one.person.title for one in group.lines]) for group in found.offices] == [
        ("Chair", ["Ann"]),
        ("Vice-chairs", ["Ben", "Ann", "Ben"]),
        ("Officer", ["Zoe"]),
    ]
    assert [(one.person.title, [line.term.office for line in one.lines]) for one in found.people] == [
        ("Ann", ["Vice-chair", "Chair"]),
        ("Ben", ["Vice-chair", "Vice-chair"]),
        ("Zoe", ["Officer"]),
    ]


def test_secretaries_have_a_plural() -> None:
    items.person({"office": "Secretary"})
    items.person({"office": "Secretary"})
    assert [group.heading for group in officers(Person.objects.public()).offices] == ["Secretaries"]


def test_two_offices_at_once_and_a_change_of_office_are_both_shown(client: Client) -> None:
    items.person(
        {"office": "Chair", "start": "2020-07", "end": "2020-09", "party": "Independent", "house": "Lords"},
        {"office": "Co-chair", "start": "2020-09", "party": "Crossbench", "house": "Lords"},
        {"office": "Treasurer", "start": "2020-09"},
        title="Ada",
        slug="ada",
        also_styled=[{"name": "Baroness Ada"}],
        sources=[{"url": "https://www.example.org/", "title": "A register"}],
    )
    text = client.get("/officers/").text
    for words in (
        'July 2020 to September 2020</b> <span class="quiet">(past)',
        'From September 2020</b> <span class="quiet">(end not known)',
        "Independent, House of Lords",
        "Crossbench, House of Lords",
        "Party not known",
        "Also written: Baroness Ada.",
        'id="ada"',
        "A register",
    ):
        assert words in text, words


def test_a_constituency_leads_to_the_directory_where_it_has_a_page(client: Client) -> None:
    area = items.constituency("Sedgefield")
    items.person({"constituency": "Sedgefield", "house": "Commons"})
    items.person({"constituency": "Devizes", "house": "Commons"})
    items.person({"constituency": "Old Sedgefield", "constituency_area": area})
    text = client.get("/officers/").text
    assert f'<a href="{area.get_absolute_url()}">Sedgefield</a>' in text
    assert f'<a href="{area.get_absolute_url()}">Old Sedgefield</a>' in text
    assert ">Devizes</a>" not in text
    assert "Devizes" in text


def test_the_page_costs_the_same_queries_whatever_the_number_of_people(
    client: Client, django_assert_num_queries: Any
) -> None:
    area = items.constituency()
    items.person({"constituency": area.name, "constituency_area": area})
    for number in range(5):
        items.person({"start": "2020"}, {"constituency": f"Place {number}"}, body="<p>Words.</p>")
    with django_assert_num_queries(7):
        client.get("/officers/")


def test_nobody_is_all_right(client: Client) -> None:
    assert "This archive names no officer yet." in client.get("/officers/").text
