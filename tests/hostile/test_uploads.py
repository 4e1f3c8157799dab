"""Files made to do harm: refused with a clear message, in bounded time and memory, and nothing stays."""

from __future__ import annotations

import io
import json
import resource
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from appg.models import Upload
from leftbehind_site.common import limits
from tests.conftest import ROOT
from tests.desk import DOCX, archived, errors_of, filled, make_editor, pdf, png, signed_in

pytestmark = pytest.mark.once

ADD = "/admin/appg/upload/add/"
MEGABYTE = 1024 * 1024

MOST_MEMORY = 700 * MEGABYTE
"""Of the process that looks into a file: 40 million pixels take 160 MB, reading and writing them more."""


def packed(size: int) -> bytes:
    """So many bytes of nothing, compressed."""
    packer = zlib.compressobj(9)
    pieces = [packer.compress(b"\0" * MEGABYTE) for _ in range(size // MEGABYTE)]
    return b"".join([*pieces, packer.flush()])


def unpacking_zip(name: str, megabytes: int) -> bytes:
    """An office document one part of which unpacks to a lot."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as made:
        for part, text in DOCX.items():
            made.writestr(part, text)
        with made.open(name, "w") as part_file:
            for _ in range(megabytes):
                part_file.write(b"\0" * MEGABYTE)
    return written.getvalue()


def lying_zip() -> bytes:
    """An OpenDocument text whose type unpacks to much more than it says."""
    data = bytearray(unpacking_zip("mimetype", 64))
    at = data.rfind(b"PK\x01\x02")
    struct.pack_into("<L", data, at + 24, 40)
    return bytes(data)


def many_parts(number: int, *, said: int | None = None) -> bytes:
    """An archive with a long list of parts, which may say that it is short."""
    entry = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"a"
    listed = entry * number
    start = b"PK\x03\x04" + b"\0" * 60
    count = min(number if said is None else said, 65_535)
    return (
        start
        + listed
        + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, len(listed), len(start), 0)
    )


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">L", len(content)) + kind + content + struct.pack(">L", zlib.crc32(kind + content))


def png_of(width: int, height: int, content: bytes, *others: bytes) -> bytes:
    head = struct.pack(">LLBBBBB", width, height, 8, 6, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + b"".join(others)
        + chunk(b"IDAT", content)
        + chunk(b"IEND", b"")
    )


def webp_of(width: int, height: int) -> bytes:
    extended = b"VP8X" + struct.pack("<L", 10) + b"\0\0\0\0" + (width - 1).to_bytes(3, "little")
    body = (
        b"WEBP"
        + extended
        + (height - 1).to_bytes(3, "little")
        + b"VP8L"
        + struct.pack("<L", 6)
        + b"\x2f\xff\xff\xff\x0f\0"
    )
    return b"RIFF" + struct.pack("<L", len(body)) + body


def jpeg_of(width: int, height: int) -> bytes:
    from tests.desk import picture

    data = bytearray(picture("JPEG"))
    at = data.find(b"\xff\xc0")
    struct.pack_into(">HH", data, at + 5, height, width)
    return bytes(data)


def pdf_of(*objects: bytes) -> bytes:
    """A PDF of these objects, numbered from 1; the first is its catalogue."""
    data, places = bytearray(b"%PDF-1.7\n"), []
    for number, content in enumerate(objects, start=1):
        places.append(len(data))
        data += b"%d 0 obj\n" % number + content + b"\nendobj\n"
    table = len(data)
    data += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    data += b"".join(b"%010d 00000 n \n" % place for place in places)
    return bytes(
        data + b"trailer\n<</Root 1 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    )


def pages_pdf(number: int) -> bytes:
    kids = b" ".join(b"%d 0 R" % (index + 3) for index in range(number))
    pages = b"<</Type/Pages/Count %d/Kids[%s]>>" % (number, kids)
    return pdf_of(b"<</Type/Catalog/Pages 2 0 R>>", pages, *[b"<</Type/Page/Parent 2 0 R>>"] * number)


def deep_pdf(depth: int) -> bytes:
    links = [b"<</Type/Pages/Count 1/Kids[%d 0 R]>>" % (index + 3) for index in range(depth)]
    return pdf_of(b"<</Type/Catalog/Pages 2 0 R>>", *links, b"<</Type/Page>>")


def nested_pdf(depth: int) -> bytes:
    return pdf_of(b"<</Type/Catalog/Pages " + b"[" * depth + b"]" * depth + b">>")


def stream_pdf(megabytes: int) -> bytes:
    """The list of objects, and what they are, in a stream that unpacks to a lot."""
    content = packed(megabytes * MEGABYTE)
    head = b"<</Type/XRef/Size 9000000/W[1 4 2]/Root 1 0 R/Filter/FlateDecode/Length %d>>stream\n" % len(
        content
    )
    start = b"%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n"
    return (
        start + b"3 0 obj\n" + head + content + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % len(start)
    )


def circle_pdf() -> bytes:
    return pdf_of(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 9/Kids[2 0 R 2 0 R 2 0 R]>>")


BOMBS: dict[str, tuple[str, str, Callable[[], bytes]]] = {
    "zip: a part of 390 MB": ("a.docx", "unpacks to more", lambda: unpacking_zip("word/big.xml", 390)),
    "zip: a type of 64 MB that says 40 bytes": ("a.odt", "", lying_zip),
    "zip: 600,000 parts": ("a.docx", "unpacks to more", lambda: many_parts(600_000)),
    "zip: 600,000 parts that say one": ("a.docx", "unpacks to more", lambda: many_parts(600_000, said=1)),
    "zip: a zip in it": ("a.docx", "An archive is not accepted", lambda: archived({"a.zip": archived(DOCX)})),
    "zip: cut off": ("a.docx", "damaged", lambda: archived(DOCX)[:-30]),
    "zip: nothing but its beginning": ("a.docx", "damaged", lambda: b"PK\x03\x04" + b"\0" * 5_000),
    "png: 20,000 by 20,000": ("a.png", "million pixels", lambda: png_of(20_000, 20_000, b"")),
    "png: 2,000,000,000 wide": ("a.png", "million pixels", lambda: png_of(2_000_000_000, 1, b"")),
    "png: 39,000,000 high": ("a.png", "million pixels", lambda: png_of(1, 39_000_000, b"")),
    "png: a text of 70 MB": (
        "a.png",
        "",
        lambda: png_of(2, 2, zlib.compress(b"\0" * 18), chunk(b"zTXt", b"a\0\0" + packed(70 * MEGABYTE))),
    ),
    "png: 40 million pixels": ("a.png", "", lambda: png_of(8_000, 5_000, packed(160 * MEGABYTE))),
    "jpeg: 65,000 by 65,000": ("a.jpg", "million pixels", lambda: jpeg_of(65_000, 65_000)),
    "webp: 16,000 by 16,000": ("a.webp", "image", lambda: webp_of(16_000, 16_000)),
    "pdf: 10,000 pages": ("a.pdf", "10000 pages", lambda: pages_pdf(10_000)),
    "pdf: pages in pages, 20,000 deep": ("a.pdf", "PDF", lambda: deep_pdf(20_000)),
    "pdf: lists in lists, 200,000 deep": ("a.pdf", "PDF", lambda: nested_pdf(200_000)),
    "pdf: pages that hold themselves": ("a.pdf", "PDF", circle_pdf),
    "pdf: a stream of 300 MB": ("a.pdf", "PDF", lambda: stream_pdf(300)),
    "csv: a million rows": ("a.csv", "", lambda: b"a,b\n" * 1_000_000),
    "csv: a million columns": ("a.csv", "cannot be read", lambda: b"," * 1_000_000),
    "csv: a cell of 10 MB": ("a.csv", "cannot be read", lambda: b'a,"' + b"x" * 10_000_000 + b'"'),
}
"""Files → their name, what the editor is told (nothing where the file may be accepted), and their content."""

LOOK = """
import json, os, resource, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
import django
django.setup()
from django.core.exceptions import ValidationError
from tests.hostile.test_uploads import BOMBS
from appg.inspection import inspect
said = {}
for bomb, (name, _, make) in BOMBS.items():
    try:
        said[bomb] = f"accepted as {inspect(name, make()).media_type}"
    except ValidationError as error:
        said[bomb] = error.messages[0]
most = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
print(json.dumps([said, *most]))
"""


@pytest.fixture(scope="module")
def looked() -> tuple[dict[str, str], int]:
    """What is said of every bomb, and the most bytes that a process took that looked at them."""

    def bound() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (300, 300))

    done = subprocess.run(
        [sys.executable, "-c", LOOK], cwd=ROOT, capture_output=True, text=True, check=False, preexec_fn=bound
    )
    assert done.returncode == 0, done.stderr[-2000:]
    said, own, of_child = json.loads(done.stdout.splitlines()[-1])
    return said, max(own, of_child) * 1024


@pytest.mark.parametrize("bomb", BOMBS)
def test_it_goes_off_nowhere(looked: tuple[dict[str, str], int], bomb: str) -> None:
    said, expected = looked[0][bomb], BOMBS[bomb][1]
    assert expected in said
    assert not (expected and said.startswith("accepted"))


def test_none_takes_much_memory(looked: tuple[dict[str, str], int]) -> None:
    assert looked[1] < MOST_MEMORY, f"{looked[1] // MEGABYTE} MB"


# --- the desk


@pytest.fixture
def desk(db: None, settings: Any, tmp_path: Path) -> Client:  # noqa: ARG001 - the database
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    return signed_in(make_editor())


def send(desk: Client, name: str, data: bytes) -> Any:
    form = {**filled(desk.get(ADD).text), "title": "A file", "alternative_text": "A hall", "_continue": "x"}
    return desk.post(ADD, {**form, "file": SimpleUploadedFile(name, data)})


REFUSED = {
    "svg": ("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
    "svg as png": (
        "a.png",
        b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    ),
    "html as csv": ("a.csv", b"<!doctype html>,<script>alert(1)</script>"),
    "pdf and zip": ("a.pdf", pdf() + archived(DOCX)),
    "zip and pdf": ("a.docx", b"%PDF-1.7\n" + archived(DOCX)),
    "png and zip": ("a.png", png() + archived(DOCX)),
    "gif and javascript": ("a.png", b"GIF89a/*" + b"\0" * 20 + b"*/=1;alert(1)"),
    "program": ("a.pdf", b"\x7fELF" + b"\0" * 200),
    "macros": ("a.docx", archived({**DOCX, "word/vbaProject.bin": b"x"})),
    "a pdf that is called otherwise": ("a.pdf.exe", pdf()),
    "an image that is too wide": ("a.png", png_of(30_000, 1, b"")),
    "pages": ("a.pdf", pages_pdf(2_001)),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_refused_is_told_and_leaves_nothing(desk: Client, tmp_path: Path, what: str) -> None:
    message = errors_of(send(desk, *REFUSED[what]))
    assert message.endswith(".")
    assert "Error" not in message
    assert not Upload.objects.exists()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    "name",
    [
        *(
            "../../../etc/passwd.png",
            "..\\..\\a.png",
            "/etc/a.png",
            "a\0b.png",
            "a\u202egnp.png",
            "C:\\a.png",
        ),
        *("x" * 300 + ".png", "é" * 300 + ".png", ".png.png", "con.png", "<b>.png"),
        *("a;b.png", '"a".png', "a%00.png", "a%2f..%2fb.png", "-rf.png", "~.png", "$(id).png", " .png"),
    ],
)
def test_a_name_is_only_a_name(desk: Client, client: Client, tmp_path: Path, name: str) -> None:
    send(desk, name, png())
    kept = Upload.objects.get()
    assert set(kept.name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_.")
    assert len(kept.name) <= 120
    stored = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path.name for path in stored] == [kept.sha256]
    answer = client.get(kept.get_absolute_url())
    b"".join(answer)
    assert answer.status_code == 200
    assert answer["Content-Disposition"] == f'inline; filename="{kept.name}"'


def test_more_files_fields_or_bytes_than_a_form_may_have(desk: Client) -> None:
    fields = {f"f{number}": "x" for number in range(limits.FIELDS + 1)}
    assert desk.post(ADD, fields).status_code == 400
    files = {f"f{number}": SimpleUploadedFile("a", b"x") for number in range(limits.FILES + 1)}
    assert desk.post(ADD, files).status_code == 400
    assert desk.post(ADD, {"title": "x" * (limits.FORM_BYTES + 1)}).status_code == 400
    large = desk.generic("POST", ADD, b"x", CONTENT_LENGTH=str(limits.BODY_BYTES + 1))
    assert large.status_code == 413
    assert (
        large.text == f"A form may have {limits.BODY_BYTES:,} bytes with its file. This one has 43,500,001.\n"
    )
