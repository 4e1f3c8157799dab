"""How much of anything is taken from a visitor or an editor: every limit of the site, in one place.

The settings, the production server (``deploy/serve.py``), the middleware ``serving.guarding`` and the checks
of uploads (``appg.inspection``) take their numbers from here; the front server's are compared by a test.
Knows neither Django nor the settings.
"""

from __future__ import annotations

from typing import Final

KILOBYTE: Final = 1000
MEGABYTE: Final = 1000 * KILOBYTE

# --- a request's head

PATH_BYTES: Final = 16 * KILOBYTE
"""Of an address's path, decoded. More gets 414."""

QUERY_BYTES: Final = 16 * KILOBYTE
"""Of what follows its question mark, as it came. More gets 414."""

COOKIE_BYTES: Final = 8 * KILOBYTE
"""Of all cookies together. More gets 431; the site itself sets three, of the editing desk alone."""

HEAD_BYTES: Final = 64 * 1024
"""Of a request's line and headers together. More gets 431 from the server itself, or 414."""

FIELDS: Final = 1000
"""Parameters of a query or fields of a form. More gets 400."""

# --- a request's body: of forms of the editing desk, nothing else has one

FORM_BYTES: Final = 2_500 * KILOBYTE
"""Of all fields of a form together, its files apart. More gets 400."""

FILES: Final = 5
"""Files of a form. More gets 400."""

# --- uploads

DOCUMENT_BYTES: Final = 40 * MEGABYTE
IMAGE_BYTES: Final = 10 * MEGABYTE

BODY_BYTES: Final = DOCUMENT_BYTES + FORM_BYTES + MEGABYTE
"""Of a body: the largest document, its form, and what lies between its parts. More gets 413."""

IMAGE_PIXELS: Final = 40_000_000
IMAGE_SIDE: Final = 20_000
"""Pixels of an image's longer side."""

PDF_PAGES: Final = 2_000
PDF_SECONDS: Final = 20
"""Of the processor, for looking into a PDF."""

PDF_MEMORY: Final = 512 * 1024 * 1024
"""Bytes that looking into a PDF may take."""

ARCHIVE_BYTES: Final = 400 * MEGABYTE
"""Of an office document's parts, unpacked."""

ARCHIVE_PARTS: Final = 5_000

CSV_COLUMNS: Final = 1_000

# --- time, and who may take it

HEAD_SECONDS: Final = 10
"""Until a request's head has to be there, and until a connection on which nothing is asked is closed."""

BODY_SECONDS: Final = 20
"""Until a body has to be there that comes at ``BODY_RATE`` or slower; a faster one has longer."""

BODY_RATE: Final = 50 * KILOBYTE
"""Bytes a second that a long body has to come at."""

READER_SECONDS: Final = 30
"""Until a connection is closed whose reader takes nothing of what is sent."""

READER_RATE: Final = 10 * KILOBYTE
"""Bytes a second at which a large file has to be taken, after ``READER_SECONDS``."""

WHOLE_BYTES: Final = 256 * 1024
"""An answer up to so large is handed to the server in one piece; a larger one takes a thread while it is
sent."""

THREADS: Final = 4
"""Of a worker."""

SLOW: Final = 2
"""Threads of a worker that may wait for a client's body, or for a client to take a large file. Whoever comes
when they are taken is asked to come again (503): so some are always left for everybody else."""
