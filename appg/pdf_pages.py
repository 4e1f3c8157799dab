"""How many pages a PDF has, found out where it can do no harm.

A PDF is a program of a kind: parts that unfold into each other, trees that may be endless. It is read in a
process of its own that may take only so much of the processor and of memory, and that knows nothing of the
site: no settings, no database.

Run as a program: the PDF at standard input, the number of its pages (or ``password``) at standard output.
"""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path
from typing import Final

from leftbehind_site.common import limits

PASSWORD: Final = "password"  # noqa: S105 - says that there is one
DAMAGED: Final = 3
TOO_MUCH: Final = 4
_PATIENCE: Final = 5 * limits.PDF_SECONDS
"""Seconds by the clock; a busy machine gives a process the processor only now and then."""


class DamagedError(ValueError):
    """The PDF cannot be read."""


class PasswordError(ValueError):
    """The PDF is locked."""


class TooMuchError(ValueError):
    """The PDF takes more time or memory than it may."""


def pages_of(data: bytes) -> int:
    """The number of a PDF's pages.

    Args:
        data: Its content.

    Raises:
        DamagedError: If it cannot be read.
        PasswordError: If it is locked.
        TooMuchError: If it takes too much to be read.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-m", "appg.pdf_pages"],
            input=data,
            capture_output=True,
            cwd=Path(__file__).resolve().parent.parent,
            timeout=_PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise TooMuchError from error
    said = done.stdout.decode("ascii", "replace").strip()
    if done.returncode == DAMAGED:
        raise DamagedError
    if done.returncode or not (said.isdecimal() or said == PASSWORD):
        raise TooMuchError
    if said == PASSWORD:
        raise PasswordError
    return int(said)


def main() -> int:
    """Count, within bounds."""
    import resource  # noqa: PLC0415 - of the program alone

    from pypdf import PdfReader  # noqa: PLC0415 - read before memory is bounded
    from pypdf.errors import LimitReachedError  # noqa: PLC0415

    resource.setrlimit(resource.RLIMIT_CPU, (limits.PDF_SECONDS, limits.PDF_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (limits.PDF_MEMORY, limits.PDF_MEMORY))
    try:
        reader = PdfReader(io.BytesIO(sys.stdin.buffer.read()))
        said = PASSWORD if reader.is_encrypted else str(len(reader.pages))
    except (MemoryError, RecursionError, LimitReachedError):
        return TOO_MUCH
    except Exception:  # noqa: BLE001 - whatever it stumbles over, the PDF is what is wrong
        return DAMAGED
    sys.stdout.write(said)
    return 0


if __name__ == "__main__":
    sys.exit(main())
