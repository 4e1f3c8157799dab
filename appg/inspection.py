"""What an editor may upload: documents and images that are proved to be what they are.

A file's type is what its content proves, never what its name claims. Images are decoded and written anew,
which takes out what a camera wrote into them (places, names) and whatever was hidden behind them. Documents
are handed over, never shown inside a page of this site.
"""

from __future__ import annotations

import csv
import hashlib
import io
import struct
import warnings
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

import puremagic
from django.core.exceptions import ValidationError
from django.utils.text import slugify
from PIL import Image, ImageOps, UnidentifiedImageError

from appg import pdf_pages
from appg.uploads import ACCEPTED, EXCEL, EXTENSIONS, SHEET, TEXT, TYPE_NAMES, WORD
from leftbehind_site.common import limits
from leftbehind_site.common.page import size_in_words

MOST_BYTES: Final = {"document": limits.DOCUMENT_BYTES, "image": limits.IMAGE_BYTES}
MOST_PIXELS: Final = limits.IMAGE_PIXELS
MOST_PAGES: Final = limits.PDF_PAGES
MOST_UNPACKED: Final = limits.ARCHIVE_BYTES
MOST_PARTS: Final = limits.ARCHIVE_PARTS
HEAD: Final = 4096
"""How much of a file tells its type."""

_OOXML_MAIN: Final = {"word/document.xml": WORD, "xl/workbook.xml": EXCEL}
_PILLOW: Final = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}
_TOO_MANY_PIXELS: Final = (
    f"The image has more than {MOST_PIXELS // 10**6} million pixels. Save it smaller and upload it again."
)
_TOO_MANY_PARTS: Final = "The document unpacks to more than is accepted here."
_NO_CSV: Final = "The CSV file cannot be read: it has to be UTF-8 text in columns."
_DIRECTORY_END: Final = struct.Struct("<4s4H2LH")
"""The end of an archive, which says how many parts it has and how long the list of them is."""


_BROKEN_ARCHIVE: Final = (
    *(zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, struct.error),
    *(NotImplementedError, RuntimeError, EOFError, OSError, OverflowError, ValueError),
)
"""What the reader of archives raises on one that is none, or a broken one."""


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

    Returns:
        What is to be stored and what it is; of an image its pixels written anew.

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
        f"The file has {size_in_words(size)}. A{'n' if kind == 'image' else ''} {kind} may have"
        f" {size_in_words(MOST_BYTES[kind])} at most."
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
    _check_list_of_parts(data)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise ValidationError(_TOO_MANY_PARTS)
            names = {part.filename for part in parts}
            if any(name.lower().endswith(("vbaproject.bin", ".exe", ".js")) for name in names):
                raise ValidationError("The document holds macros. Save it without them and upload it again.")
            if "[Content_Types].xml" in names:
                for main, media_type in _OOXML_MAIN.items():
                    if main in names:
                        return media_type
            if "mimetype" in names:
                with archive.open("mimetype") as part:
                    # No more than that is unpacked, whatever follows.
                    media_type = part.read(100).decode("ascii", "replace").strip()
                if media_type in {TEXT, SHEET}:
                    return media_type
    except _BROKEN_ARCHIVE as error:
        raise ValidationError("The document is damaged: it cannot be opened.") from error
    raise ValidationError(f"An archive is not accepted here, only {ACCEPTED}.")


def _check_list_of_parts(data: bytes) -> None:
    """Look at the size of an archive's list of parts before it is read: every entry takes memory."""
    end = data.rfind(b"PK\x05\x06", max(0, len(data) - 65_557))
    if end < 0 or len(data) - end < _DIRECTORY_END.size:
        raise ValidationError("The document is damaged: it cannot be opened.")
    _, _, _, _, count, size, _, _ = _DIRECTORY_END.unpack_from(data, end)
    # The numbers of an archive too large for them stand elsewhere; no document is that large.
    if (
        count > MOST_PARTS
        or size > MOST_PARTS * 500
        or data[max(0, end - 20) : end].startswith(b"PK\x06\x07")
    ):
        raise ValidationError(_TOO_MANY_PARTS)


def _prove_csv(data: bytes) -> None:
    """Read the rows one after the other, and keep none."""
    if b"\0" in data:
        raise ValidationError(_NO_CSV)
    text = io.TextIOWrapper(io.BytesIO(data), "utf-8-sig", newline="")
    try:
        widest = max((len(row) for row in csv.reader(text, strict=True)), default=0)
    except (UnicodeDecodeError, csv.Error) as error:
        raise ValidationError(_NO_CSV) from error
    if not 1 < widest <= limits.CSV_COLUMNS:
        raise ValidationError(_NO_CSV)


def _pages_of(data: bytes) -> int:
    try:
        pages = pdf_pages.pages_of(data)
    except pdf_pages.PasswordError as error:
        raise ValidationError(
            "The PDF asks for a password. Save it without one and upload it again."
        ) from error
    except pdf_pages.DamagedError as error:
        raise ValidationError("The PDF is damaged: it cannot be opened.") from error
    except pdf_pages.TooMuchError as error:
        raise ValidationError(
            "The PDF takes too long to open, or too much memory. Save it anew from the program it came from,"
            " or print it into a PDF, and upload that."
        ) from error
    if not 0 < pages <= MOST_PAGES:
        raise ValidationError(f"The PDF has {pages} pages; 1 to {MOST_PAGES} are accepted.")
    return pages


def _check_extent(image: Image.Image) -> None:
    if image.width * image.height > MOST_PIXELS or max(image.size) > limits.IMAGE_SIDE:
        raise ValidationError(_TOO_MANY_PIXELS)
    # A camera's JPEG may hold its picture a second time, smaller or from beside it; the first one is written.
    if getattr(image, "n_frames", 1) > 1 and image.format != "MPO":
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
            # In its place: a copy would take as much memory again.
            icc_profile = image.info.get("icc_profile")
            ImageOps.exif_transpose(image, in_place=True)
            image.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ValidationError(_TOO_MANY_PIXELS) from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, struct.error, zlib.error) as error:
        raise ValidationError("The image is damaged: it cannot be opened.") from error
    written = io.BytesIO()
    image.info = {key: value for key, value in image.info.items() if key == "transparency"}
    options = {"quality": 90} if media_type != "image/png" else {"optimize": True}
    format_name = next(key for key, value in _PILLOW.items() if value == media_type)
    image.save(written, format_name, icc_profile=icc_profile, **options)
    return Inspected(written.getvalue(), name, media_type, width=image.width, height=image.height)
