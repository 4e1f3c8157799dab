"""What the log keeps of a request: its id and its path, never what was asked for behind it.

Postcodes and searches are typed into addresses (``/search/?q=``), so no line may hold an address's query, nor
the message of an error that a search ran into, which may quote what it choked on.

Every line about a request carries the request's id, made here or taken from the front server.
"""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django_guid import get_guid
from django_guid.middleware import guid_middleware
from pythonjsonlogger.json import JsonFormatter

NO_ID: Final = "-"
"""Stands in a line that is about no request."""

_QUERY: Final = re.compile(r"\?\S*")

_ID: Final = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
"""What front servers send: 32 hexadecimal digits, or the same as a UUID."""

_HEADER: Final = "HTTP_X_REQUEST_ID"


def well_formed(request_id: str) -> bool:
    """Whether a text can be the id of a request.

    Args:
        request_id: As a front server sent it, or somebody in its place.
    """
    return _ID.fullmatch(request_id) is not None


def request_id() -> str:
    """The id of the request that is being answered; ``NO_ID`` where there is none."""
    return get_guid() or NO_ID


def identified(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: gives the request an id, the front server's if there is one that may be believed."""
    answer = guid_middleware(get_response)

    def middleware(request: HttpRequest) -> HttpResponse:
        if not (settings.TRUST_PROXY_HEADERS and well_formed(request.META.get(_HEADER, ""))):
            request.META.pop(_HEADER, None)
        response: HttpResponse = answer(request)
        return response

    return middleware


class WithoutQueries(logging.Filter):
    """Takes the query out of the lines that Django writes about requests, and adds the request's id."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record where it has to be; none is dropped."""
        record.request_id = request_id()
        if record.name == "django.server" and isinstance(record.args, tuple):
            # The development server gives the request line as it came.
            record.args = tuple(_QUERY.sub("", a) if isinstance(a, str) else a for a in record.args)
        request = getattr(record, "request", None)
        if record.exc_info and record.exc_info[1] and getattr(request, "path", "") == reverse("search"):
            record.exc_text = _without_messages(record.exc_info[1])
            # A formatter that knows no ``exc_text`` would write the messages after all.
            record.exc_info = None
        return True


class Seldom(logging.Filter):
    """Lets one line a minute pass, of what says the same over and over."""

    def __init__(self) -> None:
        super().__init__()
        self._not_before = 0.0

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the last one was long enough ago."""
        if record.created < self._not_before:
            return False
        self._not_before = record.created + 60
        return True


def _without_messages(error: BaseException) -> str:
    """A traceback that says where and what kind an error was, and what caused it, but not in its words."""
    lines: list[str] = []
    now: BaseException | None = error
    while now is not None:
        lines = [*traceback.format_tb(now.__traceback__), f"{type(now).__qualname__}\n", *lines]
        now = now.__cause__ or now.__context__
    return "".join(lines).rstrip()


class OfAccess(logging.Filter):
    """Gives a line of the production server's access log its parts, among them the front server's id."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record; none is dropped."""
        if isinstance(record.args, dict):
            parts = dict(record.args)
            sent = str(parts.get(SENT_ID, ""))
            parts[SENT_ID] = record.request_id = sent if well_formed(sent) else NO_ID
            record.args = parts
            record.method, record.path, record.status_code = parts["method"], parts["path"], parts["status"]
            record.milliseconds = round(parts["dt_ms"], 1)
        return True


SENT_ID: Final = "_h0"
"""The name under which the server hands over the first header that its log asks for."""


class JsonLine(JsonFormatter):
    """Writes a record as one JSON object on one line.

    It has ``time`` (UTC, ISO 8601), ``level``, ``logger``, ``request_id`` and ``message``, ``exc_info`` for
    an error, and what else the code that wrote it gave, as far as it is text or a number: Django also hands
    over the request, which would bring its query along, and the statements that it runs.
    """

    def __init__(self) -> None:
        super().__init__(
            ["levelname", "name", "request_id", "message"],
            rename_fields={"levelname": "level", "name": "logger"},
            reserved_attrs=[*_OF_EVERY_RECORD, "sql", "params", "server_time"],
        )

    def add_fields(
        self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]
    ) -> None:
        """Put the time first, and leave out what is not plain."""
        log_data["time"] = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        super().add_fields(log_data, record, message_dict)
        for name in [name for name, value in log_data.items() if not isinstance(value, str | int | float)]:
            del log_data[name]
        log_data.setdefault("request_id", NO_ID)


_OF_EVERY_RECORD: Final = (*vars(logging.makeLogRecord({})), "message", "asctime")
"""What the library itself keeps in a record."""
