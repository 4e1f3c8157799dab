"""Time: the axis of the drawings, lists by year, the timeline of the home page."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client

from appg import selectors
from appg.axis import Axis
from appg.models import NewsItem, Session, TimelineEvent
from tests.appg import items


def test_the_axis_holds_whole_years() -> None:
    axis = Axis.over([date(2021, 5, 5), date(2020, 12, 31)])
    assert axis == Axis(2020, 2021)
    assert axis.at(date(2020, 1, 1)) == 0
    assert axis.at(date(2021, 1, 1)) == pytest.approx(50.07)
    assert axis.years == ((2020, 0.0), (2021, 50.07))


@pytest.mark.django_db
class TestLists:
    def test_years_come_in_the_order_of_the_list_and_no_year_last(self) -> None:
        for day in ("2021-01-26", "2020-09-22", "", "2020-07-14"):
            items.session(date=day)
        years = selectors.by_year(selectors.sessions())
        assert [(year.label, year.anchor, len(year.items)) for year in years] == [
            ("2020", "year-2020", 2),
            ("2021", "year-2021", 1),
            ("Date not known", "year-not-known", 1),
        ]

    @pytest.mark.parametrize(
        ("known", "placed", "stands"),
        [
            ("2022-11-30", None, date(2022, 11, 30)),
            ("2022", None, date(2022, 1, 1)),
            ("2022-11", date(2022, 11, 15), date(2022, 11, 15)),
            ("2022-11", date(2021, 6, 29), date(2022, 11, 1)),
            ("2022-11-30", date(2022, 11, 1), date(2022, 11, 30)),
            ("", date(2021, 6, 29), date(2021, 6, 29)),
            ("", None, None),
        ],
    )
    def test_an_item_stands_within_its_date(
        self, known: str, placed: date | None, stands: date | None
    ) -> None:
        assert items.news(date=known, placed=placed).placed == stands

    def test_an_item_whose_date_is_corrected_does_not_stay_where_it_stood(self) -> None:
        item, other = items.news(date="2021-06-29"), items.news(date="2021-01-01")
        item.date = "2020"
        item.save()
        assert list(NewsItem.objects.newest_first()) == [other, item]

    def test_sessions_are_drawn_by_kind_to_the_end_of_the_group(self) -> None:
        items.session(date="2020-01-01", kind="launch")
        items.session(date="2022", placed="2022-01-01", kind="roundtable")
        items.session(date="")
        drawn = selectors.lanes(selectors.sessions())
        assert drawn is not None
        assert drawn.axis == Axis(2020, 2024)
        assert [(lane.label, lane.marks) for lane in drawn.lanes] == [
            ("Launches", ((0.0, True),)),
            ("Roundtables", ((40.01, False),)),
        ]

    def test_sessions_without_any_date_are_not_drawn(self, client: Client) -> None:
        items.session(date="")
        assert selectors.lanes(selectors.sessions()) is None
        assert "<figure" not in client.get("/sessions/").text
        assert Session.objects.count() == 1

    def test_entries_of_one_kind_and_of_many_are_the_same(self) -> None:
        items.session(slug="b", date="2021-01-26", number=3, folder="session")
        items.session(slug="a", date="2021-01-26", inquiry_number=2)
        items.news(slug="c", date="2022-01-01", summary="Words.")
        alone = selectors.entries(Session.objects.public())
        assert [(one.slug, one.number, one.inquiry_number) for one in alone] == [
            ("a", None, 2),
            ("b", 3, None),
        ]
        assert [one.get_absolute_url() for one in alone] == ["/evidence/a/", "/session/b/"]
        together = selectors.entries(Session.objects.public(), NewsItem.objects.public())
        assert [one.slug for one in together] == ["c", "a", "b"]
        assert together[0].summary == "Words."
        assert selectors.entries(Session.objects.none(), NewsItem.objects.none()) == []


@pytest.mark.django_db
class TestTheHomePage:
    def test_the_timeline_gives_each_date_beneath_its_year(self, client: Client) -> None:
        items.event(title="A day", date="2020-07-14", slug="a-day")
        items.event(title="A month", date="2020-06", placed="2020-06-01")
        items.event(title="A year", date="2018", placed="2018-01-01")
        items.event(title="A season", date="", date_text="summer 2021", placed="2021-07-01")
        items.event(title="No date", date="")
        timeline = selectors.overview(TimelineEvent.objects.public()).timeline
        assert [(year.label, [(one.event.title, one.day) for one in year.items]) for year in timeline] == [
            ("2018", [("A year", "")]),
            ("2020", [("A month", "June"), ("A day", "14 July")]),
            ("2021", [("A season", "summer 2021")]),
            ("Date not known", [("No date", "")]),
        ]
        text = client.get("/").text
        assert '<li id="a-day">' in text
        assert '<time datetime="2020-07-14">14 July</time>' in text
        assert "<time>" not in text

    def test_events_lead_to_pages_that_the_public_sees(self, client: Client) -> None:
        moved = items.news(slug="was-here")
        items.event(title="Moved", about="/news/was-here/")
        moved.slug = "is-here"
        moved.save()
        items.event(title="Draft", about=items.news(**items.DRAFT).get_absolute_url())
        items.event(title="Old", about="/old/")
        items.session(slug="sat", folder="evidence", legacy_paths=[{"path": "/old/"}])
        items.event(title="Folder", about="/session/sat/")
        items.event(title="Place", about="/neighbourhoods/")
        items.event(title="Nothing", about="/no/such/")
        text = client.get("/").text
        for title, path in (
            ("Moved", "/news/is-here/"),
            ("Old", "/evidence/sat/"),
            ("Folder", "/evidence/sat/"),
            ("Place", "/neighbourhoods/"),
        ):
            assert f'<a href="{path}">{title}</a>' in text, title
        for title in ("Draft", "Nothing"):
            assert f"<span>{title}</span>" in text, title

    def test_publications_are_the_latest_and_those_most_referred_to(self, client: Client) -> None:
        made = {
            name: items.publication(title=name, date=f"20{20 - place}-01-01")
            for place, name in enumerate(("new", "newer", "newest", "never", "twice", "once", "thrice"))
        }
        for name, number in (("once", 1), ("twice", 2), ("thrice", 3), ("new", 4)):
            for _ in range(number):
                items.news(publications=[made[name]])
            items.news(publications=[made[name]], **items.DRAFT)
        items.session(publications=[made["once"], made["thrice"]])
        for _ in range(5):
            items.session(publications=[made["never"]], **items.WITHDRAWN)
        found = selectors.overview(TimelineEvent.objects.public())
        assert [one.title for one in found.latest] == ["new", "newer", "newest"]
        assert [(one.title, one.named) for one in found.most_named] == [  # type: ignore[attr-defined]
            ("thrice", 4),
            ("twice", 2),
            ("once", 2),
        ]
        assert "that most sessions and news items of this archive name" in client.get("/").text

    def test_without_a_record_it_says_nothing_of_one(
        self, client: Client, django_assert_num_queries: Any
    ) -> None:
        with django_assert_num_queries(5):
            text = client.get("/").text
        assert "Timeline" not in text
        assert "What it published" not in text
