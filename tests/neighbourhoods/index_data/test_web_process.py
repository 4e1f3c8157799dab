"""The web process serves figures; it never reads files, and never imports what reads them."""

from __future__ import annotations

import json

import pytest

from tests.neighbourhoods.sites import SiteDatabase, succeeded

pytestmark = pytest.mark.once

SERVE = """
import json, os, sys
import leftbehind_site.wsgi
from django.test import Client
from django.urls import get_resolver

get_resolver().reverse_dict
client = Client(headers={"host": "leftbehind.test"})
paths = ["/healthz", "/", "/neighbourhoods/", "/neighbourhoods/E05000001/grange/", "/sitemap.xml"]
answers = [client.get(path, secure=True).status_code for path in paths]
print(json.dumps([answers, sorted(set(sys.modules) & {"pandas", "numpy", "shapely", "tqdm"})]))
"""


def test_it_answers_without_pandas_or_any_other_of_the_loading_libraries(site: SiteDatabase) -> None:
    assert json.loads(succeeded(site.run("-c", SERVE))) == [[200] * 5, []]
