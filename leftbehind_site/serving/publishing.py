"""The publisher: every public address to its final bytes, in a process of its own.

A change makes the whole of what was kept old at once; pages are then rendered anew, one after the other, and
answered by Django until they are. What has not changed is only rendered, not compressed again.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from leftbehind_site.enumeration import Address, Kind, addresses
from leftbehind_site.finishing import UnfitError, finish, one_connection
from leftbehind_site.generation import Generation
from leftbehind_site.serving import published
from leftbehind_site.serving.published import Entry, Folder, Writer

logger = logging.getLogger(__name__)

LEFT_TO_DJANGO: Final = frozenset({Kind.REDIRECT})
"""Too rare to be worth the place."""


def publish(root: Path, *, wanted: Callable[[], bool] = lambda: True) -> int:
    """Bring the folder up to date; whoever calls this holds the right to (``published.publishing``).

    Args:
        root: Of the folder.
        wanted: Asked before each address; publishing ends when it says no.

    Returns:
        How many addresses the folder holds.
    """
    generation = Generation()
    while wanted():
        folder = Folder(root, generation.token())
        folder.make_current()
        count = _fill(folder, generation, wanted)
        if count is not None:
            published.remove_others(root, folder.token)
            return count
    return 0


def _fill(folder: Folder, generation: Generation, wanted: Callable[[], bool]) -> int | None:
    """Write what the folder lacks.

    Returns:
        How many addresses it holds; nothing if the content changed, the folder was removed, or nobody
        wanted it, before the end.
    """
    entries, _, whole = folder.entries()
    done = {entry.path for entry in entries}
    if whole:
        return len(done)
    earlier = published.earlier(folder.root, folder.token)
    with Writer(folder) as writer, one_connection():
        for address in addresses():
            if address.path in done or address.kind in LEFT_TO_DJANGO:
                continue
            if not wanted() or not writer.is_there or generation.token() != folder.token:
                return None
            if _publish_one(address, writer, earlier.get(address.path)):
                done.add(address.path)
        writer.finish()
        return len(done) if writer.is_there else None


def _publish_one(address: Address, writer: Writer, before: tuple[Folder, Entry] | None) -> bool:
    """Finish an address and write it; one that cannot be kept is left to Django, and told."""
    line = kept = None
    if before:
        folder, entry = before
        line = folder.line(entry)
        kept = folder.kept(line) if line else None
    try:
        finished = finish(address, kept=kept)
    except UnfitError as problem:
        logger.warning("Not published: %s", problem)
        return False
    now = int(finished.last_modified.timestamp()) if finished.last_modified else int(time.time())
    if line is None:
        modified = now
    elif line.etag == finished.etag and line.modified <= time.time():
        modified = line.modified
    elif line.modified <= time.time():
        # Two versions of one second would look the same to whoever asks by time.
        modified = max(now, line.modified + 1)
    else:
        # Dated by a clock that was ahead; no answer says that it changed in the future (RFC 9110, 8.8.2.1).
        modified = now
    writer.write(address, finished, modified)
    return True
