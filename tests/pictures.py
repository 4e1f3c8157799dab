"""Takes the pictures of docs/editing.md anew: python -m tests.pictures (or make pictures).

It makes a database of its own with the shipped content, signs an editor in and walks the ways that the
document describes.
"""

from __future__ import annotations

import io
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "images" / "editing"
COLOURS = 64
MOST_BYTES = 120_000
WIDTH, HEIGHT = 1000, 620


@contextmanager
def served() -> Iterator[str]:
    """The site at an address of this machine, with the shipped content and the editor Ada Okafor."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DATABASE_URL"] = f"sqlite:///{folder}/pictures.sqlite3"
        os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
        import django

        django.setup()
        from django.conf import settings
        from django.contrib.staticfiles.handlers import StaticFilesHandler
        from django.core.management import call_command
        from django.db import connections
        from django.test.testcases import LiveServerThread

        from tests.desk import make_editor

        settings.ALLOWED_HOSTS = ["127.0.0.1"]
        settings.MEDIA_ROOT = folder
        for command in ("migrate", "load_neighbourhoods", "load_appg_content"):
            call_command(command, stdout=io.StringIO(), stderr=io.StringIO())
        make_editor()
        thread = LiveServerThread("127.0.0.1", StaticFilesHandler)
        thread.start()
        thread.is_ready.wait()
        try:
            yield f"http://127.0.0.1:{thread.port}"
        finally:
            thread.terminate()
            connections.close_all()


def keep(name: str, taken: bytes) -> None:
    """Write a picture with few colours, so that it stays small."""
    from PIL import Image

    picture = Image.open(io.BytesIO(taken)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    path = FOLDER / f"{name}.png"
    picture.save(path, optimize=True)
    if path.stat().st_size > MOST_BYTES:
        sys.exit(f"{path.name} has {path.stat().st_size} bytes; {MOST_BYTES} are the most")


def main() -> None:
    """Walk and take the pictures."""
    from tests.conftest import CHROMIUM_ARGUMENTS, chromium

    program = chromium()
    if not program:
        sys.exit("Taking pictures needs Chromium, and there is none on this machine.")
    from playwright.sync_api import sync_playwright

    FOLDER.mkdir(parents=True, exist_ok=True)
    with served() as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM_ARGUMENTS)
        context = browser.new_context(
            viewport={"width": WIDTH, "height": HEIGHT},
            locale="en-GB",
            timezone_id="Europe/London",
            reduced_motion="reduce",
        )
        _Walk(context, site).take_all()
        browser.close()
    print(f"The pictures are in {FOLDER.relative_to(FOLDER.parents[2])}.")  # noqa: T201  (a command's answer)


class _Walk:
    """An editor's way through the desk, with a picture at each turn."""

    def __init__(self, context: object, site: str) -> None:
        from playwright.sync_api import BrowserContext

        assert isinstance(context, BrowserContext)
        self.context, self.site = context, site
        self.page = context.new_page()

    def shoot(self, name: str, to: str = "") -> None:
        """Take what is on the screen, with an element at its top."""
        if to:
            self.page.locator(to).first.evaluate("found => found.scrollIntoView({block: 'start'})")
        self.page.wait_for_timeout(300)
        keep(name, self.page.screenshot())

    def take_all(self) -> None:
        """Every way of the document."""
        self.sign_in()
        self.correct()
        self.publish()
        self.upload()
        self.redirect()

    def sign_in(self) -> None:
        """To the desk."""
        page = self.page
        page.goto(f"{self.site}/admin/")
        page.get_by_label("Username").fill("ada")
        page.get_by_label("Password").fill("a-long-password")
        self.shoot("sign-in")
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="What would you like to change?").wait_for()
        self.shoot("desk")
        page.goto(f"{self.site}/admin/second-factor/")
        self.shoot("second-factor")
        page.goto(f"{self.site}/admin/")

    def correct(self) -> None:
        """Find an item, correct it, look at it, go back."""
        page = self.page
        page.goto(f"{self.site}/admin/appg/session/")
        page.locator("#searchbar").fill("broadband")
        page.keyboard.press("Enter")
        self.shoot("find")
        page.locator("#result_list tbody th a").first.click()
        page.locator(".ProseMirror[contenteditable=true]").wait_for()
        self.shoot("form", "#content h1")
        summary = page.get_by_label("Summary")
        summary.fill(summary.input_value().replace("compared ways", "looked at ways"))
        with self.context.expect_page() as opened:
            page.get_by_role("button", name="Preview (opens a new tab)").click()
        opened.value.wait_for_load_state()
        keep("preview", opened.value.screenshot())
        opened.value.close()
        page.get_by_label("Why this change").fill("Plainer words for what the session did")
        page.get_by_label("This is a public correction").check()
        page.get_by_label("What the public is told").fill(
            "The summary said that the session compared ways to reconnect places. It looked at them."
        )
        self.shoot("why", "fieldset:has(#id_why)")
        page.get_by_role("button", name="Save and continue editing").click()
        self.shoot("saved")
        page.get_by_role("link", name="History and undo").click()
        self.shoot("history", "#content h1")
        page.get_by_role("link", name="Go back to this version").last.click()
        self.shoot("undo", "#content h1")

    def publish(self) -> None:
        """A new item, as a draft; what publishing, scheduling and withdrawing look like."""
        page = self.page
        page.goto(f"{self.site}/admin/appg/newsitem/add/")
        page.get_by_label("Title").press_sequentially("The archive has a new home")
        page.get_by_label("Kind").select_option("News")
        page.locator(".ProseMirror[contenteditable=true]").click()
        page.keyboard.type("The group’s record has moved to this site.")
        page.get_by_role("button", name="Save and continue editing").click()
        page.get_by_role("link", name="Preview as saved").click()
        keep("draft", self.page.screenshot())
        page.go_back()
        page.get_by_label("Published: the public sees it").check()
        self.shoot("publish", "fieldset:has(#id_publish_at_0)")
        page.get_by_role("button", name="Save and continue editing").click()
        page.get_by_label("Withdrawn: its page stays").check()
        page.get_by_label("Reason for withdrawing").fill("It was published before it was agreed.")
        self.shoot("withdraw", "fieldset:has(#id_publish_at_0)")
        page.get_by_label("Last part of the address").fill("a-new-home")
        page.get_by_label("Published: the public sees it").check()
        page.get_by_label("Reason for withdrawing").fill("")
        page.get_by_label("Why this change").fill("A shorter address")
        page.get_by_role("button", name="Save and continue editing").click()
        self.shoot("address", "fieldset:has(#id_slug)")

    def upload(self) -> None:
        """A document, and an image that goes into a text."""
        from tests.desk import pdf, png

        page = self.page
        files = (
            ("minutes.pdf", "application/pdf", pdf(12), "Minutes of the meeting", "", "document"),
            (
                "hall.png",
                "image/png",
                png((600, 300)),
                "A hall",
                "A community hall with a red front",
                "image",
            ),
        )
        for name, media_type, data, title, words, picture in files:
            page.goto(f"{self.site}/admin/appg/upload/add/")
            chosen = {"name": name, "mimeType": media_type, "buffer": data}
            page.locator("input[type=file]").set_input_files(chosen)  # type: ignore[arg-type]
            page.get_by_label("Title").fill(title)
            page.get_by_label("Alternative text").fill(words)
            page.get_by_role("button", name="Save and continue editing").click()
            self.shoot(picture, "#content h1")
        page.goto(f"{self.site}/admin/appg/newsitem/?q=archive")
        page.locator("#result_list tbody th a").first.click()
        page.locator(".ProseMirror[contenteditable=true]").click()
        page.locator(".prose-menubar button[title=figure], .prose-menubar button[title=Figure]").first.click()
        with self.context.expect_page() as opened:
            page.get_by_role("dialog").get_by_role("button", name="Browse...").click()
        opened.value.get_by_role("button", name="A hall").click()
        self.shoot("insert-image")

    def redirect(self) -> None:
        """An old address that somebody still uses."""
        page = self.page
        page.goto(f"{self.site}/admin/appg/redirect/add/")
        page.get_by_label("Old address").fill("/?p=123")
        page.get_by_label("New address").fill("/evidence/buses-broadband-and-beeching/")
        self.shoot("redirect")


if __name__ == "__main__":
    main()
