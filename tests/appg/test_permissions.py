"""Who may do what: the Secretariat's group, what nobody may, and what is only shown."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission, User
from django.contrib.messages import get_messages
from django.core.management import call_command
from django.test import Client

from appg.editing import correct
from appg.models import (
    CONTENT_MODELS,
    Correction,
    NewsItem,
    Redirect,
    SiteSettings,
    State,
    Upload,
)
from neighbourhoods import measures
from neighbourhoods.models import (
    Figure,
    Release,
    ReleaseFile,
)
from tests.appg import items
from tests.desk import filled, later, make_editor, make_news, make_person, send, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def superuser() -> Client:
    return signed_in(User.objects.create_superuser("root", password="a-long-password"))


def names(permissions: Any) -> set[str]:
    return {f"{found.content_type.app_label}.{found.codename}" for found in permissions}


def test_what_the_secretariat_may_do() -> None:
    may = names(Group.objects.get(name="Secretariat").permissions.select_related("content_type"))
    edited = {model._meta.model_name for model in CONTENT_MODELS.values()}
    for model in (*edited, "term"):
        assert {f"appg.{verb}_{model}" for verb in ("view", "add", "change", "delete")} <= may
    for model in ("upload", "redirect"):
        assert {f"appg.{verb}_{model}" for verb in ("view", "add", "change")} <= may
        assert f"appg.delete_{model}" not in may
    assert {"appg.view_correction", "appg.add_correction", "appg.change_sitesettings"} <= may
    assert not {"appg.change_correction", "appg.delete_correction", "appg.add_sitesettings"} & may
    elsewhere = {name for name in may if not name.startswith("appg.")}
    assert elsewhere
    assert all(name.startswith("neighbourhoods.view_") for name in elsewhere)
    assert not any("historical" in name for name in may)


@pytest.mark.django_db(transaction=True)
def test_the_group_can_be_taken_back_and_made_again() -> None:
    make_editor()
    before = names(Group.objects.get(name="Secretariat").permissions.select_related("content_type"))
    call_command("migrate", "appg", "0004", verbosity=0)
    assert not Group.objects.filter(name="Secretariat").exists()
    call_command("migrate", verbosity=0)
    group = Group.objects.get(name="Secretariat")
    assert names(group.permissions.select_related("content_type")) == before
    assert Permission.objects.filter(codename="add_publication").count() == 1


def test_accounts_are_not_the_secretariats(desk: Client) -> None:
    for address in ("user/", "user/add/", "group/"):
        assert desk.get(f"/admin/auth/{address}").status_code == 403
    assert "/admin/auth/" not in desk.get("/admin/").content.decode()


def test_who_is_not_signed_in_is_asked_to() -> None:
    response = Client().get("/admin/appg/newsitem/")
    assert response["Location"].startswith("/admin/login/")


def test_who_belongs_to_no_group_sees_nothing() -> None:
    visitor = signed_in(User.objects.create_user("nobody", is_staff=True))
    item = make_news()
    for address in (
        "",
        f"{item.pk}/change/",
        f"{item.pk}/history/",
        f"{item.pk}/history/{item.history.get().pk}/",
    ):
        assert visitor.get(f"/admin/appg/newsitem/{address}").status_code == 403
    assert visitor.get("/admin/appg/upload/choose/").status_code == 403


def test_who_may_only_look_cannot_change_or_undo() -> None:
    reader = User.objects.create_user("reader", is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_newsitem"))
    client, item = signed_in(reader), make_news()
    first = item.history.get()
    item.title = "Other"
    item.save()
    address = f"/admin/appg/newsitem/{item.pk}/change/"
    page = client.get(address).content.decode()
    assert 'name="title"' not in page
    assert 'name="_preview"' not in page
    assert client.post(address, {"title": "Mine"}).status_code == 403
    version = f"/admin/appg/newsitem/{item.pk}/history/{first.pk}/"
    assert "You may look at it, but not bring it back." in client.get(version).content.decode()
    assert client.post(version, {"why": "x"}).status_code == 403
    item.refresh_from_db()
    assert item.title == "Other"


def test_who_may_not_correct_in_public_changes_and_undoes_without_it() -> None:
    writer = User.objects.create_user("writer", is_staff=True)
    may = Permission.objects.filter(codename__in=("view_newsitem", "change_newsitem"))
    writer.user_permissions.set(may)
    client, item = signed_in(writer), make_news()
    address = f"/admin/appg/newsitem/{item.pk}/"
    asked = {"why": "x", "is_correction": "on", "correction": "It was wrong."}
    for form, values in (
        (f"{address}change/", {"title": "Other"}),
        (f"{address}history/{item.history.get().pk}/", {}),
    ):
        page = client.get(form).content.decode()
        assert 'name="why"' in page
        assert 'name="correction"' not in page
        assert send(client, form, **values, **asked).status_code == 302
    assert item.history.count() == 3
    assert not Correction.objects.exists()
    writer.user_permissions.add(Permission.objects.get(codename="add_correction"))
    assert send(client, f"{address}change/", title="Other", **asked).status_code == 302
    assert Correction.objects.get().made_by == writer


@pytest.mark.parametrize("who", ["desk", "superuser"])
def test_only_what_was_never_public_is_deleted(who: str, request: pytest.FixtureRequest) -> None:
    client: Client = request.getfixturevalue(who)
    items = {
        "published": make_news("published"),
        "withdrawn": make_news("withdrawn", state=State.WITHDRAWN, withdrawn_reason="x"),
        "scheduled": make_news("scheduled", publish_at=later()),
        "draft": make_news("draft", state=State.DRAFT),
    }
    for name, item in items.items():
        address = f"/admin/appg/newsitem/{item.pk}/"
        offered = f"{address}delete/" in client.get(f"{address}change/").content.decode()
        done = client.post(f"{address}delete/", {"post": "yes"})
        assert offered is (name in ("draft", "scheduled")), name
        assert done.status_code == (302 if name in ("draft", "scheduled") else 403), name
    assert set(NewsItem.objects.values_list("slug", flat=True)) == {"published", "withdrawn"}
    assert NewsItem.history.filter(slug="draft", history_type="-").exists()


@pytest.mark.parametrize("who", ["desk", "superuser"])
def test_no_list_offers_to_delete_many(who: str, request: pytest.FixtureRequest) -> None:
    client: Client = request.getfixturevalue(who)
    make_news()
    assert "delete_selected" not in client.get("/admin/appg/newsitem/").content.decode()
    client.post(
        "/admin/appg/newsitem/", {"action": "delete_selected", "_selected_action": [1], "post": "yes"}
    )
    assert NewsItem.objects.count() == 1


@pytest.mark.parametrize("who", ["desk", "superuser"])
def test_a_correction_stays_as_it_is(who: str, request: pytest.FixtureRequest) -> None:
    client: Client = request.getfixturevalue(who)
    made = correct(make_news(), "It was wrong.", by=None)
    address = f"/admin/appg/correction/{made.pk}/"
    page = client.get(f"{address}change/").content.decode()
    assert "It was wrong." in page
    assert client.post(f"{address}change/", {"text": "Nothing was wrong."}).status_code == 403
    assert client.post(f"{address}delete/", {"post": "yes"}).status_code == 403
    assert client.get("/admin/appg/correction/add/").status_code == 403
    assert "It was wrong." in client.get("/admin/appg/correction/").content.decode()
    assert Correction.objects.get().text == "It was wrong."


@pytest.mark.parametrize("who", ["desk", "superuser"])
def test_figures_and_releases_are_shown_and_never_changed(who: str, request: pytest.FixtureRequest) -> None:
    client: Client = request.getfixturevalue(who)
    shown = [model for model in admin.site._registry if model._meta.app_label == "neighbourhoods"]
    assert {model.__name__ for model in shown} >= {"Release", "ReleaseFile", "Neighbourhood", "Figure"}
    for model in shown:
        address = f"/admin/neighbourhoods/{model._meta.model_name}/"
        page = client.get(address).content.decode()
        assert "action-select" not in page
        assert client.get(f"{address}add/").status_code == 403
    release = make_release()
    address = f"/admin/neighbourhoods/release/{release.pk}/"
    assert client.post(f"{address}change/", {"title": "Mine"}).status_code == 403
    assert client.post(f"{address}delete/", {"post": "yes"}).status_code == 403
    release.refresh_from_db()
    assert release.title == "A release"


def make_release(**values: Any) -> Release:
    release = Release.objects.create(
        **{
            "title": "A release",
            "geography": "Wards of December 2017",
            "fingerprint": "0" * 64,
            "state": Release.State.CURRENT,
            "loaded_by_name": "Ada",
            "wards_compared": 7433,
            "report": {
                "before": {"neighbourhoods": 224},
                "after": {"neighbourhoods": 225, "figures": 4000},
                "changes": ["Grange <E05000001> joins the list"],
            },
            **values,
        }
    )
    ReleaseFile.objects.create(
        release=release,
        role="cni",
        file_name="cni.csv",
        title="Community Needs Index",
        publisher="OCSI",
        licence="OGL",
        vintage="2019",
        sha256="a" * 64,
        rows=7433,
    )
    return release


def test_a_release_shows_its_report_and_its_files(desk: Client) -> None:
    release = make_release()
    page = desk.get(f"/admin/neighbourhoods/release/{release.pk}/change/").content.decode()
    assert '<tr><th scope="row">neighbourhoods</th><td>224</td><td>225</td></tr>' in page
    assert '<tr><th scope="row">figures</th><td>0</td><td>4000</td></tr>' in page
    assert "<li>Grange &lt;E05000001&gt; joins the list</li>" in page
    assert "a" * 64 in page
    nothing = make_release(fingerprint="1" * 64, state=Release.State.SUPERSEDED, report={})
    assert "<p>None.</p>" in desk.get(f"/admin/neighbourhoods/release/{nothing.pk}/change/").content.decode()


def test_a_neighbourhood_shows_its_figures(desk: Client) -> None:
    place = items.neighbourhood(name="Grange")
    key = measures.MEASURES[0].key
    Figure.objects.create(release=place.release, neighbourhood=place, measure=key, rank=12, out_of=7433)
    page = desk.get("/admin/neighbourhoods/neighbourhood/E05000001/change/").content.decode()
    assert ">12<" in page
    assert 'name="name"' not in page
    assert 'name="_save"' not in page
    found = desk.get(
        "/admin/autocomplete/",
        {"app_label": "appg", "model_name": "newsitem", "field_name": "neighbourhoods", "term": "gran"},
    )
    assert [row["text"] for row in found.json()["results"]] == ["Grange, Northport"]


def test_the_desk_finds_areas_for_its_relations(desk: Client) -> None:
    found = desk.get(
        "/admin/autocomplete/",
        {"app_label": "appg", "model_name": "newsitem", "field_name": "neighbourhoods", "term": "x"},
    )
    assert found.json()["results"] == []


# --- settings and redirects


SETTINGS = "/admin/appg/sitesettings/1/change/"


def test_the_settings_ask_why_and_keep_how_it_was(desk: Client) -> None:
    page = desk.get(SETTINGS).content.decode()
    assert {"notice", "active_from", "active_to", "secretariat", "contact_email"} <= set(filled(page))
    response = send(desk, SETTINGS, notice="An archive.")
    assert "Say in a few words why" in response.content.decode()
    assert send(desk, SETTINGS, notice="An archive.", why="Shorter").status_code == 302
    row = SiteSettings.load()
    assert row.notice == "An archive."
    assert [entry.history_change_reason for entry in row.history.all()] == [
        "Shorter",
        "As it was before its first change here",
    ]
    first = row.history.last()
    done = send(desk, f"/admin/appg/sitesettings/1/history/{first.pk}/", why="The longer one was clearer")
    assert done.status_code == 302
    row.refresh_from_db()
    assert row.notice.startswith("This is the archived website")


def test_there_is_one_row_of_settings(desk: Client, superuser: Client) -> None:
    for client in (desk, superuser):
        assert client.get("/admin/appg/sitesettings/add/").status_code == 403
        assert client.post("/admin/appg/sitesettings/1/delete/", {"post": "yes"}).status_code == 403
    SiteSettings.objects.all().delete()
    assert superuser.get("/admin/appg/sitesettings/add/").status_code == 200


def test_dates_out_of_order_are_refused(desk: Client) -> None:
    response = send(desk, SETTINGS, active_from="01/01/2025", why="x")
    assert response.status_code == 200


def test_a_redirect_can_be_made_and_changed_but_not_removed(desk: Client) -> None:
    done = send(desk, "/admin/appg/redirect/add/", old_path="/?p=9", new_path="/news/a-piece/")
    assert done.status_code == 302
    made = Redirect.objects.get()
    assert made.automatic is False
    address = f"/admin/appg/redirect/{made.pk}/"
    assert "Say in a few words why" in send(desk, f"{address}change/", new_path="/news/b/").content.decode()
    assert send(desk, f"{address}change/", new_path="/news/b/", why="Moved").status_code == 302
    assert made.history.count() == 2
    assert desk.post(f"{address}delete/", {"post": "yes"}).status_code == 403
    bad = send(desk, "/admin/appg/redirect/add/", old_path="old", new_path="/x/")
    assert "begins with one / and has no spaces" in bad.content.decode()


@pytest.mark.parametrize(
    ("old", "new", "warning"),
    [
        ("/old/", "/news/a-piece/", ""),
        ("/?p=9", "/officers/#ada", ""),
        ("/old/", "/news/a-pice/", "Nothing that the public sees stands at /news/a-pice/"),
        ("/old/", "/news/a-draft/", "Nothing that the public sees stands at /news/a-draft/"),
        ("/news/a-piece/", "/officers/", "/news/a-piece/ is a page of this site"),
        ("/news/a-piece", "/officers/", "/news/a-piece is a page of this site"),
        ("/officers/", "/news/a-piece/", "/officers/ is a page of this site"),
    ],
)
def test_a_redirect_that_leads_nobody_anywhere_is_told(
    desk: Client, old: str, new: str, warning: str
) -> None:
    make_news()
    make_news("a-draft", state=State.DRAFT)
    done = send(desk, "/admin/appg/redirect/add/", old_path=old, new_path=new)
    told = [str(one) for one in get_messages(done.wsgi_request) if one.level_tag == "warning"]
    assert [line[: len(warning)] for line in told] == ([warning] if warning else [])
    assert Redirect.objects.get().new_path == new


def test_nobody_deletes_a_file_or_a_person_with_terms(superuser: Client) -> None:
    upload = Upload.objects.create(
        name="a.pdf", title="A", media_type="application/pdf", size=1, sha256="a" * 64
    )
    assert superuser.post(f"/admin/appg/upload/{upload.pk}/delete/", {"post": "yes"}).status_code == 403
    person = make_person(state=State.DRAFT)
    superuser.post(f"/admin/appg/person/{person.pk}/delete/", {"post": "yes"})
    person.refresh_from_db()
