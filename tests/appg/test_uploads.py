"""Documents and images: proved by their content, kept clean, served so that they can do no harm."""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client
from PIL import Image
from pypdf import PdfReader, PdfWriter

from appg import inspection, uploads
from appg.inspection import inspect
from appg.models import Upload
from appg.storage import WholeFiles
from leftbehind_site.common.headers import READ, written
from leftbehind_site.common.page import size_in_words
from tests.desk import (
    DOCX,
    ODS,
    ODT,
    XLSX,
    archived,
    errors_of,
    filled,
    make_editor,
    pdf,
    picture,
    png,
    send,
    signed_in,
)

ADD = "/admin/appg/upload/add/"
CSV = b"ward,rank\nGrange,1\n"


# --- what is accepted


def without_content(value: object) -> str | None:
    """A test's name without a file's content, which holds the time and so differs between processes."""
    return "content" if isinstance(value, bytes) else None


@pytest.mark.parametrize(
    ("name", "data", "media_type", "stored"),
    [
        ("Full Report (final).PDF", pdf(), "application/pdf", "full-report-final.pdf"),
        ("a.docx", archived(DOCX), uploads.WORD, "a.docx"),
        ("a.xlsx", archived(XLSX), uploads.EXCEL, "a.xlsx"),
        ("a.odt", archived(ODT), uploads.TEXT, "a.odt"),
        ("a.ods", archived(ODS), uploads.SHEET, "a.ods"),
        ("a.csv", CSV, "text/csv", "a.csv"),
        ("a.csv", b"\xef\xbb\xbf" + CSV, "text/csv", "a.csv"),
        ("a.png", png(), "image/png", "a.png"),
        ("a.jpeg", picture("JPEG"), "image/jpeg", "a.jpg"),
        ("a.webp", picture("WEBP"), "image/webp", "a.webp"),
        ("../../etc/pass\nwd;.png", png(), "image/png", "pass-wd.png"),
        ("\u202egnp.png", png(), "image/png", "gnp.png"),
        ("日本.png", png(), "image/png", "file.png"),
        (f"{'x' * 300}.png", png(), "image/png", f"{'x' * 100}.png"),
    ],
    ids=without_content,
)
def test_what_is_accepted(name: str, data: bytes, media_type: str, stored: str) -> None:
    found = inspect(name, data)
    assert (found.media_type, found.name) == (media_type, stored)
    assert len(found.sha256) == 64


def test_extent_is_counted() -> None:
    assert inspect("a.pdf", pdf(7)).pages == 7
    found = inspect("a.png", png((40, 30)))
    assert (found.width, found.height, found.pages) == (40, 30, None)


def locked_pdf() -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    writer.encrypt("secret", algorithm="RC4-128")
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


def moving() -> bytes:
    written = io.BytesIO()
    frames = [Image.new("RGB", (9, 9), colour) for colour in ("red", "blue")]
    frames[0].save(written, "WEBP", save_all=True, append_images=frames[1:])
    return written.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.pdf", b"", "empty"),
        ("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', "not a file of a kind"),
        ("a.png", b'<svg xmlns="http://www.w3.org/2000/svg"></svg>', "not a file of a kind"),
        ("a.html", b"<!doctype html><script>alert(1)</script>", "not a file of a kind"),
        ("a.csv", b"<!doctype html><html><script>alert(1)</script>,</html>", "not a file of a kind"),
        ("a.csv", b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", "not a file of a kind"),
        ("a.txt", b"text,text\n", "not a file of a kind"),
        ("a.gif", picture("GIF"), "not a file of a kind"),
        ("a.tiff", picture("TIFF"), "not a file of a kind"),
        ("a.exe", b"MZ\x90\x00" + b"\0" * 100, "not a file of a kind"),
        ("a.csv", b"\xff\xfe,\x00", "cannot be read"),
        ("a.csv", b"one column\nonly\n", "cannot be read"),
        ("a.csv", b"a,b\n1,\x00\n", "cannot be read"),
        ("a.csv", b'a,"b\n', "cannot be read"),
        ("a.png", pdf(), "its content is a PDF"),
        ("a.pdf", png(), "its content is a PNG image"),
        ("a.jpg", png(), "its content is a PNG image"),
        ("a.xlsx", archived(DOCX), "its content is a Word document"),
        ("a.docm", archived(DOCX), "its content is a Word document"),
        ("a.docx", archived({**DOCX, "word/vbaProject.bin": b"x"}), "holds macros"),
        ("a.docx", archived({"a.txt": "x"}), "An archive is not accepted"),
        ("a.odt", archived({"mimetype": "application/vnd.oasis.opendocument.graphics"}), "An archive is not"),
        ("a.docx", archived(DOCX)[:60], "damaged"),
        ("a.docx", archived({f"{number}": "" for number in range(5001)}), "unpacks to more"),
        ("a.pdf", b"%PDF-1.7\nnothing else", "damaged"),
        ("a.pdf", b"%PDF-1.7\n" + archived({"a": "x"}), "not a file of a kind"),
        ("a.pdf", locked_pdf(), "asks for a password"),
        ("a.png", png()[:60], "damaged"),
        ("a.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "damaged"),
        ("a.webp", moving(), "Moving images"),
        ("a.png", png((8000, 5001)), "million pixels"),
    ],
    ids=without_content,
)
def test_what_is_refused_is_told_why(name: str, data: bytes, message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        inspect(name, data)
    assert message in caught.value.messages[0]


def test_a_decompression_bomb_is_refused_before_it_goes_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    for size in ((15, 10), (30, 20)):
        with pytest.raises(ValidationError, match="million pixels"):
            inspect("a.png", png(size))


def test_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspection, "MOST_PAGES", 2)
    with pytest.raises(ValidationError, match="3 pages"):
        inspect("a.pdf", pdf(3))
    monkeypatch.setattr(inspection, "MOST_UNPACKED", 10)
    with pytest.raises(ValidationError, match="unpacks to more"):
        inspect("a.docx", archived(DOCX))
    monkeypatch.setattr(inspection, "MOST_BYTES", {"document": 10_000, "image": 100})
    with pytest.raises(ValidationError, match="An image may have 100 bytes at most"):
        inspect("a.png", png())
    with pytest.raises(ValidationError, match="A document may have 10 KB at most"):
        inspect("a.csv", b"a,b\n" * 5000)


def test_an_image_loses_what_a_camera_wrote_and_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "A camera"
    exif.get_ifd(0x8825)[1] = "N"
    found = inspect("a.jpg", picture("JPEG", (40, 30), exif=exif))
    kept = Image.open(io.BytesIO(found.data))
    assert (found.width, found.height) == kept.size == (30, 40)
    assert not kept.getexif()
    assert b"A camera" not in found.data


def test_of_a_jpeg_that_holds_two_pictures_the_first_is_kept() -> None:
    """Many cameras and telephones write such files (MPO), and call them .jpg."""
    written = io.BytesIO()
    first, second = (Image.new("RGB", size, "red") for size in ((40, 30), (20, 15)))
    exif = Image.Exif()
    exif[0x010F] = "A camera"
    first.save(written, "MPO", save_all=True, append_images=[second], exif=exif)
    assert Image.open(io.BytesIO(written.getvalue())).format == "MPO"
    found = inspect("a.jpg", written.getvalue())
    kept = Image.open(io.BytesIO(found.data))
    assert (found.media_type, found.name) == ("image/jpeg", "a.jpg")
    assert (kept.format, kept.size, kept.info.get("mp")) == ("JPEG", (40, 30), None)
    assert (found.data.count(b"\xff\xd8\xff"), b"A camera" in found.data) == (1, False)


def test_an_image_loses_what_was_hidden_behind_it() -> None:
    hidden = b"<script>alert(1)</script>"
    assert hidden not in inspect("a.png", png() + hidden).data
    assert hidden not in inspect("a.jpg", picture("JPEG", comment=hidden)).data


def test_transparency_stays() -> None:
    written = io.BytesIO()
    Image.new("RGBA", (9, 9), (0, 0, 0, 0)).save(written, "PNG")
    assert Image.open(io.BytesIO(inspect("a.png", written.getvalue()).data)).mode == "RGBA"


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (1, "1 bytes"),
        (999, "999 bytes"),
        (1000, "1 KB"),
        (340_400, "340 KB"),
        (999_499, "999 KB"),
        (999_500, "1.0 MB"),
        (1_250_000, "1.2 MB"),
    ],
)
def test_sizes_in_words(size: int, words: str) -> None:
    assert size_in_words(size) == words


# --- the desk


@pytest.fixture
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def desk(db: None, media: Path) -> Client:  # noqa: ARG001  (the database, the folder)
    return signed_in(make_editor())


def upload(desk: Client, name: str, data: bytes, **changes: Any) -> Any:
    form = {**filled(desk.get(ADD).content.decode()), "title": "A file", **changes, "_continue": "x"}
    return desk.post(ADD, {**form, "file": SimpleUploadedFile(name, data)})


def test_a_document_is_described_and_ready_to_be_used(desk: Client, media: Path) -> None:
    done = upload(desk, "Full report.pdf", pdf(48), title="Full report | final")
    kept = Upload.objects.get()
    assert (kept.pages, kept.size, kept.name) == (48, kept.file.size, "full-report.pdf")
    assert kept.uploaded_by is not None
    page = desk.get(done["Location"]).content.decode()
    assert f"PDF, {size_in_words(kept.size)}, 48 pages" in page
    assert f"<code>Full report / final | PDF | 48 |  | /files/{kept.pk}/full-report.pdf</code>" in page
    assert [path.name for path in media.glob("*/*")] == [kept.sha256]
    assert "A file" not in desk.get("/admin/appg/upload/?q=report").content.decode()


def test_one_page_is_one(desk: Client) -> None:
    upload(desk, "a.pdf", pdf(1))
    assert uploads.describe(Upload.objects.get()).endswith("1 page")


def test_an_image_needs_its_words(desk: Client) -> None:
    response = upload(desk, "a.png", png())
    assert "Say what the image shows" in errors_of(response)
    assert not Upload.objects.exists()
    done = upload(desk, "a.png", png(), alternative_text="A hall in Grimsby")
    page = desk.get(done["Location"]).content.decode()
    assert 'alt="A hall in Grimsby"' in page
    assert "PNG image" in page
    assert "40 × 30 pixels" in page
    kept = Upload.objects.get()
    address = f"/admin/appg/upload/{kept.pk}/change/"
    assert "Say what the image shows" in errors_of(send(desk, address, alternative_text=" ", why="x"))
    with pytest.raises(IntegrityError), transaction.atomic():
        Upload.objects.update(alternative_text="")


def test_a_bad_file_is_refused_in_the_form(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "not a file of a kind" in errors_of(upload(desk, "a.svg", b"<svg/>"))
    assert "required" in errors_of(send(desk, ADD, title="x"))
    monkeypatch.setattr(inspection, "MOST_BYTES", {"document": 10, "image": 10})
    assert "may have 10 bytes at most" in errors_of(upload(desk, "a.pdf", pdf()))


def test_the_same_file_twice_leads_to_the_first(desk: Client) -> None:
    upload(desk, "a.pdf", pdf(), title="The first")
    kept = Upload.objects.get()
    with kept.file.open() as content:
        message = errors_of(upload(desk, "b.pdf", content.read()))
    assert f"This file is here already: “The first”, at /files/{kept.pk}/a.pdf" in message


def test_a_file_keeps_its_content_and_its_address(desk: Client) -> None:
    upload(desk, "a.pdf", pdf(2))
    kept = Upload.objects.get()
    address = f"/admin/appg/upload/{kept.pk}/change/"
    assert 'type="file"' not in desk.get(address).content.decode()
    assert "Say in a few words why" in errors_of(send(desk, address, title="Other"))
    desk.post(
        address,
        {
            **filled(desk.get(address).content.decode()),
            "title": "Other",
            "why": "x",
            "file": SimpleUploadedFile("b.pdf", pdf(9)),
            "name": "b.pdf",
        },
    )
    now = Upload.objects.get()
    assert (now.title, now.name, now.pages, now.sha256) == ("Other", "a.pdf", 2, kept.sha256)
    assert now.history.count() == 2


def test_the_list_of_files(desk: Client) -> None:
    upload(desk, "a.pdf", pdf(), title="A document")
    upload(desk, "a.png", png(), title="An image", alternative_text="A hall")
    for query, shown, hidden in (
        ("", "An image", "Nothing"),
        ("kind=image", "An image", "A document"),
        ("kind=document", "A document", "An image"),
    ):
        page = desk.get(f"/admin/appg/upload/?{query}").content.decode()
        assert f">{shown}</a>" in page
        assert f">{hidden}</a>" not in page


def test_an_image_is_chosen_for_a_text(desk: Client) -> None:
    assert "There is no image yet." in desk.get("/admin/appg/upload/choose/").content.decode()
    upload(desk, "a.png", png(), title="An <image>", alternative_text="A “hall” & more", caption="In Grimsby")
    upload(desk, "a.pdf", pdf(), title="A document")
    page = desk.get("/admin/appg/upload/choose/?CKEditorFuncNum=-1").content.decode()
    kept = Upload.objects.get(title="An <image>")
    assert f'data-address="/files/{kept.pk}/a.png" data-text="A “hall” &amp; more"' in page
    assert 'data-question="-1"' in page
    assert "An &lt;image&gt;" in page
    assert 'a.pdf"' not in page
    assert "No image has these words." in desk.get("/admin/appg/upload/choose/?q=zebra").content.decode()
    send(desk, f"/admin/appg/upload/{kept.pk}/change/", withdrawn_reason="Not ours", why="x")
    assert "There is no image yet." in desk.get("/admin/appg/upload/choose/").content.decode()


def test_of_many_images_the_newest_are_shown_and_the_editor_is_told(
    desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("appg.admin.desk.MOST_IMAGES", 2)
    address = "/admin/appg/upload/choose/"
    for width, name in enumerate(("first", "second", "third"), start=40):
        assert "newest of" not in desk.get(address).content.decode()
        upload(desk, f"{name}.png", png((width, 30)), title=f"The {name} hall", alternative_text="A hall")
    page = desk.get(address).content.decode()
    assert "These are the 2 newest of 3 images. To find an older one, search for words of its title" in page
    assert "The first hall" not in page
    assert "the 2 newest of 3 images that have these words" in desk.get(f"{address}?q=hall").content.decode()
    found = desk.get(f"{address}?q=first").content.decode()
    assert "The first hall" in found
    assert "newest of" not in found


# --- on the site


def read(response: Any) -> bytes:
    """Take a whole answer, as a browser does; the file behind it is closed then."""
    return b"".join(response)


@pytest.fixture
def document(desk: Client) -> Upload:
    upload(desk, "Full report.pdf", pdf(2))
    return Upload.objects.get()


def test_a_document_is_handed_over_and_never_shown(document: Upload, client: Client) -> None:
    response = client.get(document.get_absolute_url())
    assert response.status_code == 200
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == 'attachment; filename="full-report.pdf"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == written(READ)
    assert response["X-Frame-Options"] == "DENY"
    assert response["Cache-Control"] == "public, max-age=3600"
    assert int(response["Content-Length"]) == document.size
    assert not response.cookies
    assert len(PdfReader(io.BytesIO(read(response))).pages) == 2


def test_an_image_is_shown_and_can_do_nothing(desk: Client, client: Client) -> None:
    upload(desk, "a.png", png(), alternative_text="A hall")
    response = client.get(Upload.objects.get().get_absolute_url())
    assert response["Content-Type"] == "image/png"
    assert response["Content-Disposition"] == 'inline; filename="a.png"'
    assert response["Content-Security-Policy"] == written(READ)
    read(response)


def test_a_table_says_how_it_is_written(desk: Client, client: Client) -> None:
    upload(desk, "a.csv", CSV)
    response = client.get(Upload.objects.get().get_absolute_url())
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"].startswith("attachment")
    read(response)


def test_what_a_browser_has_is_not_sent_again(document: Upload, client: Client) -> None:
    address = document.get_absolute_url()
    first = client.get(address)
    read(first)
    for header in ({"If-None-Match": first["ETag"]}, {"If-Modified-Since": first["Last-Modified"]}):
        again = client.get(address, headers=header)
        assert (again.status_code, again.content) == (304, b"")
        assert again["X-Content-Type-Options"] == "nosniff"
    head = client.head(address)
    read(head)
    assert (head.status_code, head["Content-Length"]) == (200, str(document.size))
    assert client.post(address).status_code == 405


def test_another_name_leads_to_its_own_and_an_unknown_number_nowhere(
    document: Upload, client: Client
) -> None:
    response = client.get(f"/files/{document.pk}/other.pdf")
    assert (response.status_code, response["Location"]) == (301, document.get_absolute_url())
    assert client.get(f"/files/{document.pk + 1}/full-report.pdf").status_code == 404
    assert client.get("/files/").status_code == 404


def test_a_withdrawn_file_says_why_and_is_gone(desk: Client, document: Upload, client: Client) -> None:
    address = f"/admin/appg/upload/{document.pk}/change/"
    send(desk, address, withdrawn_reason="It held <private> details.", why="x")
    response = client.get(document.get_absolute_url())
    assert response.status_code == 410
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response.content.decode() == "This file was withdrawn. It held <private> details.\n"
    assert response["Content-Security-Policy"] == written(READ)


def test_a_file_that_the_folder_lost_is_not_found_and_noted(
    document: Upload, client: Client, media: Path, caplog: pytest.LogCaptureFixture
) -> None:
    next(media.glob("*/*")).unlink()
    response = client.get(document.get_absolute_url())
    assert response.status_code == 404
    assert response["Cache-Control"] == "no-store"
    assert document.title in response.content.decode()
    assert document.sha256 in response.content.decode()
    assert "missing from the media folder" in caplog.text


def test_every_file_that_is_not_as_uploaded_is_named(
    document: Upload,
    media: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    address = document.get_absolute_url()
    call_command("check_files")
    assert capsys.readouterr().out == "1 file is as uploaded.\n"
    file = next(media.glob("*/*"))
    file.write_bytes(b"Something else")
    with pytest.raises(CommandError, match="1 of 1 files are missing or damaged"):
        call_command("check_files")
    assert "is damaged" in capsys.readouterr().err
    file.unlink()
    file.mkdir()
    with pytest.raises(CommandError):
        call_command("check_files")
    assert "cannot be read: Is a directory" in capsys.readouterr().err
    file.rmdir()
    with pytest.raises(CommandError):
        call_command("check_files")
    assert f"{address} (“{document.title}”): " in (said := capsys.readouterr().err)
    assert "is missing from the media folder" in said


def test_a_file_is_whole_or_is_not_there(tmp_path: Path) -> None:
    storage = WholeFiles(tmp_path)

    class Torn(ContentFile):
        def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:  # noqa: ARG002
            yield b"Half"
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(OSError, match="No space left"):
        storage.save("ab/abc", Torn(b""))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert storage.save("ab/abc", ContentFile(b"Whole")) == "ab/abc"
    assert storage.save("ab/abc", ContentFile(b"Whole")) == "ab/abc"
    assert (tmp_path / "ab" / "abc").read_bytes() == b"Whole"
