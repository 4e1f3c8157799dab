"""The editing desk as an editor uses it: find, change, preview, publish, withdraw, move, say why."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from appg.admin.base import ItemAdmin
from appg.admin.forms import ItemForm
from appg.models import (
    CONTENT_MODELS,
    Correction,
    GlossaryTerm,
    NewsItem,
    Page,
    Person,
    Publication,
    Redirect,
    Session,
    State,
    Term,
)
from tests.desk import (
    change,
    errors_of,
    filled,
    later,
    make_editor,
    make_news,
    make_person,
    make_session,
    resend,
    said,
    send,
    signed_in,
)

pytestmark = pytest.mark.django_db

NEWS = "/admin/appg/newsitem/"


# --- a new item


NEW = {"title": "A new piece", "slug": "a-new-piece", "kind": "news", "body": "<p>It is new.</p>"}


def test_a_new_item_is_a_draft_until_it_is_published(desk: Client, editor: User) -> None:
    done = send(desk, f"{NEWS}add/", **NEW)
    assert "It is a draft: only editors see it." in said(done)
    item = NewsItem.objects.get()
    assert (item.state, item.is_public) == (State.DRAFT, False)
    assert [(entry.history_type, entry.history_user) for entry in item.history.all()] == [("+", editor)]
    done = send(desk, change(item), state="published")
    assert "It is published." in said(done)
    item.refresh_from_db()
    assert item.is_public
    assert item.history.first().history_change_reason == "Published"


def test_a_time_to_come_schedules(desk: Client) -> None:
    when = timezone.localtime(later())
    done = send(
        desk,
        f"{NEWS}add/",
        **NEW,
        state="published",
        publish_at_0=f"{when:%d/%m/%Y}",
        publish_at_1=f"{when:%H:%M}",
    )
    assert "It is scheduled: the public sees it from " in said(done)
    item = NewsItem.objects.get()
    assert (item.state_in_words, item.is_public) == ("Scheduled", False)
    send(desk, change(item), state="draft", publish_at_0="", publish_at_1="")
    item.refresh_from_db()
    assert (item.state, item.publish_at) == (State.DRAFT, None)


def test_what_is_new_cannot_be_withdrawn(desk: Client) -> None:
    page = desk.get(f"{NEWS}add/").content.decode()
    assert 'value="withdrawn"' not in page
    assert 'value="draft"' in page
    assert "Select a valid choice" in errors_of(send(desk, f"{NEWS}add/", **NEW, state="withdrawn"))


def test_relations_are_part_of_the_one_version(desk: Client) -> None:
    session = make_session()
    send(desk, f"{NEWS}add/", **NEW, sessions=[session.pk], sources="https://a.example/ | A")
    item = NewsItem.objects.get()
    assert item.history.count() == 1
    assert [row.session for row in item.history.get().sessions.all()] == [session]
    assert item.sources == [{"url": "https://a.example/", "title": "A"}]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"date": "22 September"}, "Write a date such as 2020-09-22, 2020-09 or 2020"),
        ({"date": "2020-13"}, "a date that exists"),
        ({"date": "0202-09-22"}, "a year between 1900 and 2100"),
        ({"placed": "01/01/9999"}, "a day between 1900 and 2100"),
        ({"sources": "not an address"}, "Line 1: “not an address” is not a web address"),
        ({"slug": "two words"}, "valid “slug”"),
        ({"slug": "taken"}, "already exists"),
        ({"slug": "2021"}, "is taken: it is a page that the site makes itself"),
        ({"slug": "moved"}, "is taken: it leads to /news/here/"),
        ({"body": '<p>x<img src="/files/1/a.png"></p>'}, "Every image needs an alternative text"),
        (
            {"body": '<p><img alt="x" src="javascript:alert(1)"><img src="/b" alt=" "></p>'},
            "Every image needs",
        ),
        ({"withdrawn_reason": "It is wrong"}, "Choose Withdrawn above, or empty this."),
    ],
)
def test_a_mistake_is_named_in_words(desk: Client, changes: dict[str, Any], message: str) -> None:
    make_news("taken")
    Redirect.objects.create(old_path="/news/moved/", new_path="/news/here/")
    response = send(desk, f"{NEWS}add/", **{**NEW, **changes})
    assert message in errors_of(response)
    assert NewsItem.objects.count() == 1


def test_a_page_cannot_take_the_sites_own_addresses(desk: Client) -> None:
    response = send(desk, "/admin/appg/page/add/", title="N", slug="news", body="<p>x</p>")
    assert "is taken" in errors_of(response)
    send(desk, "/admin/appg/page/add/", title="N", slug="newspaper", body="<p>x</p>")
    assert Page.objects.get().slug == "newspaper"


def test_the_inquirys_page_is_edited_like_any_other(desk: Client) -> None:
    send(desk, "/admin/appg/page/add/", title="The inquiry", slug="inquiry-into-levelling-up")
    page = Page.objects.get()
    send(desk, change(page), state="published", body="<p>Told.</p>")
    assert "Told." in Client().get(page.get_absolute_url()).text


# --- a change to what the public sees


def test_a_change_to_a_public_item_asks_why(desk: Client) -> None:
    item = make_news()
    response = send(desk, change(item), title="Other")
    assert "Say in a few words why you change what the public sees." in errors_of(response)
    item.refresh_from_db()
    assert item.title == "A piece of news"
    done = send(desk, change(item), title="Other", why="The title was short")
    assert done.status_code == 302
    item.refresh_from_db()
    entry = item.history.first()
    assert (item.title, entry.title, entry.history_change_reason) == ("Other", "Other", "The title was short")
    assert item.history.count() == 2
    assert not Correction.objects.exists()


@pytest.mark.parametrize("state", ["draft", "scheduled"])
def test_a_change_to_what_the_public_does_not_see_asks_nothing(desk: Client, state: str) -> None:
    item = make_news(
        state=State.DRAFT if state == "draft" else State.PUBLISHED,
        publish_at=None if state == "draft" else later(),
    )
    page = desk.get(change(item)).content.decode()
    assert 'name="why"' not in page
    assert send(desk, change(item), title="Other", slug="elsewhere").status_code == 302
    item.refresh_from_db()
    assert (item.title, item.slug) == ("Other", "elsewhere")
    assert not Redirect.objects.exists()


def test_a_correction_is_public_and_belongs_to_the_change(desk: Client, editor: User) -> None:
    item = make_news()
    done = send(
        desk,
        change(item),
        date="2021-06-30",
        why="The minutes",
        is_correction="on",
        correction="The date was given as 29 June. It was 30 June.",
    )
    assert "The correction is public" in said(done)
    made = Correction.objects.get()
    assert (made.item, made.title, made.path) == (item, "A piece of news", "/news/a-piece/")
    assert (made.text, made.made_by) == ("The date was given as 29 June. It was 30 June.", editor)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"is_correction": "on"}, "Say to the public what was wrong and what is right."),
        ({"correction": "It was wrong."}, "Tick this to publish your text as a correction, or empty it."),
    ],
)
def test_half_a_correction_is_asked_about(desk: Client, changes: dict[str, str], message: str) -> None:
    item = make_news()
    assert message in errors_of(send(desk, change(item), title="Other", why="x", **changes))
    assert not Correction.objects.exists()


@pytest.mark.parametrize("state", ["draft", "published"])
def test_what_is_no_public_item_yet_is_not_corrected(desk: Client, state: str) -> None:
    """Nor by a form made by hand: the register of corrections would tell its title."""
    item = make_news(state=State.DRAFT)
    asked = {"is_correction": "on", "correction": "It was wrong."}
    assert send(desk, change(item), title="Other", state=state, **asked).status_code == 302
    assert send(desk, f"{NEWS}add/", **NEW, state=state, **asked).status_code == 302
    assert not Correction.objects.exists()


def test_a_draft_with_a_mistake_is_shown_again_as_one(desk: Client) -> None:
    item = make_news(state=State.DRAFT)
    response = send(desk, change(item), state="published", date="x")
    assert "a date such as" in errors_of(response)
    assert 'name="correction"' not in response.content.decode()


def test_nothing_different_is_no_version(desk: Client) -> None:
    item = make_news(body="<p>One</p><ul><li>a</li></ul>")
    done = send(desk, change(item), why="Just so", body="<p>One</p><ul><li><p>a</p></li></ul>")
    assert "Nothing was different" in said(done)
    assert item.history.count() == 1


def test_a_text_is_cleaned_on_its_way_in(desk: Client) -> None:
    item = make_news(state=State.DRAFT)
    send(
        desk,
        change(item),
        body='<p class="MsoNormal" onclick="x()">A<script>alert(1)</script><o:p></o:p></p>',
    )
    item.refresh_from_db()
    assert item.body == "<p>A</p>\n"


def test_withdrawing_asks_for_a_public_reason_and_can_be_taken_back(desk: Client) -> None:
    item = make_news()
    response = send(desk, change(item), state="withdrawn", why="x")
    assert "Say to the public why it was withdrawn." in errors_of(response)
    done = send(desk, change(item), state="withdrawn", why="x", withdrawn_reason="It named the wrong place.")
    assert "It is withdrawn: its page now gives the reason." in said(done)
    item.refresh_from_db()
    assert (item.is_public, item.is_withdrawn) == (True, True)
    send(desk, change(item), state="published", why="It was right")
    item.refresh_from_db()
    assert (item.state, item.withdrawn_reason) == (State.PUBLISHED, "")


def test_a_public_item_cannot_vanish(desk: Client) -> None:
    item = make_news()
    since = item.publish_at
    assert 'value="draft"' not in desk.get(change(item)).content.decode()
    assert "Select a valid choice" in errors_of(send(desk, change(item), state="draft", why="x"))
    when = timezone.localtime(later())
    response = send(desk, change(item), publish_at_0=f"{when:%d/%m/%Y}", publish_at_1="10:00", why="x")
    assert "cannot lie in the future" in errors_of(response)
    send(desk, change(item), publish_at_0="", publish_at_1="", title="Other", why="x")
    item.refresh_from_db()
    assert (item.title, item.publish_at) == ("Other", since)


# --- addresses


def test_a_new_address_is_shown_and_confirmed_first(desk: Client) -> None:
    item = make_news("first")
    assert 'type="hidden" name="confirm_address"' in desk.get(change(item)).content.decode()
    response = send(desk, change(item), slug="second", why="Shorter")
    message = errors_of(response)
    assert "from /news/first/ to /news/second/; the old one will lead to the new one by itself" in message
    page = response.content.decode()
    assert 'type="checkbox" name="confirm_address"' in page
    assert not Redirect.objects.exists()
    done = resend(desk, change(item), filled(page), confirm_address="on")
    assert "The address is now /news/second/; /news/first/ leads to it." in said(done)
    assert Redirect.objects.get().new_path == "/news/second/"


def test_a_new_address_within_a_page_says_what_it_means(desk: Client) -> None:
    term = GlossaryTerm.objects.create(title="CNI", slug="cni", summary="An index.", state=State.PUBLISHED)
    response = send(desk, change(term), slug="community-needs-index", why="x")
    assert "links to it will open the page at its top" in errors_of(response)
    assert send(desk, change(term), slug="cni-2", why="x", confirm_address="on").status_code == 302


def test_a_sessions_folder_is_part_of_its_address(desk: Client) -> None:
    session = make_session("one")
    assert "from /evidence/one/ to /session/one/" in errors_of(
        send(desk, change(session), folder="session", why="x")
    )


# --- two editors


def test_the_second_of_two_editors_is_told_and_nothing_is_lost(desk: Client) -> None:
    item = make_news()
    mine = filled(desk.get(change(item)).content.decode())
    other = signed_in(make_editor("Grace Lee"))
    send(other, change(item), title="Theirs", summary="Theirs", why="First")
    response = resend(desk, change(item), mine, title="Mine", why="Second")
    message = errors_of(response)
    assert "Grace Lee changed this on " in message
    assert "(Title, Summary)" in message
    assert "Saved by Grace Lee: <q>Theirs</q>" in message
    assert "In your form: <q>Mine</q>" in message
    item.refresh_from_db()
    assert item.title == "Theirs"
    page = response.content.decode()
    assert 'value="Mine"' in page
    assert resend(desk, change(item), filled(page)).status_code == 302
    item.refresh_from_db()
    assert item.title == "Mine"
    assert [entry.title for entry in item.history.all()] == ["Mine", "Theirs", "A piece of news"]


def test_a_form_without_its_version_is_not_trusted(desk: Client) -> None:
    item = make_news(state=State.DRAFT)
    response = send(desk, change(item), title="Mine", version="")
    assert "the site itself" not in errors_of(response)
    assert "Somebody changed this on " in errors_of(response)


def test_what_was_deleted_meanwhile_is_told(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    item = make_news(state=State.DRAFT)
    form = filled(desk.get(change(item)).content.decode())
    check = ItemForm.check_values

    def delete_first(self: ItemForm) -> None:
        NewsItem.objects.filter(pk=item.pk).delete()
        check(self)

    monkeypatch.setattr(ItemForm, "check_values", delete_first)
    response = resend(desk, change(item), form, title="Mine")
    assert "Somebody has deleted this" in errors_of(response)
    assert 'value="Mine"' in response.content.decode()


def test_what_was_published_meanwhile_is_not_deleted(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    item = make_news(state=State.DRAFT)
    delete = ItemAdmin.delete_model

    def publish_first(self: ItemAdmin, request: Any, obj: Any) -> None:
        NewsItem.objects.filter(pk=item.pk).update(state=State.PUBLISHED, publish_at=timezone.now())
        delete(self, request, obj)

    monkeypatch.setattr(ItemAdmin, "delete_model", publish_first)
    response = desk.post(change(item).replace("/change/", "/delete/"), {"post": "yes"})
    assert response.status_code == 403


def test_what_had_no_version_gets_one_of_how_it_was(desk: Client) -> None:
    item = make_news()
    item.history.all().delete()
    send(desk, change(item), title="Other", why="x")
    assert [entry.title for entry in item.history.all()] == ["Other", "A piece of news"]


# --- preview


def test_a_preview_shows_the_change_and_keeps_nothing(desk: Client) -> None:
    item = make_news()
    response = send(desk, change(item), button="_preview", title="As it would be", body="<p>New words.</p>")
    page = response.content.decode()
    assert response.status_code == 200
    assert "As it would be" in page
    assert "New words." in page
    assert "Nothing of it is saved yet" in page
    assert "private, no-store" in response["Cache-Control"]
    assert response["X-Robots-Tag"] == "noindex"
    item.refresh_from_db()
    assert item.title == "A piece of news"
    assert item.history.count() == 1


def test_a_new_item_can_be_previewed_before_it_is_saved(desk: Client) -> None:
    response = send(desk, f"{NEWS}add/", button="_preview", **NEW)
    assert "A new piece" in response.content.decode()
    assert not NewsItem.objects.exists()


def test_a_preview_of_a_mistake_is_the_form_with_the_mistake(desk: Client) -> None:
    item = make_news()
    assert "a date such as" in errors_of(send(desk, change(item), button="_preview", date="x"))


def test_a_preview_within_a_page_shows_the_page(desk: Client) -> None:
    term = GlossaryTerm.objects.create(title="CNI", slug="cni", summary="An index.")
    response = send(desk, change(term), button="_preview", summary="An index of needs.")
    assert "An index of needs." in response.content.decode()


def test_the_way_to_the_final_address(desk: Client) -> None:
    public, draft = make_news("public"), make_news("draft", state=State.DRAFT)
    assert (
        'href="/news/public/" class="viewsitelink">View on site' in desk.get(change(public)).content.decode()
    )
    assert (
        'href="/news/draft/" class="viewsitelink">Preview as saved'
        in desk.get(change(draft)).content.decode()
    )
    term = GlossaryTerm.objects.create(title="CNI", slug="cni", summary="x")
    assert 'href="/glossary/?preview=1#cni"' in desk.get(change(term)).content.decode()
    assert desk.get("/news/draft/").status_code == 200
    assert Client().get("/news/draft/").status_code == 404


# --- lists


def test_the_list_says_state_date_and_last_change(desk: Client) -> None:
    make_news("one", title="One", date="2021-06")
    make_news("two", title="Two", publish_at=later())
    page = desk.get(NEWS).content.decode()
    assert "June 2021" in page
    assert re.search(r"Scheduled for \d+ \w+ \d{4}", page)
    assert "the site itself" in page
    NewsItem.history.all().delete()
    assert "not recorded" in desk.get(NEWS).content.decode()


def titles(response: Any) -> set[str]:
    return {item.title for item in response.context["cl"].result_list}


def test_filters_by_state_kind_and_year(desk: Client) -> None:
    make_news("a", title="draft", state=State.DRAFT, date="")
    make_news("b", title="scheduled", publish_at=later(), date="2021-01-01")
    make_news("c", title="published", kind="blog", date="2021-06-01")
    make_news("d", title="withdrawn", state=State.WITHDRAWN, withdrawn_reason="x", date="2022-01-01")
    for state in ("draft", "scheduled", "published", "withdrawn"):
        assert titles(desk.get(NEWS, {"state_is": state})) == {state}
    assert titles(desk.get(NEWS, {"year": "2021"})) == {"scheduled", "published"}
    assert titles(desk.get(NEWS, {"year": "none"})) == {"draft"}
    # No year, and one that no calendar has.
    for year in ("twenty", "0", "99999"):
        assert len(titles(desk.get(NEWS, {"year": year}))) == 4
    assert titles(desk.get(NEWS, {"kind__exact": "blog"})) == {"published"}
    assert titles(desk.get(NEWS, {"q": "publ"})) == {"published"}
    assert len(titles(desk.get(NEWS))) == 4


@pytest.mark.parametrize("year", ["0000", "99999", "2021x", "²"])
def test_a_year_that_there_is_not_narrows_nothing(desk: Client, year: str) -> None:
    make_news(title="published")
    assert titles(desk.get(NEWS, {"year": year})) == {"published"}


def test_a_list_costs_the_same_for_few_and_many(desk: Client, django_assert_max_num_queries: Any) -> None:
    for number in range(30):
        make_news(f"n{number}")
    with django_assert_max_num_queries(14):
        desk.get(NEWS)


def test_drafts_are_published_from_the_list(desk: Client) -> None:
    draft = make_news("draft", title="Ready", state=State.DRAFT)
    broken = make_news("broken", title="Broken", state=State.DRAFT)
    NewsItem.objects.filter(pk=broken.pk).update(kind="")
    public = make_news("public", title="Public")
    data = {"action": "publish_drafts", "_selected_action": [draft.pk, broken.pk, public.pk]}
    done = desk.post(NEWS, data)
    message = said(done)
    assert "Published: 1." in message
    assert "“Public” is no draft" in message
    assert "“Broken” was not published." in message
    draft.refresh_from_db()
    broken.refresh_from_db()
    assert (draft.is_public, broken.is_public) == (True, False)


def test_every_relation_is_found_by_typing(desk: Client) -> None:
    for model, model_admin in admin.site._registry.items():
        if model not in CONTENT_MODELS.values():
            continue
        relations = {
            field.name
            for field in (*model._meta.fields, *model._meta.many_to_many)
            if field.is_relation and field.editable
        }
        assert relations == set(model_admin.autocomplete_fields), model
    make_session(title="Buses and broadband")
    found = desk.get(
        "/admin/autocomplete/",
        {"app_label": "appg", "model_name": "newsitem", "field_name": "sessions", "term": "broadband"},
    ).json()
    assert [row["text"] for row in found["results"]] == ["Buses and broadband"]


@pytest.mark.parametrize("model", CONTENT_MODELS.values(), ids=CONTENT_MODELS)
def test_every_field_is_on_the_form_in_the_order_of_the_task(desk: Client, model: Any) -> None:
    page = desk.get(f"/admin/appg/{model._meta.model_name}/add/")
    fieldsets = [name for name, _ in page.context["adminform"].fieldsets]
    order = ["What it says", "When", "What it belongs to", "Sources", "Address", "Publishing"]
    assert fieldsets == [name for name in order if name in fieldsets]
    assert {"What it says", "Sources", "Address", "Publishing"} <= set(fieldsets)
    shown = {field for _, options in page.context["adminform"].fieldsets for field in options["fields"]}
    editable = {field.name for field in model._meta.fields if field.editable and not field.primary_key}
    assert editable | {field.name for field in model._meta.many_to_many} <= shown


# --- people and their terms


def term_fields(**values: str) -> dict[str, str]:
    return {f"terms-0-{name}": value for name, value in values.items()}


def test_a_term_changes_with_its_person_and_for_the_same_reason(desk: Client) -> None:
    person = make_person()
    send(desk, change(person), why="The register", **term_fields(party="Labour", end="2022-01"))
    term = person.terms.get()
    assert (term.party, term.end) == ("Labour", "2022-01")
    assert term.history.first().history_change_reason == "The register"
    assert person.history.first().history_change_reason == "The register"
    assert person.history.count() == 2


def test_a_term_that_ends_before_it_starts_is_refused(desk: Client) -> None:
    response = send(desk, change(make_person()), why="x", **term_fields(end="2019"))
    assert "The end lies before the start." in errors_of(response)


@pytest.mark.parametrize(
    ("start", "end"), [("2020-06-23", "2020"), ("2020-06-23", "2020-06"), ("2020", "2020-06"), ("", "2019")]
)
def test_a_term_may_end_within_what_is_known_of_its_start(desk: Client, start: str, end: str) -> None:
    person = make_person()
    assert send(desk, change(person), why="x", **term_fields(start=start, end=end)).status_code == 302
    term = person.terms.get()
    assert (term.start, term.end) == (start, end)


@pytest.mark.parametrize(("start", "end"), [("2020-06-23", "2019"), ("2020-06-23", "2020-05")])
def test_no_term_ends_before_it_starts_whoever_writes_it(start: str, end: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Term.objects.filter(pk=make_person().terms.get().pk).update(start=start, end=end)


def test_a_term_that_is_removed_can_be_seen_and_brought_back(desk: Client) -> None:
    person = make_person()
    send(desk, change(person), why="Not an officer", **{"terms-0-DELETE": "on"})
    assert not person.terms.exists()
    removed = Term.history.first()
    page = desk.get(f"/admin/appg/person/{person.pk}/history/").content.decode()
    version = f"/admin/appg/term/{removed.id}/history/{removed.pk}/"
    assert version in page
    assert "Not an officer" in page
    done = send(desk, version, why="An officer after all")
    assert done["Location"] == change(person)
    assert person.terms.get().party == "Independent"


def test_a_new_person_with_a_term(desk: Client) -> None:
    data = {"title": "Grace Example", "slug": "grace-example", "terms-TOTAL_FORMS": "1"}
    done = send(desk, "/admin/appg/person/add/", **data, **term_fields(office="Treasurer", uncertain="on"))
    assert done.status_code == 302
    assert Person.objects.get().terms.get().uncertain


def test_terms_have_no_desk_of_their_own(desk: Client) -> None:
    term = make_person().terms.get()
    assert "/admin/appg/term/" not in desk.get("/admin/").content.decode()
    assert desk.get("/admin/appg/term/add/").status_code == 403
    assert desk.post(change(term), {"office": "Member"}).status_code == 403
    assert desk.post(f"/admin/appg/term/{term.pk}/delete/", {"post": "yes"}).status_code == 403


def test_other_kinds_can_be_made(desk: Client) -> None:
    send(desk, "/admin/appg/publication/add/", title="R", slug="r", kind="report")
    report = Publication.objects.get()
    done = send(desk, "/admin/appg/chapter/add/", title="C", slug="c", publication=str(report.pk), order="1")
    assert done.status_code == 302
    done = send(desk, "/admin/appg/session/add/", title="S", slug="s", kind="launch", folder="session")
    assert done.status_code == 302
    assert Session.objects.get().history.get().editor_name == "Ada Okafor"
    assert report.chapters.count() == 1


def test_a_scheduled_item_that_became_public_meanwhile_asks_why(desk: Client) -> None:
    item = make_news(publish_at=later())
    data = filled(desk.get(change(item)).content.decode())
    NewsItem.objects.filter(pk=item.pk).update(publish_at=timezone.now() - timedelta(minutes=1))
    response = resend(desk, change(item), data, title="Other")
    assert "Say in a few words why" in errors_of(response)
