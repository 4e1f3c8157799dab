"""Whatever is wrong with an export is found and named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from leftbehind_site.export import links, manifest
from leftbehind_site.export.manifest import file_at, read
from leftbehind_site.export.verifying import Web, problems_of_files
from tests.neighbourhoods.factory import code


def problems(folder: Path) -> list[str]:
    return [*problems_of_files(folder, read(folder)), *Web(folder, read(folder)).problems()]


def rewritten(folder: Path, path: str, change: Callable[[str], str]) -> None:
    """An export whose page is another one, as its manifest says too."""
    known = read(folder)
    (page,) = (one for one in known.addresses if one.path == path)
    name = page.files[""].name
    (folder / name).write_text(change((folder / name).read_text(encoding="utf-8")), encoding="utf-8")
    for coding in set(page.files) - {""}:
        (folder / page.files[coding].name).unlink()
    other = replace(page, files={"": file_at(folder, name)})
    addresses = tuple(other if one.path == path else one for one in known.addresses)
    manifest.write(folder, replace(known, addresses=addresses))


def test_a_whole_export_has_none(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert problems(copy) == []
    call_command("verify_export", copy)
    assert "files are those of the manifest" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda f: (f / "robots.txt").unlink(), "robots.txt cannot be read: No such file"),
        (lambda f: (f / "robots.txt").write_text("x"), "robots.txt has 1 bytes, where the manifest has"),
        (lambda f: _turn_a_byte(f / "news/index.html"), "news/index.html has the digest"),
        (
            lambda f: _turn_a_byte(f / "news/index.html.br"),
            "index.html.br does not hold what news/index.html",
        ),
        (
            # A head as it should be, and a block of a kind that there is not.
            lambda f: (f / "news/index.html.gz").write_bytes(b"\x1f\x8b\x08" + bytes(7) + b"\xff" * 20),
            "index.html.gz does not hold what news/index.html",
        ),
        (lambda f: _turn_a_byte(f / "_redirects"), "_redirects has the digest"),
        (lambda f: (f / "more.html").write_text("x"), "more.html is in the folder and not in the manifest"),
        (lambda f: (f / "more").symlink_to("/etc"), "more is in the folder and not in the manifest"),
    ],
)
def test_what_is_wrong_with_files(
    copy: Path,
    spoil: Callable[[Path], object],
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    spoil(copy)
    assert any(said in one for one in problems_of_files(copy, read(copy)))
    with pytest.raises(CommandError, match=r"\d problems in "):
        call_command("verify_export", copy)
    assert said in capsys.readouterr().err


def _turn_a_byte(path: Path) -> None:
    body = bytearray(path.read_bytes())
    body[len(body) // 2] ^= 1
    path.write_bytes(bytes(body))


@pytest.mark.parametrize(
    ("html", "said"),
    [
        ('<a href="/nowhere/">x</a>', "/news/ links to /nowhere/: there is nothing"),
        ('<a href="nowhere/">x</a>', "/news/ links to /news/nowhere/: there is nothing"),
        ('<img src="/static/no.png" alt="">', "/news/ links to /static/no.png: there is nothing"),
        ('<img srcset="/a.png 1x, /b.png 2x" alt="">', "/news/ links to /b.png: there is nothing"),
        ('<form action="/vote/"></form>', "/news/ links to /vote/: there is nothing"),
        ('<a href="https://leftbehind.test/nowhere">x</a>', "/news/ links to /nowhere: there is nothing"),
        ('<a href="/officers/#nobody">x</a>', "links to /officers/#nobody: nothing there is named nobody"),
        ('<a href="#nobody">x</a>', "/news/ links to /news/#nobody: nothing there is named nobody"),
    ],
)
def test_a_link_that_leads_nowhere_is_named(copy: Path, html: str, said: str) -> None:
    rewritten(copy, "/news/", lambda text: text.replace("</main>", f"{html}</main>"))
    assert len(problems(copy)) <= 2
    assert any(said in one for one in problems(copy))


@pytest.mark.parametrize(
    "address",
    [
        *("/news/", "/search/?q=a", "/2021/06/Old-News", "/officers/#content", "https://example.org/x"),
        *(
            "mailto:a@example.org",
            "/oembed?url=x",
            "#content",
        ),
        *("https://leftbehind.test", "https://leftbehind.test.evil.test/x"),
    ],
)
def test_a_link_that_lands_is_no_problem(copy: Path, address: str) -> None:
    rewritten(copy, "/news/", lambda text: text.replace("</main>", f'<a href="{address}">x</a></main>'))
    assert problems(copy) == []


@pytest.mark.parametrize("path", ["/search/index.json", "/search/postcodes/TS24.json"])
def test_a_link_of_the_search_that_leads_nowhere_is_named(copy: Path, path: str) -> None:
    rewritten(
        copy, path, lambda text: text.replace(f"/neighbourhoods/{code(0)}/", "/neighbourhoods/nowhere/")
    )
    (said,) = problems(copy)
    assert said.startswith(f"{path} links to /neighbourhoods/nowhere/")
    assert said.endswith(": there is nothing")


def test_a_redirect_that_leads_nowhere_is_named(copy: Path) -> None:
    known = read(copy)
    lost = tuple(replace(one, target="/nowhere/") for one in known.redirects[:1])
    manifest.write(copy, replace(known, redirects=lost))
    assert f"{lost[0].source} is redirected to /nowhere/: there is nothing" in problems(copy)


def test_a_redirect_that_needs_a_second_step_is_named(copy: Path) -> None:
    known = read(copy)
    (first,) = (replace(one, target="/2021/06/Old-News") for one in known.redirects if one.source == "/how/")
    others = tuple(one for one in known.redirects if one.source != first.source)
    manifest.write(copy, replace(known, redirects=(*others, first)))
    assert problems(copy) == ["/how/ is redirected to /2021/06/Old-News: that leads on to /news/moved/"]


def test_links_of_style_sheets_and_feeds() -> None:
    assert links.of_style_sheet("a{background:url('/a.png')} b{background:url(data:x)}").to == {"/a.png"}
    assert links.of_feed('<link rel="self" href="/feed/"/><loc>https://x.test/a</loc>').to == {
        "/feed/",
        "https://x.test/a",
    }


def test_links_in_a_head() -> None:
    text = '<meta property="og:image" content="/a.png"><meta http-equiv="refresh" content="0; url=/b/">'
    assert links.of_page(text).to == {"/a.png", "/b/"}


@pytest.mark.parametrize("name", ["nothing", "empty"])
def test_what_is_no_export_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(CommandError, match=r"Not verified: .* is no whole export"):
        call_command("verify_export", tmp_path / name)
