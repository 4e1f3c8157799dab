"""Requests that are more than this site takes, or other: a plain 4xx before anything is looked at.

The numbers are those of ``limits``. What is published needs none of this (see ``serving.application``):
nothing but a known address is looked up there.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse

from leftbehind_site.common import limits
from leftbehind_site.common.responses import READING
from leftbehind_site.serving.clients import AGAIN_AFTER, Body, content_length

WRITING: Final = (*READING, "POST")
"""Methods of the editing desk."""

_Refusal = tuple[HTTPStatus, str]

_WHY: Final = {
    HTTPStatus.REQUEST_TIMEOUT: (
        f"What was announced did not come in time. Up to {limits.BODY_SECONDS} seconds are taken, or"
        f" {limits.BODY_RATE // limits.KILOBYTE} KB a second. Nothing was changed."
    ),
    HTTPStatus.SERVICE_UNAVAILABLE: (
        "Too much is being sent here at this moment. Please send it again in a few seconds. Nothing was"
        " changed."
    ),
}


def of_desk(request: HttpRequest) -> bool:
    """Whether a request is for the editing desk; a frozen site has none."""
    try:
        return request.path_info.startswith(reverse("admin:index"))
    except NoReverseMatch:
        return False


class Guard:
    """Middleware that answers what is too long, too large, too slow, or in a method that nothing here knows.

    It is inside of all that adds headers, so that these answers have them too, and before anything that reads
    a form: only the editing desk has any.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request."""
        inside = of_desk(request)
        methods = WRITING if inside else READING
        if not inside:
            # Django would answer a malformed cookie with a new one, on any page.
            request.META.pop("CSRF_COOKIE_NEEDS_UPDATE", None)
        refused = _head(request, methods) or (_form(request) if inside else None)
        if refused is None:
            return self.get_response(request)
        status, why = refused
        response = HttpResponse(f"{why}\n", status=status, content_type="text/plain; charset=utf-8")
        # Whatever else is on its way is not waited for.
        response["Connection"] = "close"
        if status == HTTPStatus.METHOD_NOT_ALLOWED:
            response["Allow"] = ", ".join(methods)
        if status == HTTPStatus.SERVICE_UNAVAILABLE:
            response["Retry-After"] = str(AGAIN_AFTER)
        return response


def _head(request: HttpRequest, methods: tuple[str, ...]) -> _Refusal | None:
    """What is wrong with a request's line or headers."""
    for what, size, most, status in (
        (
            "address",
            len(request.path_info.encode(errors="replace")),
            limits.PATH_BYTES,
            HTTPStatus.REQUEST_URI_TOO_LONG,
        ),
        (
            "query of an address",
            len(request.META.get("QUERY_STRING", "")),
            limits.QUERY_BYTES,
            HTTPStatus.REQUEST_URI_TOO_LONG,
        ),
        (
            "request’s cookies",
            len(request.META.get("HTTP_COOKIE", "")),
            limits.COOKIE_BYTES,
            HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
        ),
    ):
        if size > most:
            return status, f"The {what} may have {most:,} bytes. This one has {size:,}."
    # As it came: Django writes a method in capitals, and one in small letters is another one.
    if request.META["REQUEST_METHOD"] not in methods:
        return HTTPStatus.METHOD_NOT_ALLOWED, f"This address knows {' and '.join(methods)}, nothing else."
    return None


def _form(request: HttpRequest) -> _Refusal | None:
    """What is wrong with what is sent to the editing desk."""
    return (None if request.META["REQUEST_METHOD"] in READING else _body(request)) or _text(request)


def _body(request: HttpRequest) -> _Refusal | None:
    """What is wrong with a request's body; it is there as a whole afterwards."""
    if "HTTP_TRANSFER_ENCODING" in request.META:
        return HTTPStatus.LENGTH_REQUIRED, "A form is taken only with its length (Content-Length)."
    length = content_length(request.META.get("CONTENT_LENGTH", ""))
    if length is None:
        return HTTPStatus.BAD_REQUEST, "The length of what is sent (Content-Length) has to be a number."
    if length > limits.BODY_BYTES:
        most = limits.BODY_BYTES
        return (
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"A form may have {most:,} bytes with its file. This one has {length:,}.",
        )
    body = request.META["wsgi.input"]
    status = body.receive() if isinstance(body, Body) else HTTPStatus.OK
    return None if status == HTTPStatus.OK else (status, _WHY[status])


def _text(request: HttpRequest) -> _Refusal | None:
    """Whether something that is meant for the editing desk is no text; the public pages say so themselves.

    No field of a browser can hold this character, and PostgreSQL takes it in no value, not even to look for.
    """
    given = [request.GET] if request.method in READING else [request.GET, request.POST]
    values = (value for values in given for _, found in values.lists() for value in found)
    if "\0" in request.path_info or any("\0" in str(value) for value in values):
        return HTTPStatus.BAD_REQUEST, "A value holds a character that is no text (NUL)."
    return None
