"""The shipped site in a folder of its own, for whatever is measured."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def environment(folder: Path, port: int = 8000) -> dict[str, str]:
    """The variables of a site whose database and files lie in a folder."""
    return {
        **os.environ,
        "SECRET_KEY": secrets.token_urlsafe(64),
        "SITE_URL": f"http://127.0.0.1:{port}",
        "DEBUG": "false",
        "DATABASE_URL": f"sqlite:///{folder / 'site.sqlite3'}",
        "STATIC_ROOT": str(folder / "static"),
        "MEDIA_ROOT": str(folder / "media"),
        "PUBLISHED_ROOT": str(folder / "published"),
        "LOG_LEVEL": "ERROR",
        "PORT": str(port),
        "WORKERS": "2",
    }


def set_up(variables: Mapping[str, str]) -> None:
    """Load what is shipped; collect the static files and compile the code as ``make run`` does."""
    compiling = ("-m", "compileall", "-q", "-i", "deploy/compiled.txt")
    subprocess.run([sys.executable, *compiling], cwd=ROOT, check=True)
    for command in (
        ("migrate", "--verbosity", "0"),
        ("load_neighbourhoods",),
        ("load_appg_content",),
        ("collectstatic", "--no-input", "--verbosity", "0"),
    ):
        manage(variables, *command)


def told(variables: Mapping[str, str], settings: str, module: str, *arguments: str) -> Any:
    """What a program prints as JSON that is run with some settings."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env={**variables, "DJANGO_SETTINGS_MODULE": settings},
        check=True,
        capture_output=True,
        text=True,
    )
    return json.loads(done.stdout)


def manage(variables: Mapping[str, str], *command: str) -> None:
    """Run a command of the site to its end."""
    subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env=dict(variables),
        check=True,
        stdout=subprocess.DEVNULL,
    )
