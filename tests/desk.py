"""The editing desk as an editor uses it: opens a form, changes some of it, sends it as a browser would."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from datetime import timedelta
from html.parser import HTMLParser
from importlib import import_module
from typing import Any

from django.apps import apps
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.utils import timezone
from PIL import Image
from pypdf import PdfWriter

from appg.models import NewsItem, Person, Session, State, Term


def make_editor(name: str = "Ada Okafor") -> User:
    """A member of the Secretariat group; a test that empties the database takes the group along."""
    if not Group.objects.filter(name="Secretariat").exists():
        secretariat = import_module("appg.migrations.0005_secretariat")
        with connection.schema_editor() as schema:
            secretariat.make_group(apps, schema)
    first, _, last = name.partition(" ")
    editor = User.objects.create_user(
        first.lower(), password="a-long-password", first_name=first, last_name=last, is_staff=True
    )
    editor.groups.add(Group.objects.get(name="Secretariat"))
    return editor


def signed_in(editor: User) -> Client:
    client = Client()
    client.force_login(editor)
    return client


def change(item: Any) -> str:
    """Where an item of the record is changed."""
    return f"/admin/appg/{item._meta.model_name}/{item.pk}/change/"


class _Form(HTMLParser):
    """Collects what a browser would send of the largest form of a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[dict[str, Any]] = []
        self._select: tuple[str, bool] | None = None
        self._textarea: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given: dict[str, Any] = dict(attrs)
        name = given.get("name") or ""
        if tag == "form":
            self.forms.append({})
        elif not self.forms:
            return
        elif tag == "input" and name and given.get("type") not in ("submit", "file"):
            if given.get("type") not in ("checkbox", "radio") or "checked" in given:
                self.forms[-1][name] = given.get("value") or ("on" if given.get("type") == "checkbox" else "")
        elif tag == "textarea":
            self._textarea = name
            self.forms[-1][name] = ""
        elif tag == "select":
            self._select = (name, "multiple" in given)
            if "multiple" in given:
                self.forms[-1][name] = []
        elif tag == "option" and self._select and "selected" in given:
            chosen, many = self._select
            if many:
                self.forms[-1][chosen].append(given.get("value"))
            else:
                self.forms[-1][chosen] = given.get("value") or ""

    def handle_data(self, data: str) -> None:
        if self._textarea is not None:
            self.forms[-1][self._textarea] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._textarea is not None:
            text = self.forms[-1][self._textarea]
            self.forms[-1][self._textarea] = text.removeprefix("\r\n").removeprefix("\n")
            self._textarea = None
        if tag == "select":
            self._select = None


def filled(html: str) -> dict[str, Any]:
    """What is in the form of a page."""
    reader = _Form()
    reader.feed(html)
    return max(reader.forms, key=len)


def send(client: Client, address: str, *, button: str = "_continue", **changes: Any) -> Any:
    """Open a form, change some fields, press a button. What is set to None is left out, like an empty box."""
    data = filled(client.get(address).content.decode())
    return resend(client, address, data, button=button, **changes)


def resend(
    client: Client, address: str, data: dict[str, Any], *, button: str = "_continue", **changes: Any
) -> Any:
    data = {**data, **changes, button: "x"}
    return client.post(address, {name: value for name, value in data.items() if value is not None})


def errors_of(response: Any) -> str:
    """Everything that a form complains about, in one text."""
    assert response.status_code == 200, response.status_code
    form = response.context["adminform"].form if "adminform" in response.context else response.context["form"]
    inline = [
        message
        for formset in response.context.get("inline_admin_formsets", [])
        for found in formset.formset.errors
        for messages in found.values()
        for message in messages
    ]
    return " ".join([*(str(message) for found in form.errors.values() for message in found), *inline])


def said(response: Any) -> str:
    """The messages that the page after a form shows."""
    from django.contrib.messages import get_messages

    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def make_news(slug: str = "a-piece", **values: Any) -> NewsItem:
    return NewsItem.objects.create(
        **{
            "title": "A piece of news",
            "slug": slug,
            "kind": NewsItem.Kind.NEWS,
            "date": "2021-06-29",
            "body": "<p>The group met.</p>",
            "state": State.PUBLISHED,
            **values,
        }
    )


def make_session(slug: str = "a-session", **values: Any) -> Session:
    return Session.objects.create(
        **{
            "title": "A session",
            "slug": slug,
            "kind": Session.Kind.EVIDENCE,
            "folder": "evidence",
            "date": "2020-09-22",
            "state": State.PUBLISHED,
            **values,
        }
    )


def make_person(slug: str = "ada-example", **values: Any) -> Person:
    person = Person.objects.create(
        **{"title": "Ada Example MP", "slug": slug, "state": State.PUBLISHED, **values}
    )
    Term.objects.create(person=person, office=Term.Office.CHAIR, start="2020-06", party="Independent")
    return person


def later() -> Any:
    return timezone.now() + timedelta(days=7)


# --- files


def png(size: tuple[int, int] = (40, 30), **options: Any) -> bytes:
    return picture("PNG", size, **options)


def picture(kind: str, size: tuple[int, int] = (40, 30), **options: Any) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", size, (166, 61, 30)).save(written, kind, **options)
    return written.getvalue()


def pdf(pages: int = 3) -> bytes:
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(200, 300)
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


def archived(parts: Mapping[str, str | bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as made:
        for name, text in parts.items():
            made.writestr(name, text)
    return written.getvalue()


DOCX = {"[Content_Types].xml": "<Types/>", "word/document.xml": "<w:document/>"}
XLSX = {"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<workbook/>"}
ODT = {"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<x/>"}
ODS = {"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<x/>"}
