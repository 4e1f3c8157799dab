"""docker-compose.yml and the image: valid, pinned, without rights, without secrets, and documented."""

from __future__ import annotations

import dataclasses
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from leftbehind_site.environment import FORMER_HOSTS, Environment
from tests.clusters import programs

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
SECRETS = ("SECRET_KEY", "POSTGRES_PASSWORD", "DESK_PASSWORD", "PUBLIC_PASSWORD")
OF_THE_SITE = sorted(name for name, service in SERVICES.items() if service["image"] == "leftbehind-site")

PINNED = re.compile(
    r"(python:3\.11\.\d+-slim-bookworm|postgres:\d+\.\d+-bookworm|nginx:\d+\.\d+\.\d+-alpine|certbot/certbot:v\d+\.\d+\.\d+)(@sha256:[0-9a-f]{64})?"
)


def uses(name: str) -> list[str]:
    """How the compose file takes a variable, each time: what follows its name."""
    return re.findall(rf"\$\{{{name}([^}}]*)\}}", TEXT)


def variables(service: str) -> dict[str, str]:
    found: dict[str, str] = SERVICES[service].get("environment", {})
    return found


# --- the file


def test_it_is_valid() -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"),
            "docker-compose.yml",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_there_are_the_services_that_the_documents_name() -> None:
    assert {"db", "prepare", "public", "desk", "copy", "front"} <= set(SERVICES)


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_no_service_has_rights(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", service["user"])
    assert not {"privileged", "cap_add", "devices", "pid", "ipc"} & set(service)
    # What it writes down does not fill the disk.
    assert {"max-size", "max-file"} <= set(service["logging"]["options"])
    assert not any("docker.sock" in str(volume) for volume in service.get("volumes", []))


def test_the_front_server_alone_is_reached_from_outside() -> None:
    ports = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert ports == {"front": ["${HTTP_PORT:-80}:8080", "${HTTPS_PORT:-443}:8443"]}
    networks = {name: set(service.get("networks", ())) for name, service in SERVICES.items()}
    assert {name for name, own in networks.items() if "world" in own} == {"front", "certbot"}
    assert "data" not in networks["front"]
    assert COMPOSE["networks"]["data"] == COMPOSE["networks"]["site"] == {"internal": True}


def test_the_front_server_needs_no_site_to_start() -> None:
    assert SERVICES["front"]["depends_on"] == {"certificate": {"condition": "service_completed_successfully"}}
    assert "depends_on" not in SERVICES["certificate"]


@pytest.mark.parametrize("name", ["public", "desk", "copy"])
def test_the_site_waits_for_the_database_and_what_prepares_it(name: str) -> None:
    assert SERVICES[name]["depends_on"] == {
        "db": {"condition": "service_healthy"},
        "prepare": {"condition": "service_completed_successfully"},
    }


def test_the_database_keeps_its_data_and_says_how_it_is() -> None:
    assert SERVICES["db"]["volumes"] == ["database:/var/lib/postgresql/data"]
    assert "pg_isready" in SERVICES["db"]["healthcheck"]["test"]
    assert "database" in COMPOSE["volumes"]


@pytest.mark.parametrize("name", OF_THE_SITE)
def test_each_job_is_one_of_the_start_script(name: str) -> None:
    script = (ROOT / "deploy" / "start.sh").read_text(encoding="utf-8")
    shell, path, job, *_ = SERVICES[name]["command"]
    assert (shell, path) == ("sh", "deploy/start.sh")
    assert re.search(rf"^    {job}\) ", script, re.MULTILINE) or f"\n    {job})\n" in script


def test_readers_are_served_by_a_process_that_can_change_nothing() -> None:
    public = variables("public")
    assert public["DESK"] == "false"
    assert public["DATABASE_URL"].startswith("postgresql://site_public:")
    assert "media:/site/var/media:ro" in SERVICES["public"]["volumes"]
    assert variables("desk")["DATABASE_URL"].startswith("postgresql://site_desk:")
    # The owner's password is for the owner's jobs.
    assert {name for name in SERVICES if "POSTGRES_PASSWORD" in str(variables(name))} == {"db", "prepare"}
    assert not any("SECRET_KEY" in variables(name) for name in ("front", "certbot", "db", "certificate"))


def test_the_front_server_reads_and_writes_nothing() -> None:
    assert all(str(volume).endswith(":ro") for volume in SERVICES["front"]["volumes"])


# --- secrets and settings


@pytest.mark.parametrize("name", SECRETS)
def test_it_holds_no_secret_and_no_default_for_one(name: str) -> None:
    assert uses(name)
    assert all(use.startswith(":?") for use in uses(name))


def test_nothing_else_looks_like_a_secret() -> None:
    for service in SERVICES:
        for name, value in variables(service).items():
            if re.search("PASSWORD|SECRET_KEY|TOKEN", name):
                assert value.startswith("${"), name
    assert not re.search(r"://\w+:[^$@\s]+@", TEXT)


def test_every_variable_that_it_takes_is_documented() -> None:
    taken = set(re.findall(r"\$\{([A-Z_]+)", TEXT))
    documented = set(re.findall(r"^([A-Z_]+)=", EXAMPLE, re.MULTILINE))
    assert taken <= documented
    # And what only it takes, it takes.
    _, mark, own = EXAMPLE.partition("# --- Read by docker-compose.yml")
    assert mark
    assert set(re.findall(r"^([A-Z_]+)=", own, re.MULTILINE)) <= taken


def test_what_the_site_is_told_it_knows() -> None:
    known = {field.name.upper() for field in dataclasses.fields(Environment)}
    of_scripts = {"DESK_PASSWORD", "PUBLIC_PASSWORD", "COPY_EVERY"}
    for name in OF_THE_SITE:
        assert set(variables(name)) <= known | of_scripts, name


@pytest.mark.parametrize(("name", "value"), re.findall(r"\$\{([A-Z_]+):-([^}]+)\}", TEXT))
def test_a_default_is_the_one_that_is_documented(name: str, value: str) -> None:
    (shown,) = re.findall(rf"^{name}=(.*)$", EXAMPLE, re.MULTILINE)
    stricter = {"SECOND_FACTOR": "required", "LOG_FORMAT": "json"}
    assert value == stricter.get(name, shown)


def test_the_front_server_knows_the_former_hosts() -> None:
    assert variables("front")["FORMER_HOSTS"] == f"${{FORMER_HOSTS:-{','.join(FORMER_HOSTS)}}}"
    shared = {"SITE_URL", "ALLOWED_HOSTS", "FORMER_HOSTS", "ADMIN_PATH"}
    assert {name: variables("public")[name] for name in shared} == {
        name: variables("front")[name] for name in shared
    }


# --- images


def images() -> list[str]:
    own = [service["image"] for service in SERVICES.values() if "build" not in service]
    return [*own, *re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)]


@pytest.mark.parametrize("image", sorted(set(images())))
def test_images_are_named_exactly(image: str) -> None:
    assert PINNED.fullmatch(image), image


def test_its_postgresql_is_the_one_that_is_tested() -> None:
    said = subprocess.run(
        [str(programs() / "postgres"), "--version"], capture_output=True, text=True, check=True
    ).stdout
    tested = re.search(r"PostgreSQL\) (\d+)", said)
    assert tested
    assert SERVICES["db"]["image"].startswith(f"postgres:{tested[1]}.")


def test_the_image_runs_without_rights_and_checks_its_health() -> None:
    first, final = DOCKERFILE.split("\nFROM ")[1:]
    assert "pip install" in first
    assert "--require-hashes" in first
    assert "\nUSER site\n" in final
    assert "\nHEALTHCHECK " in final
    assert "VOLUME" not in final
    # What builds and installs is left behind.
    assert not re.search(r"apt-get|pip install|\bgcc\b|curl|wget", final)
    assert "uninstall --yes --quiet --root-user-action=ignore" in final
    (uid,) = re.findall(r"useradd .*--uid (\d+)", final)
    assert {SERVICES[name]["user"] for name in (*OF_THE_SITE, "front", "certbot")} == {f"{uid}:{uid}"}
    command = json.loads(re.findall(r"^CMD (\[.*\])$", final, re.MULTILINE)[-1])
    assert command == SERVICES["public"]["command"]


def test_the_folders_that_are_mounted_are_the_users_own() -> None:
    own = re.findall(r"mkdir -p ([^\\]+?) *\\\n", DOCKERFILE)[0].split()
    mounted = {volume.split(":")[1] for name in OF_THE_SITE for volume in SERVICES[name].get("volumes", [])}
    assert mounted <= set(own)


def test_what_the_image_copies_is_in_the_repository() -> None:
    ignore = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in ignore
    for name in (line[1:] for line in ignore if line.startswith("!")):
        assert (ROOT / name).exists(), name
    # A secret lies in no folder that is copied.
    assert not {"!.env", "!var/", "!.git/"} & set(ignore)
