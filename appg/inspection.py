"""What an editor may upload: documents and images that are proved to be what they are.

A file's type is what its content proves, never what its name claims. Images are decoded and written anew,
which takes out what a camera wrote into them (places, names) and whatever was hidden behind them. Documents
are handed over, never shown inside a page of this site.
"""

from __future__ import annotations

import csv
import hashlib
import io
import warnings
import zipfile
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

import puremagic
from django.core.exceptions import ValidationError
from django.utils.text import slugify
from PIL import Image, ImageOps, UnidentifiedImageError
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from appg.uploads import ACCEPTED, EXCEL, EXTENSIONS, SHEET, TEXT, TYPE_NAMES, WORD, in_words

MEGABYTE: Final = 1000 * 1000
MOST_BYTES: Final = {"document": 40 * MEGABYTE, "image": 10 * MEGABYTE}
MOST_PIXELS: Final = 40_000_000
MOST_PAGES: Final = 2000
MOST_UNPACKED: Final = 400 * MEGABYTE
MOST_PARTS: Final = 5000
HEAD: Final = 4096
"""How much of a file tells its type."""

_OOXML_MAIN: Final = {"word/document.xml": WORD, "xl/workbook.xml": EXCEL}
_PILLOW: Final = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}
_TOO_MANY_PIXELS: Final = (
    f"The image has more than {MOST_PIXELS // 10**6} million pixels. Save it smaller and upload it again."
)
_UNREADABLE: Final = (
    PyPdfError,
    ArithmeticError,
    AttributeError,
    LookupError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
    NotImplementedError,
)
"""What the PDF reader raises on a file that is none, or a broken one."""


@dataclass(frozen=True, slots=True)
class Inspected:
    """A file that was proved to be what it is.

    Attributes:
        data: What is stored; of an image its pixels alone.
        name: The last part of its address.
        media_type: One of ``EXTENSIONS``.
        pages: Of a PDF.
        width: Of an image, in pixels.
        height: Of an image, in pixels.
    """

    data: bytes
    name: str
    media_type: str
    pages: int | None = None
    width: int | None = None
    height: int | None = None

    @property
    def sha256(self) -> str:
        """The checksum of what is stored."""
        return hashlib.sha256(self.data).hexdigest()


def inspect(name: str, data: bytes) -> Inspected:
    """Find out what a file is.

    Args:
        name: As it was called on the editor's machine.
        data: Its content.

    Raises:
        ValidationError: Saying in plain words why the file is not accepted, and what to do.
    """
    if not data:
        raise ValidationError("The file is empty.")
    if len(data) > MOST_BYTES["document"]:
        raise ValidationError(too_large(len(data), "document"))
    ending = PurePath(name).suffix.lower().lstrip(".")
    media_type = _type_of(data, ending)
    if ending not in EXTENSIONS[media_type]:
        raise ValidationError(
            f"The file’s name ends in “.{ending}”, but its content is a {TYPE_NAMES[media_type]}."
            " Save it in the program it came from and upload it again."
        )
    stored = f"{slugify(PurePath(name).stem)[:100].strip('-') or 'file'}.{EXTENSIONS[media_type][0]}"
    if media_type.startswith("image/"):
        return _inspect_image(stored, media_type, data)
    pages = _pages_of(data) if media_type == "application/pdf" else None
    return Inspected(data, stored, media_type, pages=pages)


def too_large(size: int, kind: str) -> str:
    """What to say of a file that is too large."""
    return (
        f"The file has {in_words(size)}. A{'n' if kind == 'image' else ''} {kind} may have"
        f" {in_words(MOST_BYTES[kind])} at most."
    )


def _type_of(data: bytes, ending: str) -> str:
    """The accepted type that the content proves."""
    try:
        found = {match.mime_type for match in puremagic.magic_string(data[:HEAD])}
    except puremagic.PureError:
        found = set()
    for media_type in ("application/pdf", *_PILLOW.values()):
        if media_type in found and not zipfile.is_zipfile(io.BytesIO(data)):
            return media_type
    if data.startswith(b"PK\x03\x04"):
        return _type_of_archive(data)
    if ending == "csv" and not found & {"text/html", "image/svg+xml", "text/xml", "application/xml"}:
        _prove_csv(data)
        return "text/csv"
    raise ValidationError(f"This is not a file of a kind that is accepted here: {ACCEPTED}.")


def _type_of_archive(data: bytes) -> str:
    """The type of an office document, which is an archive of parts."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise ValidationError("The document unpacks to more than is accepted here.")
            names = {part.filename for part in parts}
            if any(name.lower().endswith(("vbaproject.bin", ".exe", ".js")) for name in names):
                raise ValidationError("The document holds macros. Save it without them and upload it again.")
            if "[Content_Types].xml" in names:
                for main, media_type in _OOXML_MAIN.items():
                    if main in names:
                        return media_type
            if "mimetype" in names:
                media_type = archive.read("mimetype")[:100].decode("ascii", "replace").strip()
                if media_type in {TEXT, SHEET}:
                    return media_type
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise ValidationError("The document is damaged: it cannot be opened.") from error
    raise ValidationError(f"An archive is not accepted here, only {ACCEPTED}.")


def _prove_csv(data: bytes) -> None:
    try:
        rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise ValidationError("The CSV file cannot be read: it has to be UTF-8 text in columns.") from error
    if "\0" in data.decode("utf-8-sig") or max(len(row) for row in rows) < 2:
        raise ValidationError("The CSV file cannot be read: it has to be UTF-8 text in columns.")


def _pages_of(data: bytes) -> int:
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted:
            raise ValidationError("The PDF asks for a password. Save it without one and upload it again.")
        pages = len(reader.pages)
    except _UNREADABLE as error:
        raise ValidationError("The PDF is damaged: it cannot be opened.") from error
    if not 0 < pages <= MOST_PAGES:
        raise ValidationError(f"The PDF has {pages} pages; 1 to {MOST_PAGES} are accepted.")
    return pages


def _check_extent(image: Image.Image) -> None:
    if image.width * image.height > MOST_PIXELS:
        raise ValidationError(_TOO_MANY_PIXELS)
    if getattr(image, "n_frames", 1) > 1:
        raise ValidationError("Moving images are not accepted. Save one picture of it.")


def _inspect_image(name: str, media_type: str, data: bytes) -> Inspected:
    """Decode the image and write its pixels anew, upright, with its colours and nothing else."""
    if len(data) > MOST_BYTES["image"]:
        raise ValidationError(too_large(len(data), "image"))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(data), formats=tuple(_PILLOW))
            _check_extent(image)
            upright = ImageOps.exif_transpose(image)
            upright.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ValidationError(_TOO_MANY_PIXELS) from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise ValidationError("The image is damaged: it cannot be opened.") from error
    written = io.BytesIO()
    upright.info = {key: value for key, value in upright.info.items() if key == "transparency"}
    options = {"quality": 90} if media_type != "image/png" else {"optimize": True}
    format_name = next(key for key, value in _PILLOW.items() if value == media_type)
    upright.save(written, format_name, icc_profile=image.info.get("icc_profile"), **options)
    return Inspected(written.getvalue(), name, media_type, width=upright.width, height=upright.height)
