"""A clock that jumps: hours, years, over the days on which clocks change, and back (libfaketime)."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.utils.http import parse_http_date

from tests.faults.site import NEWS, Answer, FaultSite, promise, wait
from tests.servers import TURNS

HOUR, YEAR = 3600, 365 * 24 * 3600
THEN = "/news/then/"
AWAY = {"4 hours": 4 * HOUR, "10 years": 10 * YEAR}
CHANGES = {
    "summer time begins": datetime(2027, 3, 28, 1, tzinfo=UTC),
    "summer time ends": datetime(2027, 10, 31, 1, tzinfo=UTC),
}

SCHEDULE = """
from datetime import UTC, datetime
from appg.models import NewsItem
hour = datetime.fromtimestamp(float(sys.argv[1]), UTC)
NewsItem.objects.update_or_create(
    slug="then", defaults={"title": "Then", "kind": "news", "state": "published", "publish_at": hour})
"""

RENAME = "from appg.models import NewsItem\nNewsItem.objects.filter(slug='first').update(title=sys.argv[1])"


def library() -> Path | None:
    """Where libfaketime lies on this machine."""
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")) if shutil.which("faketime") else []
    return found[0] if found else None


@dataclass
class Clock:
    """The server's clock, and what the site answers under it."""

    site: FaultSite
    file: Path

    def turn(self, seconds: float) -> None:
        """Let the server's clock be so far ahead of the right one."""
        beside = self.file.with_suffix(".new")
        beside.write_text(f"{seconds:+.0f}\n")
        beside.replace(self.file)

    def everywhere(self, holds: Callable[[], bool], what: str) -> None:
        """Wait until both workers say so, as far as one can see from outside."""
        wait(lambda: all(holds() for _ in range(TURNS)), what)

    def there(self) -> bool:
        """Whether the item whose hour is to come is public."""
        return self.site.get(THEN).status == 200 and THEN.encode() in self.site.get("/news/").body

    def not_there(self) -> bool:
        """Whether nothing shows it."""
        return self.site.get(THEN).status == 404 and THEN.encode() not in self.site.get("/news/").body

    def dated(self, **headers: str) -> Answer:
        """The page of the other piece of news as it is published, once it is."""
        found: list[Answer] = []

        def look() -> bool:
            found[:] = [self.site.get(NEWS, **headers)]
            promise(found[0].status == 200, f"the page answers {found[0].status}")
            return "last-modified" in found[0].headers

        wait(look, "the page is published")
        return found[0]


def run(site: FaultSite, number: int) -> list[str]:  # noqa: ARG001
    """Turn the server's clock forth and back, with an item whose hour is to come."""
    preloaded = library()
    promise(preloaded, "libfaketime is needed (Debian's package faketime)")
    clock = Clock(site, site.folder / "clock")
    clock.turn(0)
    faked = {
        "LD_PRELOAD": str(preloaded),
        "FAKETIME_TIMESTAMP_FILE": str(clock.file),
        # Or a process goes by the former clock for two seconds more, in which others have written already.
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "NO_FAKE_STAT": "1",
    }
    site.change(SCHEDULE, time.time() + 2 * HOUR)
    with site.running(**faked):
        far_away(clock)
        changed_ahead(clock)
        nights(clock)
    return [
        f"the clock jumped {len(AWAY) + 2} times and back, and over the hour of {len(CHANGES)} nights",
        "no item was public early or lost once the clock was right; editors stayed signed in",
        "what was published while the clock was ahead is taken for no later version, and dated anew",
    ]


def far_away(clock: Clock) -> None:
    """Hours and years ahead, years back."""
    site = clock.site
    desk, form = site.editor(), site.first_news()
    clock.everywhere(clock.not_there, "an item is not public before its hour")
    for name, seconds in AWAY.items():
        clock.turn(seconds)
        clock.everywhere(clock.there, f"{name} later the item is public")
        promise(desk.get(form).status in (200, 302), "an editor's session ends, if it ends, with a sign-in")
        clock.turn(0)
        clock.everywhere(clock.not_there, f"{name} back, the item is not public early")
        promise(desk.get(form).status == 200, "an editor whose clock is right again is signed in")
    clock.turn(-10 * YEAR)
    wait(lambda: site.get(NEWS).status == 404, "years back, nothing is public yet")
    clock.turn(0)
    clock.everywhere(lambda: site.get(NEWS).status == 200, "what was public is public again")


def changed_ahead(clock: Clock) -> None:
    """A change while the clock is ahead, and another when it is right."""
    site = clock.site
    clock.turn(YEAR)
    site.change(RENAME, "Ahead")
    clock.everywhere(lambda: "Ahead" in site.get(NEWS).text, "a change is seen while the clock is ahead")
    ahead = clock.dated().headers["last-modified"]
    promise(parse_http_date(ahead) > time.time() + HOUR, "the clock was not ahead")
    clock.turn(0)
    site.change(RENAME, "Right again")
    clock.everywhere(lambda: "Right again" in site.get(NEWS).text, "a change is seen when the clock is right")
    fresh = clock.dated(**{"If-Modified-Since": ahead})
    promise("Right again" in fresh.text, "a copy dated ahead is taken for the present one")
    date = fresh.headers["last-modified"]
    promise(parse_http_date(date) <= time.time() + 5, "an answer is dated in the future")
    wait(lambda: site.get(NEWS, **{"If-Modified-Since": date}).status == 304, "who has it is told so")


def nights(clock: Clock) -> None:
    """Over the hours in which clocks are changed."""
    for name, moment in CHANGES.items():
        clock.site.change(SCHEDULE, moment.timestamp())
        clock.turn(moment.timestamp() - time.time() - HOUR)
        clock.everywhere(clock.not_there, f"an hour before {name}, an item of that moment is not public")
        clock.turn(moment.timestamp() - time.time() + HOUR)
        clock.everywhere(clock.there, f"an hour after {name}, it is public")
    clock.turn(0)
    clock.everywhere(clock.not_there, "back again, it is not public")
