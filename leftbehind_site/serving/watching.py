"""A worker's eye on the generation of the content: what is old is forgotten at once, and published anew."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import Error, connection
from django.utils import timezone

from leftbehind_site.generation import Generation, code
from leftbehind_site.serving import published
from leftbehind_site.serving.kept import Kept
from leftbehind_site.serving.published import Folder

logger = logging.getLogger(__name__)

INTERVAL: Final = 0.4
"""Seconds between two looks at the generation."""

PATIENCE: Final = 30.0
"""Seconds before a publisher that did not do its work is followed by another."""


class Watcher:
    """Follows the generation, and sees to it that somebody publishes it.

    Args:
        root: Of the published folder.

    Attributes:
        kept: What may be sent at present; nothing before the first look.
    """

    def __init__(self, root: Path) -> None:
        self.kept: Kept | None = None
        self._root = root
        self._generation = Generation()
        self._looking = threading.Lock()
        self._publisher: subprocess.Popen[bytes] | None = None
        self._publishes = ""
        self._not_before = 0.0
        self._interrupted = False
        self._told = ""

    def start(self) -> None:
        """Look at once, and from now on in a thread, until the process ends."""
        self._glance()
        threading.Thread(target=self._watch, name="generation", daemon=True).start()

    def look(self) -> None:
        """See whether the content has changed; if so, forget what is kept and let it be published anew.

        While the database cannot be asked, nothing can be changed through it: what is kept stays.
        """
        with self._looking:
            try:
                self._follow(self._generation.token())
            except Error as error:
                self._tell("The generation cannot be asked for: what is published stays", error)
                self._interrupted = True
                if self.kept is None:
                    self._take_over()
            except OSError as error:
                self._tell("The published folder cannot be used: Django answers", error)
                self.kept = None
            except Exception:  # noqa: BLE001  (a watcher that ended would leave what is old where it is for good)
                self._tell("The generation cannot be followed: Django answers", sys.exc_info()[1])
                self.kept = None
            else:
                self._told = ""

    def _tell(self, trouble: str, error: BaseException | None) -> None:
        """Write what is wrong to the log, once until it is right again."""
        if trouble != self._told:
            self._told = trouble
            logger.warning("%s (%s)", trouble, str(error).strip())

    def _take_over(self) -> None:
        """Send what an earlier process published last, unless other code rendered it.

        Nothing can be changed through a database that is away.
        """
        try:
            token = str((self._root / "current").readlink())
        except OSError:
            return
        if token.endswith(f"-{code()}"):
            self.kept = Kept(Folder(self._root, token))
            self.kept.read_index()

    def _watch(self) -> None:
        # Waiting for what never comes: other than a sleep, it cannot fail, whatever becomes of the clock.
        never = threading.Event()
        while not never.wait(self._pause()):
            try:
                self._glance()
            except Exception:
                # This thread is the only one that looks: whatever happens, it looks again.
                logger.exception("The generation could not be looked at")

    def _glance(self) -> None:
        """Look, and give the connection back: until the next look it would only be in the way."""
        try:
            self.look()
        finally:
            connection.close()

    def _pause(self) -> float:
        """Seconds until the next look: on the dot when an item becomes public."""
        if self._told:
            # It may be the hour that nobody could be asked about: nothing changes by asking without a pause.
            return INTERVAL
        hour = self._generation.next_hour
        left = (hour - timezone.now()).total_seconds() if hour else INTERVAL
        return min(INTERVAL, max(left, 0.001))

    def _follow(self, token: str) -> None:
        kept = self.kept
        if kept is None or kept.folder.token != token or not kept.is_there:
            # Nothing of the former generation, or of a folder that was removed, is sent from here on,
            # whatever goes wrong below.
            self.kept = None
            kept = Kept(Folder(self._root, token))
            kept.folder.make_current()
        if not kept.whole:
            kept.read_index()
        self.kept = kept
        # A frozen site sends what was published before, and can publish nothing.
        if not kept.whole and os.access(self._root, os.W_OK):
            self._publish(kept)

    def _publish(self, kept: Kept) -> None:
        """Start a publisher, unless one is at work, for whichever worker."""
        if self._publisher is not None:
            ended = self._publisher.poll()
            if ended is None:
                return
            self._publisher = None
            # It may have come to the end since.
            kept.read_index()
            if kept.whole:
                return
            if ended or self._publishes == kept.folder.token:
                logger.error("The publisher ended with %s: Django answers what is not published", ended)
                # One that failed while the database was away may succeed at once.
                self._not_before = 0.0 if self._interrupted else time.monotonic() + PATIENCE
            self._interrupted = False
        if time.monotonic() < self._not_before:
            return
        with published.publishing(self._root) as lock:
            if lock is not None:
                self._publishes = kept.folder.token
                self._publisher = subprocess.Popen(  # noqa: S603  (no word of it comes from outside)
                    [sys.executable, "manage.py", "publish", "--lock", str(lock), "--code", code()],
                    cwd=settings.BASE_DIR,
                    pass_fds=(lock,),
                    stdin=subprocess.DEVNULL,
                )
