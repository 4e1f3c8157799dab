"""A statement asks what its query asks; only its SQL is written once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any

import pytest
from django.db import connections
from django.db.models import Exists, F, OuterRef, QuerySet, Subquery
from django.utils import timezone

from appg.models import NewsItem, Page, Session, State
from leftbehind_site.common.statements import Statement
from neighbourhoods.models import Figure, LocalAuthority, Neighbourhood, Release
from tests.neighbourhoods.factory import code, make_release

pytestmark = pytest.mark.django_db


def figures(release: int, ward: str, first: int, last: int) -> QuerySet[Figure]:
    return (
        Figure.objects.filter(release=release, neighbourhood=ward, place__range=(first, last))
        .select_related("neighbourhood__authority")
        .annotate(title=Subquery(Release.objects.filter(pk=OuterRef("release")).values("title")[:1]))
        .order_by("measure")
    )


def test_it_finds_what_its_query_finds(django_assert_num_queries: Any) -> None:
    release = make_release()
    statement = Statement(figures, int, str, int, int)

    for ward in (code(0), code(1), "E05999999"):
        for first, last in ((1, 3), (2, 400), (1, 0)):
            with django_assert_num_queries(1):
                found = statement.rows(release.pk, ward, first, last)
                along = [(one.title, one.neighbourhood.authority.name) for one in found]  # type: ignore[attr-defined]
            wanted = list(figures(release.pk, ward, first, last))
            assert found == wanted
            assert along == [(one.title, one.neighbourhood.authority.name) for one in wanted]  # type: ignore[attr-defined]
            assert [one.value for one in found] == [one.value for one in wanted]


def test_its_sql_is_written_once_and_it_asks_each_time() -> None:
    make_release()
    written = []

    def query(ward: str) -> QuerySet[Neighbourhood]:
        written.append(ward)
        return Neighbourhood.objects.filter(code=ward)

    statement = Statement(query, str)
    first = statement.first(code(0))
    Neighbourhood.objects.filter(code=code(0)).update(name="Elsewhere")
    again = statement.first(code(0))

    assert len(written) == 1
    assert first is not None
    assert again is not None
    assert first.name != again.name == "Elsewhere"
    assert statement.first("E05999999") is None


def test_a_moment_is_a_value_like_any_other() -> None:
    now = timezone.now()
    for days in (-2, 0, 2):
        NewsItem.objects.create(
            title=f"{days}", slug=f"{days}", state=State.PUBLISHED, publish_at=now + timedelta(days=days)
        )
    statement = Statement(lambda moment: NewsItem.objects.public(moment).order_by("publish_at"), datetime)

    for days, wanted in ((-3, []), (-1, ["-2"]), (1, ["-2", "0"]), (3, ["-2", "0", "2"])):
        assert [one.title for one in statement.rows(now + timedelta(days=days))] == wanted
    assert statement.rows(datetime(2001, 1, 1, tzinfo=UTC)) == []


def test_rows_of_values_and_joined_queries_come_as_they_are() -> None:
    make_release()
    NewsItem.objects.create(title="News", slug="n", state=State.PUBLISHED)
    Session.objects.create(title="Session", slug="s", state=State.PUBLISHED)

    names: Statement[Any] = Statement(
        lambda ward: Neighbourhood.objects.filter(code=ward).values_list("name", flat=True), str
    )
    joined: Statement[Any] = Statement(
        lambda slug: (
            NewsItem.objects.order_by()
            .filter(slug=slug)
            .values_list("title", "slug")
            .union(Session.objects.order_by().filter(slug=slug).values_list("title", "slug"))
        ),
        str,
    )

    assert names.rows(code(0)) == [Neighbourhood.objects.get(code=code(0)).name]
    assert joined.rows("n") == [("News", "n")]
    assert joined.rows("s") == [("Session", "s")]


def test_annotations_may_hold_the_value() -> None:
    Page.objects.create(title="About", slug="about", state=State.PUBLISHED)
    make_release()
    statement: Statement[Any] = Statement(
        lambda slug: LocalAuthority.objects.annotate(
            there=Exists(Page.objects.public().filter(slug=slug)), also=F("region__name")
        ),
        str,
    )

    assert {one.there for one in statement.rows("about")} == {True}
    assert {one.there for one in statement.rows("contact")} == {False}
    assert all(one.also for one in statement.rows("about"))


def test_as_many_values_as_it_has_kinds() -> None:
    make_release()
    statement = Statement(lambda ward: Neighbourhood.objects.filter(code=ward), str)

    with pytest.raises(ValueError, match="zip"):
        statement.rows(code(0), code(1))


@pytest.mark.django_db(transaction=True)
def test_each_thread_asks_over_its_own_connection() -> None:
    make_release()
    statement = Statement(lambda ward: Neighbourhood.objects.filter(code=ward), str)
    found: list[Neighbourhood | None] = []
    used = []

    def ask() -> None:
        found.append(statement.first(code(0)))
        used.append(connections["default"])
        connections.close_all()

    threads = [Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
        thread.join()

    assert [one.code for one in found if one] == [code(0)] * 3
    assert len({id(connection) for connection in used}) == 3
