"""All faults, and how much of each the suite does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tests.faults import clock, disk, edit, editors, export, load, media, requests, worker
from tests.faults.site import FaultSite


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that goes wrong.

    Attributes:
        does: What it does, in a line.
        run: Does it, and gives its figures; raises ``BrokenError``.
        number: How often or how many, when it is run by itself.
        little: The same in the suite.
        counts: What the number counts; nothing where there is none.
    """

    does: str
    run: Callable[[FaultSite, int], list[str]]
    number: int = 1
    little: int = 1
    counts: str = ""


FAULTS: Final = {
    "worker": Fault("kill -9 of workers under load, and of the server", worker.run, 10, 1, "kills"),
    "load": Fault(
        "kill -9 of a load of figures at many steps",
        load.run,
        3,
        8,
        "halves: a step is so much later than the one before",
    ),
    "export": Fault("kill -9 of an export at many steps", export.run, 30, 2, "steps and last steps"),
    "edit": Fault("kill -9 while an item is saved", edit.run, 1, 7, "statements between two kills"),
    "disk": Fault("a full disk, and room again", disk.run),
    "clock": Fault("a clock that jumps forth and back", clock.run),
    "media": Fault("an uploaded file is missing", media.run),
    "editors": Fault("two editors save the same item at once", editors.run, 50, 2, "turns"),
    "requests": Fault("many requests of mixed clients", requests.run, 100_000, 2_000, "requests"),
}
