"""kill -9 in the saving of an item: at each of its statements."""

from __future__ import annotations

import json

from tests.faults.site import FaultSite, promise

KILLS = """
import json
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.urls import reverse
from appg.models import NewsItem
from tests.desk import filled
from tests.faults.forked import killed_at_statement
TABLES = ("appg_newsitem", "appg_historicalnewsitem", "appg_redirect", "appg_correction", "django_admin_log",
          "leftbehind_site_change")
def state():
    found = []
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT * FROM {table} ORDER BY 1")
            found.append(repr(cursor.fetchall()))
    return found
item = NewsItem.objects.get(slug="first")
client = Client(SERVER_NAME="leftbehind.test")
client.force_login(User.objects.get(username="ada"))
path = reverse("admin:appg_newsitem_change", args=[item.pk])
form = filled(client.get(path).content.decode())
form.update(title="Second title", slug="second", why="Both", is_correction="on", _continue="x",
            correction="Both were wrong.", confirm_address="on")
def save():
    response = client.post(path, {name: value for name, value in form.items() if value is not None})
    assert response.status_code == 302, response.content.decode()
before, step, every = state(), 0, int(sys.argv[1])
steps = 0
# The last statements come after the change is written: who is killed there has saved it.
while state() == before and killed_at_statement(step, save):
    steps += 1
    step += every
unchanged = [table for table, old, new in zip(TABLES, before, state()) if old == new]
sys.stdout.write(json.dumps([steps, step, unchanged]))
"""


def run(site: FaultSite, number: int) -> list[str]:
    """Save title, address, reason and correction in one form, killed at every so-manyth statement."""
    done = site.python("-c", f"import django, sys, time\ndjango.setup()\n{KILLS}", number, **_settings())
    promise(done.returncode == 0, done.stderr)
    steps, last, unchanged = json.loads(done.stdout)
    promise(steps > 2, f"only {steps} statements were tried")
    promise(not unchanged, f"half of a change was left behind: without {unchanged}")
    return [
        f"an edit killed {steps} times, at statements 0 to {last - number}: nothing of it, until all of it",
        "all of it: item, version, redirect, correction, log, generation",
    ]


def _settings() -> dict[str, str]:
    return {"DJANGO_SETTINGS_MODULE": "tests.settings"}
