"""What servers of files are told: redirects and headers, in their own words and by a real server."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from appg.models import NewsItem, Redirect
from leftbehind_site import finishing
from leftbehind_site.common import headers
from leftbehind_site.export import hosts
from leftbehind_site.export.comparing import Site, differences
from leftbehind_site.export.manifest import ExportError, Redirected, read
from leftbehind_site.export.redirects import redirect
from leftbehind_site.export.writing import export
from leftbehind_site.finishing import OF_THE_ANSWER
from tests.needs import require
from tests.neighbourhoods.factory import code
from tests.ports import free_port, silent_port
from tests.servers import process


def test_former_addresses_lead_on(copy: Path) -> None:
    known = {one.source: one.target for one in read(copy).redirects}
    assert known["/2021/06/Old-News/"] == "/news/moved/"
    assert known["/?p=12"] == "/news/moved/"
    assert known["/blog/moved/"] == "/news/moved/"
    assert known["/category/*"] == "/news/"
    assert known["/wp-json/"] == "/data/"
    assert known[f"/neighbourhoods/{code(0).lower()}/"].startswith(f"/neighbourhoods/{code(0)}/")
    assert known[f"/n/{code(0)}"] == known[f"/neighbourhoods/{code(0)}/"]
    assert "/news/moved/" not in known
    assert known["/ward/"] == known[f"/neighbourhoods/{code(0)}/"]
    assert known["/how/"] == "/neighbourhoods/method/"


def test_what_does_not_lead_on_is_no_redirect(small: None) -> None:  # noqa: ARG001
    assert redirect("/news/") is None
    assert redirect("/there/is/nothing/") is None


def test_rules_of_redirects(copy: Path) -> None:
    lines = (copy / hosts.REDIRECTS).read_text(encoding="utf-8").splitlines()
    assert "/2021/06/Old-News/ /news/moved/ 301!" in lines
    assert "/ p=12 /news/moved/ 301!" in lines
    assert "/category/* /news/ 301!" in lines
    assert len(lines) == len(read(copy).redirects)


def test_rules_of_headers(copy: Path) -> None:
    text = (copy / hosts.HEADERS).read_text(encoding="utf-8")
    rules = {block.split("\n")[0]: block.split("\n")[1:] for block in text.strip().split("\n/")}
    common = {line.strip() for line in rules.pop("/*")}
    assert "X-Content-Type-Options: nosniff" in common
    for address in read(copy).addresses:
        own = {line.strip() for line in rules.get(address.path.removeprefix("/"), [])}
        expected = {
            f"{'-'.join(part.capitalize() for part in name.split('-'))}: {value}"
            for name, value in address.headers
            if name not in OF_THE_ANSWER
        }
        assert common | own == expected
        # Servers add up what several rules say: none may say a thing twice.
        assert not {line.partition(":")[0] for line in common} & {line.partition(":")[0] for line in own}


def test_a_page_that_leads_on_stands_where_nothing_else_does(copy: Path) -> None:
    text = (copy / "2021/06/Old-News/index.html").read_text(encoding="utf-8")
    assert '<meta http-equiv="refresh" content="0; url=/news/moved/">' in text
    assert '<link rel="canonical" href="https://leftbehind.test/news/moved/">' in text
    assert "This page has moved" not in (copy / "news" / "index.html").read_text(encoding="utf-8")
    assert "This page has moved" not in (copy / "index.html").read_text(encoding="utf-8")


def test_nothing_is_a_file_and_a_folder(copy: Path) -> None:
    known = read(copy)
    odd = tuple(Redirected(f"{path}/more/", "/news/") for path in ("/robots.txt", "/news/moved.bib"))
    below = (Redirected("/neighbourhoods/", "/news/"), Redirected("/static/", "/news/"))
    changed = hosts.pages_that_lead_on(type(known)("", "", known.addresses, (*odd, *below), ()))
    assert [name for name, _ in changed] == ["static/index.html"]


# --- compared


@contextlib.contextmanager
def caddy(folder: Path) -> Iterator[str]:
    """Caddy with the snippet that the export brings along; its address."""
    program = shutil.which("caddy")
    require(program, "Serving an export by Caddy: no Caddy on this machine")
    assert program is not None
    address = f"http://127.0.0.1:{free_port()}"
    config = folder.with_name("Caddyfile")
    options = "{\n\tadmin off\n\tauto_https off\n}\n"
    config.write_text(f"{options}{address} {{\n\troot * {folder}\n\timport {folder}/Caddyfile\n}}\n")
    home = {
        "HOME": str(folder.parent),
        "XDG_DATA_HOME": str(folder.parent),
        "XDG_CONFIG_HOME": str(folder.parent),
    }

    def answers() -> bool:
        with contextlib.suppress(ExportError), contextlib.closing(Site(address)) as site:
            site.ask("/")
            return True
        return False

    command = [program, "run", "--config", config, "--adapter", "caddyfile"]
    with process(command, folder.with_name("log"), until=answers, environment=home):
        yield address


def test_a_server_of_files_answers_as_the_site_does(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Status, headers, bytes and redirects of every address, by Caddy with nothing but the folder."""
    with caddy(copy) as address:
        call_command("verify_export", copy, against=address)
    count = len(read(copy).addresses) + len(read(copy).redirects)
    assert f"{count:,} answers are those of {address}." in capsys.readouterr().out


@pytest.fixture
def asked(settings: Settings, live_server: LiveServer) -> Iterator[Site]:
    """The site itself, which is asked without https here."""
    settings.SECURE_HSTS_SECONDS = 0
    finishing._application.cache_clear()
    with contextlib.closing(Site(str(live_server))) as site:
        yield site
    finishing._application.cache_clear()


@pytest.mark.django_db(transaction=True)
def test_the_site_answers_as_the_export_does(asked: Site, small: None, tmp_path: Path) -> None:  # noqa: ARG001
    """And where it has changed, that is said."""
    copy = tmp_path / "copy"
    export(copy)
    known = read(copy)
    # Static files are another server's here.
    assert [one for one in differences(copy, known, asked) if not one.startswith("/static/")] == []
    NewsItem.objects.filter(slug="moved").update(title="Another title")
    Redirect.objects.create(old_path="/blog/moved/", new_path="/officers/")
    found = list(differences(copy, known, asked))
    assert any(one.startswith("/news/moved/: the site's bytes are others than") for one in found)
    assert "/blog/moved/: the site answers 301 /officers/, the export leads to /news/moved/" in found
    assert not any(one.startswith("/officers/: ") for one in found)
    NewsItem.objects.filter(slug="moved").delete()
    assert "/news/moved/: the site answers 404, the export has 200" in differences(copy, known, asked)


def test_an_error_and_a_redirect_have_the_headers_of_pages_there(copy: Path) -> None:
    wanted = {name.lower(): value for name, value in headers.of_pages().items()}
    with caddy(copy) as address, contextlib.closing(Site(address)) as site:
        for path, expected in (("/nowhere/", 404), ("/2021/06/Old-News/", 301), ("/news/", 200)):
            status, sent, _ = site.ask(path)
            assert status == expected
            assert wanted.items() <= sent.items(), path
            assert "server" not in sent


def test_a_spoilt_answer_is_named(copy: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(copy, other)
    (other / "news" / "index.html").write_text("Something else")
    (other / "404.html").unlink()
    with caddy(other) as address, contextlib.closing(Site(address)) as site:
        found = list(differences(copy, read(copy), site))
    for path in ("/404.html", "/news/"):
        assert f"{path}: the site's bytes are others than the export's, from byte 0 on" in found


@pytest.mark.parametrize(
    "address", ["", "leftbehind.test", "ftp://leftbehind.test", "http://a.test/news/", "http://a.test?x=1"]
)
def test_what_is_no_sites_address_is_refused(address: str) -> None:
    with pytest.raises(ExportError, match="is no address of a site"):
        Site(address)


def test_a_site_that_does_not_answer_is_named() -> None:
    with silent_port() as port:
        address = f"http://127.0.0.1:{port}"
        with (
            contextlib.closing(Site(address)) as site,
            pytest.raises(ExportError, match=f"{address}/news/ does not answer"),
        ):
            site.ask("/news/")
