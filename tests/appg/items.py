"""Items of every kind, made with as little as a test has to say."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.utils import timezone

from appg.models import (
    ARCHIVED_AT,
    Chapter,
    Correction,
    Coverage,
    GlossaryTerm,
    Item,
    NewsItem,
    Page,
    Person,
    Publication,
    Question,
    Session,
    State,
    Term,
    TimelineEvent,
    Upload,
)
from neighbourhoods.models import (
    Constituency,
    ConstituencyShare,
    LocalAuthority,
    Neighbourhood,
    Region,
    Release,
)

_numbers = count(1)

DRAFT: dict[str, Any] = {"state": State.DRAFT, "publish_at": None}
WITHDRAWN: dict[str, Any] = {"state": State.WITHDRAWN, "withdrawn_reason": "The figures were wrong."}


def future() -> dict[str, Any]:
    """The values of a scheduled item."""
    return {"state": State.PUBLISHED, "publish_at": timezone.now() + timedelta(days=1)}


def _item(model: Any, **values: Any) -> Any:
    number = next(_numbers)
    many = {key: values.pop(key) for key in ("publications", "sessions", "neighbourhoods") if key in values}
    defaults = {
        "title": f"{model._meta.verbose_name.capitalize()} {number}",
        "slug": f"{model._meta.model_name}-{number}",
        "state": State.PUBLISHED,
        "publish_at": ARCHIVED_AT,
    }
    item = model(**{**defaults, **values})
    item.full_clean()
    item.save()
    for key, others in many.items():
        getattr(item, key).set(others)
    return item


def session(**values: Any) -> Session:
    return _item(Session, **{"kind": "evidence", "folder": "evidence", "date": "2021-01-26", **values})


def news(**values: Any) -> NewsItem:
    return _item(NewsItem, **{"kind": "news", "date": "2021-06-29", **values})


def publication(**values: Any) -> Publication:
    return _item(Publication, **{"kind": "report", "date": "2021-03", "placed": "2021-03-01", **values})


def chapter(**values: Any) -> Chapter:
    if "publication" not in values:
        values["publication"] = publication()
    return _item(Chapter, **{"order": next(_numbers), **values})


def page(**values: Any) -> Page:
    return _item(Page, **values)


def question(**values: Any) -> Question:
    return _item(Question, **{"order": next(_numbers), "body": "<p>An answer.</p>", **values})


def word(**values: Any) -> GlossaryTerm:
    return _item(GlossaryTerm, **{"summary": "What it means.", **values})


def coverage(**values: Any) -> Coverage:
    defaults = {"outlet": "The Paper", "url": "https://www.example.org/piece", "date": "2021-02-25"}
    return _item(Coverage, **{**defaults, **values})


def event(**values: Any) -> TimelineEvent:
    return _item(TimelineEvent, **{"date": "2020-07-14", **values})


def person(*terms: dict[str, Any], **values: Any) -> Person:
    made = _item(Person, **values)
    for term in terms:
        Term.objects.create(person=made, **{"office": "Chair", **term})
    return made


MAKERS: dict[str, Callable[..., Any]] = {
    "session": session,
    "news": news,
    "publication": publication,
    "chapter": chapter,
    "page": page,
    "question": question,
    "word": word,
    "coverage": coverage,
    "event": event,
    "person": person,
}
"""Every kind of item by a short name."""

PAGED = ("session", "news", "publication", "chapter", "page")
"""The kinds that have a page each."""


def correction(item: Item, text: str = "The number was 225, not 206.", **values: Any) -> Correction:
    return Correction.objects.create(
        content_type=ContentType.objects.get_for_model(item),
        object_id=item.pk,
        title=item.title,
        path=item.get_absolute_url(),
        text=text,
        **values,
    )


def upload(name: str, data: bytes, media_type: str = "text/plain", **values: Any) -> Upload:
    """A file that an editor has put on the site; whoever makes it says where media lie."""
    made = Upload(
        name=name,
        media_type=media_type,
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        **{"title": name, **values},
    )
    made.file.save(name, ContentFile(data))
    return made


def neighbourhood(code: str = "E05000001", name: str = "Old Mill") -> Neighbourhood:
    """A listed neighbourhood with its areas and a release, which has no figures."""
    region, _ = Region.objects.get_or_create(code="E12000001", defaults={"name": "North East"})
    authority, _ = LocalAuthority.objects.get_or_create(
        code="E06000001", defaults={"name": "Northport", "region": region}
    )
    release, _ = Release.objects.get_or_create(
        fingerprint="0" * 64,
        defaults={
            "title": "A release",
            "geography": "wards",
            "state": "current",
            "loaded_by_name": "a test",
            "wards_compared": 20,
            "report": {},
        },
    )
    return Neighbourhood.objects.create(
        code=code,
        name=name,
        authority=authority,
        authority_2017=authority,
        longitude="-1.5",
        latitude="54.9",
        release=release,
    )


def constituency(name: str = "Sedgefield", code: str = "E14000915") -> Constituency:
    """A constituency of 2010 that holds a listed neighbourhood."""
    made = Constituency.objects.create(code=code, name=name, drawn=2010)
    place = neighbourhood("E05000077", "Ferryhill")
    ConstituencyShare.objects.create(neighbourhood=place, constituency=made, main=True)
    return made
