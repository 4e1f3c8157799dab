"""The runbook's commands, run in the order in which they stand there, against a site of their own."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import get_commands

from tests.conftest import ROOT
from tests.needs import require
from tests.neighbourhoods.sites import SiteDatabase, site_database, succeeded
from tests.ports import free_port

RUNBOOK = ROOT / "docs" / "operations.md"

HEADINGS = (
    "Deploy",
    "Upgrade",
    "Upgrade packages",
    "Rotate secrets",
    "Load a new release",
    "Freeze",
    "Hand over",
    "Shut down for good",
    "When something is wrong",
    "The log",
)

LOADED = "manage.py load_appg_content\n"

COLLECT = "manage.py collectstatic --no-input"

STATUS = "manage.py status\n"
"""Fails when anything needs care. What, is seen in what it says: its exit is not the point here."""

PATIENCE = 900
"""Seconds after which the runbook hangs rather than being slow."""

SMALL = """
from appg.models import CONTENT_MODELS, Page, Term
from neighbourhoods.models import ConstituencyShare, Figure, Neighbourhood, Postcode, SimilarProfile
Term.objects.all().delete()
for model in reversed(CONTENT_MODELS.values()):
    if model is not Page:
        model.objects.all().delete()
Page.objects.exclude(slug__in=("contact", "privacy", "security")).delete()
# One of each region: pages link to them all.
kept = list(dict(Neighbourhood.objects.order_by("code").values_list("authority__region", "code")).values())
for model in (Postcode, SimilarProfile):
    model.objects.all().delete()
for model in (ConstituencyShare, Figure):
    model.objects.exclude(neighbourhood__in=kept).delete()
Neighbourhood.objects.exclude(code__in=kept).delete()
"""
"""Leaves a site with a handful of addresses: publishing and exporting all of them is what other tests do."""


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of commands.

    Attributes:
        line: Of the runbook, where it begins.
        words: Of its fence, after ``sh``.
        text: The commands.
    """

    line: int
    words: tuple[str, ...]
    text: str

    @property
    def mark(self) -> str:
        """``docker`` or ``proved-by``; nothing where the commands are to be run here."""
        return self.words[0] if self.words else ""

    @property
    def commands(self) -> list[list[str]]:
        """Its lines, as words."""
        return [shlex.split(line) for line in self.text.splitlines()]


def blocks() -> list[Block]:
    """The runbook's blocks of commands."""
    text = RUNBOOK.read_text(encoding="utf-8")
    return [
        Block(text[: found.start()].count("\n") + 1, tuple(found[1].split()), found[2])
        for found in re.finditer(r"^```sh([^\n]*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    ]


def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return loaded


# --- what it says


def test_it_has_a_part_for_every_task() -> None:
    text = RUNBOOK.read_text(encoding="utf-8")
    headings = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert set(HEADINGS) <= set(headings)
    listed = re.findall(r"^- \[(.*)\]\(#", text, re.MULTILINE)
    assert listed == headings


def test_every_block_is_marked_in_a_way_that_is_understood() -> None:
    for block in blocks():
        assert block.mark in {"", "docker", "proved-by"}, block
    fences = re.findall(r"^```(.+)$", RUNBOOK.read_text(encoding="utf-8"), re.MULTILINE)
    assert all(fence.split()[0] == "sh" for fence in fences)
    assert len([block for block in blocks() if not block.mark]) > 8


def test_what_proves_a_block_exists() -> None:
    for block in blocks():
        if block.mark == "proved-by":
            proofs = [proof.partition("::") for proof in block.words[1:]]
            texts = [(ROOT / file).read_text(encoding="utf-8") for file, _, _ in proofs]
            assert all(f"def {name}(" in text for (_, _, name), text in zip(proofs, texts, strict=True)), (
                block
            )
            for words in re.findall(r"manage\.py ((?:--?)?[a-z_]+(?: --[a-z-]+)?)", block.text):
                assert any(all(word in text for word in words.split()) for text in texts), (words, block)


def test_every_command_and_file_it_names_exists() -> None:
    text = RUNBOOK.read_text(encoding="utf-8")
    for name in re.findall(r"(?<![a-z_/])(?:deploy|docs|leftbehind_site)/[a-z_/]+\.(?:py|txt|md|sh)", text):
        assert (ROOT / name).exists(), name
    for name in re.findall(r"manage\.py\s+([a-z_]+)", text):
        assert name in get_commands(), name
    targets = re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    for name in re.findall(r"(?:`|^)make ([a-z]+)", text, re.MULTILINE):
        assert name in targets, name


def of_docker(words: list[str]) -> bool:
    """Whether a command is Docker's; the one other says who may read what comes next."""
    assert words[0] == "docker" or words == ["umask", "077"]
    return words[0] == "docker"


COMPOSE_COMMANDS = {"config", "up", "ps", "logs", "exec", "run", "down", "restart", "stop", "start", "pull"}
WITH_A_VALUE = {"--tail", "--since"}


@pytest.mark.parametrize(
    "block", [block for block in blocks() if block.mark == "docker"], ids=lambda block: f"line {block.line}"
)
def test_what_it_asks_of_docker_is_there(block: Block) -> None:
    services = compose()["services"]
    for docker, compose_word, command, *rest in filter(of_docker, block.commands):
        assert (docker, compose_word) == ("docker", "compose")
        assert command in COMPOSE_COMMANDS
        words = iter(rest)
        names = []
        for word in words:
            if word in WITH_A_VALUE:
                next(words)
            elif not word.startswith("-"):
                names.append(word)
                if command in {"exec", "run"}:
                    break
        assert set(names) <= set(services), block
        inside = list(words)
        if inside[:2] == ["python", "manage.py"]:
            assert inside[2] in get_commands(), block


def test_it_names_every_variable_without_which_compose_refuses() -> None:
    wanted = set(re.findall(r"\$\{(\w+):\?", (ROOT / "docker-compose.yml").read_text(encoding="utf-8")))
    told = RUNBOOK.read_text(encoding="utf-8").split("### With Docker")[1].split("###")[0]
    assert {name for name in wanted if f"`{name}`" in told} == wanted


def in_containers(command: str) -> str:
    """What the runbook has a shell in a container do with a command of the site."""
    (found,) = (
        words[words.index("-c") + 1]
        for block in blocks()
        if block.mark == "docker"
        for words in filter(of_docker, block.commands)
        if "-c" in words and f"manage.py {command} " in words[words.index("-c") + 1]
    )
    return found


def inside(text: str, database: SiteDatabase, folder: Path, **options: Any) -> Any:
    """Do in a folder of its own what a container does in its ``/tmp``."""
    programs = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    media = {"MEDIA_ROOT": str(folder / "media"), "PATH": programs}
    return subprocess.run(
        ["sh", "-c", text.replace("/tmp/", f"{folder}/")],
        cwd=ROOT,
        env={**database.environment, **media},
        stdout=subprocess.PIPE,
        timeout=PATIENCE,
        check=False,
        **options,
    )


def test_a_container_backs_up_to_its_output_and_restores_from_its_input(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("before", "after", "none")]
    for folder in folders:
        folder.mkdir()
    with contextlib.ExitStack() as stack:
        before, after, none = (stack.enter_context(site_database(folder)) for folder in folders)
        for database in (before, after):
            succeeded(database.manage("migrate", "--no-input", "--verbosity", "0"))
        for command in ("load_neighbourhoods", "load_appg_content"):
            succeeded(before.manage(command, "--verbosity", "0"))
        saved = inside(in_containers("back_up"), before, folders[0])
        assert saved.returncode == 0
        restored = inside(in_containers("restore"), after, folders[1], input=saved.stdout)
        assert restored.returncode == 0
        items = "SELECT id, title FROM appg_newsitem ORDER BY id"
        assert before.ask(items) == after.ask(items) != []
        failed = inside(in_containers("back_up"), none, folders[2], stderr=subprocess.DEVNULL)
        assert (failed.returncode, failed.stdout) == (1, b"")


# --- what it does


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone of the project as it lies here."""
    require(shutil.which("git"), "Running the runbook: no git on this machine")
    require((ROOT / ".git").exists(), "Running the runbook: this is no git clone")
    origin, clone = tmp_path / "origin", tmp_path / "site"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (origin / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, origin / name)
    who = ("-c", "user.name=A", "-c", "user.email=a@leftbehind.test", "-c", "gc.auto=0")
    for arguments in (("init", "--quiet"), ("add", "."), ("commit", "--quiet", "--message", "As it is")):
        subprocess.run(["git", *who, *arguments], cwd=origin, check=True)
    subprocess.run(["git", "clone", "--quiet", str(origin), str(clone)], check=True)
    (clone / ".venv").symlink_to(sys.prefix)
    return clone


def settings(clone: Path, database: SiteDatabase, port: int) -> dict[str, str]:
    """Write a ``.env`` as an operator would, and return what else the server's environment holds."""
    (clone / ".env").write_text(
        "SECRET_KEY=only-for-tests-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGH\n"
        f"SITE_URL=http://127.0.0.1:{port}\nDATABASE_URL={database.url}\nLOG_LEVEL=WARNING\n"
    )
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    own = {"HOST": "127.0.0.1", "PORT": str(port), "WORKERS": "1"}
    return {**kept, **own, "GIT_CONFIG_GLOBAL": "/dev/null", "PYTHONDONTWRITEBYTECODE": "1"}


def script(whole: str) -> tuple[str, str]:
    """The blocks that can be run here, one after the other: until the record is loaded, and from there on.

    Args:
        whole: The database that is loaded into. The rest is done with a small copy of it.
    """
    lines = [START]
    for block in blocks():
        if not block.mark:
            lines += [f"echo '@@ operations.md, line {block.line}'", block.text.rstrip()]
    first, second = "\n".join((*lines, "echo '@@ the end'", "")).split(LOADED, 1)
    load = ".venv/bin/python manage.py load_"
    second = second.replace(load, f"DATABASE_URL={shlex.quote(whole)} {load}")
    # The desk's own files are many, and nobody looks at the desk here.
    second = second.replace(COLLECT, f"{COLLECT} --ignore=admin --ignore=django_prose_editor")
    second = second.replace(STATUS, f"{STATUS.rstrip()} || true\n")
    return f"{first}{LOADED}", f"{START}\n{second}"


START = """set -euo pipefail
trap 'kill $(jobs -p) 2>/dev/null || true; wait' EXIT
trap 'exit 143' TERM"""


def run(commands: str, clone: Path, environment: dict[str, str], log: Path) -> None:
    """Run commands in one shell, whose last words are told if they fail."""
    with log.open("a") as output:
        process = subprocess.Popen(
            ["bash", "-c", commands],
            cwd=clone,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            assert process.wait(timeout=PATIENCE) == 0, log.read_text()[-4000:]
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def test_it_can_be_followed_from_the_first_command_to_the_last(clone: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    port = free_port()
    folders = [tmp_path / name for name in ("whole", "small")]
    for folder in folders:
        folder.mkdir()
    with contextlib.ExitStack() as stack:
        whole = stack.enter_context(site_database(folders[0]))
        until_loaded, afterwards = script(whole.url)
        run(until_loaded, clone, settings(clone, whole, port), log)
        small = stack.enter_context(site_database(folders[1], like=whole))
        succeeded(small.manage("shell", "--no-imports", "--command", SMALL))
        run(afterwards, clone, settings(clone, small, port), log)
    said = log.read_text()
    assert said.rstrip().endswith("@@ the end"), said[-4000:]
    assert "Traceback" not in said, said[-4000:]
    # That may be about to expire by now, which another test says.
    assert set(re.findall(r"^!! (\S+)", said, re.MULTILINE)) <= {"security.txt"}
    assert (clone / "var" / "deposit.zip").is_file()
    frozen = (clone / ".env").read_text()
    assert "ARCHIVE_FROZEN=false" in frozen
    assert "only-for-tests" not in frozen
