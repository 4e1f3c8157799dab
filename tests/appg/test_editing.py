"""What editors do to the record, below the forms: publish, correct, undo, keep addresses, keep history."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from queue import Queue
from typing import Any
from unittest import mock

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from appg import editing
from appg.checks import redirects_lead_somewhere
from appg.models import (
    Chapter,
    Correction,
    NewsItem,
    Page,
    Person,
    Publication,
    Redirect,
    SiteSettings,
    State,
    Term,
    Upload,
)
from appg.records import one_version
from neighbourhoods.models import (
    Constituency,
    Neighbourhood,
)
from tests.appg import items
from tests.desk import later, make_news, make_person, make_session
from tests.waiting import PATIENCE, wait

pytestmark = pytest.mark.django_db


@pytest.fixture
def neighbourhood() -> Neighbourhood:
    return items.neighbourhood(name="Grange")


# --- publishing


def test_what_is_published_is_the_draft_as_it_stands(editor: User) -> None:
    item = make_news(state=State.DRAFT, publish_at=None)
    type(item).objects.filter(pk=item.pk).update(title="What somebody else has saved")
    editing.publish(item, by=editor, why="Ready")
    item.refresh_from_db()
    assert item.title == "What somebody else has saved"
    with pytest.raises(ValidationError, match="no draft any more"):
        editing.publish(item, by=editor)
    type(item).objects.filter(pk=item.pk).delete()
    with pytest.raises(ValidationError, match="has deleted it"):
        editing.publish(item, by=editor)


def test_publishing_a_draft_is_one_version(editor: User) -> None:
    item = make_news(state=State.DRAFT)
    editing.publish(item, by=editor, why="Ready")
    item.refresh_from_db()
    assert item.is_public
    entry = item.history.first()
    assert (entry.history_user, entry.editor_name, entry.history_change_reason) == (
        editor,
        "Ada Okafor",
        "Ready",
    )
    assert item.history.count() == 2


def test_what_lacks_something_is_not_published(editor: User) -> None:
    item = make_news(state=State.DRAFT)
    NewsItem.objects.filter(pk=item.pk).update(kind="")
    item.refresh_from_db()
    with pytest.raises(ValidationError):
        editing.publish(item, by=editor)
    item.refresh_from_db()
    assert item.state == State.DRAFT


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"state": State.DRAFT}, "state"),
        ({"publish_at": "later"}, "publish_at"),
        ({"state": State.WITHDRAWN, "publish_at": "later"}, "publish_at"),
    ],
)
def test_what_is_public_stays_public(change: dict[str, Any], field: str) -> None:
    before = make_news()
    after = NewsItem.objects.get(pk=before.pk)
    for name, value in change.items():
        setattr(after, name, later() if value == "later" else value)
    with pytest.raises(ValidationError) as caught:
        editing.check_state(before, after)
    assert list(caught.value.message_dict) == [field]


def test_what_is_not_public_may_become_anything() -> None:
    draft = make_news(state=State.DRAFT)
    for state, when in ((State.DRAFT, None), (State.PUBLISHED, None), (State.PUBLISHED, later())):
        after = NewsItem(pk=draft.pk, state=state, publish_at=when)
        editing.check_state(draft, after)
    editing.check_state(None, draft)


def test_whether_the_public_has_ever_seen_it() -> None:
    assert editing.ever_public(make_news("published"))
    draft = make_news("draft", state=State.DRAFT)
    assert not editing.ever_public(draft)
    scheduled = make_news("scheduled", publish_at=later())
    scheduled.state, scheduled.publish_at = State.DRAFT, None
    scheduled.save()
    assert not editing.ever_public(scheduled)
    once = make_news("once")
    once.state, once.publish_at = State.DRAFT, None
    once.save()
    assert editing.ever_public(once)


def test_a_scheduled_item_whose_time_came_was_public() -> None:
    item = make_news("came", publish_at=timezone.now() + timedelta(seconds=-10))
    item.history.update(history_date=timezone.now() - timedelta(days=1))
    item.state, item.publish_at = State.DRAFT, None
    item.save()
    assert editing.ever_public(item)


# --- addresses


def test_a_public_item_takes_its_old_address_along() -> None:
    item = make_news("first")
    item.slug = "second"
    item.save()
    assert list(Redirect.objects.values_list("old_path", "new_path", "automatic")) == [
        ("/news/first/", "/news/second/", True)
    ]


def test_a_chain_of_addresses_leads_straight_to_the_last() -> None:
    Redirect.objects.create(old_path="/?p=7", new_path="/news/first/")
    item = make_news("first")
    for slug in ("second", "third"):
        item.slug = slug
        item.save()
    assert dict(Redirect.objects.values_list("old_path", "new_path")) == {
        "/?p=7": "/news/third/",
        "/news/first/": "/news/third/",
        "/news/second/": "/news/third/",
    }


def test_going_back_to_an_address_makes_no_loop() -> None:
    item = make_news("first")
    for slug in ("second", "first"):
        item.slug = slug
        item.save()
    assert dict(Redirect.objects.values_list("old_path", "new_path")) == {"/news/second/": "/news/first/"}


def test_a_session_that_changes_its_folder_moves_too() -> None:
    session = make_session("one")
    session.folder = "session"
    session.save()
    assert Redirect.objects.get().old_path == "/evidence/one/"


@pytest.mark.parametrize("state", [State.DRAFT, State.PUBLISHED])
def test_what_the_public_has_not_seen_moves_without_a_redirect(state: State) -> None:
    item = make_news("first", state=state, publish_at=later() if state == State.PUBLISHED else None)
    item.slug = "second"
    item.save()
    assert not Redirect.objects.exists()


def test_an_address_within_a_page_cannot_be_redirected() -> None:
    person = make_person("first")
    person.slug = "second"
    person.save()
    assert not Redirect.objects.exists()


def test_an_address_that_is_anothers_is_taken() -> None:
    moved = make_news("first")
    moved.slug = "second"
    moved.save()
    assert editing.address_taken(NewsItem(slug="first")) == "it leads to /news/second/"
    moved.slug = "first"
    assert editing.address_taken(moved) == ""
    assert editing.address_taken(NewsItem(slug="2021")) == "it is a page that the site makes itself"
    assert editing.address_taken(Page(slug="news")) == "it is a page that the site makes itself"
    assert editing.address_taken(Page(slug="inquiry-into-levelling-up")) == ""
    assert editing.address_taken(Person(slug="anything")) == ""
    assert editing.address_taken(NewsItem(slug="")) == ""


@pytest.mark.parametrize("old", ["/news/costs", "/News/Costs/", "/news/%63osts"])
def test_an_address_is_taken_however_its_redirect_is_written(old: str) -> None:
    Redirect.objects.create(old_path=old, new_path="/news/prices/")
    assert editing.address_taken(NewsItem(slug="costs")) == "it leads to /news/prices/"


def test_an_item_takes_nothing_where_the_public_finds_it_already() -> None:
    public, draft = make_news("costs"), make_news("rents", state=State.DRAFT)
    for slug in ("costs", "rents"):
        Redirect.objects.create(old_path=f"/news/{slug}", new_path="/news/prices/")
    assert editing.address_taken(public) == ""
    assert editing.address_taken(draft) == "it leads to /news/prices/"


@pytest.mark.parametrize("old", ["/news/costs", "/news/costs/"])
def test_what_led_elsewhere_goes_where_an_item_comes_to_stand(old: str) -> None:
    Redirect.objects.create(old_path=old, new_path="/news/prices/")
    item = make_news("first")
    item.slug = "costs"
    item.save()
    assert dict(Redirect.objects.values_list("old_path", "new_path")) == {"/news/first/": "/news/costs/"}


def test_an_address_that_an_item_leaves_has_one_redirect() -> None:
    item = make_news("costs")
    Redirect.objects.create(old_path="/news/costs", new_path="/news/prices/")
    item.slug = "rents"
    item.save()
    assert dict(Redirect.objects.values_list("old_path", "new_path")) == {"/news/costs/": "/news/rents/"}


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("old/", "/new/", "old_path"),
        ("//evil.example/", "/new/", "old_path"),
        ("/old/", "https://evil.example/", "new_path"),
        ("/old/", "/\\evil.example/", "new_path"),
        ("/old one/", "/new/", "old_path"),
        ("/old/#part", "/new/", "old_path"),
        ("/same/", "/same/", "new_path"),
        ("/old/", "/moved/", "new_path"),
        ("/old/", "/MOVED#part", "new_path"),
        ("/same", "/Same/", "new_path"),
        ("/Moved", "/elsewhere/", "old_path"),
        ("/at-last/", "/moved/", "new_path"),
    ],
)
def test_a_redirect_that_leads_nowhere_good_is_refused(old: str, new: str, field: str) -> None:
    Redirect.objects.create(old_path="/moved/", new_path="/at-last/")
    with pytest.raises(ValidationError) as caught:
        Redirect(old_path=old, new_path=new).full_clean()
    assert list(caught.value.message_dict) == [field]


def test_a_good_redirect_is_accepted() -> None:
    Redirect(old_path="/?p=12", new_path="/news/a-piece/").full_clean()


def test_redirects_that_meet_are_straightened() -> None:
    Redirect.objects.create(old_path="/one/", new_path="/two/")
    Redirect.objects.create(old_path="/Two", new_path="/three/#part")
    Redirect.objects.create(old_path="/zero/", new_path="/two/")
    assert dict(Redirect.objects.values_list("old_path", "new_path")) == {
        "/one/": "/three/#part",
        "/Two": "/three/#part",
        "/zero/": "/three/#part",
    }
    # The latest word counts: the way back goes.
    Redirect.objects.create(old_path="/three/", new_path="/two/")
    assert dict(Redirect.objects.values_list("old_path", "new_path")) == {
        "/one/": "/two/",
        "/zero/": "/two/",
        "/three/": "/two/",
    }


def waits_for_a_lock(process: int) -> bool:
    """Whether a process of the database's server waits for what another one has locked."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_blocking_pids(%s) <> '{}'", [process])
        return cursor.fetchone() == (True,)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="On SQLite one writes at a time")
@pytest.mark.django_db(transaction=True)
def test_redirects_written_at_the_same_time_are_straightened() -> None:
    """Whoever comes second waits for what the first one wrote, and then sees it."""
    SiteSettings.objects.get_or_create(pk=SiteSettings.ONLY_KEY)
    processes: Queue[int] = Queue()

    def write_second() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute(f"SET lock_timeout = '{PATIENCE}s'")
                cursor.execute("SELECT pg_backend_pid()")
                processes.put(cursor.fetchone()[0])
            Redirect.objects.create(old_path="/two/", new_path="/three/")
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            Redirect.objects.create(old_path="/one/", new_path="/two/")
            second = pool.submit(write_second)
            process = processes.get(timeout=PATIENCE)
            wait(lambda: waits_for_a_lock(process), "the second waits for the first")
            assert not second.done()
        second.result(timeout=PATIENCE)
    assert dict(Redirect.objects.values_list("old_path", "new_path")) == {
        "/one/": "/three/",
        "/two/": "/three/",
    }


def test_a_redirect_that_led_on_keeps_its_history() -> None:
    first = Redirect.objects.create(old_path="/one/", new_path="/two/")
    Redirect.objects.create(old_path="/two/", new_path="/three/")
    assert [entry.new_path for entry in first.history.all()] == ["/three/", "/two/"]


def test_redirects_that_lead_nowhere_are_named() -> None:
    item = make_news("here")
    Redirect.objects.create(old_path="/good/", new_path=item.get_absolute_url())
    Redirect.objects.create(old_path="/also-good/", new_path="/officers/#ada")
    assert redirects_lead_somewhere(None, ["default"]) == []
    lost = Redirect.objects.create(old_path="/lost/", new_path="/news/nowhere/")
    Redirect.objects.bulk_create(
        [Redirect(old_path="/a/", new_path="/b/"), Redirect(old_path="/b/", new_path="/a/")]
    )
    found = redirects_lead_somewhere(None, ["default"])
    assert [message.id for message in found] == ["appg.W001"] * 3
    assert str(lost) in "".join(message.msg for message in found)
    assert redirects_lead_somewhere(None) == []
    with mock.patch("appg.checks.addresses", side_effect=DatabaseError):
        assert redirects_lead_somewhere(None, ["default"]) == []


# --- undo


def test_undo_brings_back_values_and_relations(editor: User, neighbourhood: Neighbourhood) -> None:
    session = make_session()
    item = make_news()
    with one_version(item, by=editor, why="Related"):
        item.save()
        item.sessions.set([session])
        item.neighbourhoods.set([neighbourhood])
    wanted = item.history.first()
    with one_version(item, by=editor, why="A mistake"):
        item.title, item.sources = "Wrong", [{"url": "https://wrong.example/"}]
        item.save()
        item.sessions.clear()
        item.neighbourhoods.clear()
    done = editing.undo(wanted, by=editor, why="That was a mistake", correction="The title was wrong.")
    done.refresh_from_db()
    assert (done.title, done.sources) == ("A piece of news", [])
    assert list(done.sessions.all()) == [session]
    assert list(done.neighbourhoods.all()) == [neighbourhood]
    entry = item.history.first()
    assert entry.history_change_reason.startswith("Back to the version of ")
    assert entry.history_change_reason.endswith(": That was a mistake")
    assert item.history.count() == 4
    assert Correction.objects.get().text == "The title was wrong."


def test_undo_of_a_version_from_before_publication_keeps_it_public(editor: User) -> None:
    item = make_news(state=State.DRAFT, title="As a draft")
    draft = item.history.first()
    item.state, item.title = State.PUBLISHED, "As published"
    item.save()
    done = editing.undo(draft, by=editor, why="The older title was right")
    assert (done.title, done.is_public) == ("As a draft", True)


def test_undo_of_a_withdrawal_publishes_again(editor: User) -> None:
    item = make_news()
    published = item.history.first()
    item.state, item.withdrawn_reason = State.WITHDRAWN, "It was wrong."
    item.save()
    done = editing.undo(published, by=editor, why="It was right after all")
    assert (done.state, done.withdrawn_reason) == (State.PUBLISHED, "")


def test_undo_of_a_move_makes_the_redirect_back(editor: User) -> None:
    item = make_news("first")
    first = item.history.first()
    item.slug = "second"
    item.save()
    editing.undo(first, by=editor, why="The old address is printed")
    assert dict(Redirect.objects.values_list("old_path", "new_path")) == {"/news/second/": "/news/first/"}


def test_undo_refuses_what_no_longer_fits(editor: User) -> None:
    item = make_news("first")
    first = item.history.first()
    item.slug = "second"
    item.save()
    make_news("first")
    with pytest.raises(ValidationError):
        editing.undo(first, by=editor, why="x")
    item.refresh_from_db()
    assert item.slug == "second"


def test_a_removed_term_comes_back_and_its_person_remembers(editor: User) -> None:
    person = make_person()
    term = person.terms.get()
    term.delete()
    removed = Term.history.first()
    editing.undo(removed, by=editor, why="It was right")
    assert person.terms.get().party == "Independent"
    assert person.history.first().history_change_reason.startswith("Chair: back to the version of ")


def test_what_going_back_would_change(editor: User, neighbourhood: Neighbourhood) -> None:
    item = make_news(body="<p>One</p><p>Two</p>")
    wanted = item.history.first()
    with one_version(item, by=editor, why=""):
        item.title, item.kind = "Other", "blog"
        item.body = "<p>One</p><p>Three</p>"  # type: ignore[assignment]  # (a field without types)
        item.sources = [{"url": "https://a.example/", "title": "A"}]
        item.publish_at = timezone.now() - timedelta(days=9)
        item.save()
        item.neighbourhoods.add(neighbourhood)
    changes = {change.label: change for change in editing.would_change(wanted)}
    assert changes["Text"].removed == ("<p>Three</p>",)
    assert changes["Text"].added == ("<p>Two</p>",)
    assert (changes["Kind"].removed, changes["Kind"].added) == (("Blog",), ("News",))
    assert changes["Sources"].removed == ("https://a.example/ | A",)
    assert changes["Neighbourhoods"].removed == ("Grange, Northport",)
    assert "Public from" in changes


def test_differences_read_as_lines_in_the_order_of_the_form(
    editor: User, neighbourhood: Neighbourhood
) -> None:
    item = make_news()
    with one_version(item, by=editor, why=""):
        item.title = "Other"
        item.sources = [{"url": "https://a.example/"}]
        item.save()
        item.neighbourhoods.add(neighbourhood)
    newer, older = item.history.all()
    shown = editing.differences(newer, older)
    assert [change.label for change in shown] == ["Title", "Sources", "Neighbourhoods"]
    assert shown[2].added == ("Grange, Northport",)


def test_a_difference_names_what_is_gone(editor: User) -> None:
    report = Publication.objects.create(title="R", slug="r", kind="report")
    chapter = Chapter.objects.create(title="C", slug="c", publication=report, order=1)
    other = Publication.objects.create(title="S", slug="s", kind="report")
    first = chapter.history.first()
    chapter.publication = other
    chapter.save()
    report.delete()
    newer, older = chapter.history.all()
    assert "Deleted publication" in editing.differences(newer, older)[0].removed[0]
    assert editing.would_change(first)[0].added == ("(no longer there)",)
    with pytest.raises(ValidationError):
        editing.undo(first, by=editor, why="x")


def test_a_yes_or_no_reads_as_one() -> None:
    term = make_person().terms.get()
    term.uncertain = True
    term.save()
    newer, older = term.history.all()
    assert editing.differences(newer, older)[0].added == ("yes",)


# --- what is kept


def test_deleting_an_account_keeps_what_it_did(editor: User) -> None:
    item = make_news()
    with one_version(item, by=editor, why="Because"):
        item.title = "Changed"
        item.save()
    made = editing.correct(item, "The title was wrong.", by=editor)
    upload = Upload.objects.create(
        name="a.pdf", title="A", media_type="application/pdf", size=1, sha256="a" * 64, uploaded_by=editor
    )
    editor.delete()
    entry = item.history.first()
    assert (entry.history_user, entry.editor_name, entry.history_change_reason) == (
        None,
        "Ada Okafor",
        "Because",
    )
    made.refresh_from_db()
    upload.refresh_from_db()
    assert (made.made_by, upload.uploaded_by) == (None, None)
    assert NewsItem.objects.get() == item


def test_deleting_a_session_keeps_the_news_about_it_and_both_histories() -> None:
    session, item = make_session(), make_news()
    item.sessions.add(session)
    pk = session.pk
    session.delete()
    assert list(NewsItem.objects.get().sessions.all()) == []
    assert [list(entry.sessions.values_list("session_id", flat=True)) for entry in item.history.all()] == [
        [pk],
        [],
    ]
    assert type(session).history.filter(id=pk, history_type="-").exists()
    assert type(session).history.filter(id=pk, history_type="+").exists()


def test_deleting_a_constituency_keeps_the_terms() -> None:
    constituency = Constituency.objects.create(code="E14000001", name="Somewhere", drawn=2010)
    term = make_person().terms.get()
    term.constituency_area = constituency
    term.save()
    constituency.delete()
    assert Term.objects.get().constituency_area is None
    assert term.history.count() == 2


def test_deleting_a_neighbourhood_takes_no_item_along(neighbourhood: Neighbourhood) -> None:
    item = make_news()
    item.neighbourhoods.add(neighbourhood)
    neighbourhood.delete()
    assert NewsItem.objects.get() == item


def test_a_release_that_figures_rest_on_cannot_be_deleted(neighbourhood: Neighbourhood) -> None:
    with pytest.raises(ProtectedError):
        neighbourhood.release.delete()


def test_a_publication_with_chapters_and_a_person_with_terms_stay() -> None:
    report = Publication.objects.create(title="R", slug="r", kind="report")
    Chapter.objects.create(title="C", slug="c", publication=report, order=1)
    with pytest.raises(ProtectedError):
        report.delete()
    with pytest.raises(ProtectedError):
        make_person().delete()


def test_a_correction_outlives_its_item_and_every_attempt(editor: User) -> None:
    item = make_news()
    made = editing.correct(item, "It was wrong.", by=editor)
    for attempt in (made.delete, Correction.objects.all().delete):
        with pytest.raises(ProtectedError), transaction.atomic():
            attempt()
    item.delete()
    made.refresh_from_db()
    assert (made.title, made.path, made.item) == ("A piece of news", "/news/a-piece/", None)


def test_a_file_cannot_be_deleted() -> None:
    Upload.objects.create(name="a.pdf", title="A", media_type="application/pdf", size=1, sha256="a" * 64)
    with pytest.raises(ProtectedError):
        Upload.objects.all().delete()


def test_the_settings_keep_their_versions() -> None:
    row = SiteSettings.load()
    row.notice = "An archive."
    row.save()
    assert row.history.first().notice == "An archive."
