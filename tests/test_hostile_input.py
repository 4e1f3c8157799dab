"""Whatever is written into an address or a field, the answer is one of the site's own, and no fault."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.neighbourhoods.factory import code, make_release

pytestmark = pytest.mark.django_db

REQUESTS = 1200
SEED = 20240331

HOSTILE = (
    *(
        "\x00",
        "a\x00b",
        "\u202e\ufeff",
        "é" * 300,
        "\U0001f600",
        "\ud7ff\uffff",
        "%FF%FE",
        "%",
        "%%00",
        "\r\n X: y",
    ),
    *(
        "' OR 1=1 --",
        '"; DROP TABLE neighbourhoods_ward; --',
        "1) UNION SELECT 1",
        "<script>alert(1)</script>",
    ),
    *(
        "{{ 7*7 }}",
        "${jndi:ldap://x}",
        "../../etc/passwd",
        "..%2f..%2f",
        "//evil.test",
        "javascript:alert(1)",
    ),
    *(
        "x" * 10_000,
        "-1",
        "0",
        "9" * 40,
        "1e309",
        "NaN",
        "١٢٣",
        "true",
        "None",
        "[]",
        ".",
        "..",
        " ",
        "a.pdf",
        "a.json.exe",
    ),
    *(
        "E05999999",
        "e05000001",
        "E0500000\u0661",
        "W07000041",
        "SW1A 0AA",
        "grange",
        "cni",
        "three-corners",
        "2020",
        "0000",
    ),
)
PARAMETERS = (
    "q",
    "codes",
    "page",
    "p",
    "page_id",
    "cat",
    "year",
    "sort",
    "format",
    "next",
    "preview",
    "s",
    "feed",
)


def patterns(resolver: URLResolver, before: str = "") -> Iterator[str]:
    """Every pattern of the site as one text, the admin's own apart."""
    for one in resolver.url_patterns:
        written = before + str(one.pattern)
        if written.startswith("admin/"):
            continue
        if isinstance(one, URLPattern):
            yield written
        else:
            yield from patterns(one, written)


def filled(pattern: str, chance: random.Random) -> str:
    """A pattern with something hostile wherever it takes something."""

    def some(_: object) -> str:
        value = chance.choice((*HOSTILE, code(0), code(1)))
        return quote(value, safe=chance.choice(("", "/%", "%")))

    text = re.sub(r"<[^>]+>", some, re.sub(r"\(\?P<\w+>(?:[^()]|\([^()]*\))*\)", "<x>", pattern))
    return "/" + re.sub(r"\(\?:|[\\^$?()|*]", "", text) if "(" in pattern else f"/{text}"


def addresses(chance: random.Random) -> Iterator[str]:
    every = sorted(set(patterns(get_resolver())))
    assert len(every) > 30
    for number in range(REQUESTS):
        path = filled(every[number % len(every)], chance)
        names = chance.sample(PARAMETERS, chance.randrange(4))
        query = "&".join(f"{name}={quote(chance.choice(HOSTILE))}" for name in names)
        yield f"{path}?{query}" if query else path


def test_nothing_that_is_written_makes_a_fault() -> None:
    make_release()
    client = Client(raise_request_exception=False)
    wrong = []
    for address in addresses(random.Random(SEED)):
        response = client.get(address)
        kind = response.get("Content-Type", "")
        own = (
            not kind.startswith("text/html")
            or response.status_code < 400
            or "no longer updated" in response.text
        )
        if response.status_code >= 500 or not own:
            wrong.append((response.status_code, address[:300]))

    assert wrong == []
