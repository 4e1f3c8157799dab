"""The production server with two workers: what is published, and that every change is seen."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from leftbehind_site.finishing import OF_THE_ANSWER
from leftbehind_site.serving.watching import INTERVAL, Watcher
from tests.desk import filled
from tests.neighbourhoods.sites import SiteDatabase, script, site_database, succeeded
from tests.servers import Server, site_environment
from tests.waiting import PATIENCE

pytestmark = pytest.mark.django_db

PASSWORD = "only-for-this-test"
SECOND = 1.0


@dataclass
class Site(Server):
    """The server on a database that other processes write to as well."""

    database: SiteDatabase = field(kw_only=True)


def site_of(database: SiteDatabase, folder: Path, static: Path, **variables: str) -> Site:
    environment = {**site_environment(folder, database.url, static=static), **variables}
    return Site(environment, folder / f"{environment['PORT']}.log", database=database)


@pytest.fixture(scope="module")
def running(
    tmp_path_factory: pytest.TempPathFactory,
    collected: Path,
    django_db_setup: None,  # noqa: ARG001
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[Site]:
    """A server on a database with a piece of news and an editor."""
    folder = tmp_path_factory.mktemp("fresh")
    with django_db_blocker.unblock(), site_database(folder) as database:
        succeeded(database.manage("migrate", "--verbosity", 0))
        made = site_of(database, folder, collected)
        made.environment["DJANGO_SUPERUSER_PASSWORD"] = PASSWORD
        account = ("--username", "editor", "--email", "", "--no-input", "--verbosity", "0")
        made.manage("createsuperuser", *account)
        with made.running():
            yield made


@pytest.fixture
def server(running: Site) -> Site:
    """The same, with a piece of news as a test finds it, and its page published."""
    # What it says now and never said before tells it from what an earlier test has left.
    summary = f"As of {time.time_ns()}."
    change(
        running.database,
        "from appg.models import *\nNewsItem.objects.all().delete()\n"
        "NewsItem.objects.create(title='First title', slug='first', state='published', kind='news',"
        f" summary='{summary}')\n",
    )
    running.wait(lambda: everybody_says(running, "/news/first/", summary) and running.kept("/news/first/"))
    return running


def change(database: SiteDatabase, text: str, *values: object) -> str:
    """Change something from a process that has nothing to do with the server; what it printed."""
    return succeeded(database.run(*script(text, *values)))


def everybody_says(server: Site, path: str, text: str) -> bool:
    """Whether each worker has a text at an address."""
    return all(text.encode() in body for body in server.everywhere(path))


def seen(server: Site, until: Callable[[], bool]) -> None:
    """Everybody comes to see it, and nobody sees something else afterwards."""
    server.wait(until)
    assert until()


NEWS = "from appg.models import *\nitem = NewsItem.objects.get(slug='first')\n"


SCHEDULE = """
from datetime import timedelta
from django.utils import timezone
from appg.models import NewsItem
hour = timezone.now() + timedelta(seconds=int(sys.argv[1]))
NewsItem.objects.update_or_create(
    slug="then", defaults={"title": "Then", "kind": "news", "state": "published", "publish_at": hour})
sys.stdout.write(str(hour.timestamp()))
"""


def test_a_change_from_elsewhere_is_seen_by_everybody(server: Site) -> None:
    change(server.database, f"{NEWS}NewsItem.objects.filter(pk=item.pk).update(title='Second title')")
    seen(server, lambda: everybody_says(server, "/news/first/", "Second title"))
    server.wait(lambda: server.kept("/news/first/"))
    assert everybody_says(server, "/news/first/", "Second title")


def test_a_withdrawal_and_a_deletion_are_seen_by_everybody(server: Site) -> None:
    change(server.database, f"{NEWS}item.state, item.withdrawn_reason = 'withdrawn', 'Wrong.'\nitem.save()")
    seen(server, lambda: everybody_says(server, "/news/first/", "Wrong."))
    change(server.database, f"{NEWS}NewsItem.objects.all().delete()")
    seen(server, lambda: {server.status("/news/first/") for _ in range(12)} == {404})


def test_it_is_looked_for_so_often_that_a_second_is_enough(tmp_path: Path) -> None:
    """What a clock beside a busy server could not prove."""
    watcher = Watcher(tmp_path)
    assert watcher._pause() == INTERVAL < SECOND / 2
    for left, most in ((timedelta(days=1), INTERVAL), (timedelta(seconds=0.1), 0.1), (-timedelta(1), 0.001)):
        watcher._generation.next_hour = timezone.now() + left
        assert 0 < watcher._pause() <= most


def test_a_scheduled_item_is_there_from_its_hour_on(server: Site) -> None:
    def scheduled(seconds: int) -> tuple[float, int, bool]:
        """Its hour; and until then its page's status, and whether it is in the list."""
        hour = float(change(server.database, SCHEDULE, seconds))
        status = server.status("/news/then/")
        server.wait(lambda: server.kept("/news/"))
        return hour, status, any(b"/news/then/" in body for body in server.everywhere("/news/"))

    # As soon as all of that is asked before the hour.
    found = next((one for one in map(scheduled, (20, 60, 180)) if time.time() < one[0]), None)
    assert found, "no answers within three minutes"
    hour, *before = found
    assert before == [404, False]
    seen(server, lambda: everybody_says(server, "/news/", "/news/then/"))
    assert time.time() >= hour


def test_an_editor_sees_a_change_at_once(server: Site) -> None:
    """Over one connection, so in one worker: the answer after the change shows it."""
    connection = server.connect()

    def ask(
        method: str, path: str, form: dict[str, str] | None = None, cookies: str = ""
    ) -> tuple[int, str, str]:
        body = urlencode(form) if form else None
        headers = {"Cookie": cookies, "Referer": server.environment["SITE_URL"] + path}
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, body=body, headers=headers)
        response = connection.getresponse()
        text = response.read().decode()
        cookies = "; ".join(
            one.split(";")[0] for name, one in response.getheaders() if name.lower() == "set-cookie"
        )
        return response.status, text, cookies

    _, _, token = ask("GET", "/admin/login/")
    form = {"username": "editor", "password": PASSWORD, "csrfmiddlewaretoken": token.partition("=")[2]}
    status, _, cookies = ask("POST", "/admin/login/", form, token)
    assert status == 302
    _, before, _ = ask("GET", "/")
    assert "Closed for good." not in before
    path = "/admin/appg/sitesettings/1/change/"
    _, page, _ = ask("GET", path, cookies=cookies)
    status, said, _ = ask(
        "POST", path, {**filled(page), "notice": "Closed for good.", "why": "It is."}, cookies
    )
    assert status == 302, said
    _, after, _ = ask("GET", "/")
    assert "Closed for good." in after
    connection.close()


def test_what_is_published_is_what_django_says(server: Site) -> None:
    """Each address over http, from the folder and, past it, from Django."""
    server.settled()
    index = (server.published / "current" / "index").read_text()
    paths = [line.partition("\t")[0] for line in index.splitlines() if line.startswith("/")]
    assert len(paths) > 20
    for path in paths:
        status, headers, body = server.get(path)
        assert "etag" in headers, path
        there = server.get(f"{path}?" if path.startswith("/static/") else f"{path}?x")
        apart = OF_THE_ANSWER | {"accept-ranges", "date"}
        named = {name: value for name, value in headers.items() if name not in apart}
        assert (status, body) == (there[0], there[2]), path
        assert headers["server"] == there[1]["server"] == "archive", path
        assert named == {name: value for name, value in there[1].items() if name not in apart}, path


@pytest.mark.parametrize("by_hand", [False, True])
def test_what_is_published_may_be_removed_under_the_server(server: Site, by_hand: bool) -> None:
    """Nobody is told anything but the page, and it is published anew, by whomever."""
    server.settled()
    before = server.get("/news/first/")[2]
    shutil.rmtree(server.published, ignore_errors=True)
    if by_hand:
        server.manage("publish")
    began = time.monotonic()
    while not server.whole() or time.monotonic() - began < SECOND:
        assert server.get("/news/first/")[::2] == (200, before)
        assert server.status("/robots.txt") == 200
        assert time.monotonic() - began < PATIENCE
    server.wait(lambda: server.kept("/news/first/"))


def test_while_the_code_on_disk_is_another_nothing_is_published_or_removed(
    server: Site, collected: Path, tmp_path: Path
) -> None:
    """As between an upgrade's commands and the restart: one attempt, not one after the other."""
    static = Path(shutil.copytree(collected, tmp_path / "static"))
    own = site_of(server.database, tmp_path, static)
    own.environment["WORKERS"] = "1"
    with own.running():
        own.wait(own.whole)
        former = own.published / (own.published / "current").readlink()
        with (static / "staticfiles.json").open("a") as manifest:
            manifest.write("\n")
        change(server.database, f"{NEWS}NewsItem.objects.filter(pk=item.pk).update(title='Second title')")
        own.wait(lambda: "The publisher ended with 1" in own.log.read_text())
        time.sleep(3 * SECOND)
        assert own.log.read_text().count("Not published: the code or the settings on disk") == 1
        assert own.log.read_text().count("The publisher ended with 1") == 1
        assert b"Second title" in own.get("/news/first/")[2]
        assert (former / "index").exists()


def test_a_page_outlives_a_restart(server: Site, collected: Path) -> None:
    server.settled()
    tag = server.get("/news/first/")[1]["etag"]
    other = site_of(server.database, server.published.parent, collected)
    other.environment["SITE_URL"] = server.environment["SITE_URL"]
    before = (server.published / "current" / "index").stat().st_mtime_ns
    with other.running():
        assert other.get("/news/first/", Host=f"127.0.0.1:{server.port}")[1]["etag"] == tag
        assert (server.published / "current" / "index").stat().st_mtime_ns == before


def test_another_host_sees_a_change_and_publishes_for_itself(server: Site, collected: Path) -> None:
    """It shares the database and the uploads, and has a published folder of its own."""
    folder = server.published.parent
    elsewhere = {"PUBLISHED_ROOT": str(folder / "published-elsewhere")}
    other = site_of(server.database, folder, collected, **elsewhere)
    hosts = (server, other)

    def all_say_it() -> bool:
        return all(everybody_says(host, "/news/first/", "Second title") for host in hosts)

    with other.running():
        other.wait(other.whole)
        change(server.database, f"{NEWS}item.title = 'Second title'\nitem.save()")
        seen(server, all_say_it)
        for host in hosts:
            host.wait(partial(host.kept, "/news/first/"))
        assert all_say_it()
